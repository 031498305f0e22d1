@tool
extends VBoxContainer
## A description's text: checked while one types, written when one saves, taken back with the
## editor's undo.

## Text was written; `path` is relative to the project.
signal saved(path: String)

const Client := preload("client.gd")
const Answer := preload("answer.gd")
const Texts := preload("texts.gd")

const CHECK_S := 0.35

## Relative to the project; empty while nothing is open.
var path := ""

var _client: Client
var _undo: EditorUndoRedoManager
var _revision: Variant = null
var _saved_text := ""
var _line := 1
var _is_waiting := false
var _problems: Array = []

var _title := Label.new()
var _save := Button.new()
var _revert := Button.new()
var _code := CodeEdit.new()
var _told := Label.new()
var _timer := Timer.new()


func _init(client: Client, undo: EditorUndoRedoManager) -> void:
	_client = client
	_undo = undo
	size_flags_vertical = Control.SIZE_EXPAND_FILL


func _ready() -> void:
	var head := HBoxContainer.new()
	_title.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	_title.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	_title.clip_text = true
	head.add_child(_title)
	_revert.text = Texts.of("Revert")
	_revert.tooltip_text = Texts.of("Back to the text of the file")
	_revert.pressed.connect(func() -> void: open(path, _line, true))
	head.add_child(_revert)
	_save.text = Texts.of("Save")
	_save.tooltip_text = Texts.of("Write the description (Ctrl+S); its images are drawn anew")
	_save.pressed.connect(save)
	head.add_child(_save)
	add_child(head)
	_code.size_flags_vertical = Control.SIZE_EXPAND_FILL
	_code.gutters_draw_line_numbers = true
	_code.wrap_mode = TextEdit.LINE_WRAPPING_BOUNDARY
	_code.auto_brace_completion_enabled = true
	_code.highlight_current_line = true
	_code.custom_minimum_size.y = 90.0 * EditorInterface.get_editor_scale()
	_code.text_changed.connect(_on_typed)
	_code.gui_input.connect(_on_key)
	add_child(_code)
	_told.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_told.mouse_filter = Control.MOUSE_FILTER_STOP
	_told.gui_input.connect(_on_problem_clicked)
	_told.hide()
	add_child(_told)
	_timer.one_shot = true
	_timer.wait_time = CHECK_S
	_timer.timeout.connect(_check)
	add_child(_timer)
	_style()
	_show_state()


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED and is_node_ready():
		_style()


## Shows a description, with the cursor in `line`. Unsaved words stay unless `is_forced`.
func open(source: String, line: int = 1, is_forced: bool = false) -> void:
	if source == path and not is_forced and is_dirty():
		return
	if source != path and is_dirty() and not is_forced:
		tell(Texts.of("Save or revert '%s' first.") % path.get_file(), true)
		return
	var is_new := source != path
	path = source
	_line = line
	if _client.is_connected_now():
		_client.ask("/description", {"path": source}, _on_read.bind(source, is_forced, is_new))
	else:
		_revision = null
		_fill(FileAccess.get_file_as_string("res://" + source))
	_show_state()


## Starts a description that is not written yet.
func begin(source: String, text: String) -> void:
	if is_dirty():
		tell(Texts.of("Save or revert '%s' first.") % path.get_file(), true)
		return
	path = source
	_line = 1
	_revision = null
	_fill(text)
	_saved_text = ""
	_show_state()
	_check()
	_code.grab_focus()


func is_dirty() -> bool:
	return path != "" and _code.text != _saved_text


func get_text() -> String:
	return _code.text


## Puts words into the editor, as if typed.
func type(words: String) -> void:
	_code.text = words
	_on_typed()


## Writes what stands there; Ctrl+Z in the editor takes it back.
func save() -> void:
	if path == "" or _is_waiting or not _client.is_connected_now():
		return
	_undo.create_action(Texts.of("Change %s") % path.get_file(), UndoRedo.MERGE_DISABLE, self)
	_undo.add_do_method(self, &"write", path, _code.text)
	if _revision != null:
		_undo.add_undo_method(self, &"write", path, _saved_text)
	_undo.commit_action()


## Writes a description's text. `revision` is known for the open one, else it is asked for.
func write(source: String, words: String) -> void:
	if not _client.is_connected_now():
		tell(Texts.of("The service is not running: nothing was written."), true)
	elif source == path:
		_put(source, words, _revision)
	else:
		_client.ask("/description", {"path": source}, _on_found.bind(source, words))


## Says something below the text.
func tell(message: String, is_wrong: bool) -> void:
	_told.text = message
	_told.visible = message != ""
	var colour := &"error_color" if is_wrong else &"font_color"
	_told.add_theme_color_override(
		&"font_color", get_theme_color(colour, &"Editor" if is_wrong else &"Label")
	)


## The connection came or went.
func refresh() -> void:
	if path != "" and not is_dirty():
		open(path, _line)
	_show_state()


## What is wrong, as the service's problems; empty when the text is sound.
func get_problems() -> Array:
	return _problems


