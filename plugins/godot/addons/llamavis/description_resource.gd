@tool
extends Resource
## A description as Godot sees it: what its file says, and the image that it asks for.

## The file's text, as it was when it was loaded.
@export_multiline var text := ""
## The res:// path of the image; empty for a file that describes many.
@export var output := ""
