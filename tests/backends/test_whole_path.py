"""From words to a finished image and back to words, with each large model: description, build,
filters, a PNG that says where it comes from, and its caption."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.backends.base import GLOSS_VERSION
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.backends.model_records import FOLDER_VARIABLE, ModelRecord, write_record
from llamavis_studio.core.asset import Provenance
from llamavis_studio.imaging.png import PROVENANCE_KEY, decode_image, read_text_chunks
from llamavis_studio.single_shots import SingleShots
from llamavis_studio.studio import Studio
from tests.support import tiny_captioners, tiny_diffusion, tiny_janus
from tests.support.games import described, make_game, on_disk

pytestmark = pytest.mark.backends

PAINTERS: dict[str, tuple[str, Callable[[Path], Path], dict[str, int]]] = {
    "janus": ("janus", tiny_janus.save_janus, {}),
    "sd": ("diffusers", tiny_diffusion.tiny_sd, {"steps": 2}),
    "sdxl": ("diffusers", tiny_diffusion.tiny_sdxl, {"steps": 2}),
    "flux": ("diffusers", tiny_diffusion.tiny_flux, {"steps": 2}),
}
READERS = {"janus": "blip", "sd": "florence", "sdxl": "qwen2_5_vl", "flux": "smolvlm"}
"""Which captioner reads what a painter made."""
GAME = {
    "hero.desc.toml": described("a knight in silver plate armour", 'kind = "character"\n'),
    "floor.desc.toml": described("grey stone floor", 'kind = "texture"\nsize = [48, 48]\n'),
    "beach.desc.toml": described("日落海滩", 'kind = "background"\n'),
}
SIZES = {"hero.png": (32, 32, 4), "floor.png": (48, 48, 3), "beach.png": (64, 96, 3)}


@pytest.fixture(autouse=True)
def _own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "records"))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


def _painted(name: str, tmp_path: Path) -> tuple[Path, ModelRecord]:
    """A small game, built with the painter's checkpoint, and the record of that."""
    family, make, options = PAINTERS[name]
    record = ModelRecord(
        name, family, make(tmp_path / "checkpoint"), source=f"tiny/{name}", revision="c0ffee" * 7,
        licence="MIT", options=options,
    )  # fmt: skip
    write_record(record)
    toml = f'[project]\nname = "game"\nbackend = "{name}"\n'
    return make_game(tmp_path / "game", {"llamavis.toml": toml, **GAME}), record


@pytest.mark.parametrize("name", PAINTERS)
def test_words_become_images_with_their_origin_and_words_again(name: str, tmp_path: Path) -> None:
    root, _ = _painted(name, tmp_path)
    host = InProcessHost()
    try:
        with Studio.open(root, host=host) as studio:
            report = studio.build()
            assert not report.failed, report.failed
            assert sorted(report.built) == sorted(SIZES)
            after = on_disk(root)
            again = studio.build()
            assert not again.built and sorted(again.fresh) == sorted(SIZES)
            assert on_disk(root) == after
        for output, shape in SIZES.items():
            pixels = decode_image(root / output)
            assert pixels.shape == shape
            assert np.unique(pixels[..., :3].reshape(-1, 3), axis=0).shape[0] > 1
            told = Provenance.from_json(read_text_chunks(root / output)[PROVENANCE_KEY])
            info = host.info(name)
            assert (told.backend, told.model, told.revision) == (
                name,
                f"tiny/{name}",
                info.revision,
            )
            assert (told.licence, told.prompt) == ("MIT", told.parts["prompt"])
            if output == "beach.png":
                assert told.prompt == "日落海滩" and told.expanded_prompt == "sunset beach"
                assert told.parts["gloss"] == GLOSS_VERSION
            else:
                assert "gloss" not in told.parts
            wanted = shape[1::-1]
            drawn = info.drawn_size(told.parts["kind"], wanted)
            assert told.drawn_px == (None if drawn == wanted else drawn)
        reader = READERS[name]
        write_record(replace(tiny_captioners.record(reader), name=reader, licence="MIT"))
        with SingleShots(host) as shots:
            answers = shots.caption([root / output for output in SIZES], reader)
        assert len(answers) == len(SIZES)
        for _, answer in answers:
            assert not isinstance(answer, Exception), answer
            assert answer.caption.strip()
            assert answer.confidence is not None and 0 < answer.confidence <= 1
    finally:
        host.close()


def test_janus_describes_what_it_drew(tmp_path: Path) -> None:
    root, _ = _painted("janus", tmp_path)
    host = InProcessHost()
    try:
        with Studio.open(root, host=host) as studio:
            studio.build()
        with SingleShots(host) as shots:
            answers = shots.caption([root / output for output in SIZES], "janus")
            asked = shots.caption([root / "hero.png"], "janus", question="what colour is it?")
        for _, answer in (*answers, *asked):
            assert not isinstance(answer, Exception), answer
            assert answer.caption.strip()
        assert host.resident() == "janus"
    finally:
        host.close()


def test_changing_an_option_makes_what_it_drew_stale(tmp_path: Path) -> None:
    root, record = _painted("sd", tmp_path)
    host = InProcessHost()
    try:
        with Studio.open(root, host=host) as studio:
            studio.build()
            assert studio.plan().is_fresh
            before = decode_image(root / "floor.png")
            write_record(replace(record, options={"steps": 3}))
            assert not studio.plan().is_fresh
            report = studio.build(fresh=True)
            assert sorted(report.built) == sorted(SIZES)
        assert not np.array_equal(decode_image(root / "floor.png"), before)
    finally:
        host.close()
