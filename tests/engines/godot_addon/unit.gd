extends SceneTree
## The addon's parts that need no editor. Run after an import, with `--script`; ends with the line
## `finished`.

const Answer := preload("res://addons/llamavis/answer.gd")
const FirstImport := preload("res://addons/llamavis/first_import.gd")
const Live := preload("res://addons/llamavis/llamavis_live.gd")
const Loader := preload("res://addons/llamavis/description_loader.gd")
const Maker := preload("res://addons/llamavis/resource_maker.gd")
const OfflineFiles := preload("res://addons/llamavis/offline_files.gd")
const ServiceFile := preload("res://addons/llamavis/service_file.gd")
const Starter := preload("res://addons/llamavis/service_starter.gd")
const Sync := preload("res://addons/llamavis/sync.gd")
const Texts := preload("res://addons/llamavis/texts.gd")

var failed := 0


func check(what: String, got: Variant, want: Variant) -> void:
	if got == want:
		print("ok - ", what)
	else:
		failed += 1
		printerr("ERROR: ", ("%s: got %s, want %s" % [what, got, want]).left(500))


func _initialize() -> void:
	# An error in a script ends that function only, not the program.
	create_timer(60.0).timeout.connect(func() -> void: quit(2))
	_check_scripts()
	_check_answers()
	_check_service_file()
	_check_programs()
	_check_first_import()
	_check_loader()
	_check_offline()
	_check_frames()
	_check_material()
	_check_tiles()
	await _check_live()
	print("finished")
	quit(1 if failed else 0)


## With all warnings as errors, as the project of the test asks for.
func _check_scripts() -> void:
	for name in DirAccess.get_files_at("res://addons/llamavis"):
		if name.ends_with(".gd"):
			var script := load("res://addons/llamavis/" + name) as GDScript
			check("script " + name, script != null and script.can_instantiate(), true)


func _check_answers() -> void:
	var none := Answer.read(HTTPRequest.RESULT_CANT_CONNECT, 0, PackedByteArray(), true) as Answer
	check("nobody answers", [none.is_good(), none.code, none.status], [false, "unreachable", 0])
	var text := '{"error": {"code": "changed", "message": "it changed", "hint": "look"}}'
	var refused := (
		Answer.read(HTTPRequest.RESULT_SUCCESS, 409, text.to_utf8_buffer(), true) as Answer
	)
	check("refused", [refused.code, refused.told()], ["changed", "it changed: look"])
	var odd := (
		Answer.read(HTTPRequest.RESULT_SUCCESS, 200, "<html>".to_utf8_buffer(), true) as Answer
	)
	check("no JSON is no good answer", odd.is_good(), false)
	var picture := (
		Answer.read(HTTPRequest.RESULT_SUCCESS, 200, PackedByteArray([1, 2]), false) as Answer
	)
	check("a picture", [picture.is_good(), picture.bytes.size()], [true, 2])


func _check_service_file() -> void:
	var folder := "user://service"
	DirAccess.make_dir_recursive_absolute(folder.path_join(".llamavis"))
	var place := folder.path_join(".llamavis/service.json")
	check("no file", ServiceFile.read(folder + "/none"), null)
	var good := {"api": 1, "version": "1", "pid": 7, "port": 4000, "token": "abcdefghijklmnop-_1"}
	_write(place, JSON.stringify(good))
	var read := ServiceFile.read(folder) as ServiceFile
	check("url", read.url(), "http://127.0.0.1:4000/api/v1")
	for wrong: Dictionary in [
		{"port": 0},
		{"port": 70000},
		{"port": "80"},
		{"token": "short"},
		{"token": "abcdefghijklmnop\r\nX-Other: 1"},
		{"token": 12345678901234567},
	]:
		_write(place, JSON.stringify(good.merged(wrong, true)))
		check("refused: %s" % wrong, ServiceFile.read(folder), null)
	_write(place, "{")
	check("half a file", ServiceFile.read(folder), null)


