@tool
extends RefCounted
## What the service answered to one request, or why there was no answer.

## 0 where nobody answered.
var status := 0
var body: Dictionary = {}
var bytes := PackedByteArray()
## For programs; "unreachable" where nobody answered.
var code := ""
var message := ""
var hint := ""


func is_good() -> bool:
	return status >= 200 and status < 300


## From the values of HTTPRequest.request_completed; `is_json` reads the body as a document.
static func read(result: int, http_status: int, data: PackedByteArray, is_json: bool) -> RefCounted:
	var made := new()
	if result != HTTPRequest.RESULT_SUCCESS:
		made.code = "unreachable"
		made.message = "the service does not answer"
		return made
	made.status = http_status
	made.bytes = data
	if is_json or not made.is_good():
		var json := JSON.new()  # JSON.parse_string would print errors
		if json.parse(data.get_string_from_utf8()) == OK and json.data is Dictionary:
			made.body = json.data
		else:
			made.status = maxi(http_status, 500)
	if not made.is_good():
		var error: Dictionary = made.body.get("error", {})
		made.code = error.get("code", "bad")
		made.message = error.get("message", "the service gave an answer that makes no sense")
		made.hint = error.get("hint", "")
	return made


## The message and what to do, in one line.
func told() -> String:
	return message if hint.is_empty() else "%s: %s" % [message, hint]
