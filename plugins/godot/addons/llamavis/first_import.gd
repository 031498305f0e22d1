@tool
extends RefCounted
## How an image of the studio is imported the first time: what a picture of this kind needs.
##
## An image's `.import` file belongs to the user from then on: where there is one, nothing is
## written. A new one has the parameters only; Godot fills in the rest, and gives the uid.

const SMALL_PX := 128
const DATA_MAPS: PackedStringArray = [
	"normal", "roughness", "height", "occlusion", "orm", "metallic"
]


## Writes the parameters for an image that was never imported. `asset` is the service's.
static func prepare(path: String, asset: Dictionary) -> bool:
	var place := path + ".import"
	if FileAccess.file_exists(place) or path.get_extension().to_lower() != "png":
		return false
	var wanted := parameters(asset)
	# What the user chose for all textures in Import Defaults stands above what we choose.
	var own: Dictionary = ProjectSettings.get_setting("importer_defaults/texture", {})
	wanted.merge(own, true)
	var file := FileAccess.open(place, FileAccess.WRITE)
	if file == null:
		return false
	file.store_string('[remap]\n\nimporter="texture"\ntype="CompressedTexture2D"\n\n[params]\n\n')
	for key: String in wanted:
		file.store_string("%s=%s\n" % [key, var_to_str(wanted[key])])
	file.close()
	return true


## Keeps a `.descs.csv` from being imported as a translation, as Godot does with every CSV file.
static func keep_table(path: String) -> void:
	if not path.ends_with(".descs.csv") or FileAccess.file_exists(path + ".import"):
		return
	var file := FileAccess.open(path + ".import", FileAccess.WRITE)
	if file != null:
		file.store_string('[remap]\n\nimporter="keep"\n')


## The parameters by name; those that Godot's defaults fit are left out.
static func parameters(asset: Dictionary) -> Dictionary:
	var map := map_of(asset)
	var is_small: bool = maxi(asset.get("width", 0), asset.get("height", 0)) <= SMALL_PX
	# Lossless, so that every pixel stays; 3D would otherwise compress it at its first use there.
	var chosen: Dictionary = {"compress/mode": 0, "detect_3d/compress_to": 0}
	var is_surface: bool = map != "" or asset.get("kind", "") == "material"
	chosen["mipmaps/generate"] = is_surface
	if is_surface and not is_small:
		chosen["compress/mode"] = 2
	if map == "normal":
		chosen["compress/normal_map"] = 1
	elif map != "":
		chosen["compress/normal_map"] = 2
	return chosen


## The name of the map that an output is of its base: "normal", "orm"...; empty for others.
static func map_of(asset: Dictionary) -> String:
	var base: String = asset.get("base", "")
	var output: String = asset.get("output", "")
	if base.is_empty():
		return ""
	var name := output.get_basename().trim_prefix(base.get_basename() + "_")
	return name if name in DATA_MAPS else ""
