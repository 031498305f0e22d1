# gdlint: disable=max-public-methods
@tool
extends SceneTree
## Runs inside the editor and does what a test on the other side of a socket asks for: each line is
## an expression, evaluated with `plugin` (the addon), `files` (EditorFileSystem) and this script's
## functions; the answer is a line of JSON. The names of some signals are counted meanwhile.

const Client := preload("res://addons/llamavis/client.gd")

var plugin: Node
## A client of another project's folder.
var other: Client
var files: EditorFileSystem
var used: Texture2D
var reimported: PackedStringArray = []
## When each was imported last, in seconds of the system's clock.
var reimported_at: Dictionary[String, float] = {}
var longest_ms := 0.0
var frames := 0
var _socket := StreamPeerTCP.new()
var _line := ""
var _before_us := 0


func _initialize() -> void:
	create_timer(280.0).timeout.connect(func() -> void: quit(2))
	_start.call_deferred()


func _start() -> void:
	files = EditorInterface.get_resource_filesystem()
	files.resources_reimported.connect(_on_reimported)
	await process_frame
	while files.is_scanning() or files.get_filesystem() == null:
		await process_frame
	plugin = get_first_node_in_group(&"llamavis_plugin")
	_socket.connect_to_host("127.0.0.1", OS.get_environment("DRIVER_PORT").to_int())
	while _socket.get_status() == StreamPeerTCP.STATUS_CONNECTING:
		_socket.poll()
		await process_frame
	process_frame.connect(_on_frame)


func _on_reimported(paths: PackedStringArray) -> void:
	reimported.append_array(paths)
	for path: String in paths:
		reimported_at[path] = Time.get_unix_time_from_system()


func _on_frame() -> void:
	var now := Time.get_ticks_usec()
	if _before_us > 0:
		longest_ms = maxf(longest_ms, (now - _before_us) / 1000.0)
	_before_us = now
	frames += 1
	_socket.poll()
	if _socket.get_status() != StreamPeerTCP.STATUS_CONNECTED:
		quit(3)
		return
	var some := _socket.get_available_bytes()
	if some > 0:
		_line += _socket.get_utf8_string(some)
	while _line.contains("\n"):
		var text := _line.get_slice("\n", 0)
		_line = _line.substr(text.length() + 1)
		_answer(text)
		_before_us = Time.get_ticks_usec()


func _answer(text: String) -> void:
	if text == "quit":
		print("finished")
		_socket.disconnect_from_host()
		process_frame.disconnect(_on_frame)
		quit(0)
		return
	var expression := Expression.new()
	var told: Dictionary = {}
	if expression.parse(text, ["plugin", "files", "tree"]) != OK:
		told["error"] = expression.get_error_text()
	else:
		var value: Variant = expression.execute([plugin, files, self], self, false)
		if expression.has_execute_failed():
			told["error"] = expression.get_error_text()
		else:
			told["value"] = value
	_socket.put_data((JSON.stringify(told) + "\n").to_utf8_buffer())


# --- what a test asks for ------------------------------------------------------------------------


## The pixels that Godot shows for a texture, as hex, and its size.
func pixels(path: String) -> Dictionary:
	var texture := ResourceLoader.load(path, "", ResourceLoader.CACHE_MODE_IGNORE) as Texture2D
	if texture == null:
		return {}
	var image := texture.get_image()
	if image.is_compressed():
		image.decompress()
	image.clear_mipmaps()
	image.convert(Image.FORMAT_RGBA8)
	return {"size": [image.get_width(), image.get_height()], "hex": image.get_data().hex_encode()}


func set_editor(name: String, value: Variant) -> void:
	EditorInterface.get_editor_settings().set_setting(name, value)


func set_project(name: String, value: Variant) -> void:
	ProjectSettings.set_setting(name, value)


func forget() -> void:
	reimported.clear()
	longest_ms = 0.0
	frames = 0


