@tool
extends RefCounted
## Finds the descriptions on disk, a slice at a time, for the list that shows without a service.

const MS_A_SLICE := 4
const ENDINGS: PackedStringArray = [".desc.toml", ".descs.toml", ".descs.csv"]

var is_done := false
var _folders: PackedStringArray = ["res://"]


## Whether a path is a description's.
static func is_description(path: String) -> bool:
	for ending in ENDINGS:
		if path.ends_with(ending):
			return true
	return false


## Some more rows, in the form of the service's assets; `is_done` after the last.
func read_some() -> Array[Dictionary]:
	var found: Array[Dictionary] = []
	var end := Time.get_ticks_msec() + MS_A_SLICE
	while not _folders.is_empty() and Time.get_ticks_msec() < end:
		var folder := _folders[0]
		_folders.remove_at(0)
		if FileAccess.file_exists(folder.path_join(".gdignore")):
			continue
		for inner in DirAccess.get_directories_at(folder):
			if not inner.begins_with("."):
				_folders.append(folder.path_join(inner))
		for file in DirAccess.get_files_at(folder):
			if is_description(file):
				found.append(_row(folder.path_join(file)))
	is_done = _folders.is_empty()
	return found


func _row(path: String) -> Dictionary:
	var source := path.trim_prefix("res://")
	var output := source.trim_suffix(".desc.toml") + ".png"
	var words := ""
	var pattern := RegEx.create_from_string('(?m)^\\s*description\\s*=\\s*"([^"]*)"')
	var first := pattern.search(FileAccess.get_file_as_string(path))
	if first != null:
		words = first.get_string(1)
	return {
		"output": output if source.ends_with(".desc.toml") else source,
		"source": source,
		"name": "",
		"line": 1,
		"kind": "",
		"state": "",
		"reason": "",
		"description": words,
		"width": 0,
		"height": 0,
		"variant": 0,
		"seed": 0,
		"base": "",
		"locked": false,
		"revision": "",
		"key": ("%s %s" % [output, words]).to_lower(),
	}
