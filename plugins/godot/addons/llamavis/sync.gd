@tool
extends Node
## Has Godot import what the service drew: each file once, a small group a frame.
##
## told of files -> look whether they differ from what is imported -> changed ones in groups that
## take no longer than GROUP_MS, new ones after a look at the folder -> `imported`
##
## Waits while Godot scans or imports by itself, and while a game is being started.
##
## An editor with a window draws frames inside an import, to show its progress: whatever runs each
## frame runs in there as well, where nothing may be imported. `_depth` tells such inner frames: the
## gate counts them first of all nodes, and this one discounts them last.

## These res:// paths have new pixels now.
signal imported(paths: PackedStringArray)

const FirstImport := preload("first_import.gd")
const Store := preload("asset_store.gd")

const GROUP_MS := 65.0
# Milliseconds, measured with Godot 4.6 on two slow cores.
const MS_A_CALL := 4.0
const MS_A_FILE := 3.5
const MS_A_MEGAPIXEL := 330.0
const LOOK_MS := 8
const START_MS := 4000
const SCAN_MS := 30000
const MOST_TRIES := 5
const LAST := 100000
const PICTURES: PackedStringArray = ["png", "webp", "jpg", "jpeg", "bmp", "tga", "svg"]

## The longest that one group held the editor, and how many files were imported; for tests.
var longest_ms := 0.0
var count := 0

var _store: Store
var _files := EditorInterface.get_resource_filesystem()
var _gate := Gate.new()
## How many frames have begun and not ended.
var _depth := 0
var _is_importing := false
## How often an import was asked for in vain.
var _tries: Dictionary[String, int] = {}
## res:// paths to look at, to import, and that a scan must find; used as ordered sets.
var _told: Dictionary[String, bool] = {}
var _changed: Dictionary[String, bool] = {}
var _new: Dictionary[String, bool] = {}
## Whether Godot looks into a folder, while paths are looked at.
var _hidden: Dictionary[String, bool] = {}
var _scan_end := 0
var _held_until := 0
## How much longer than foreseen imports take on this machine, now.
var _slowness := 1.0


class Gate:
	extends Node

	var opened: Callable

	func _process(_delta: float) -> void:
		opened.call()


func _init(store: Store) -> void:
	_store = store
	name = "Sync"
	process_priority = LAST
	_gate.process_priority = -LAST
	_gate.opened = func() -> void: _depth += 1
	add_child(_gate)


func _enter_tree() -> void:
	_files.resources_reimporting.connect(_on_reimporting)
	_files.resources_reimported.connect(_on_reimported)


func _exit_tree() -> void:
	_files.resources_reimporting.disconnect(_on_reimporting)
	_files.resources_reimported.disconnect(_on_reimported)


## Images that may have changed, relative to the project.
func add(outputs: PackedStringArray) -> void:
	for output in outputs:
		if output.get_extension().to_lower() in PICTURES:
			_told["res://" + output] = true


## A game is about to start: nothing is imported until it runs.
func hold() -> void:
	_held_until = Time.get_ticks_msec() + START_MS


## The game runs.
func release() -> void:
	_held_until = 0


func is_idle() -> bool:
	return _told.is_empty() and _changed.is_empty() and _new.is_empty()


func _process(_delta: float) -> void:
	var is_inner := _depth > 1
	if not (is_inner or _is_importing or is_idle() or _files.is_scanning()):
		if Time.get_ticks_msec() >= _held_until:
			_work()
	_depth = maxi(0, _depth - 1)


func _work() -> void:
	if not _new.is_empty() and _scan_end > 0:
		_scan_on()
	elif not _told.is_empty():
		_look()
	elif not _changed.is_empty():
		_import_group()
	else:
		_begin_scan()


