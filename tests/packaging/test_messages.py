"""The catalogue of messages in Chinese: it has every message of the sources, and nothing else."""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

REPO = Path(__file__).resolve().parents[2]
MEND = "run: python packaging/translations.py, then translate in resources/i18n/messages_zh.json"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
COMMANDS = ("pip install", "llamavis ", "{0}")
"""What a template that is the same in both languages begins with."""


@pytest.fixture(scope="module")
def packaging() -> Iterator[dict[str, ModuleType]]:
    names = ("message_sources", "message_templates", "message_catalogue")
    sys.path.insert(0, str(REPO / "packaging"))
    try:
        yield {name: importlib.import_module(name) for name in names}
    finally:
        sys.path.remove(str(REPO / "packaging"))
        for name in names:
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def found(packaging: dict[str, ModuleType]) -> dict[str, str]:
    told: dict[str, str] = packaging["message_templates"].templates(REPO / "llamavis_studio")
    return told


@pytest.fixture(scope="module")
def tables(packaging: dict[str, ModuleType]) -> dict[str, dict[str, str]]:
    module = packaging["message_catalogue"]
    told: dict[str, dict[str, str]] = module.read(module.catalogue())
    return told


def test_every_message_has_its_chinese(
    found: dict[str, str], tables: dict[str, dict[str, str]]
) -> None:
    known = tables["sources"]
    missing = [f"{found[text]}: {text!r}" for text in found if not known.get(text, "").strip()]
    assert not missing, MEND


def test_what_the_sources_no_longer_say_is_gone(
    found: dict[str, str], tables: dict[str, dict[str, str]]
) -> None:
    assert not [text for text in tables["sources"] if text not in found], MEND


def test_both_languages_fill_in_the_same(
    packaging: dict[str, ModuleType], tables: dict[str, dict[str, str]]
) -> None:
    slots = packaging["message_catalogue"].slots
    for table in tables.values():
        assert not [text for text, told in table.items() if told and slots(text) != slots(told)]


def test_it_is_chinese_but_for_commands(tables: dict[str, dict[str, str]]) -> None:
    same = [text for text, told in tables["sources"].items() if told and not CHINESE.search(told)]
    assert not [text for text in same if not text.startswith(COMMANDS)]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems say it in other words")
def test_what_the_system_says_is_said_as_it_does(tables: dict[str, dict[str, str]]) -> None:
    system = {os.strerror(code) for code in range(1, 134)}
    for text in ("No space left on device", "Permission denied", "Connection refused"):
        assert text in system
        assert CHINESE.search(tables["outside"][text])


SOURCES = {
    "errors.py": """
class LlamaVisError(Exception):
    def __init__(self, message: str, hint: str = "") -> None: ...

class OddError(LlamaVisError): ...

def did_you_mean(word: str, what: str = "names") -> str:
    if word:
        return f"did you mean '{word}'?"
    return f"the {what} are few"
""",
    "work.py": """
from sources.errors import OddError, did_you_mean
from sources.names import HERE

_WANTED = {"int": "a whole number", "list": "a list of things"}

def plain(path, count, error):
    raise OddError(f"{path}: {error} broke", "mend it {now}")

def chosen(count, is_new):
    files = "file" if count == 1 else "files"
    where = f" in {count} places" if is_new else ""
    raise OddError(f"{count} {files} went{where}", did_you_mean(count, "kinds"))

def _refuse(message, hint):
    raise OddError(message, hint)

def handed_on(kind):
    _refuse(f"it must be {_WANTED.get(kind)}", "look at " + HERE)

def joined(old):
    reasons = []
    reasons.append(f"size changed to {old}")
    raise OddError("; ".join(reasons) or "nothing changed")

def of_a_chosen_class(is_lasting):
    sort = OddError if is_lasting else ValueError
    return sort("nobody is there", "try it later")

def translated(self):
    raise OddError(self.tr("said by Qt"))
""",
    "names.py": 'HERE = "the first line"\n',
    "cli/app.py": 'raise OddError("for the terminal only")\n',
}
WANTED = {
    "did you mean '{0}'?",
    "the kinds are few",
    "{0}: {1} broke",
    "mend it {{now}}",  # it was no f-string
    "{0} file went",
    "{0} files went",
    "{0} file went in {1} places",
    "{0} files went in {1} places",
    "it must be a whole number",
    "it must be a list of things",
    "look at the first line",
    "size changed to {0}",
    "nothing changed",
    "nobody is there",
    "try it later",
}


def test_messages_are_found_however_they_come_to_be(
    packaging: dict[str, ModuleType], tmp_path: Path
) -> None:
    for name, text in SOURCES.items():
        path = tmp_path / "sources" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    found = packaging["message_templates"].templates(tmp_path / "sources")
    assert set(found) == WANTED


def test_the_catalogue_follows_the_sources(
    packaging: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = packaging["message_catalogue"]
    monkeypatch.setattr(
        module, "templates", lambda _folder: {"new one": "b.py:1", "kept one": "a.py:10"}
    )
    path = tmp_path / "messages_zh.json"
    old = {"sources": {"kept one": "保留", "old one": "旧的"}, "outside": {"timed out": "超时"}}
    path.write_text(json.dumps(old), "utf-8")
    missing, gone = module.update(path)
    assert missing == ["new one"]
    assert gone == ["'old one': '旧的'"]
    told = json.loads(path.read_text("utf-8"))
    assert told == {
        "sources": {"kept one": "保留", "new one": ""},
        "outside": {"timed out": "超时"},
    }
    assert list(told["sources"]) == ["kept one", "new one"]
