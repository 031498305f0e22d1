@tool
extends Node
## Speaks with the project's service: one request waits for events, a few others ask.
##
## find service.json -> ask for the status -> connected: wait for events -> lost: find again, after
## a pause that grows to 5 s. Where nobody answers, the starter may start the service.

## The state, the message or the status is another one.
signal changed
## The service answers; `is_new` where it is not the one that answered before.
signal connected(is_new: bool)
## Something happened; see `core/events.py` and `server/desk.py` of the studio.
signal told(event: Dictionary)
## More happened than the service remembers: read everything anew.
signal missed

enum State { SEARCHING, STARTING, CONNECTED, STOPPED }

const Answer := preload("answer.gd")
const ServiceFile := preload("service_file.gd")
const Starter := preload("service_starter.gd")
const Texts := preload("texts.gd")

const API := 1
const MOST_AT_ONCE := 6
const POLL_S := 25
const LONGEST_PAUSE_S := 5.0
const MOST_BYTES := 16 << 20

var state := State.SEARCHING
## What is wrong and what to do; empty while all is well.
var message := ""
## The service's last status.
var status: Dictionary = {}
var starter := Starter.new()
## The project's folder, absolute.
var folder := ProjectSettings.globalize_path("res://").trim_suffix("/")

var _service: ServiceFile
var _service_id := ""
var _cursor := 0
var _poll := HTTPRequest.new()
var _timer := Timer.new()
var _idle: Array[HTTPRequest] = []
var _waiting: Array[Call] = []
var _failures := 0
## Whether the answer that `_poll` brings is a status, not events.
var _asks_status := false


class Call:
	var method := HTTPClient.METHOD_GET
	var path := ""
	var body := ""
	var done: Callable
	var is_json := true
	var timeout_s := 15.0


func _ready() -> void:
	_timer.one_shot = true
	_timer.timeout.connect(_find)
	add_child(_timer)
	_poll.request_completed.connect(_on_polled)
	for i in MOST_AT_ONCE:
		var request := HTTPRequest.new()
		_idle.append(request)
		_prepare(request)
	_prepare(_poll)
	_find.call_deferred()


## Whether requests are worth making.
func is_connected_now() -> bool:
	return state == State.CONNECTED


## Looks at once, and starts the service again even where that failed before.
func try_again() -> void:
	if state == State.CONNECTED:
		return
	starter.tries = 0
	_failures = 0
	_poll.cancel_request()
	_find(true)


## Asks with GET; `done` is called with an Answer.
func ask(path: String, query: Dictionary, done: Callable, is_json: bool = true) -> void:
	var parts := PackedStringArray()
	for key: String in query:
		parts.append("%s=%s" % [key, str(query[key]).uri_encode()])
	var call := Call.new()
	call.path = path if parts.is_empty() else "%s?%s" % [path, "&".join(parts)]
	call.done = done
	call.is_json = is_json
	_send(call)


## Sends a wish as JSON; `done` is called with an Answer. `method` is POST or PUT.
func send(
	path: String,
	wish: Dictionary,
	done: Callable,
	method: HTTPClient.Method = HTTPClient.METHOD_POST,
	timeout_s: float = 30.0
) -> void:
	var call := Call.new()
	call.method = method
	call.path = path
	call.body = JSON.stringify(wish)
	call.done = done
	call.timeout_s = timeout_s
	_send(call)


func _prepare(request: HTTPRequest) -> void:
	request.body_size_limit = MOST_BYTES
	request.max_redirects = 0
	add_child(request)


func _send(call: Call) -> void:
	if state != State.CONNECTED:
		_finish.call_deferred(call, Answer.read(HTTPRequest.RESULT_CANT_CONNECT, 0, [], false))
	elif _idle.is_empty():
		_waiting.append(call)
	else:
		_start(_idle.pop_back(), call)


func _start(request: HTTPRequest, call: Call) -> void:
	request.timeout = call.timeout_s
	var headers := _headers()
	if call.method != HTTPClient.METHOD_GET:
		headers.append("Content-Type: application/json")
	request.request_completed.connect(
		_on_completed.bind(request, call), CONNECT_ONE_SHOT | CONNECT_DEFERRED
	)
	if request.request(_service.url() + call.path, headers, call.method, call.body) != OK:
		var nothing := PackedByteArray()
		var none := PackedStringArray()
		request.request_completed.emit(HTTPRequest.RESULT_CANT_CONNECT, 0, none, nothing)


func _headers() -> PackedStringArray:
	return ["Authorization: Bearer " + _service.token]


func _on_completed(
	result: int,
	http_status: int,
	_headers_in: PackedStringArray,
	data: PackedByteArray,
	request: HTTPRequest,
	call: Call
) -> void:
	_idle.append(request)
	_finish(call, Answer.read(result, http_status, data, call.is_json))
	_feed()


