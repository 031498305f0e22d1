@tool
extends RefCounted
## Starts `llamavis serve` for the open project, and nothing else.
##
## The program is the user's: the editor setting `llamavis/program`, an absolute path, or else the
## `llamavis` that is on the PATH. A project is data that somebody else may have made: a project
## that overrides the setting is refused, and programs that lie inside the project are never taken.

enum Result { STARTED, RUNNING, OFF, NO_PROGRAM, OVERRIDDEN, FAILED }

const PROGRAM := "llamavis/program"
const AUTOMATIC := "llamavis/start_service"
const OVERRIDES := "editor_overrides/llamavis/"
const MOST_TRIES := 3

## How often it was started since the service was last seen.
var tries := 0
## What `start` ran: the program and what it was given.
var last_command := PackedStringArray()
## How the last one ended; 0 also while it runs.
var exit_code := 0
var _pid := 0


## Declares the editor settings, so that they show in Editor Settings.
static func declare_settings() -> void:
	var settings := EditorInterface.get_editor_settings()
	for entry: Array in [[PROGRAM, "", TYPE_STRING], [AUTOMATIC, true, TYPE_BOOL]]:
		if not settings.has_setting(entry[0]):
			settings.set_setting(entry[0], entry[1])
		settings.set_initial_value(entry[0], entry[1], false)
		settings.add_property_info({"name": entry[0], "type": entry[2]})


## Starts the service of `folder`, an absolute path, unless it is on its way.
func start(folder: String, asked_for: bool = false) -> Result:
	if is_running():
		return Result.RUNNING
	if is_overridden():
		return Result.OVERRIDDEN
	var settings := EditorInterface.get_editor_settings()
	if not asked_for and not settings.get_setting(AUTOMATIC):
		return Result.OFF
	if _pid != 0 and exit_code != 0 and tries >= MOST_TRIES and not asked_for:
		return Result.FAILED
	var program := find_program(str(settings.get_setting(PROGRAM)), folder)
	if program.is_empty():
		return Result.NO_PROGRAM
	var arguments: PackedStringArray = ["serve", folder, "--parent", str(OS.get_process_id())]
	tries += 1
	last_command = PackedStringArray([program])
	last_command.append_array(arguments)
	_pid = maxi(0, OS.create_process(program, arguments))
	exit_code = 0 if _pid > 0 else 127
	return Result.STARTED if _pid > 0 else Result.FAILED


## Whether the one that was started still runs; notes how it ended.
func is_running() -> bool:
	if _pid <= 0:
		return false
	if OS.is_process_running(_pid):
		return true
	exit_code = OS.get_process_exit_code(_pid)
	return false


## Whether the project says what the editor's user should say.
static func is_overridden() -> bool:
	for property: Dictionary in ProjectSettings.get_property_list():
		if str(property["name"]).begins_with(OVERRIDES):
			return true
	return false


## The program's absolute path; empty where there is none. `wanted` is the user's setting.
##
## The PATH is walked here: left to the system, a program in the current folder, which is the
## project's, could come first on Windows.
static func find_program(wanted: String, folder: String) -> String:
	wanted = wanted.strip_edges()
	if not wanted.is_empty():
		return wanted if wanted.is_absolute_path() and FileAccess.file_exists(wanted) else ""
	var is_windows := OS.get_name() == "Windows"
	var names: PackedStringArray = ["llamavis.exe"] if is_windows else ["llamavis"]
	for place in OS.get_environment("PATH").split(";" if is_windows else ":", false):
		if not place.is_absolute_path() or _lies_in(place, folder):
			continue
		for name in names:
			if FileAccess.file_exists(place.path_join(name)):
				return place.path_join(name)
	return ""


static func _lies_in(place: String, folder: String) -> bool:
	var inner := place.simplify_path().to_lower() + "/"
	return inner.begins_with(folder.simplify_path().to_lower().trim_suffix("/") + "/")
