@tool
extends VBoxContainer
## The addon's dock: a line that says what is wrong, the list, the chosen image, its description.

## The user wants a running game to show new images, or not.
signal live_wanted(is_on: bool)

enum Wish { BUILD, CHECK, NEW, LIVE }

const Client := preload("client.gd")
const Answer := preload("answer.gd")
const Store := preload("asset_store.gd")
const Thumbnails := preload("thumbnails.gd")
const AssetList := preload("asset_list.gd")
const Details := preload("details.gd")
const DescriptionEditor := preload("description_editor.gd")
const MessageLine := preload("message_line.gd")
const ProgressLine := preload("progress_line.gd")
const Texts := preload("texts.gd")

const STATES: PackedStringArray = [
	"", "fresh", "stale", "missing", "edited", "locked", "failed", "unmanaged"
]

var list: AssetList
var details: Details
var editor: DescriptionEditor
## Whether the running game shows new images; set by the plugin.
var is_live := false

var _client: Client
var _store: Store
var _message: MessageLine
var _filter := LineEdit.new()
var _where := OptionButton.new()
var _states := OptionButton.new()
var _menu := MenuButton.new()
var _progress := ProgressLine.new()
var _counts := Label.new()
var _split := VSplitContainer.new()
var _hits: Array[Dictionary] = []


func _init(
	client: Client, store: Store, thumbnails: Thumbnails, undo: EditorUndoRedoManager
) -> void:
	name = "LlamaVis"
	_client = client
	_store = store
	_message = MessageLine.new(client, store)
	list = AssetList.new(thumbnails)
	details = Details.new(client, store, thumbnails, undo)
	editor = DescriptionEditor.new(client, undo)


func _ready() -> void:
	add_child(_message)
	add_child(_make_bar())
	add_child(_progress)
	_split.size_flags_vertical = Control.SIZE_EXPAND_FILL
	_split.add_child(list)
	var lower := VBoxContainer.new()
	lower.size_flags_vertical = Control.SIZE_EXPAND_FILL
	lower.size_flags_stretch_ratio = 1.2
	lower.add_child(details)
	lower.add_child(editor)
	_split.add_child(lower)
	add_child(_split)
	add_child(_counts)
	_counts.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	_counts.clip_text = true
	_message.problem_clicked.connect(editor.open)
	_progress.cancelled.connect(func() -> void: _client.send("/cancel", {}, _on_done))
	list.chosen.connect(_on_chosen)
	list.opened.connect(_on_opened)
	details.said.connect(say)
	_client.changed.connect(refresh)
	_client.told.connect(_on_told)
	_store.rows_changed.connect(_on_rows)
	_store.read_through.connect(_on_read_through)
	_style()
	refresh()


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED and is_node_ready():
		_style()


## Says something for a few seconds.
func say(message: String, is_wrong: bool = false) -> void:
	_message.say(message, is_wrong)


## Opens a description: its row, and its text in the editor.
func open_description(source: String) -> void:
	for output: String in _store.assets:
		if _store.assets[output]["source"] == source and list.choose(output):
			return
	editor.open(source)


## Opens what is known of an image: its description, or words for one that a model sees in it.
func describe(output: String) -> void:
	var asset := _store.find(output)
	if not asset.is_empty():
		open_description(asset["source"])
	elif not _client.is_connected_now():
		say(Texts.of("The service is not running: it cannot look at the image."), true)
	else:
		say(Texts.of("Looking at %s...") % output.get_file())
		var done := _on_caption.bind(output)
		_client.send("/caption", {"path": output}, done, HTTPClient.METHOD_POST, 300.0)


## The line at the top, what can be pressed, and the numbers at the bottom.
func refresh() -> void:
	if not is_node_ready():
		return
	var is_on := _client.is_connected_now()
	var has_project := FileAccess.file_exists("res://llamavis.toml")
	_message.refresh()
	_where.set_item_disabled(1, not is_on)
	_states.disabled = not is_on
	list.empty_text = _empty_text(is_on, has_project)
	list.queue_redraw()
	details.refresh()
	_show_progress()
	_show_counts()


