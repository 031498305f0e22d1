extends Node
## A game that shows one picture, and writes its size into a file as often as it changes.

var picture: Texture2D = load("res://hero.png")
var _told := Vector2.ZERO


func _process(_delta: float) -> void:
	if picture.get_size() != _told:
		_told = picture.get_size()
		var file := FileAccess.open(OS.get_environment("GAME_TELLS"), FileAccess.WRITE)
		file.store_string("%d" % _told.x)
		file.close()
