"""An error in one line: the place, what is wrong, what to do."""

from __future__ import annotations

from pathlib import Path

from llamavis_studio.app.sentences import sentence
from llamavis_studio.core.errors import LlamaVisError, SettingsError


def test_the_file_is_named_unless_the_words_do_so_already() -> None:
    path = Path.home() / ".config" / "llamavis" / "settings.toml"
    told = sentence(SettingsError("unknown key 'thme'", "did you mean 'theme'?", path, 3, 1))
    assert told == "~/.config/llamavis/settings.toml, 3: unknown key 'thme'. did you mean 'theme'?"
    told = sentence(SettingsError("settings.toml was not written", "free some space", path))
    assert told == "settings.toml was not written. free some space"
    elsewhere = Path("/srv/settings.toml")
    assert sentence(SettingsError("no", "", elsewhere)) == "/srv/settings.toml: no"


def test_an_error_without_a_place() -> None:
    assert sentence(LlamaVisError("the model is busy", "wait")) == "the model is busy. wait"
    assert sentence(LlamaVisError("the model is busy")) == "the model is busy"
