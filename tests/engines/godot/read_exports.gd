extends SceneTree
# Loads the exported resources as a game would, and prints what Godot sees as one line of JSON.

const DEADLINE_S := 60.0


func _init() -> void:
	# A runtime error ends a function before its quit(), so something else must end the program.
	create_timer(DEADLINE_S).timeout.connect(func() -> void: quit(3))
	var answer := {
		"version": Engine.get_version_info()["string"],
		"packed": read_frames("res://export/hero.tres"),
		"still": read_frames("res://export/still.tres"),
		"tiles": read_tiles("res://export/tiles.tres"),
		"orm": read_material("res://export/orm.tres"),
		"single": read_material("res://export/single.tres"),
	}
	print("answer " + JSON.stringify(answer))
	print("finished")
	quit(0)


func read_frames(path: String) -> Dictionary:
	var frames: SpriteFrames = load(path)
	var animations := {}
	for animation in frames.get_animation_names():
		var listed := []
		for i in frames.get_frame_count(animation):
			var texture: AtlasTexture = frames.get_frame_texture(animation, i)
			var seen := {
				"region": rectangle(texture.region),
				"margin": rectangle(texture.margin),
				"size": [texture.get_width(), texture.get_height()],
				"duration": frames.get_frame_duration(animation, i),
				"pixels": pixels_of(texture),
			}
			listed.append(seen)
		animations[animation] = {
			"fps": frames.get_animation_speed(animation),
			"loop": frames.get_animation_loop(animation),
			"frames": listed,
		}
	var sheet: Texture2D = frames.get_frame_texture(frames.get_animation_names()[0], 0).atlas
	return {"sheet": [sheet.get_width(), sheet.get_height()], "animations": animations}


func read_tiles(path: String) -> Dictionary:
	var tile_set: TileSet = load(path)
	var source: TileSetAtlasSource = tile_set.get_source(tile_set.get_source_id(0))
	var tiles := {}
	for i in source.get_tiles_count():
		var at := source.get_tile_id(i)
		var regions := []
		var durations := []
		for frame in source.get_tile_animation_frames_count(at):
			regions.append(rectangle(source.get_tile_texture_region(at, frame)))
			durations.append(source.get_tile_animation_frame_duration(at, frame))
		tiles[source.get_tile_data(at, 0).get_custom_data("name")] = {
			"at": [at.x, at.y],
			"regions": regions,
			"durations": durations,
			"fps": source.get_tile_animation_speed(at),
		}
	return {
		"tile_size": [tile_set.tile_size.x, tile_set.tile_size.y],
		"outside": source.has_tiles_outside_texture(),
		"tiles": tiles,
	}


func read_material(path: String) -> Dictionary:
	var material: StandardMaterial3D = load(path)
	var textures := {}
	for property in [
		"albedo_texture",
		"normal_texture",
		"ao_texture",
		"roughness_texture",
		"metallic_texture",
		"heightmap_texture",
	]:
		var texture: Texture2D = material.get(property)
		if texture != null:
			textures[property] = [texture.resource_path, texture.get_width(), texture.get_height()]
	return {
		"textures": textures,
		"channels":
		[
			material.ao_texture_channel,
			material.roughness_texture_channel,
			material.metallic_texture_channel,
		],
		"enabled": [material.normal_enabled, material.ao_enabled, material.heightmap_enabled],
		"metallic": material.metallic,
		"height_scale": material.heightmap_scale,
		"filter": material.texture_filter,
	}


func rectangle(of: Rect2) -> Array:
	return [of.position.x, of.position.y, of.size.x, of.size.y]


func pixels_of(texture: AtlasTexture) -> String:
	var image := texture.atlas.get_image()
	if image.is_compressed():
		image.decompress()
	image.convert(Image.FORMAT_RGBA8)
	return image.get_region(Rect2i(texture.region)).get_data().hex_encode()
