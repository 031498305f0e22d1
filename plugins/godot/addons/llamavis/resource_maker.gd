@tool
extends RefCounted
## Makes Godot resources of the studio's images, and brings those it made up to date:
## SpriteFrames of a sheet, StandardMaterial3D of a texture and its maps, TileSet of tiles.
##
## What it set is noted in the resource's metadata. An update changes only values that still are
## as they were set, so what the user changed stays; the file keeps its uid.

const META := &"llamavis"
const FRAMES := "_frames.tres"
const MATERIAL := "_material.tres"
const TILES := "tiles_set.tres"


## SpriteFrames of NAME_sheet.png and its NAME_sheet.json, at NAME_frames.tres. Returns the path
## of the resource, or "" where there is nothing to make it of.
static func sprite_frames(sheet: String) -> String:
	var table := _table(sheet.get_basename() + ".json")
	var texture := load(sheet) as Texture2D if ResourceLoader.exists(sheet) else null
	if table.is_empty() or texture == null:
		return ""
	var place := sheet.get_basename().trim_suffix("_sheet") + FRAMES
	var made := _existing(place) as SpriteFrames
	if made == null:
		made = SpriteFrames.new()
		made.remove_animation(&"default")
	var noted: Dictionary = made.get_meta(META, {})
	var now: Dictionary = {}
	var frames := _frames_of(table)
	for clip in _clips_of(table, frames.size()):
		var name := StringName(clip["name"])
		var before: Dictionary = noted.get(str(name), {})
		if not made.has_animation(name):
			made.add_animation(name)
			before = {"fps": made.get_animation_speed(name), "loop": made.get_animation_loop(name)}
		_set_frames(made, name, clip, frames, texture)
		if is_equal_approx(made.get_animation_speed(name), before.get("fps", -1.0)):
			made.set_animation_speed(name, clip["fps"])
		if made.get_animation_loop(name) == before.get("loop"):
			made.set_animation_loop(name, clip["loop"])
		now[str(name)] = {"fps": clip["fps"], "loop": clip["loop"]}
	for gone: String in noted:
		if not now.has(gone) and made.has_animation(StringName(gone)):
			made.remove_animation(StringName(gone))
	made.set_meta(META, now)
	return place if ResourceSaver.save(made, place) == OK else ""


## A StandardMaterial3D of a texture and the maps that lie beside it, at NAME_material.tres.
static func material(base: String) -> String:
	var stem := base.get_basename()
	var place := stem + MATERIAL
	if not ResourceLoader.exists(base):
		return ""
	var wanted := _material_values(stem, base)
	var made := _existing(place) as StandardMaterial3D
	if made == null:
		made = StandardMaterial3D.new()
	var noted: Dictionary = made.get_meta(META, {})
	var now: Dictionary = {}
	for property: String in wanted:
		if not noted.has(property) or _note(made.get(property)) == noted[property]:
			made.set(property, wanted[property])
		now[property] = _note(wanted[property])
	for gone: String in noted:
		if not now.has(gone) and gone.ends_with("_texture"):
			if _note(made.get(gone)) == noted[gone]:
				made.set(gone, null)
	made.set_meta(META, now)
	return place if ResourceSaver.save(made, place) == OK else ""


## A TileSet of tiles of one size, a source each, at tiles_set.tres in the first one's folder. The
## sources keep their numbers, so that painted maps stay as they are; new tiles come behind.
static func tile_set(tiles: PackedStringArray) -> String:
	var textures: Array[Texture2D] = []
	for tile in tiles:
		var texture := load(tile) as Texture2D if ResourceLoader.exists(tile) else null
		if (
			texture != null
			and (textures.is_empty() or textures[0].get_size() == texture.get_size())
		):
			textures.append(texture)
	if textures.is_empty():
		return ""
	var place := tiles[0].get_base_dir().path_join(TILES)
	var made := _existing(place) as TileSet
	if made == null:
		made = TileSet.new()
		made.tile_size = Vector2i(textures[0].get_size())
	var known := PackedStringArray()
	for i in made.get_source_count():
		var source := made.get_source(made.get_source_id(i)) as TileSetAtlasSource
		if source != null and source.texture != null:
			known.append(source.texture.resource_path)
	for texture in textures:
		if texture.resource_path in known:
			continue
		var source := TileSetAtlasSource.new()
		source.resource_name = texture.resource_path.get_file().get_basename()
		source.texture = texture
		source.texture_region_size = Vector2i(texture.get_size())
		source.create_tile(Vector2i.ZERO)
		made.add_source(source)
	return place if ResourceSaver.save(made, place) == OK else ""


## Brings up to date what was once made of these images. Returns the resources' paths.
static func update(paths: PackedStringArray) -> PackedStringArray:
	var done := PackedStringArray()
	for path in paths:
		var stem := path.get_basename()
		if stem.ends_with("_sheet"):
			var frames := stem.trim_suffix("_sheet") + FRAMES
			if FileAccess.file_exists(frames) and sprite_frames(path) != "":
				done.append(frames)
		for candidate: String in [stem, stem.left(maxi(0, stem.rfind("_")))]:
			var place := candidate + MATERIAL
			if FileAccess.file_exists(place) and not place in done:
				if material(candidate + ".png") != "":
					done.append(place)
	return done


