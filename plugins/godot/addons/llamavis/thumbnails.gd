@tool
extends Node
## Small pictures of the project's images, for rows that are in sight: from the service, or from
## the disk where none answers. Kept while the file is the same.

signal arrived(output: String)

const Client := preload("client.gd")
const Answer := preload("answer.gd")

const SIDE_PX := 96
const MOST_KEPT := 400
const MOST_ASKED := 5
const MOST_FROM_DISK_BYTES := 1 << 20

var _client: Client
var _kept: Dictionary[String, Texture2D] = {}
var _wanted: Array[Dictionary] = []
var _asked := 0


func _init(client: Client) -> void:
	_client = client
	name = "Thumbnails"


func _ready() -> void:
	set_process(false)


## The picture of an asset; null until it arrives, or where there is none.
func of(asset: Dictionary) -> Texture2D:
	var key := _key(asset)
	if _kept.has(key):
		return _kept[key]
	if asset["state"] != "missing" and not _wanted.has(asset):
		_wanted.push_front(asset)
		if _wanted.size() > 60:
			_wanted.pop_back()
		set_process(true)
	return null


## Forgets them all, for files that were there before.
func forget() -> void:
	_kept.clear()


func _process(_delta: float) -> void:
	while not _wanted.is_empty() and _asked < MOST_ASKED:
		var asset: Dictionary = _wanted.pop_front()
		if _kept.has(_key(asset)):
			continue
		if not _client.is_connected_now():
			_keep(asset, _from_disk(asset["output"]))
			return
		_asked += 1
		var query := {"path": asset["output"], "size": SIDE_PX}
		_client.ask("/thumbnail", query, _on_answer.bind(asset), false)
	set_process(not _wanted.is_empty())


func _on_answer(answer: Answer, asset: Dictionary) -> void:
	_asked -= 1
	var image := Image.new()
	var is_good := answer.is_good() and image.load_png_from_buffer(answer.bytes) == OK
	_keep(asset, ImageTexture.create_from_image(image) if is_good else null)
	set_process(not _wanted.is_empty())


func _from_disk(output: String) -> Texture2D:
	var path := "res://" + output
	var file := FileAccess.open(path, FileAccess.READ)
	if file == null or file.get_length() > MOST_FROM_DISK_BYTES or not path.ends_with(".png"):
		return null
	var image := Image.new()
	if image.load_png_from_buffer(file.get_buffer(file.get_length())) != OK:
		return null
	return ImageTexture.create_from_image(image)


func _keep(asset: Dictionary, texture: Texture2D) -> void:
	if _kept.size() >= MOST_KEPT:
		_kept.erase(_kept.keys()[0])
	_kept[_key(asset)] = texture
	arrived.emit(asset["output"])


func _key(asset: Dictionary) -> String:
	return "%s?%s" % [asset["output"], asset["revision"]]
