extends Node
## In a game that runs from the editor: takes in images as soon as they are imported anew.
##
## An autoload that the addon's menu adds ("Show new images in the running game"). A game that no
## editor debugs, such as an exported one, is left alone: the node frees itself.

## These res:// paths show new pixels.
signal reloaded(paths: PackedStringArray)

const CAPTURE := &"llamavis"


func _ready() -> void:
	if not EngineDebugger.is_active():
		queue_free()
	elif not EngineDebugger.has_capture(CAPTURE):
		EngineDebugger.register_message_capture(CAPTURE, receive)


func _exit_tree() -> void:
	if EngineDebugger.has_capture(CAPTURE):
		EngineDebugger.unregister_message_capture(CAPTURE)


## Takes a message of the editor; false for one that is not ours.
func receive(message: String, data: Array) -> bool:
	if message != "reload" or data.size() != 1 or not data[0] is PackedStringArray:
		return false
	var done := PackedStringArray()
	for path: String in data[0]:
		if path.begins_with("res://") and reload(path):
			done.append(path)
	if not done.is_empty():
		reloaded.emit(done)
	return true


## Loads a resource that is in use anew, into the same object; false where it is not in use.
func reload(path: String) -> bool:
	var used := ResourceLoader.get_cached_ref(path)
	if used == null:
		return false
	# Everything that shows it holds this object, so its content is replaced, not the object.
	return ResourceLoader.load(path, "", ResourceLoader.CACHE_MODE_REPLACE) != null
