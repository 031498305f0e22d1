@tool
extends EditorContextMenuPlugin
## What the FileSystem dock's menu offers on images, descriptions and sheets.

## "describe" or "open" and a path relative to the project; "made" and a message for the user.
signal wanted(what: String, value: String)

const Loader := preload("description_loader.gd")
const OfflineFiles := preload("offline_files.gd")
const Maker := preload("resource_maker.gd")
const Texts := preload("texts.gd")

const PICTURES: PackedStringArray = ["png", "webp", "jpg", "jpeg", "bmp", "tga"]
const MAPS: PackedStringArray = ["normal", "roughness", "height", "occlusion", "orm"]


func _popup_menu(paths: PackedStringArray) -> void:
	var theme := EditorInterface.get_editor_theme()
	if paths.size() == 1 and OfflineFiles.is_description(paths[0]):
		var icon := theme.get_icon(&"Edit", &"EditorIcons")
		add_context_menu_item(Texts.of("Edit Description"), _on_open, icon)
	var images := _images(paths)
	if images.is_empty():
		return
	if images.size() == 1:
		var icon := theme.get_icon(&"Edit", &"EditorIcons")
		add_context_menu_item(Texts.of("Describe"), _on_describe, icon)
	if images.size() == 1 and FileAccess.file_exists(images[0].get_basename() + ".json"):
		var icon := theme.get_icon(&"SpriteFrames", &"EditorIcons")
		add_context_menu_item(Texts.of("Make SpriteFrames"), _on_frames, icon)
	if images.size() == 1 and _has_maps(images[0]):
		var icon := theme.get_icon(&"StandardMaterial3D", &"EditorIcons")
		add_context_menu_item(Texts.of("Make Material"), _on_material, icon)
	if images.size() > 1:
		var icon := theme.get_icon(&"TileSet", &"EditorIcons")
		add_context_menu_item(Texts.of("Make TileSet"), _on_tiles, icon)


func _images(paths: PackedStringArray) -> PackedStringArray:
	var found := PackedStringArray()
	for path in paths:
		if path.get_extension().to_lower() in PICTURES:
			found.append(path)
	return found


func _has_maps(image: String) -> bool:
	for map in MAPS:
		if FileAccess.file_exists("%s_%s.png" % [image.get_basename(), map]):
			return true
	return false


func _on_open(paths: PackedStringArray) -> void:
	wanted.emit("open", paths[0].trim_prefix("res://"))


func _on_describe(paths: PackedStringArray) -> void:
	wanted.emit("describe", _images(paths)[0].trim_prefix("res://"))


func _on_frames(paths: PackedStringArray) -> void:
	_tell(Maker.sprite_frames(_images(paths)[0]))


func _on_material(paths: PackedStringArray) -> void:
	_tell(Maker.material(_images(paths)[0]))


func _on_tiles(paths: PackedStringArray) -> void:
	_tell(Maker.tile_set(_images(paths)))


func _tell(made: String) -> void:
	if made == "":
		wanted.emit("made", Texts.of("Nothing was made: the image is not imported yet."))
		return
	EditorInterface.get_resource_filesystem().update_file(made)
	EditorInterface.select_file(made)
	wanted.emit("made", Texts.of("Made %s.") % made.get_file())
