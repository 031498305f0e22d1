@tool
extends HBoxContainer
## What is wrong and what to do about it, at the top of the dock; hidden while all is well.

## A description's problem was clicked.
signal problem_clicked(source: String, line: int)

const Client := preload("client.gd")
const Store := preload("asset_store.gd")
const Texts := preload("texts.gd")

const SAID_S := 8.0
const STARTER_PROJECT := '[project]\nname = "%s"\n'

var _client: Client
var _store: Store
var _said := Label.new()
var _icon := TextureRect.new()
var _connect := Button.new()
var _create := Button.new()
var _timer := Timer.new()
var _notice := ""
var _is_notice_wrong := false
## The description's problem that the message is about.
var _problem: Dictionary = {}


func _init(client: Client, store: Store) -> void:
	_client = client
	_store = store


func _ready() -> void:
	_icon.stretch_mode = TextureRect.STRETCH_KEEP_CENTERED
	add_child(_icon)
	_said.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_said.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	_said.mouse_filter = Control.MOUSE_FILTER_STOP
	_said.gui_input.connect(_on_clicked)
	add_child(_said)
	_button(_connect, Texts.of("Connect"), _client.try_again)
	_connect.tooltip_text = Texts.of("Look for the service again, and start it where none runs")
	_button(_create, Texts.of("Create"), _on_create)
	_create.tooltip_text = Texts.of("Write a llamavis.toml: this game has described images then")
	_timer.one_shot = true
	_timer.timeout.connect(forget)
	add_child(_timer)


## Says something for a few seconds.
func say(message: String, is_wrong: bool = false) -> void:
	_notice = message
	_is_notice_wrong = is_wrong
	_timer.start(SAID_S)
	refresh()


## Ends what was said.
func forget() -> void:
	_notice = ""
	refresh()


## Shows what matters most now: what was said, then the connection, then a broken description.
func refresh() -> void:
	var is_on := _client.is_connected_now()
	var has_project := FileAccess.file_exists("res://llamavis.toml")
	var message := _client.message if _notice == "" else _notice
	var is_starting := _client.state == Client.State.STARTING
	var is_wrong := _is_notice_wrong if _notice != "" else not (is_on or is_starting)
	if is_on and _notice == "" and _client.status.get("state", "") == "broken":
		message = _client.status.get("message", "")
		is_wrong = true
	_problem = {}
	if is_on and message == "" and not _store.problems.is_empty():
		_problem = _store.problems[0]
		message = _words_of(_problem)
		is_wrong = true
	_said.text = message
	_said.tooltip_text = message
	_icon.texture = get_theme_icon(&"StatusWarning" if is_wrong else &"Info", &"EditorIcons")
	_create.visible = not has_project
	_connect.visible = has_project and not (is_starting or is_on)
	visible = message != ""


func _button(button: Button, words: String, action: Callable) -> void:
	button.text = words
	button.size_flags_vertical = Control.SIZE_SHRINK_CENTER
	button.pressed.connect(action)
	add_child(button)


static func _words_of(problem: Dictionary) -> String:
	var words := "%s:%d: %s" % [problem["path"], int(problem["line"]), problem["message"]]
	return words if problem["hint"] == "" else "%s: %s" % [words, problem["hint"]]


func _on_clicked(event: InputEvent) -> void:
	var click := event as InputEventMouseButton
	if click != null and click.pressed and not _problem.is_empty():
		problem_clicked.emit(_problem["path"], int(_problem["line"]))


func _on_create() -> void:
	var title: String = ProjectSettings.get_setting("application/config/name", "game")
	var file := FileAccess.open("res://llamavis.toml", FileAccess.WRITE)
	if file == null:
		say(error_string(FileAccess.get_open_error()), true)
		return
	file.store_string(STARTER_PROJECT % title.json_escape())
	file.close()
	_client.try_again()