## What a page of the service and a slice of the filter cost a frame, in ms: the best of a few pages
## and the median slice, as other programs take part of the time.
func list_ms() -> Dictionary:
	var store: Node = plugin.store
	var page: Dictionary = {"problems": [], "next": "m", "assets": []}
	for asset: Dictionary in store.assets.values().slice(0, store.PAGE):
		page["assets"].append(asset)
	var bytes := JSON.stringify(page).to_utf8_buffer()
	var best := INF
	for i in 5:
		var began := Time.get_ticks_usec()
		store._on_page(Client.Answer.read(0, 200, bytes, true), true)
		best = minf(best, (Time.get_ticks_usec() - began) / 1000.0)
	store.read_again(true)
	var slices: Array[float] = []
	store._filter_again()
	while store._filter_at >= 0:
		var began := Time.get_ticks_usec()
		store._process(0.0)
		slices.append((Time.get_ticks_usec() - began) / 1000.0)
	slices.sort()
	return {"page": best, "slice": slices[slices.size() / 2]}


## How long one call for all of these takes.
func time_one_call(paths: Array) -> float:
	var began := Time.get_ticks_usec()
	files.reimport_files(PackedStringArray(paths))
	return (Time.get_ticks_usec() - began) / 1000.0


func set_plugin(is_on: bool) -> void:
	EditorInterface.set_plugin_enabled("llamavis", is_on)
	plugin = get_first_node_in_group(&"llamavis_plugin")


## All of the addon that is in the tree or beside it, and what listens to the editor's file system.
func traces() -> Array:
	var found := []
	var nodes: Array[Node] = [root]
	while not nodes.is_empty():
		var node: Node = nodes.pop_back()
		nodes.append_array(node.get_children(true))
		var script := node.get_script() as Script
		if script != null and script.resource_path.begins_with("res://addons/llamavis"):
			found.append(str(node.get_path()))
	for signal_name: String in [
		"resources_reimported", "filesystem_changed", "script_classes_updated"
	]:
		for one: Dictionary in files.get_signal_connection_list(signal_name):
			var callable: Callable = one["callable"]
			var script := callable.get_object().get_script() as Script
			if script != null and script.resource_path.begins_with("res://addons/llamavis"):
				found.append(signal_name)
	for id: int in Node.get_orphan_node_ids():
		var script := instance_from_id(id).get_script() as Script
		if script != null and script.resource_path.begins_with("res://addons/llamavis"):
			found.append(script.resource_path)
	return found


func file_type(path: String) -> String:
	return files.get_file_type(path)


func undo(object: Object) -> void:
	var manager: EditorUndoRedoManager = plugin.get_undo_redo()
	manager.get_history_undo_redo(manager.get_object_history_id(object)).undo()


func shoot(path: String) -> int:
	RenderingServer.force_draw()
	var editor := EditorInterface.get_base_control().get_viewport()
	return editor.get_texture().get_image().save_png(path)


func edit(path: String) -> void:
	EditorInterface.edit_resource(load(path))


func client_for(folder: String) -> void:
	if is_instance_valid(other):
		other.queue_free()
	other = Client.new()
	other.folder = folder
	plugin.add_child(other)


func is_addon_on() -> bool:
	return EditorInterface.is_plugin_enabled("llamavis")


func process_id() -> int:
	return OS.get_process_id()


func set_environment(name: String, value: String) -> void:
	OS.set_environment(name, value)


func outputs_shown() -> Array:
	return plugin.dock.list.rows.map(func(row: Dictionary) -> String: return row["output"])


## Whether nothing is to be drawn, read or imported.
func is_settled() -> bool:
	var done: Array = ["fresh", "locked", "edited", "unmanaged"]
	var is_drawn: bool = plugin.store.assets.values().all(
		func(asset: Dictionary) -> bool: return asset["state"] in done
	)
	return (
		plugin.client.is_connected_now()
		and not plugin.client.status.get("drawing", true)
		and not plugin.store.assets.is_empty()
		and is_drawn
		and plugin.sync.is_idle()
	)


func play() -> void:
	EditorInterface.play_main_scene()


func stop() -> void:
	EditorInterface.stop_playing_scene()


## Keeps a texture in use, as a scene does; what it shows then, and later.
func hold(path: String) -> String:
	used = load(path)
	return held()


func held() -> String:
	return used.get_image().get_data().hex_encode()
