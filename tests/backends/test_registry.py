from __future__ import annotations

import subprocess
import sys

import pytest

from llamavis_studio.backends.registry import SHIPPED, Registry
from llamavis_studio.core.errors import BackendUnavailable
from tests.support.instant_backend import InstantBackend

PLACE = "tests.support.instant_backend:InstantBackend"


def test_shipped_names_are_known_without_importing_them() -> None:
    code = (
        "import sys; from llamavis_studio.backends.registry import Registry;"
        "assert 'builtin' in Registry().names();"
        "assert 'torch' not in sys.modules;"
        "assert 'llamavis_studio.backends.builtin' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert set(SHIPPED) <= set(Registry().names())


@pytest.mark.parametrize("text", [f"instant={PLACE}", PLACE, f" instant = {PLACE} , "])
def test_the_environment_adds_backends(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_BACKENDS", text)
    assert isinstance(Registry().create("instant"), InstantBackend)


def test_without_the_environment_test_backends_are_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LLAMAVIS_TEST_BACKENDS", raising=False)
    assert "instant" not in Registry().names()


def test_the_nearest_name_is_offered() -> None:
    with pytest.raises(BackendUnavailable, match="no backend named 'bultin'") as caught:
        Registry().create("bultin")
    assert caught.value.hint == "did you mean 'builtin'?"


@pytest.mark.parametrize("place", ["no.such.module:Thing", "json:Thing"])
def test_a_broken_backend_is_unavailable(place: str) -> None:
    with pytest.raises(BackendUnavailable, match="cannot be loaded") as caught:
        Registry({"broken": place}).create("broken")
    assert "doctor" in caught.value.hint


def test_something_else_is_not_a_backend() -> None:
    with pytest.raises(BackendUnavailable, match="lacks a method"):
        Registry({"odd": "json:JSONDecoder"}).create("odd")
