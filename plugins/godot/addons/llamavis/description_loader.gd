@tool
extends ResourceFormatLoader
## Lets FileSystem open `.desc.toml` and `.descs.toml` as descriptions.
##
## A loader, not an import plugin: an importer owns a file's last ending, so one for "toml" would
## take llamavis.toml and every foreign TOML file in, and write a `.import` file beside each. A
## loader is asked path by path, leaves all others as they were, and writes nothing. Called from
## the editor's threads, it keeps no state.
##
## It has no class name: Godot would load it into games too, and ask for it after its removal. But
## loaders without one are dropped when the list of classes is made anew: `add` comes again then.

const DescriptionResource := preload("description_resource.gd")
const ENDINGS: PackedStringArray = [".desc.toml", ".descs.toml"]


## Whether a path is a description's that FileSystem shows.
static func is_description(path: String) -> bool:
	for ending in ENDINGS:
		if path.ends_with(ending):
			return true
	return false


## Makes a loader known, unless one is.
static func add(loader: ResourceFormatLoader) -> void:
	if not _is_known():
		ResourceLoader.add_resource_format_loader(loader)


## Takes it back.
static func remove(loader: ResourceFormatLoader) -> void:
	if _is_known():
		ResourceLoader.remove_resource_format_loader(loader)


static func _is_known() -> bool:
	return "desc.toml" in ResourceLoader.get_recognized_extensions_for_type("Resource")


func _get_recognized_extensions() -> PackedStringArray:
	# Not "toml": Godot would no longer take other TOML files for text, and hide them.
	return ["desc.toml", "descs.toml"]


func _recognize_path(path: String, _type: StringName) -> bool:
	return is_description(path)


func _handles_type(type: StringName) -> bool:
	return type == &"Resource"


func _get_resource_type(path: String) -> String:
	return "Resource" if is_description(path) else ""


## None: Godot would write a `.uid` file beside every description otherwise.
func _get_resource_uid(_path: String) -> int:
	return ResourceUID.INVALID_ID


func _load(path: String, _original: String, _use_threads: bool, _cache_mode: int) -> Variant:
	if not is_description(path):
		return ERR_FILE_UNRECOGNIZED
	var made := DescriptionResource.new()
	made.text = FileAccess.get_file_as_string(path)
	var output := path.trim_suffix(".desc.toml") + ".png"
	if path.ends_with(".desc.toml") and FileAccess.file_exists(output):
		made.output = output
	return made
