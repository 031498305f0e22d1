@tool
extends EditorExportPlugin
## Keeps descriptions out of exported games: players need the pictures, not the words for them.

const Loader := preload("description_loader.gd")


func _get_name() -> String:
	return "LlamaVis"


func _export_file(path: String, _type: String, _features: PackedStringArray) -> void:
	if Loader.is_description(path):
		skip()
