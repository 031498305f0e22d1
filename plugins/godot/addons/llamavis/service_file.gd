@tool
extends RefCounted
## What `.llamavis/service.json` says: where the service of a project listens, and its token.

const MOST_BYTES := 4096

var api := 0
var pid := 0
var port := 0
var token := ""


## The file of a project's folder; null where there is none, or one that makes no sense.
##
## The token goes into a header, so nothing but the letters that the service uses is taken.
static func read(folder: String) -> RefCounted:
	var file := FileAccess.open(folder.path_join(".llamavis/service.json"), FileAccess.READ)
	if file == null or file.get_length() > MOST_BYTES:
		return null
	var json := JSON.new()
	if json.parse(file.get_as_text()) != OK or not json.data is Dictionary:
		return null
	var told: Dictionary = json.data
	var made := new()
	made.api = _whole(told.get("api"))
	made.pid = _whole(told.get("pid"))
	made.port = _whole(told.get("port"))
	made.token = str(told.get("token", ""))
	var letters := RegEx.create_from_string("^[A-Za-z0-9_-]{16,200}$")
	if made.port < 1 or made.port > 65535 or letters.search(made.token) == null:
		return null
	return made


func url() -> String:
	return "http://127.0.0.1:%d/api/v%d" % [port, api]


func is_like(other: RefCounted) -> bool:
	return other != null and port == other.port and token == other.token and pid == other.pid


static func _whole(value: Variant) -> int:
	return int(value) if value is float or value is int else 0
