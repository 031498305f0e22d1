@tool
extends VBoxContainer
## The chosen image: large, with why it stands as it does, its variants and maps, and what one can
## have done with it.

signal said(message: String, is_wrong: bool)

const Client := preload("client.gd")
const Answer := preload("answer.gd")
const Store := preload("asset_store.gd")
const Thumbnails := preload("thumbnails.gd")
const Texts := preload("texts.gd")

const VARIANTS: PackedInt32Array = [1, 2, 4, 8]

var asset: Dictionary = {}

var _client: Client
var _store: Store
var _thumbnails: Thumbnails
var _undo: EditorUndoRedoManager
var _picture := TextureRect.new()
var _name := Label.new()
var _reason := Label.new()
var _draw_it := Button.new()
var _fresh := Button.new()
var _variants := MenuButton.new()
var _lock := Button.new()
var _strip := HFlowContainer.new()


func _init(
	client: Client, store: Store, thumbnails: Thumbnails, undo: EditorUndoRedoManager
) -> void:
	_client = client
	_store = store
	_thumbnails = thumbnails
	_undo = undo
	thumbnails.arrived.connect(_on_thumbnail)


func _ready() -> void:
	var top := HBoxContainer.new()
	_picture.texture_filter = CanvasItem.TEXTURE_FILTER_NEAREST
	_picture.expand_mode = TextureRect.EXPAND_IGNORE_SIZE
	_picture.stretch_mode = TextureRect.STRETCH_KEEP_ASPECT_CENTERED
	_picture.custom_minimum_size = Vector2(72, 72) * EditorInterface.get_editor_scale()
	top.add_child(_picture)
	var words := VBoxContainer.new()
	words.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	words.alignment = BoxContainer.ALIGNMENT_CENTER
	_name.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	_name.clip_text = true
	_name.mouse_filter = Control.MOUSE_FILTER_PASS
	words.add_child(_name)
	_reason.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_reason.max_lines_visible = 3
	words.add_child(_reason)
	top.add_child(words)
	add_child(top)
	add_child(_make_buttons())
	add_child(_strip)
	_style()
	show_asset({})


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED and is_node_ready():
		_style()


## Shows an image of the store; an empty one hides everything.
func show_asset(next: Dictionary) -> void:
	asset = next
	visible = not asset.is_empty()
	if asset.is_empty():
		return
	var size_text := "%d x %d" % [asset["width"], asset["height"]]
	_name.text = asset["output"]
	_name.tooltip_text = asset["output"]
	var parts := PackedStringArray()
	if asset["state"] != "":
		parts.append(Texts.of(asset["state"]))
		parts.append(size_text)
	if asset["reason"] != "" and asset["state"] != "fresh":
		parts.append(asset["reason"])
	if asset.get("backend", "") != "":
		parts.append(Texts.of("drawn by %s") % asset["backend"])
	_reason.text = ", ".join(parts)
	var told := PackedStringArray([asset["description"]])
	told.append_array(PackedStringArray(asset.get("makes_up", [])))
	_reason.tooltip_text = "\n".join(told)
	_picture.texture = _thumbnails.of(asset)
	_refresh_buttons()
	_fill_strip()


## The connection came or went, or the assets were read anew.
func refresh() -> void:
	if not asset.is_empty():
		var now := _store.find(asset["output"])
		show_asset(now)


func _make_buttons() -> HFlowContainer:
	var row := HFlowContainer.new()
	_button(row, _draw_it, Texts.of("Generate"), Texts.of("Draw it where it is not up to date"))
	_draw_it.pressed.connect(func() -> void: _build(false))
	var tip := Texts.of("Draw it anew from nothing, even if it is up to date")
	_button(row, _fresh, Texts.of("Regenerate"), tip)
	_fresh.pressed.connect(func() -> void: _build(true))
	_button(row, _lock, Texts.of("Lock"), Texts.of("Never draw it again: hand-painted work stays"))
	_lock.toggle_mode = true
	_lock.pressed.connect(_on_lock)
	_button(row, _variants, Texts.of("Variants"), Texts.of("Have several to choose from"))
	_variants.flat = false
	for count in VARIANTS:
		_variants.get_popup().add_item(str(count), count)
	_variants.get_popup().id_pressed.connect(_on_variants)
	return row