func _check_programs() -> void:
	var folder := ProjectSettings.globalize_path("user://programs")
	for inner: String in ["path", "game/bin"]:
		DirAccess.make_dir_recursive_absolute(folder.path_join(inner))
		_write(folder.path_join(inner).path_join("llamavis"), "")
	var game := folder.path_join("game")
	OS.set_environment("PATH", "game/bin:.:%s/bin:%s/path" % [game, folder])
	check("never out of the project", Starter.find_program("", game), folder + "/path/llamavis")
	OS.set_environment("PATH", ".:%s/bin" % game)
	check("none", Starter.find_program("", game), "")
	check(
		"the user's own",
		Starter.find_program(folder + "/path/llamavis", game),
		folder + "/path/llamavis"
	)
	check("no relative one", Starter.find_program("bin/llamavis", game), "")
	check("one that is not there", Starter.find_program(folder + "/other", game), "")


func _check_first_import() -> void:
	var normal := {"output": "a/rock_normal.png", "base": "a/rock.png", "width": 64, "height": 64}
	var chosen := FirstImport.parameters(normal)
	check("normal map", [chosen["compress/normal_map"], chosen["mipmaps/generate"]], [1, true])
	var sprite := FirstImport.parameters({"output": "a.png", "base": "", "width": 32, "height": 32})
	check("sprite", [sprite["compress/mode"], sprite["mipmaps/generate"]], [0, false])
	check("sprite has no flag", sprite.has("compress/normal_map"), false)
	check("map", FirstImport.map_of(normal), "normal")
	check("sheet is no map", FirstImport.map_of({"output": "a_sheet.png", "base": "a.png"}), "")
	_write("user://own.png.import", "mine")
	check("a user's own stays", FirstImport.prepare("user://own.png", sprite), false)
	check("as it was", FileAccess.get_file_as_string("user://own.png.import"), "mine")


func _check_loader() -> void:
	var loader := Loader.new()
	check("unknown at first", ResourceLoader.exists("res://hero.desc.toml"), false)
	Loader.add(loader)
	Loader.add(loader)
	check("description", ResourceLoader.exists("res://hero.desc.toml"), true)
	check("foreign TOML", ResourceLoader.exists("res://llamavis.toml"), false)
	var found := load("res://hero.desc.toml")
	check("text", found.text, FileAccess.get_file_as_string("res://hero.desc.toml"))
	check("output", found.output, "res://hero.png")
	found = null  # a resource in use is known without its loader
	Loader.remove(loader)
	Loader.remove(loader)
	check("unknown again", ResourceLoader.exists("res://hero.desc.toml"), false)


func _check_offline() -> void:
	var files := OfflineFiles.new()
	var rows: Array[Dictionary] = []
	while not files.is_done:
		rows.append_array(files.read_some())
	var sources: Array = rows.map(func(row: Dictionary) -> String: return row["source"])
	for name: String in ["hero.desc.toml", "tiles/floor.desc.toml", "monsters.descs.csv"]:
		check("on disk: " + name, sources.count(name), 1)
	check("nothing else", sources.all(OfflineFiles.is_description), true)
	for row in rows:
		if row["source"] == "hero.desc.toml":
			check("its words", row["description"], "brave red knight")


func _check_frames() -> void:
	var place := Maker.sprite_frames("res://hero_sheet.png")
	check("frames", place, "res://hero_frames.tres")
	var made := load(place) as SpriteFrames
	check("animations", made.get_animation_names(), PackedStringArray(["idle"]))
	check(
		"count and speed",
		[made.get_frame_count("idle"), made.get_animation_speed("idle")],
		[4, 6.0]
	)
	var uid := ResourceLoader.get_resource_uid(place)
	made.set_animation_speed("idle", 11.0)
	made.add_animation("mine")
	made.set_meta("note", "the user's")
	ResourceSaver.save(made, place)
	_change_table(
		func(table: Dictionary) -> void:
			table["meta"]["frameTags"][0]["to"] = 2
			table["meta"]["frameTags"].append({"name": "jump", "from": 1, "to": 3})
	)
	check("updated", Maker.update(["res://hero_sheet.png"]), PackedStringArray([place]))
	made = ResourceLoader.load(place, "", ResourceLoader.CACHE_MODE_REPLACE) as SpriteFrames
	check("three frames", made.get_frame_count("idle"), 3)
	check("the user's speed", made.get_animation_speed("idle"), 11.0)
	check("the user's animation", made.has_animation("mine"), true)
	check("a new one", made.get_frame_count("jump"), 3)
	check("the user's note", made.get_meta("note"), "the user's")
	check("the uid", ResourceLoader.get_resource_uid(place), uid)
	_change_table(func(table: Dictionary) -> void: table["meta"]["frameTags"].pop_back())
	Maker.update(["res://hero_sheet.png"])
	check("gone", made.has_animation("jump"), false)
	check("nothing of nothing", Maker.sprite_frames("res://hero.png"), "")


