"""`llamavis doctor`: what may draw here, its memory, and a setting that names something else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llamavis_studio.cli import doctor, run
from llamavis_studio.core.settings import config_folder


@pytest.fixture(autouse=True)
def instant(instant_backend: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def checks(capfd: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, object]]]:
    code = run(["doctor", "--json"])
    report = json.loads(capfd.readouterr().out)
    return code, {check["name"]: check for check in report["checks"]}


def set_device(name: str) -> None:
    config_folder().mkdir(parents=True, exist_ok=True)
    (config_folder() / "settings.toml").write_text(f'device = "{name}"\n')


def test_the_processor_is_told_with_its_real_memory(capfd: pytest.CaptureFixture[str]) -> None:
    set_device("cpu")
    code, found = checks(capfd)
    assert code == 0
    assert "GiB" in str(found["device cpu"]["detail"])
    assert "device setting" not in found


def test_cards_are_listed_and_a_setting_that_names_none_of_them_fails(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [
        {"name": "cpu", "label": "A processor", "kind": "cpu", "total_bytes": 8 * 2**30},
        {
            "name": "cuda:0",
            "label": "A card",
            "kind": "cuda",
            "total_bytes": 12 * 2**30,
            "free_bytes": 3 * 2**29,
            "best": True,
        },
        {"name": "mps", "label": "Another", "kind": "mps"},
    ]
    probe = f"import json; print(json.dumps(['2.0', 4, json.loads({json.dumps(told)!r})]))"
    monkeypatch.setattr(doctor, "_TORCH_PROBE", probe)
    set_device("cuda")
    code, found = checks(capfd)
    assert code == 0
    assert found["device cpu"]["detail"] == "A processor, 8.0 GiB"
    assert found["device cuda:0"]["detail"] == "A card, 1.5 GiB free of 12.0 GiB, taken by auto"
    assert found["device mps"]["detail"] == "Another, memory unknown"
    assert found["torch"]["detail"] == "2.0, 4 threads"
    set_device("cuda:1")
    code, found = checks(capfd)
    assert code == 1
    setting = found["device setting"]
    assert setting["detail"] == "there is no 'cuda:1' here"
    assert "auto, cpu, cuda:0, mps" in str(setting["fix"])