func _button(row: Container, button: Button, words: String, tip: String) -> void:
	button.text = words
	button.tooltip_text = tip
	row.add_child(button)


func _style() -> void:
	_draw_it.icon = get_theme_icon(&"Play", &"EditorIcons")
	_fresh.icon = get_theme_icon(&"Reload", &"EditorIcons")
	_variants.icon = get_theme_icon(&"Duplicate", &"EditorIcons")
	_reason.add_theme_color_override(
		&"font_color", Color(get_theme_color(&"font_color", &"Label"), 0.75)
	)
	_name.add_theme_font_override(&"font", get_theme_font(&"bold", &"EditorFonts"))
	_refresh_buttons()


func _refresh_buttons() -> void:
	var is_live: bool = _client.is_connected_now() and asset.get("state", "") != ""
	var is_locked: bool = asset.get("locked", false)
	for button: Button in [_draw_it, _fresh]:
		button.disabled = not is_live or is_locked
	_variants.disabled = not is_live or asset.get("base", "") != ""
	_lock.disabled = not is_live
	_lock.set_pressed_no_signal(is_locked)
	_lock.text = Texts.of("Unlock") if is_locked else Texts.of("Lock")
	_lock.icon = get_theme_icon(&"Lock" if is_locked else &"Unlock", &"EditorIcons")


func _fill_strip() -> void:
	for old in _strip.get_children():
		_strip.remove_child(old)
		old.queue_free()
	var others := _store.variants_of(asset)
	for other: Dictionary in others if others.size() > 1 else []:
		var pick := _thumb(other)
		pick.tooltip_text = Texts.of("Variant %d: click keeps this one") % other["variant"]
		pick.disabled = not _client.is_connected_now()
		pick.pressed.connect(choose_variant.bind(other))
	for map: Dictionary in _store.maps_of(asset):
		var shown := _thumb(map)
		shown.tooltip_text = str(map["output"]).get_file()
		shown.pressed.connect(EditorInterface.select_file.bind("res://%s" % map["output"]))
	_strip.visible = _strip.get_child_count() > 0


func _thumb(other: Dictionary) -> Button:
	var button := Button.new()
	button.custom_minimum_size = Vector2(44, 44) * EditorInterface.get_editor_scale()
	button.icon = _thumbnails.of(other)
	button.expand_icon = true
	button.icon_alignment = HORIZONTAL_ALIGNMENT_CENTER
	button.texture_filter = CanvasItem.TEXTURE_FILTER_NEAREST
	button.set_meta(&"output", other["output"])
	_strip.add_child(button)
	return button


func _on_thumbnail(output: String) -> void:
	if asset.is_empty():
		return
	if output == asset["output"]:
		_picture.texture = _thumbnails.of(asset)
	for button: Button in _strip.get_children():
		if button.get_meta(&"output") == output:
			button.icon = _thumbnails.of(_store.find(output))


func _build(is_fresh: bool) -> void:
	var wish := {"paths": [asset["output"]], "force": is_fresh, "fresh": is_fresh}
	_client.send("/build", wish, _on_done)


func _on_lock() -> void:
	var is_locked: bool = asset["locked"]
	var text := Texts.of("Unlock %s") if is_locked else Texts.of("Lock %s")
	_undo.create_action(text % str(asset["output"]).get_file(), UndoRedo.MERGE_DISABLE, self)
	_undo.add_do_method(self, &"set_locked", asset["output"], not is_locked)
	_undo.add_undo_method(self, &"set_locked", asset["output"], is_locked)
	_undo.commit_action()


## Locks or unlocks an image.
func set_locked(output: String, is_locked: bool) -> void:
	_client.send("/lock", {"outputs": [output], "locked": is_locked}, _on_done)


func _on_variants(count: int) -> void:
	_client.send("/variants", {"output": asset["output"], "count": count}, _on_done)


## Keeps one of the variants of a description.
func choose_variant(other: Dictionary) -> void:
	var wish := {"output": other["output"], "variant": int(other["variant"])}
	_client.send("/choose", wish, _on_done)


func _on_done(answer: Answer) -> void:
	if not answer.is_good():
		said.emit(answer.told(), true)
	elif answer.body.get("images", 1) == 0:
		said.emit(Texts.of("It is up to date: nothing to draw."), false)