func _change_table(change: Callable) -> void:
	var place := "res://hero_sheet.json"
	var table: Dictionary = JSON.parse_string(FileAccess.get_file_as_string(place))
	change.call(table)
	_write(place, JSON.stringify(table))


func _check_material() -> void:
	var place := Maker.material("res://tiles/floor.png")
	check("material", place, "res://tiles/floor_material.tres")
	var made := load(place) as StandardMaterial3D
	check("albedo", made.albedo_texture.resource_path, "res://tiles/floor.png")
	check("normal", [made.normal_enabled, made.normal_texture != null], [true, true])
	check(
		"roughness of the packed map",
		made.roughness_texture.resource_path,
		"res://tiles/floor_orm.png"
	)
	check(
		"channels",
		[made.ao_texture_channel, made.roughness_texture_channel, made.metallic_texture_channel],
		[0, 1, 2]
	)
	check("height", made.heightmap_texture.resource_path, "res://tiles/floor_height.png")
	var uid := ResourceLoader.get_resource_uid(place)
	made.albedo_color = Color.RED
	made.normal_enabled = false
	made.roughness_texture = made.albedo_texture
	ResourceSaver.save(made, place)
	check("updated", Maker.update(["res://tiles/floor_normal.png"]), PackedStringArray([place]))
	made = ResourceLoader.load(place, "", ResourceLoader.CACHE_MODE_REPLACE) as StandardMaterial3D
	check("the user's colour", made.albedo_color, Color.RED)
	check("the user's switch", made.normal_enabled, false)
	check("the user's texture", made.roughness_texture.resource_path, "res://tiles/floor.png")
	check("the uid of it", ResourceLoader.get_resource_uid(place), uid)


func _check_tiles() -> void:
	var tiles: PackedStringArray = ["res://tiles/wall_0.png", "res://tiles/wall_1.png"]
	var place := Maker.tile_set(tiles)
	var made := load(place) as TileSet
	check("tiles", [made.get_source_count(), made.tile_size], [2, Vector2i(32, 32)])
	var id := made.get_source_id(1)
	check("again", Maker.tile_set(["res://tiles/floor.png", "res://tiles/wall_1.png"]), place)
	check("one more", made.get_source_count(), 3)
	var source := made.get_source(id) as TileSetAtlasSource
	check("the number stays", source.texture.resource_path, "res://tiles/wall_1.png")
	check("a tile", source.has_tile(Vector2i.ZERO), true)


## What the editor does in an import is a new file in .godot/imported: here by hand. Without a
## screen, Godot keeps the old pixels of a texture that is replaced, but tells the new size.
func _check_live() -> void:
	var live: Node = Live.new()
	var used := load("res://bat.png") as Texture2D
	var other := load("res://hero_sheet.png") as Texture2D
	check("they differ", used.get_size() == other.get_size(), false)
	var from := FileAccess.get_file_as_bytes(_imported("res://hero_sheet.png"))
	var to := FileAccess.open(_imported("res://bat.png"), FileAccess.WRITE)
	to.store_buffer(from)
	to.close()
	var told := []
	live.reloaded.connect(func(paths: PackedStringArray) -> void: told.append_array(paths))
	var paths: PackedStringArray = ["res://bat.png", "res://unused.png", "user://other"]
	check("taken", live.receive("reload", [paths]), true)
	check("told", told, ["res://bat.png"])
	check("the same object has the new size", used.get_size(), other.get_size())
	if DisplayServer.get_name() != "headless":
		var is_same := used.get_image().get_data() == other.get_image().get_data()
		check("and the new pixels", is_same, true)
	check("other messages", live.receive("else", [paths]), false)
	check("odd data", live.receive("reload", ["res://bat.png"]), false)
	root.add_child(live)
	await process_frame
	check("alone without a debugger", is_instance_valid(live), EngineDebugger.is_active())


func _imported(path: String) -> String:
	var config := ConfigFile.new()
	config.load(path + ".import")
	return config.get_value("remap", "path")


func _write(path: String, text: String) -> void:
	var file := FileAccess.open(path, FileAccess.WRITE)
	file.store_string(text)
	file.close()