func _make_bar() -> VBoxContainer:
	var bar := VBoxContainer.new()
	var first := HBoxContainer.new()
	_filter.placeholder_text = Texts.of("Filter")
	_filter.clear_button_enabled = true
	_filter.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	_filter.text_changed.connect(_on_filter.unbind(1))
	_filter.text_submitted.connect(_on_search.unbind(1))
	first.add_child(_filter)
	_menu.tooltip_text = Texts.of("More")
	_menu.flat = true
	_menu.get_popup().id_pressed.connect(_on_menu)
	_menu.about_to_popup.connect(_fill_menu)
	first.add_child(_menu)
	bar.add_child(first)
	var second := HBoxContainer.new()
	_where.add_item(Texts.of("Descriptions"))
	_where.add_item(Texts.of("Library"))
	_where.tooltip_text = Texts.of("Where to look: described images, or everything by its meaning")
	_where.item_selected.connect(_on_where)
	_states.add_item(Texts.of("All"))
	for state in STATES.slice(1):
		_states.add_item(Texts.of(state))
	_states.tooltip_text = Texts.of("Only images that stand so")
	_states.item_selected.connect(_on_filter.unbind(1))
	for one: OptionButton in [_where, _states]:
		one.size_flags_horizontal = Control.SIZE_EXPAND_FILL
		one.clip_text = true
		second.add_child(one)
	bar.add_child(second)
	return bar


func _style() -> void:
	_filter.right_icon = get_theme_icon(&"Search", &"EditorIcons")
	_menu.icon = get_theme_icon(&"GuiTabMenuHl", &"EditorIcons")
	_counts.add_theme_color_override(
		&"font_color", Color(get_theme_color(&"font_color", &"Label"), 0.65)
	)
	for i in range(1, STATES.size()):
		var icon: StringName = AssetList.STATE_ICONS[STATES[i]]
		_states.set_item_icon(i, get_theme_icon(icon, &"EditorIcons"))


func _empty_text(is_on: bool, has_project: bool) -> String:
	if not has_project:
		return ""
	if not is_on:
		return Texts.of("No descriptions in this project.")
	if _where.selected == 1:
		return Texts.of("Type words and press Enter: 'mossy stone', kind:sprite, tag:tree...")
	if _filter.text != "" or _states.selected > 0:
		return Texts.of("Nothing fits the filter.")
	if _client.status.get("state", "") == "opening":
		return Texts.of("The project is being opened...")
	return Texts.of("No descriptions yet: make one with the menu above.")


func _show_progress() -> void:
	_progress.show_status(_client.status, _client.is_connected_now())


func _show_counts() -> void:
	if _store.is_offline:
		_counts.text = Texts.of("%d files, read only") % list.rows.size()
		return
	var counts := _store.counts
	if _where.selected == 1:
		counts = {}
	var parts := PackedStringArray()
	for state in STATES:
		if counts.has(state) and state != "":
			parts.append("%d %s" % [counts[state], Texts.of(state)])
	_counts.text = ", ".join(parts)


func _on_told(event: Dictionary) -> void:
	var status := _client.status
	match event["event"]:
		"build_started":
			status["drawing"] = true
			status["done"] = 0
			status["total"] = event["total"]
			status["eta_s"] = event["estimate_s"]
			_show_progress()
		"step_done":
			if event["job"] == "build":
				status["done"] = event["done"]
				status["total"] = event["total"]
			status["eta_s"] = event["eta_s"]
			_show_progress()
		"build_finished":
			status["drawing"] = false
			_show_progress()
			if event["failed"] > 0:
				say(Texts.of("%d drawn, %d failed") % [event["built"], event["failed"]], true)
		"asset_failed":
			say("%s: %s" % [str(event["path"]).get_file(), event["message"]], true)
		"problem_found":
			if event["severity"] == "error":
				say("%s:%d: %s" % [event["path"], event["line"], event["message"]], true)
		"trouble":
			say(event["message"], true)


func _on_rows() -> void:
	if _where.selected == 0 or _store.is_offline:
		list.show_rows(_store.rows)
		_show_counts()


func _on_read_through() -> void:
	if _client.status.get("state", "") == "opening":
		_client.status["state"] = "ready"
	refresh()


func _on_filter() -> void:
	if _where.selected == 0:
		_store.filter(_filter.text, STATES[_states.selected])
	list.empty_text = _empty_text(_client.is_connected_now(), true)


func _on_where(where: int) -> void:
	_filter.placeholder_text = Texts.of("Search the library") if where == 1 else Texts.of("Filter")
	_states.visible = where == 0
	list.empty_text = _empty_text(_client.is_connected_now(), true)
	if where == 0:
		list.show_rows(_store.rows)
		_on_filter()
	else:
		list.show_rows(_hits)
		_on_search()
	_show_counts()