func _style() -> void:
	_code.add_theme_font_override(&"font", get_theme_font(&"source", &"EditorFonts"))
	_code.add_theme_font_size_override(
		&"font_size", get_theme_font_size(&"source_size", &"EditorFonts")
	)
	_save.icon = get_theme_icon(&"Save", &"EditorIcons")
	_revert.icon = get_theme_icon(&"UndoRedo", &"EditorIcons")
	var colours := CodeHighlighter.new()
	var settings := EditorInterface.get_editor_settings()
	var base := "text_editor/theme/highlighting/"
	colours.add_color_region('"', '"', settings.get_setting(base + "string_color"))
	colours.add_color_region("#", "", settings.get_setting(base + "comment_color"), true)
	colours.number_color = settings.get_setting(base + "number_color")
	colours.symbol_color = settings.get_setting(base + "symbol_color")
	colours.function_color = settings.get_setting(base + "text_color")
	colours.member_variable_color = settings.get_setting(base + "text_color")
	colours.add_keyword_color("true", settings.get_setting(base + "keyword_color"))
	colours.add_keyword_color("false", settings.get_setting(base + "keyword_color"))
	_code.syntax_highlighter = colours


func _show_state() -> void:
	var is_live := _client.is_connected_now()
	_title.text = path.get_file() + (" *" if is_dirty() else "")
	_title.tooltip_text = path
	_code.editable = is_live and path != ""
	_save.disabled = not is_live or not is_dirty() or _has_errors()
	_revert.disabled = not is_dirty()


func _has_errors() -> bool:
	return _problems.any(func(one: Dictionary) -> bool: return one["severity"] == "error")


func _fill(words: String) -> void:
	_saved_text = words
	if _code.text != words:
		_code.text = words
		_code.clear_undo_history()
	_take_problems([])
	_code.set_caret_line(clampi(_line - 1, 0, maxi(0, _code.get_line_count() - 1)))
	_code.center_viewport_to_caret()
	_show_state()


func _on_read(answer: Answer, source: String, is_forced: bool, is_new: bool) -> void:
	if source != path or (is_dirty() and not is_forced and not is_new):
		return  # what one typed meanwhile stays
	if not answer.is_good():
		tell(answer.told(), true)
		return
	_revision = answer.body["revision"]
	_fill(answer.body["text"])
	_take_problems(answer.body["problems"])


func _on_typed() -> void:
	_show_state()
	_timer.start()


func _on_key(event: InputEvent) -> void:
	var key := event as InputEventKey
	if key != null and key.pressed and key.keycode == KEY_S and key.is_command_or_control_pressed():
		if not key.shift_pressed and not key.alt_pressed:
			save()
			_code.accept_event()


func _check() -> void:
	if path != "" and _client.is_connected_now():
		_client.send("/check", {"path": path, "text": _code.text}, _on_checked.bind(_code.text))


func _on_checked(answer: Answer, words: String) -> void:
	if words != _code.text:
		return  # another check is on its way
	if answer.is_good():
		_take_problems(answer.body["problems"])
	elif answer.code != "unreachable":
		tell(answer.told(), true)


func _take_problems(found: Array) -> void:
	_problems = found
	for i in _code.get_line_count():
		_code.set_line_background_color(i, Color(0, 0, 0, 0))
	var wrong := Color(get_theme_color(&"error_color", &"Editor"), 0.18)
	var lines := PackedStringArray()
	for one: Dictionary in found:
		var line := clampi(int(one["line"]) - 1, 0, _code.get_line_count() - 1)
		_code.set_line_background_color(line, wrong)
		var words: String = one["message"]
		if one["hint"] != "":
			words += ": %s" % one["hint"]
		lines.append(Texts.of("Line %d: %s") % [line + 1, words])
	tell("\n".join(lines), _has_errors())
	_show_state()


func _on_problem_clicked(event: InputEvent) -> void:
	var click := event as InputEventMouseButton
	if click != null and click.pressed and not _problems.is_empty():
		var first: Dictionary = _problems[0]
		_code.set_caret_line(clampi(int(first["line"]) - 1, 0, _code.get_line_count() - 1))
		_code.set_caret_column(maxi(0, int(first["column"]) - 1))
		_code.grab_focus()


func _put(source: String, words: String, revision: Variant) -> void:
	_is_waiting = true
	var wish := {"path": source, "text": words, "revision": revision}
	_client.send("/description", wish, _on_written.bind(source, words), HTTPClient.METHOD_PUT)


func _on_found(answer: Answer, source: String, words: String) -> void:
	if answer.is_good():
		_put(source, words, answer.body["revision"])
	else:
		tell(answer.told(), true)


func _on_written(answer: Answer, source: String, words: String) -> void:
	_is_waiting = false
	if answer.is_good():
		if source == path:
			_revision = answer.body["revision"]
			_saved_text = words
			if _code.text != words and not _code.has_focus():
				_code.text = words
			_take_problems(answer.body["problems"])
		saved.emit(source)
	elif answer.code == "changed":
		var text := "'%s' was changed elsewhere meanwhile: Revert shows that, and drops your words."
		tell(Texts.of(text) % source.get_file(), true)
	elif answer.code == "broken":
		_take_problems(answer.body.get("error", {}).get("problems", []))
	else:
		tell(answer.told(), true)
	_show_state()
