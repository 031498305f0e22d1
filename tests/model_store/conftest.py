"""A hub, an empty cache and an empty list of models for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llamavis_studio.model_store.fetching import Fetcher
from tests.support.hub_server import HubServer
from tests.support.weight_files import whole

REPO = "studio/tiny-janus"
FILES = {
    "config.json": b'{"model_type": "janus"}',
    "generation_config.json": b"{}",
    "model.safetensors": whole(1 << 20),
    "tokenizer.json": b'{"version": "1.0"}',
    "LICENSE": b"Do as you please.\n",
    "README.md": b"---\nlicense: mit\n---\n",
    ".gitattributes": b"*.safetensors filter=lfs\n",
}
_UNSET = (
    "HF_ENDPOINT", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN", "TRANSFORMERS_OFFLINE", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
    "http_proxy", "https_proxy", "all_proxy",
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of the user's is read or written, and no connection outlives its test."""
    for name in _UNSET:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("LLAMAVIS_MODELS", str(tmp_path / "models"))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    yield
    from huggingface_hub import close_session

    close_session()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """The hub that HF_ENDPOINT names, with one small repository."""
    with HubServer().running() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        server.add(REPO, FILES)
        yield server


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """The user's Hugging Face cache."""
    return tmp_path / "hf" / "hub"


MakeFetcher = Callable[..., Fetcher]


@pytest.fixture
def fetcher() -> MakeFetcher:
    """Makes fetchers that do not wait long."""

    def make(**changes: Any) -> Fetcher:
        return Fetcher(**{"pauses_s": (0.01, 0.01), "timeout_s": 5.0, **changes})

    return make