func _on_search() -> void:
	if _where.selected == 1 and _filter.text.strip_edges() != "":
		_client.ask("/search", {"q": _filter.text, "limit": 100}, _on_hits)


func _on_hits(answer: Answer) -> void:
	if not answer.is_good():
		say(answer.told(), true)
		return
	_hits = []
	for hit: Dictionary in answer.body["hits"]:
		var asset := _store.find(hit["file"])
		if asset.is_empty():
			asset = {
				"output": hit["file"],
				"source": "",
				"name": "",
				"line": 1,
				"kind": hit["kind"],
				"state": "unmanaged",
				"reason": "",
				"description": hit["caption"],
				"width": hit["width"],
				"height": hit["height"],
				"variant": 0,
				"base": "",
				"locked": false,
				"revision": "",
			}
		_hits.append(asset)
	list.show_rows(_hits)
	if answer.body["changed"] != "":
		say(answer.body["changed"])
	elif _hits.is_empty():
		say(Texts.of("Nothing was found."))
	_show_counts()


func _on_chosen(asset: Dictionary) -> void:
	if asset["source"] == "":
		details.show_asset({})
		EditorInterface.select_file("res://%s" % asset["output"])
		return
	details.show_asset(asset)
	editor.open(asset["source"], asset["line"])


func _on_opened(asset: Dictionary) -> void:
	var path := "res://%s" % asset["output"]
	if FileAccess.file_exists(path):
		EditorInterface.select_file(path)


func _on_caption(answer: Answer, output: String) -> void:
	if not answer.is_good():
		say(answer.told(), true)
		return
	_message.forget()
	var words := str(answer.body["caption"]).replace("\\", "").replace('"', "'")
	# Locked: the picture is there already, and is not to be drawn anew from a guess.
	var text := 'description = "%s"\nlocked = true\n' % words
	editor.begin(output.get_basename() + ".desc.toml", text)
	if answer.body["guess"]:
		editor.tell(Texts.of("The model knows nothing like it; read its words as a guess."), false)


func _fill_menu() -> void:
	var popup := _menu.get_popup()
	popup.clear()
	var is_on := _client.is_connected_now()
	popup.add_item(Texts.of("Generate all that is not up to date"), Wish.BUILD)
	popup.add_item(Texts.of("New description..."), Wish.NEW)
	popup.set_item_disabled(0, not is_on)
	popup.set_item_disabled(1, not is_on)
	popup.add_separator()
	popup.add_check_item(Texts.of("Show new images in the running game"), Wish.LIVE)
	popup.set_item_checked(popup.get_item_index(Wish.LIVE), is_live)
	popup.add_item(Texts.of("Connect again"), Wish.CHECK)
	popup.set_item_disabled(popup.get_item_index(Wish.CHECK), is_on)


func _on_menu(id: int) -> void:
	match id:
		Wish.BUILD:
			_client.send("/build", {}, _on_done)
		Wish.NEW:
			_ask_for_name()
		Wish.LIVE:
			live_wanted.emit(not is_live)
		Wish.CHECK:
			_client.try_again()


func _ask_for_name() -> void:
	var dialog := EditorFileDialog.new()
	dialog.file_mode = EditorFileDialog.FILE_MODE_SAVE_FILE
	dialog.access = EditorFileDialog.ACCESS_RESOURCES
	dialog.add_filter("*.desc.toml", Texts.of("Description"))
	dialog.file_selected.connect(begin_description)
	dialog.visibility_changed.connect(
		func() -> void:
			if not dialog.visible:
				dialog.queue_free()
	)
	add_child(dialog)
	dialog.popup_file_dialog()


## Starts a new description at a res:// path.
func begin_description(path: String) -> void:
	var source := path.trim_prefix("res://")
	if not source.ends_with(".desc.toml"):
		source = source.trim_suffix(".toml") + ".desc.toml"
	if FileAccess.file_exists("res://" + source):
		open_description(source)
		return
	list.selected = ""
	details.show_asset({})
	editor.begin(source, 'description = "%s"\n' % source.get_file().get_slice(".", 0))


func _on_done(answer: Answer) -> void:
	if not answer.is_good():
		say(answer.told(), true)
	elif answer.body.get("images", 1) == 0:
		say(Texts.of("Everything is up to date: nothing to draw."))
