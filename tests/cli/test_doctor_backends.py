"""`llamavis doctor`: each family of models with what it lacks here, and this machine's models."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from llamavis_studio.backends.catalogue import catalogue
from llamavis_studio.backends.model_records import FAMILIES, ModelRecord, write_record
from llamavis_studio.backends.registry import Registry
from llamavis_studio.cli import doctor, doctor_backends, finding, run
from llamavis_studio.core.device import Device
from llamavis_studio.core.errors import ModelMissing
from tests.support.comfy_server import ComfyServer
from tests.support.instant_backend import InstantBackend

ROOT = Path(__file__).parents[2]
Checks = dict[str, dict[str, object]]


@pytest.fixture(autouse=True)
def machine(instant_backend: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without models; torch is not asked, which takes two seconds."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LLAMAVIS_MODELS", str(tmp_path / "records"))
    monkeypatch.setattr(doctor, "_TORCH_PROBE", "print('[\"2.13\", 2, []]')")


def checks(capfd: pytest.CaptureFixture[str]) -> tuple[int, Checks]:
    code = run(["doctor", "--json"])
    report = json.loads(capfd.readouterr().out)
    return code, {check["name"]: check for check in report["checks"]}


def without(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    """As if these were not installed."""

    def told(name: str) -> str:
        if name in packages:
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr("llamavis_studio.cli.finding.importlib.metadata.version", told)


def record(name: str, family: str, **values: object) -> None:
    write_record(ModelRecord(name, family, **values))  # type: ignore[arg-type]


def test_every_family_is_listed_and_none_is_needed(capfd: pytest.CaptureFixture[str]) -> None:
    code, found = checks(capfd)
    assert code == 0
    assert {f"family {name}" for name in ("builtin", *FAMILIES, "ray")} <= set(found)
    janus = found["family janus"]
    assert (janus["mark"], janus["needed"], janus["ok"]) == ("none", False, False)
    assert "no model fetched yet" in str(janus["detail"])
    assert janus["fix"] == "llamavis models fetch janus"
    assert found["family builtin"]["ok"] and found["backend instant"]["ok"]


def test_missing_packages_are_named_with_the_command_that_adds_them(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "diffusers", "peft", "ray", "bitsandbytes")
    monkeypatch.setattr(finding, "_checkout", lambda: None)
    code, found = checks(capfd)
    assert code == 0
    diffusers = found["family diffusers"]
    assert str(diffusers["detail"]).startswith("diffusers and peft are not installed")
    assert diffusers["fix"] == f'{sys.executable} -m pip install "llamavis-studio[diffusers]"'
    assert "[cluster]" in str(found["family ray"]["fix"])
    coarse = found["precision int8, int4"]
    assert coarse["mark"] == "none"
    assert coarse["fix"] == f"{sys.executable} -m pip install bitsandbytes"


def test_a_checkout_is_installed_anew_from_its_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(finding, "_checkout", lambda: tmp_path)
    assert finding.pip_extra("cluster").endswith('-m pip install -e ".[cluster]"')
    monkeypatch.setattr(finding, "_checkout", lambda: ROOT)
    assert finding.pip_extra("cluster").endswith(f'-m pip install -e "{ROOT}[cluster]"')
    monkeypatch.setattr(sys, "executable", "/a folder/python")
    assert finding.pip().startswith('"/a folder/python"')


def test_the_extras_are_those_of_the_package() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    told = extras["optional-dependencies"]
    for family in (*doctor_backends._FAMILIES, doctor_backends._RAY):
        if family.extra:
            names = {one.partition(">")[0].partition("[")[0] for one in told[family.extra]}
            assert names == set(family.packages)
    assert {one.name for one in doctor_backends._FAMILIES} == {"builtin", *FAMILIES}


def test_a_recorded_model_is_told_with_revision_and_licence(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    record("tiny", "janus", revision="abc", licence="MIT")
    monkeypatch.setattr(Registry, "create", lambda _self, _name: InstantBackend())
    code, found = checks(capfd)
    assert code == 0
    assert "models: tiny" in str(found["family janus"]["detail"])
    assert found["family janus"]["ok"]
    tiny = found["backend tiny"]
    assert tiny["ok"] and tiny["detail"] == "instant, revision instant-1, MIT, draws and describes"


def test_a_broken_model_is_a_warning_and_no_failure(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    record("gone", "captioner", folder=tmp_path / "nowhere")
    (tmp_path / "records" / "odd.toml").write_text("family = 'unheard'\n")
    create = Registry.create

    def missing(self: Registry, name: str) -> object:
        if name == "gone":
            raise ModelMissing("its folder is gone", "llamavis models fetch gone")
        return create(self, name)

    monkeypatch.setattr(Registry, "create", missing)
    code, found = checks(capfd)
    assert code == 0
    assert (found["backend gone"]["mark"], found["backend odd"]["mark"]) == ("warn", "warn")
    assert found["backend gone"]["fix"] == "llamavis models fetch gone"
    assert "unknown family" in str(found["backend odd"]["detail"])


def test_a_comfyui_server_is_asked_how_it_is(capfd: pytest.CaptureFixture[str]) -> None:
    with ComfyServer() as server:
        options = {"servers": [server.address], "checkpoint": "tiny.safetensors"}
        record("comfy", "comfyui", options=options)
        code, found = checks(capfd)
        assert code == 0
        assert found["backend comfy"]["mark"] == "ok"
        assert "ComfyUI" in str(found["backend comfy"]["detail"])
    code, found = checks(capfd)
    assert code == 0
    assert found["backend comfy"]["mark"] == "warn"
    assert "ComfyUI" in str(found["backend comfy"]["fix"])


def test_a_precision_that_cannot_be_loaded_is_told(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    record("big", "janus", options={"precision": "int4"})
    monkeypatch.setattr(Registry, "create", lambda _self, _name: InstantBackend())
    without(monkeypatch, "bitsandbytes")
    _, found = checks(capfd)
    assert found["backend big"]["mark"] == "warn"
    assert "int4, which needs bitsandbytes" in str(found["backend big"]["detail"])
    without(monkeypatch)
    monkeypatch.setattr(doctor_backends, "package_version", lambda _name: "1")
    _, found = checks(capfd)
    assert found["backend big"]["ok"]


def test_a_card_is_told_with_what_it_has_room_for() -> None:
    cards = [
        Device("cpu", "A processor", "cpu", 64 * 2**30),
        Device("cuda:0", "A card", "cuda", 6 * 2**30),
        Device("cuda:1", "A large card", "cuda", 80 * 2**30),
        Device("mps", "Unknown", "mps"),
    ]
    told = {one.name: one.detail for one in doctor_backends.room_on(cards)}
    assert list(told) == ["room on cuda:0", "room on cuda:1"]
    assert "janus" in told["room on cuda:0"] and "janus-7b" not in told["room on cuda:0"]
    sized = {one.name for one in catalogue().values() if one.memory_gb or one.size_gb}
    assert all(name in told["room on cuda:1"] for name in sized)


def test_no_model_library_is_imported_to_tell_all_this() -> None:
    asks = (
        "import sys; from llamavis_studio.cli.doctor_backends import examine_backends;"
        "list(examine_backends());"
        "print([m for m in ('torch', 'transformers', 'diffusers', 'ray') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
