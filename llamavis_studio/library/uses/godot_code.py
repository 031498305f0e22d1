"""References in code: GDScript, C# and Godot's shader language.

Each language is cut into comments and strings by one pattern; everything else is passed over. A
string that is a `res://` or `uid://` name is a reference, wherever it stands: constants, arrays
and calls look the same to a reader that runs nothing. Names put together at run time are not seen.

Source: Godot 4.6 documentation, "GDScript reference" (literals), "Shader preprocessor".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llamavis_studio.library.uses.references import Place
from llamavis_studio.library.uses.strings import decoded, unescaped

# Strings on one line end with it at the latest, so that a stray quote spoils no more than its line.
_LINE = r'" (?P<line> [^"\\\n]*+ (?: \\. [^"\\\n]*+ )*+ ) "?'
_GDSCRIPT = re.compile(
    r"""
      \# [^\n]*+
    | (?: (?: (?P<beside> (?<!\w) (?: (?: preload | @icon ) \s*+ \( | extends ) )
            | (?P<load> (?<!\w) load \s*+ \( ) ) \s*+ )?
      (?P<raw> (?<!\w) r (?=["']) )? (?:
        \"{3} (?P<long> [^"\\]*+ (?: (?: \\. | "(?!"") ) [^"\\]*+ )*+ ) (?: \"{3} )?
      | '{3} (?P<long1> [^'\\]*+ (?: (?: \\. | '(?!'') ) [^'\\]*+ )*+ ) (?: '{3} )?
      | LINE
      | ' (?P<line1> [^'\\\n]*+ (?: \\. [^'\\\n]*+ )*+ ) '?
      )
    """.replace("LINE", _LINE),
    re.VERBOSE | re.DOTALL,
)
_C_COMMENT = r"// [^\n]*+ | /\* (?: [^*]++ | \*(?!/) )*+ (?: \*/ )?"
_CSHARP = re.compile(
    rf"""
      {_C_COMMENT}
    | '(?: [^'\\\n] | \\. [^'\n]{{0,8}} )'
    | (?P<hole> \$ @? | @\$ )? (?:
        (?: (?<=@) | (?<=@\$) ) " (?P<exact> (?: [^"]++ | "" )*+ ) "?
      | \"{{3}} (?P<long> (?: [^"]++ | "(?!"") )*+ ) (?: \"{{3}} )?
      | {_LINE}
      )
    """,
    re.VERBOSE | re.DOTALL,
)
_SHADER = re.compile(
    rf"{_C_COMMENT} | (?P<include> \# [ \t]*+ include [ \t]*+ )? {_LINE}",
    re.VERBOSE | re.DOTALL,
)


def gdscript_references(place: Place, data: bytes) -> Iterator[str | None]:
    """What a `.gd` file names; `preload`, `extends` and `@icon` also take a path beside it."""
    yield from script_references(place, decoded(data))


def script_references(place: Place, source: str) -> Iterator[str | None]:
    """As `gdscript_references`, from the source as text."""
    for token in _GDSCRIPT.finditer(source):
        text = _first(token, "long", "long1", "line", "line1")
        if text is None:
            continue
        name = text if token["raw"] else unescaped(text)
        if token["beside"] or token["load"]:
            yield place.godot_name(name, beside=token["beside"] is not None)
        else:
            yield place.resource(name)


def csharp_references(place: Place, data: bytes) -> Iterator[str | None]:
    """What a `.cs` file names. A string with holes, `$"res://{name}"`, names no file yet."""
    for token in _CSHARP.finditer(decoded(data)):
        text = _first(token, "long", "exact", "line")
        if text is None or (token["hole"] and "{" in text):
            continue
        if token["exact"] is not None:
            text = text.replace('""', '"')
        elif token["line"] is not None:
            text = unescaped(text)
        yield place.resource(text)


def shader_file_references(place: Place, data: bytes) -> Iterator[str | None]:
    """What a `.gdshader` or `.gdshaderinc` file includes."""
    yield from shader_references(place, decoded(data))


def shader_references(place: Place, source: str) -> Iterator[str | None]:
    """As `shader_file_references`, from the source as text."""
    for token in _SHADER.finditer(source):
        if token["include"]:
            yield place.godot_name(unescaped(token["line"]), beside=True)


def _first(token: re.Match[str], *groups: str) -> str | None:
    return next((token[group] for group in groups if token[group] is not None), None)