func _feed() -> void:
	while not _waiting.is_empty() and not _idle.is_empty() and state == State.CONNECTED:
		_start(_idle.pop_back(), _waiting.pop_front())


func _finish(call: Call, answer: Answer) -> void:
	if call.done.is_valid():
		call.done.call(answer)


# --- the connection ------------------------------------------------------------------------------


func _find(asked_for: bool = false) -> void:
	_timer.stop()
	if not FileAccess.file_exists(folder.path_join("llamavis.toml")):
		_become(State.STOPPED, Texts.of("This project has no llamavis.toml yet."))
		_again()
		return
	_service = ServiceFile.read(folder)
	if _service == null:
		_want_service(asked_for)
	elif _service.api != API:
		_become(State.STOPPED, _version_message(_service.api))
		_again()
	elif _ask_on_poll("/status", 5.0) == OK:
		_asks_status = true
	else:
		_again()


func _want_service(asked_for: bool = false) -> void:
	match starter.start(folder, asked_for):
		Starter.Result.STARTED, Starter.Result.RUNNING:
			_become(State.STARTING, Texts.of("Starting the service..."))
			_failures = mini(_failures, 2)
		Starter.Result.OFF:
			_become(State.SEARCHING, Texts.of("The service is not running: start it with Connect."))
		Starter.Result.NO_PROGRAM:
			_become(State.SEARCHING, _no_program_message())
		Starter.Result.OVERRIDDEN:
			var text := "This project wants to say which program is started, so none is:"
			text += " take the lines %s... out of it."
			_become(State.SEARCHING, Texts.of(text) % Starter.OVERRIDES)
		_:
			var text := "llamavis ended at once (code %d): 'llamavis serve' in a terminal says why."
			_become(State.SEARCHING, Texts.of(text) % starter.exit_code)
	_again()


func _no_program_message() -> String:
	var text := "The llamavis program was not found: install it with 'pip install llamavis-studio',"
	text += " or set its path in Editor Settings > Llamavis > Program."
	return Texts.of(text)


func _version_message(theirs: int) -> String:
	if theirs > API:
		return Texts.of(
			"The service is newer than this addon: run 'llamavis plugin install godot'."
		)
	return Texts.of("The service is older than this addon: update LlamaVis Studio.")


func _ask_on_poll(path: String, timeout_s: float) -> Error:
	_poll.timeout = timeout_s
	return _poll.request(_service.url() + path, _headers())


func _on_polled(
	result: int, http_status: int, _headers_in: PackedStringArray, data: PackedByteArray
) -> void:
	var answer: Answer = Answer.read(result, http_status, data, true)
	if _asks_status:
		_asks_status = false
		_take_status(answer)
	elif answer.is_good():
		_take_events(answer.body)
		_wait_for_events()
	else:
		_lose(answer)


func _take_status(answer: Answer) -> void:
	if not answer.is_good():
		_lose(answer)
		return
	var api: int = answer.body.get("api", 0)
	if api != API:
		_become(State.STOPPED, _version_message(api))
		_again()
		return
	var id := str(answer.body.get("service", ""))
	var is_new := id != _service_id
	_service_id = id
	_cursor = answer.body.get("cursor", 0)
	_failures = 0
	starter.tries = 0
	status = answer.body
	_become(State.CONNECTED, "")
	connected.emit(is_new)
	_feed()
	_wait_for_events()


func _wait_for_events() -> void:
	var path := "/events?after=%d&wait=%d&service=%s" % [_cursor, POLL_S, _service_id.uri_encode()]
	if _ask_on_poll(path, POLL_S + 15.0) != OK:
		_lose(Answer.read(HTTPRequest.RESULT_CANT_CONNECT, 0, [], true))


func _take_events(page: Dictionary) -> void:
	_cursor = page.get("cursor", _cursor)
	if page.get("missed", false):
		_service_id = str(page.get("service", ""))
		missed.emit()
	for event: Dictionary in page.get("events", []):
		told.emit(event)


func _lose(answer: Answer) -> void:
	if answer.code == "unreachable":
		# Whoever wrote the file has ended, or is about to answer: the starter knows which.
		_drop_waiting()
		_want_service()
		return
	if answer.status == 401:
		var text := "The service refuses the token of .llamavis/service.json: end it and start it anew."
		_become(State.STOPPED, Texts.of(text))
	else:
		_become(State.SEARCHING, answer.told())
	_drop_waiting()
	_again()


func _drop_waiting() -> void:
	var dropped := _waiting
	_waiting = []
	for call in dropped:
		_finish(call, Answer.read(HTTPRequest.RESULT_CANT_CONNECT, 0, [], false))


func _again() -> void:
	_timer.start(minf(LONGEST_PAUSE_S, 0.25 * pow(2.0, _failures)))
	_failures += 1


func _become(next: State, text: String) -> void:
	if next != state or text != message:
		state = next
		message = text
		changed.emit()