static func _existing(place: String) -> Resource:
	return load(place) if ResourceLoader.exists(place) else null


static func _table(place: String) -> Dictionary:
	if not FileAccess.file_exists(place):
		return {}
	var json := JSON.new()
	json.parse(FileAccess.get_file_as_string(place))
	var parsed: Variant = json.data
	if not parsed is Dictionary or not parsed.has("frames") or not parsed.get("meta") is Dictionary:
		return {}
	return parsed


## The frames in their order: Aseprite writes a list, or an object by name.
static func _frames_of(table: Dictionary) -> Array:
	var frames: Variant = table["frames"]
	return frames.values() if frames is Dictionary else frames


## Each clip as name, fps, loop and the numbers of its frames.
static func _clips_of(table: Dictionary, count: int) -> Array[Dictionary]:
	var found: Array[Dictionary] = []
	var tags: Array = table["meta"].get("frameTags", [])
	if tags.is_empty():
		tags = [{"name": "default", "from": 0, "to": count - 1}]
	for tag: Dictionary in tags:
		var order: Array = range(int(tag["from"]), mini(int(tag["to"]) + 1, count))
		var direction: String = tag.get("direction", "forward")
		var back := order.duplicate()
		back.reverse()
		if direction == "reverse":
			order = back
		elif direction == "pingpong" and order.size() > 2:
			order = order + back.slice(1, -1)
		elif direction == "pingpong_reverse" and order.size() > 2:
			order = back + order.slice(1, -1)
		if order.is_empty():
			continue
		var first: Dictionary = _frames_of(table)[order[0]]
		# The table holds whole milliseconds: 167 of them are 6 a second.
		var fps := 1000.0 / maxf(1.0, first.get("duration", 100))
		fps = roundf(fps) if absf(fps - roundf(fps)) < 0.02 * fps else snappedf(fps, 0.01)
		(
			found
			. append(
				{
					"name": str(tag["name"]),
					"fps": fps,
					"loop": str(tag.get("repeat", "0")) != "1",
					"order": order,
				}
			)
		)
	return found


## Frames that are there get the new places; the rest is added or taken away.
static func _set_frames(
	made: SpriteFrames, name: StringName, clip: Dictionary, frames: Array, texture: Texture2D
) -> void:
	var order: Array = clip["order"]
	for i in order.size():
		var record: Dictionary = frames[order[i]]
		var has_frame := i < made.get_frame_count(name)
		var region := made.get_frame_texture(name, i) as AtlasTexture if has_frame else null
		if region == null:
			region = AtlasTexture.new()
		var part: Dictionary = record["frame"]
		var inner: Dictionary = record["spriteSourceSize"]
		var whole: Dictionary = record["sourceSize"]
		region.atlas = texture
		region.region = Rect2(part["x"], part["y"], part["w"], part["h"])
		region.margin = Rect2(
			inner["x"], inner["y"], whole["w"] - part["w"], whole["h"] - part["h"]
		)
		if has_frame:
			made.set_frame(name, i, region, made.get_frame_duration(name, i))
		else:
			made.add_frame(name, region)
	while made.get_frame_count(name) > order.size():
		made.remove_frame(name, made.get_frame_count(name) - 1)


static func _material_values(stem: String, base: String) -> Dictionary:
	var values: Dictionary = {"albedo_texture": load(base)}
	var texture := _map(stem, "normal")
	if texture != null:
		values["normal_enabled"] = true
		values["normal_texture"] = texture
	var packed := _map(stem, "orm")
	var singles: Dictionary[String, int] = {"occlusion": 0, "roughness": 1, "metallic": 2}
	for map in singles:
		texture = packed if packed != null else _map(stem, map)
		if texture == null:
			continue
		var property := "ao" if map == "occlusion" else map
		values[property + "_texture"] = texture
		values[property + "_texture_channel"] = singles[map] if packed != null else 0
		if map == "occlusion":
			values["ao_enabled"] = true
		elif map == "metallic":
			values["metallic"] = 1.0
	texture = _map(stem, "height")
	if texture != null:
		values["heightmap_enabled"] = true
		values["heightmap_texture"] = texture
	if maxi(values["albedo_texture"].get_width(), values["albedo_texture"].get_height()) <= 128:
		values["texture_filter"] = BaseMaterial3D.TEXTURE_FILTER_NEAREST_WITH_MIPMAPS
	return values


static func _map(stem: String, name: String) -> Texture2D:
	var path := "%s_%s.png" % [stem, name]
	return load(path) as Texture2D if ResourceLoader.exists(path) else null


## How a value is noted: textures by their path.
static func _note(value: Variant) -> Variant:
	return (value as Resource).resource_path if value is Resource else value
