"""A damaged settings file: nothing is lost, what can be read is used, a change begins a new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from llamavis_studio.core.errors import LlamaVisError, SettingsError
from llamavis_studio.core.settings import user_settings
from llamavis_studio.core.settings_mending import change_setting, readable_settings

WRONG = 'threads = 3\ntheme = "purple"\nnonsense = 1\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def asides(file: Path) -> list[Path]:
    return sorted(file.parent.glob("settings.toml.damaged-*"))


def test_a_whole_file_is_read_and_changed_in_place(file: Path) -> None:
    assert readable_settings(file) == ({}, None)
    file.write_text("# mine\nthreads = 3\n")
    assert readable_settings(file) == ({"threads": 3}, None)
    assert change_setting("theme", "dark", file) is None
    assert file.read_text().startswith("# mine\n") and asides(file) == []


@pytest.mark.parametrize(
    ("text", "good"), [(WRONG, {"threads": 3}), ("threads = 3\ntheme = ", {}), ("\x00\xff", {})]
)
def test_reading_uses_what_is_right_and_touches_nothing(
    file: Path, text: str, good: dict[str, object]
) -> None:
    file.write_bytes(text.encode("latin-1"))
    values, error = readable_settings(file)
    assert values == good and isinstance(error, LlamaVisError)
    assert file.read_bytes() == text.encode("latin-1") and asides(file) == []


@pytest.mark.parametrize("text", [WRONG, "threads = 3\ntheme = "])
def test_a_change_keeps_the_old_one_beside(file: Path, text: str) -> None:
    file.write_text(text)
    aside = change_setting("language", "zh", file)
    assert aside is not None and aside.read_text() == text
    good = {"threads": 3} if text == WRONG else {}
    assert user_settings(file) == {**good, "language": "zh"}
    file.write_text("[")
    second = change_setting("language", "en", file)
    assert second not in (None, aside) and len(asides(file)) == 2


def test_what_is_not_allowed_changes_nothing(file: Path) -> None:
    file.write_text("[")
    with pytest.raises(SettingsError):
        change_setting("theme", "purple", file)
    assert file.read_text() == "[" and asides(file) == []
