"""Switching an addon on and off in a project.godot, with every other byte left as it is.

`enable(text, plugin)` and `disable(text, plugin)` give the new text. Only the one line `enabled=`
of `[editor_plugins]` is understood; all else is passed over, strings of many lines included.

Source: https://docs.godotengine.org/en/stable/classes/class_configfile.html
"""

from __future__ import annotations

import re

from llamavis_studio.core.errors import ProjectError

SECTION = "editor_plugins"
_HEADER = re.compile(r"\[([^\]\n]*)\][ \t]*\r?$")
_VERSION = re.compile(r"^config_version[ \t]*=[ \t]*(\d+)", re.MULTILINE)
_ENTRY = r'"(?:[^"\\]|\\.)*"'
_ENABLED = re.compile(rf"enabled[ \t]*=[ \t]*PackedStringArray\(\s*((?:{_ENTRY}\s*,?\s*)*)\)")
_SETTING = 5
"""What Godot 4 writes as config_version."""


def enable(text: str, plugin: str) -> str:
    """The text with a plugin (a res:// path of a plugin.cfg) among the enabled ones.

    Raises ProjectError for a project of another Godot, and for a list that is not understood.
    """
    _require_godot_4(text)
    end = "\r\n" if "\r\n" in text else "\n"
    found = _find_section(text, SECTION)
    if found is None:
        gap = "" if text.endswith("\n") or not text else end
        return f"{text}{gap}{end}[{SECTION}]{end}{end}{_line([plugin])}{end}"
    start, stop = found
    match = _ENABLED.search(text, start, stop)
    if match is None:
        if re.search(r"^enabled[ \t]*=", text[start:stop], re.MULTILINE):
            raise ProjectError(
                "the list of plugins in project.godot is not understood",
                "switch the addon on in Godot: Project > Project Settings > Plugins",
            )
        return f"{text[:start]}{end}{_line([plugin])}{end}{text[start:].removeprefix(end)}"
    names = _names(match)
    if plugin in names:
        return text
    return text[: match.start()] + _line([*names, plugin]) + text[match.end() :]


def disable(text: str, plugin: str, autoloads: str = "") -> str:
    """The text without a plugin, and without the autoloads whose script lies below `autoloads`.

    A section that has nothing left in it goes too.
    """
    text = _without_autoloads(text, autoloads) if autoloads else text
    found = _find_section(text, SECTION)
    match = None if found is None else _ENABLED.search(text, *found)
    if match is None or plugin not in _names(match):
        return text
    names = [name for name in _names(match) if name != plugin]
    if names:
        return text[: match.start()] + _line(names) + text[match.end() :]
    return _without_line(text, SECTION, match.start(), match.end())


def is_enabled(text: str, plugin: str) -> bool:
    """Whether a plugin is among the enabled ones."""
    found = _find_section(text, SECTION)
    match = None if found is None else _ENABLED.search(text, *found)
    return match is not None and plugin in _names(match)


def _require_godot_4(text: str) -> None:
    version = _VERSION.search(text)
    if version is None or int(version[1]) < _SETTING:
        raise ProjectError("this is no project of Godot 4", "the addon needs Godot 4.4 or newer")


def _line(names: list[str]) -> str:
    entries = ", ".join(f'"{name}"' for name in names)
    return f"enabled=PackedStringArray({entries})"


def _names(match: re.Match[str]) -> list[str]:
    return [entry[1:-1] for entry in re.findall(_ENTRY, match[1])]


def _find_section(text: str, name: str) -> tuple[int, int] | None:
    """Where a section's lines begin and end: behind its header, before the next one."""
    start = None
    for at, line in _plain_lines(text):
        header = _HEADER.match(line)
        if header is None:
            continue
        if start is not None:
            return start, at
        if header[1].strip() == name:
            start = min(len(text), at + len(line) + 1)
    return None if start is None else (start, len(text))


def _plain_lines(text: str) -> list[tuple[int, str]]:
    """The lines that begin outside of a string, with their places."""
    found, at, is_inside = [], 0, False
    for line in text.split("\n"):
        if not is_inside:
            found.append((at, line))
        if is_inside or not line.lstrip().startswith(";"):
            quotes = len(re.findall(r'(?<!\\)(?:\\\\)*"', line))
            is_inside ^= quotes % 2 == 1
        at += len(line) + 1
    return found


def _without_autoloads(text: str, folder: str) -> str:
    found = _find_section(text, "autoload")
    if found is None:
        return text
    pattern = re.compile(rf'^[^=\n"]+="\*?{re.escape(folder)}[^"\n]*"', re.MULTILINE)
    match = pattern.search(text, *found)
    while match is not None:
        text = _without_line(text, "autoload", match.start(), match.end())
        found = _find_section(text, "autoload")
        match = None if found is None else pattern.search(text, *found)
    return text


def _without_line(text: str, section: str, start: int, stop: int) -> str:
    """Take a line of a section out, and the section where nothing else is in it."""
    stop = text.find("\n", stop) + 1 or len(text)
    text = text[:start] + text[stop:]
    found = _find_section(text, section)
    assert found is not None
    inner, after = found
    if text[inner:after].strip():
        return text
    header = text.rfind("[", 0, inner)
    before = text[:header]
    if after == len(text):  # the last section: the blank line before it was its own
        return re.sub(r"\r?\n\r?\n$", lambda gap: gap[0][: len(gap[0]) // 2], before)
    return before + text[after:]
