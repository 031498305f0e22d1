"""Every text that is read in Blender is there in Chinese, with the same {names} in it."""

from __future__ import annotations

import re
import tomllib

import pytest

from llamavis_studio import __version__
from tests.engines.blender.extension import SOURCE, part
from tests.engines.blender.texts_of import texts

_NAMES = re.compile(r"\{(\w*)\}")


def test_every_text_is_translated_and_no_other() -> None:
    found, known = texts(), set(part("texts_zh").ZH)
    assert len(found) > 150
    assert sorted(found - known) == []
    assert sorted(known - found) == []


@pytest.mark.parametrize("text", sorted(part("texts_zh").ZH))
def test_it_is_chinese_and_fills_in_the_same(text: str) -> None:
    chinese = part("texts_zh").ZH[text]
    assert re.search("[\u4e00-\u9fff]", chinese)
    assert sorted(_NAMES.findall(text)) == sorted(_NAMES.findall(chinese))


def test_the_manifest() -> None:
    told = tomllib.loads((SOURCE / "blender_manifest.toml").read_text("utf-8"))
    assert told["version"] == __version__
    assert told["blender_version_min"] == "4.2.0"
    assert told["license"] == ["SPDX-License-Identifier:GPL-3.0-or-later"]
    assert set(told["permissions"]) == {"files", "network"}
    assert len(told["tagline"]) <= 64 and told["tagline"][-1].isalnum()


def test_every_file_names_its_licence() -> None:
    for path in SOURCE.glob("*.py"):
        first = path.read_text("utf-8").splitlines()[0]
        assert first == "# SPDX-License-Identifier: GPL-3.0-or-later", path.name
        assert len(path.read_text("utf-8").splitlines()) <= 400, path.name
