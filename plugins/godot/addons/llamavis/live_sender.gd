@tool
extends EditorDebuggerPlugin
## Tells a running game which images are imported anew; `llamavis_live.gd` there takes them in.

## A game runs and listens.
signal game_started

const MESSAGE := "llamavis:reload"


func _setup_session(session_id: int) -> void:
	get_session(session_id).started.connect(game_started.emit)


func _has_capture(_capture: String) -> bool:
	return false


## Sends res:// paths to all games that run. Returns how many there are.
func send(paths: PackedStringArray) -> int:
	var sent := 0
	for session: EditorDebuggerSession in get_sessions():
		if session.is_active():
			session.send_message(MESSAGE, [paths])
			sent += 1
	return sent
