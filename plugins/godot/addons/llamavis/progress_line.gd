@tool
extends HBoxContainer
## How far drawing is, and the button that stops it; hidden while nothing is drawn.

## Drawing should stop.
signal cancelled

const Texts := preload("texts.gd")

var _bar := ProgressBar.new()
var _cancel := Button.new()


func _ready() -> void:
	_bar.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	_bar.show_percentage = false
	add_child(_bar)
	_cancel.text = Texts.of("Cancel")
	_cancel.tooltip_text = Texts.of("Stop drawing; what is done stays")
	_cancel.pressed.connect(cancelled.emit)
	add_child(_cancel)


## Shows the service's status; `is_on` while it answers.
func show_status(status: Dictionary, is_on: bool) -> void:
	visible = is_on and status.get("drawing", false)
	if visible:
		_bar.max_value = maxf(1.0, status.get("total", 1))
		_bar.value = status.get("done", 0)
		var eta: Variant = status.get("eta_s")
		_bar.tooltip_text = "" if eta == null else Texts.of("about %d s left") % ceili(eta)
