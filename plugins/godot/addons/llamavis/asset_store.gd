@tool
extends Node
## What the service says of the project's images, page by page, and the part of it that is shown.
##
## Five thousand images come in pages of 60, one an answer, and are filtered a slice a frame, so
## that no frame of the editor waits for them.

## The shown rows are others.
signal rows_changed
## An asset that is shown may stand differently.
signal read_through
## Images whose files differ from what was known, or are known for the first time.
signal files_differ(outputs: PackedStringArray)

const Client := preload("client.gd")
const Answer := preload("answer.gd")
const FirstImport := preload("first_import.gd")
const OfflineFiles := preload("offline_files.gd")

const PAGE := 60
const REST_S := 0.4
const SLICE_US := 4000

## All images by output; as `Asset` in the studio's server/messages.py.
var assets: Dictionary[String, Dictionary] = {}
## The ones that fit the filter, in the order of their outputs.
var rows: Array[Dictionary] = []
## How many of the rows stand in each state.
var counts: Dictionary[String, int] = {}
## What is wrong in descriptions; as `Problem` in the studio's server/messages.py.
var problems: Array = []
## Whether the rows were read from the disk, because no service answers.
var is_offline := false

var _client: Client
var _timer := Timer.new()
var _is_reading := false
var _is_wanted := false
var _order: Array[Dictionary] = []
var _incoming: Array[Dictionary] = []
## Images made from an image, by its output; variants, by their description's file and name.
var _maps: Dictionary[String, Array] = {}
var _variants: Dictionary[String, Array] = {}
var _tables: Dictionary[String, bool] = {}
var _words := PackedStringArray()
var _state := ""
var _filtered: Array[Dictionary] = []
var _filtered_counts: Dictionary[String, int] = {}
var _filter_at := -1
var _offline: OfflineFiles


func _init(client: Client) -> void:
	_client = client
	name = "Assets"


func _ready() -> void:
	_timer.one_shot = true
	_timer.wait_time = REST_S
	_timer.timeout.connect(_read)
	add_child(_timer)
	set_process(false)


## Reads all pages anew, soon: many wishes in a row make one reading.
func read_again(at_once: bool = false) -> void:
	if _is_reading:
		_is_wanted = true
	elif at_once:
		_timer.stop()
		_read()
	elif _timer.is_stopped():
		_timer.start()


## Shows the descriptions on disk instead: their names and words, no states.
func read_offline() -> void:
	is_offline = true
	_offline = OfflineFiles.new()
	_incoming = []
	set_process(true)


## Shows the images that have all of these words, and this state unless it is empty.
func filter(text: String, state: String) -> void:
	_words = text.to_lower().split(" ", false)
	_state = state
	_filter_again()


## The asset of an output; empty where there is none.
func find(output: String) -> Dictionary:
	return assets.get(output, {})


## The images made from an image: a material's maps, an animation's sheet.
func maps_of(asset: Dictionary) -> Array:
	return _maps.get(asset["output"], [])


## The variants of an image's description, itself among them.
func variants_of(asset: Dictionary) -> Array:
	return _variants.get(_key_of(asset), [])


static func _key_of(asset: Dictionary) -> String:
	return "%s|%s" % [asset["source"], asset["name"]]


func _read() -> void:
	if not _client.is_connected_now():
		return
	_is_reading = true
	_is_wanted = false
	_incoming = []
	_client.ask("/assets", {"limit": PAGE}, _on_page.bind(true))


func _on_page(answer: Answer, is_first: bool) -> void:
	if not answer.is_good():
		_is_reading = false
		return
	if is_first:
		_maps = {}
		_variants = {}
		_tables = {}
		problems = answer.body["problems"]
		if is_offline:
			is_offline = false
			_offline = null
			assets.clear()
			_order.clear()
	var differing := PackedStringArray()
	for asset: Dictionary in answer.body["assets"]:
		asset["key"] = ("%s %s" % [asset["output"], asset["description"]]).to_lower()
		var before: Dictionary = assets.get(asset["output"], {})
		if asset["revision"] != before.get("revision", ""):
			differing.append(asset["output"])
		assets[asset["output"]] = asset
		_incoming.append(asset)
		_index(asset)
	if not differing.is_empty():
		files_differ.emit(differing)
	var after: Variant = answer.body.get("next")
	if after != null:
		_client.ask("/assets", {"limit": PAGE, "after": after}, _on_page.bind(false))
		return
	_is_reading = false
	for table: String in _tables:
		FirstImport.keep_table("res://" + table)
	_take(_incoming)
	if _is_wanted:
		read_again()


func _index(asset: Dictionary) -> void:
	var is_map: bool = asset["base"] != ""
	if str(asset["source"]).ends_with(".csv"):
		_tables[asset["source"]] = true
	var place := _maps if is_map else _variants
	var key: String = asset["base"] if is_map else _key_of(asset)
	if place.has(key):
		place[key].append(asset)
	else:
		place[key] = [asset]


func _take(found: Array[Dictionary]) -> void:
	_order = found
	if assets.size() != found.size():
		var seen: Dictionary[String, Dictionary] = {}
		for asset in found:
			seen[asset["output"]] = asset
		assets = seen
	_filter_again()
	read_through.emit()


func _filter_again() -> void:
	_filtered = []
	_filtered_counts = {}
	_filter_at = 0
	set_process(true)


func _process(_delta: float) -> void:
	if _offline != null and is_offline and not _offline.is_done:
		_incoming.append_array(_offline.read_some())
		if _offline.is_done:
			_take(_incoming)
		return
	if _filter_at < 0:
		set_process(false)
		return
	var end := Time.get_ticks_usec() + SLICE_US
	while _filter_at < _order.size():
		var asset := _order[_filter_at]
		_filter_at += 1
		if _fits(asset):
			_filtered.append(asset)
			var state: String = asset["state"]
			_filtered_counts[state] = _filtered_counts.get(state, 0) + 1
		if _filter_at % 32 == 0 and Time.get_ticks_usec() > end:
			return
	_filter_at = -1
	rows = _filtered
	counts = _filtered_counts
	rows_changed.emit()
	set_process(false)


func _fits(asset: Dictionary) -> bool:
	if asset["base"] != "" and asset["state"] != "failed":
		return false  # a material's maps show with the material
	if _state != "" and asset["state"] != _state:
		return false
	for word in _words:
		if not asset["key"].contains(word):
			return false
	return true
