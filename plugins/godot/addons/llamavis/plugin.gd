@tool
extends EditorPlugin
## The addon's life: everything is made in _enter_tree and taken away in _exit_tree.

const Client := preload("client.gd")
const Starter := preload("service_starter.gd")
const Store := preload("asset_store.gd")
const Sync := preload("sync.gd")
const Thumbnails := preload("thumbnails.gd")
const Dock := preload("dock.gd")
const FileMenu := preload("file_menu.gd")
const Loader := preload("description_loader.gd")
const DescriptionResource := preload("description_resource.gd")
const ExportFilter := preload("export_filter.gd")
const LiveSender := preload("live_sender.gd")
const Maker := preload("resource_maker.gd")

const GROUP := &"llamavis_plugin"
const LOOKED_AT_ONCE := 20
const LIVE := "LlamaVisLive"
const LIVE_SCRIPT := "res://addons/llamavis/llamavis_live.gd"

var client: Client
var store: Store
var sync: Sync
var dock: Dock
var live: LiveSender
var _thumbnails: Thumbnails
var _menu: FileMenu
var _loader: Loader
var _filter: ExportFilter


func _enter_tree() -> void:
	add_to_group(GROUP)
	Starter.declare_settings()
	_loader = Loader.new()
	_add_loader()
	# Deferred: Godot drops the loaders only after it has told of the new classes.
	EditorInterface.get_resource_filesystem().script_classes_updated.connect(
		_add_loader, CONNECT_DEFERRED
	)
	client = Client.new()
	store = Store.new(client)
	_thumbnails = Thumbnails.new(client)
	sync = Sync.new(store)
	for part: Node in [client, store, _thumbnails, sync]:
		add_child(part)
	dock = Dock.new(client, store, _thumbnails, get_undo_redo())
	dock.is_live = ProjectSettings.has_setting("autoload/" + LIVE)
	add_control_to_dock(DOCK_SLOT_RIGHT_UL, dock)
	_menu = FileMenu.new()
	add_context_menu_plugin(EditorContextMenuPlugin.CONTEXT_SLOT_FILESYSTEM, _menu)
	_filter = ExportFilter.new()
	add_export_plugin(_filter)
	live = LiveSender.new()
	add_debugger_plugin(live)
	_connect_parts()
	_look_at_descriptions(get_tree())


func _exit_tree() -> void:
	remove_debugger_plugin(live)
	remove_export_plugin(_filter)
	remove_context_menu_plugin(_menu)
	remove_control_from_docks(dock)
	dock.free()
	EditorInterface.get_resource_filesystem().script_classes_updated.disconnect(_add_loader)
	Loader.remove(_loader)
	for part: Node in [sync, _thumbnails, store, client]:
		part.queue_free()


func _disable_plugin() -> void:
	_set_live(false)


func _handles(object: Object) -> bool:
	return object is DescriptionResource


func _edit(object: Object) -> void:
	if object is DescriptionResource:
		dock.open_description((object as Resource).resource_path.trim_prefix("res://"))
		_show_dock()


## Godot is about to build and start the game.
func _build() -> bool:
	sync.hold()
	return true


func _add_loader() -> void:
	Loader.add(_loader)


func _connect_parts() -> void:
	client.connected.connect(_on_connected)
	client.missed.connect(store.read_again.bind(true))
	client.changed.connect(_on_client_changed)
	client.told.connect(_on_told)
	store.files_differ.connect(sync.add)
	sync.imported.connect(_on_imported)
	live.game_started.connect(sync.release)
	_menu.wanted.connect(_on_menu)
	dock.live_wanted.connect(_set_live)


func _on_connected(_is_new: bool) -> void:
	store.read_again(true)
	dock.editor.refresh()


func _on_client_changed() -> void:
	var is_lost := not client.is_connected_now() and client.state != Client.State.STARTING
	if is_lost and store.assets.is_empty() and not store.is_offline:
		store.read_offline()
	if not client.is_connected_now():
		dock.editor.refresh()


func _on_told(event: Dictionary) -> void:
	match event["event"]:
		"files_changed":
			sync.add(PackedStringArray(event["changed"]))
			sync.add(PackedStringArray(event["gone"]))
			store.read_again()
		"assets_changed", "build_finished", "asset_built":
			store.read_again()


func _on_imported(paths: PackedStringArray) -> void:
	var made := Maker.update(paths)
	var all := paths.duplicate()
	all.append_array(made)
	live.send(all)


func _on_menu(what: String, value: String) -> void:
	match what:
		"open":
			dock.open_description(value)
			_show_dock()
		"describe":
			dock.describe(value)
			_show_dock()
		_:
			dock.say(value)


func _set_live(is_on: bool) -> void:
	if is_on == ProjectSettings.has_setting("autoload/" + LIVE):
		return
	if is_on:
		add_autoload_singleton(LIVE, LIVE_SCRIPT)
	else:
		remove_autoload_singleton(LIVE)
	dock.is_live = is_on


## Brings the dock to the front, as a click on its tab would.
func _show_dock() -> void:
	var place: Node = dock.get_parent()
	if place != null and place.has_method(&"make_visible"):
		place.call(&"make_visible")
	elif place is TabContainer:
		var tabs: TabContainer = place
		tabs.current_tab = tabs.get_tab_idx_from_control(dock)


## FileSystem remembers what kind of file each is: from before the addon came, descriptions are
## plain text to it. It looks at them anew, a few a frame.
static func _look_at_descriptions(tree: SceneTree) -> void:
	var files := EditorInterface.get_resource_filesystem()
	await tree.process_frame
	while files.is_scanning() or files.get_filesystem() == null:
		await tree.process_frame
	var old := PackedStringArray()
	var folders: Array[EditorFileSystemDirectory] = [files.get_filesystem()]
	while not folders.is_empty():
		var folder: EditorFileSystemDirectory = folders.pop_back()
		for i in folder.get_subdir_count():
			folders.append(folder.get_subdir(i))
		for i in folder.get_file_count():
			if Loader.is_description(folder.get_file(i)) and folder.get_file_type(i) == &"TextFile":
				old.append(folder.get_file_path(i))
	for i in old.size():
		files.update_file(old[i])
		if i % LOOKED_AT_ONCE == 0:
			await tree.process_frame