## Sorts what was told into changed and new; leaves out what is imported already.
func _look() -> void:
	var end := Time.get_ticks_msec() + LOOK_MS
	for path: String in _told.keys():
		_told.erase(path)
		if not FileAccess.file_exists(path):
			if _files.get_file_type(path) != "":
				_files.update_file(path)
		elif _is_hidden(path.get_base_dir()) or is_imported(path):
			pass
		else:
			FirstImport.prepare(path, _store.find(path.trim_prefix("res://")))
			if _files.get_filesystem_path(path.get_base_dir()) != null:
				_changed[path] = true
			else:
				_new[path] = true
		if Time.get_ticks_msec() >= end:
			return
	_hidden.clear()


## Whether Godot does not look into a folder, or into one that it lies in.
func _is_hidden(folder: String) -> bool:
	if not _hidden.has(folder):
		var is_here := FileAccess.file_exists(folder.path_join(".gdignore"))
		if folder != "res://" and not is_here:
			is_here = folder.get_file().begins_with(".") or _is_hidden(folder.get_base_dir())
		_hidden[folder] = is_here
	return _hidden[folder]


func _import_group() -> void:
	var group := PackedStringArray()
	var foreseen := MS_A_CALL
	for path: String in _changed.keys():
		var more := MS_A_FILE + pixels_of(path) / 1e6 * MS_A_MEGAPIXEL
		if not group.is_empty() and (foreseen + more) * _slowness > GROUP_MS:
			break
		group.append(path)
		foreseen += more
	var began := Time.get_ticks_usec()
	for path in group:
		if _files.get_file_type(path) == "":
			_files.update_file(path)
	_is_importing = true
	_files.reimport_files(group)
	_is_importing = false
	for path in group:
		_forget_in_vain(path)
	var took := (Time.get_ticks_usec() - began) / 1000.0
	longest_ms = maxf(longest_ms, took)
	# Up slowly: one hiccup of the machine says nothing of the next group.
	var now := took / foreseen
	_slowness = clampf(lerpf(_slowness, now, 0.2 if now > _slowness else 0.5), 0.3, 2.0)


## What was not imported, as Godot imports something else just now, is tried again.
func _forget_in_vain(path: String) -> void:
	if not _changed.has(path):
		_tries.erase(path)
		return
	_tries[path] = _tries.get(path, 0) + 1
	if _tries[path] >= MOST_TRIES:
		_changed.erase(path)
		_tries.erase(path)


func _begin_scan() -> void:
	_scan_end = Time.get_ticks_msec() + SCAN_MS
	_files.scan()


## `is_scanning` is false before a scan's imports are done, and a scan asked for in that gap does
## nothing: so it is asked for until every file was told of.
func _scan_on() -> void:
	if Time.get_ticks_msec() > _scan_end:
		_new.clear()
		_scan_end = 0
		return
	_files.scan()


func _on_reimporting(_paths: PackedStringArray) -> void:
	_is_importing = true


func _on_reimported(paths: PackedStringArray) -> void:
	_is_importing = false
	var ours := PackedStringArray()
	for path in paths:
		_new.erase(path)
		_changed.erase(path)
		if not _store.find(path.trim_prefix("res://")).is_empty():
			ours.append(path)
	if _new.is_empty():
		_scan_end = 0
	count += ours.size()
	if not ours.is_empty():
		imported.emit(ours)


## Whether Godot's import is of the very bytes that lie there.
static func is_imported(path: String) -> bool:
	if not FileAccess.file_exists(path + ".import"):
		return false
	var name := "%s-%s.md5" % [path.get_file(), path.md5_text()]
	var noted := FileAccess.get_file_as_string("res://.godot/imported/" + name)
	return not noted.is_empty() and noted.contains('source_md5="%s"' % FileAccess.get_md5(path))


## How many pixels a PNG says it has; others are guessed from their length.
static func pixels_of(path: String) -> float:
	var file := FileAccess.open(path, FileAccess.READ)
	if file == null:
		return 0.0
	file.big_endian = true
	if file.get_length() > 24 and file.get_32() == 0x89504E47:
		file.seek(16)
		return float(file.get_32()) * float(file.get_32())
	return float(file.get_length()) * 2.0
