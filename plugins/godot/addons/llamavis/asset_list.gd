@tool
extends Control
## The project's images, a row each; only rows in sight are drawn, so their number does not matter.

## Another row was chosen, or none.
signal chosen(asset: Dictionary)
## A row was double-clicked, or Enter was pressed on it.
signal opened(asset: Dictionary)

const Texts := preload("texts.gd")
const Thumbnails := preload("thumbnails.gd")

const STATE_ICONS: Dictionary[String, StringName] = {
	"fresh": &"StatusSuccess",
	"stale": &"Reload",
	"missing": &"Add",
	"edited": &"Edit",
	"locked": &"Lock",
	"failed": &"StatusError",
	"unmanaged": &"File",
}

var rows: Array[Dictionary] = []
## The output of the chosen row; empty without one.
var selected := ""
## What is said in the middle while there are no rows.
var empty_text := ""

var _thumbnails: Thumbnails
var _bar := VScrollBar.new()
var _hovered := -1
## Where the chosen row was last.
var _row := -1


func _init(thumbnails: Thumbnails) -> void:
	_thumbnails = thumbnails
	focus_mode = Control.FOCUS_ALL
	clip_contents = true
	texture_filter = CanvasItem.TEXTURE_FILTER_NEAREST
	size_flags_vertical = Control.SIZE_EXPAND_FILL
	_bar.value_changed.connect(func(_value: float) -> void: queue_redraw())
	add_child(_bar, false, Node.INTERNAL_MODE_FRONT)
	_bar.set_anchors_and_offsets_preset(Control.PRESET_RIGHT_WIDE)
	thumbnails.arrived.connect(func(_output: String) -> void: queue_redraw())
	mouse_exited.connect(_hover.bind(-1))


## Shows these rows; what was chosen stays so where it is still there.
func show_rows(next: Array[Dictionary]) -> void:
	rows = next
	_measure()
	queue_redraw()


## Chooses the row of an output and brings it into sight; false where there is none.
func choose(output: String) -> bool:
	for i in rows.size():
		if rows[i]["output"] == output:
			_choose_row(i)
			return true
	return false


func _notification(what: int) -> void:
	if what == NOTIFICATION_RESIZED or what == NOTIFICATION_THEME_CHANGED:
		_measure()
		_reveal(_selected_row())
		queue_redraw()
	elif what == NOTIFICATION_FOCUS_ENTER or what == NOTIFICATION_FOCUS_EXIT:
		queue_redraw()


func _get_minimum_size() -> Vector2:
	return Vector2(120, 80) * EditorInterface.get_editor_scale()


func _get_tooltip(at: Vector2) -> String:
	var row := _row_at(at.y)
	if row < 0:
		return ""
	var asset := rows[row]
	return (
		"%s\n%s" % [asset["output"], asset["reason"] if asset["reason"] else asset["description"]]
	)


func _row_height() -> float:
	var font_size := get_theme_font_size(&"font_size", &"Tree")
	var font := get_theme_font(&"font", &"Tree")
	return ceilf(font.get_height(font_size) * 2.0 + 8.0 * EditorInterface.get_editor_scale())


func _measure() -> void:
	if not is_inside_tree():
		return
	var row := _row_height()
	_bar.max_value = rows.size() * row
	_bar.page = size.y
	_bar.step = 1.0
	_bar.visible = _bar.max_value > size.y


func _draw() -> void:
	draw_style_box(get_theme_stylebox(&"panel", &"Tree"), Rect2(Vector2.ZERO, size))
	if rows.is_empty():
		_draw_empty()
	var height := _row_height()
	var first := int(_bar.value / height)
	var last := mini(rows.size(), int((_bar.value + size.y) / height) + 1)
	for i in range(first, last):
		_draw_row(rows[i], Rect2(0, i * height - _bar.value, _inner_width(), height), i == _hovered)
	if has_focus():
		draw_style_box(get_theme_stylebox(&"focus", &"Tree"), Rect2(Vector2.ZERO, size))


func _inner_width() -> float:
	return size.x - (_bar.size.x if _bar.visible else 0.0)


func _draw_empty() -> void:
	var font := get_theme_font(&"font", &"Tree")
	var font_size := get_theme_font_size(&"font_size", &"Tree")
	var gap := 12.0 * EditorInterface.get_editor_scale()
	draw_multiline_string(
		font,
		Vector2(gap, gap + font.get_ascent(font_size)),
		empty_text,
		HORIZONTAL_ALIGNMENT_CENTER,
		maxf(10.0, size.x - 2 * gap),
		font_size,
		-1,
		_faint()
	)


func _faint() -> Color:
	return Color(get_theme_color(&"font_color", &"Tree"), 0.65)


func _draw_row(asset: Dictionary, place: Rect2, is_hovered: bool) -> void:
	var is_selected: bool = asset["output"] == selected
	if is_selected:
		draw_style_box(get_theme_stylebox(&"selected", &"Tree"), place)
	elif is_hovered:
		draw_style_box(get_theme_stylebox(&"hovered", &"Tree"), place)
	var gap := 4.0 * EditorInterface.get_editor_scale()
	var side := place.size.y - 2 * gap
	var box := Rect2(place.position + Vector2(gap * 2, gap), Vector2(side, side))
	_draw_picture(asset, box)
	var font := get_theme_font(&"font", &"Tree")
	var font_size := get_theme_font_size(&"font_size", &"Tree")
	var text_x := box.end.x + gap * 2
	var state_width := _draw_state(asset, place, font, font_size)
	var room := place.size.x - text_x - gap * 2
	var colour_name := &"font_selected_color" if is_selected else &"font_color"
	var line := Vector2(text_x, place.position.y + gap + font.get_ascent(font_size))
	var name_room := maxf(1.0, room - state_width)
	var title := str(asset["output"]).get_file().trim_suffix(".png")
	_draw_text(font, line, title, name_room, font_size, get_theme_color(colour_name, &"Tree"))
	line.y += font.get_height(font_size)
	_draw_text(font, line, asset["description"], maxf(1.0, room), font_size, _faint())


func _draw_text(
	font: Font, at: Vector2, text: String, room: float, font_size: int, colour: Color
) -> void:
	var line := TextLine.new()
	line.add_string(text.replace("\n", " "), font, font_size)
	line.width = room
	line.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	line.draw(get_canvas_item(), at - Vector2(0, line.get_line_ascent()), colour)


func _draw_picture(asset: Dictionary, box: Rect2) -> void:
	var texture := _thumbnails.of(asset)
	if texture == null:
		texture = get_theme_icon(&"ImageTexture", &"EditorIcons")
	var natural := texture.get_size()
	var ratio := minf(box.size.x / natural.x, box.size.y / natural.y)
	if ratio > 1.0:
		ratio = floorf(ratio)
	var drawn := natural * ratio
	draw_texture_rect(texture, Rect2((box.get_center() - drawn / 2).floor(), drawn), false)


func _draw_state(asset: Dictionary, place: Rect2, font: Font, font_size: int) -> float:
	if asset["state"] == "":
		return 0.0
	var gap := 4.0 * EditorInterface.get_editor_scale()
	var icon := get_theme_icon(STATE_ICONS.get(asset["state"], &"File"), &"EditorIcons")
	var word := Texts.of(asset["state"])
	var width := font.get_string_size(word, HORIZONTAL_ALIGNMENT_LEFT, -1, font_size).x
	var at := Vector2(place.end.x - gap * 2 - width, place.position.y + gap)
	draw_string(
		font,
		at + Vector2(0, font.get_ascent(font_size)),
		word,
		HORIZONTAL_ALIGNMENT_LEFT,
		-1,
		font_size,
		_faint()
	)
	var middle := (font.get_height(font_size) - icon.get_height()) / 2
	draw_texture(icon, (at + Vector2(-gap - icon.get_width(), middle)).floor())
	return width + icon.get_width() + gap * 3


func _gui_input(event: InputEvent) -> void:
	if event is InputEventMouseMotion:
		_hover(_row_at(event.position.y))
	elif event is InputEventMouseButton and event.pressed:
		_click(event)
	elif event is InputEventKey and event.pressed:
		_press(event)


func _click(event: InputEventMouseButton) -> void:
	if event.button_index == MOUSE_BUTTON_WHEEL_UP or event.button_index == MOUSE_BUTTON_WHEEL_DOWN:
		var way := -1.0 if event.button_index == MOUSE_BUTTON_WHEEL_UP else 1.0
		_bar.value += way * _row_height() * 3 * maxf(event.factor, 0.2)
		accept_event()
	elif event.button_index == MOUSE_BUTTON_LEFT:
		grab_focus()
		var row := _row_at(event.position.y)
		if row >= 0:
			_choose_row(row)
			if event.double_click:
				opened.emit(rows[row])
		accept_event()


func _press(event: InputEventKey) -> void:
	if rows.is_empty():
		return
	var now := _selected_row()
	var page := maxi(1, int(size.y / _row_height()) - 1)
	var steps: Dictionary[Key, int] = {
		KEY_UP: now - 1,
		KEY_DOWN: now + 1,
		KEY_PAGEUP: now - page,
		KEY_PAGEDOWN: now + page,
		KEY_HOME: 0,
		KEY_END: rows.size() - 1,
	}
	if steps.has(event.keycode):
		_choose_row(clampi(steps[event.keycode], 0, rows.size() - 1))
		accept_event()
	elif event.keycode == KEY_ENTER and now >= 0:
		opened.emit(rows[now])
		accept_event()


func _selected_row() -> int:
	if _row < rows.size() and _row >= 0 and rows[_row]["output"] == selected:
		return _row
	for i in rows.size():
		if rows[i]["output"] == selected:
			_row = i
			return i
	return -1


func _row_at(y: float) -> int:
	var row := int((y + _bar.value) / _row_height())
	return row if row < rows.size() else -1


func _hover(row: int) -> void:
	if row != _hovered:
		_hovered = row
		queue_redraw()


func _choose_row(row: int) -> void:
	selected = rows[row]["output"]
	_row = row
	_reveal(row)
	queue_redraw()
	chosen.emit(rows[row])


func _reveal(row: int) -> void:
	if row >= 0 and is_inside_tree():
		var height := _row_height()
		_bar.value = clampf(_bar.value, (row + 1) * height - size.y, row * height)
