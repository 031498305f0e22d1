"""Every family of captioners keeps the contract of backends, with tiny real checkpoints."""

from __future__ import annotations

import pytest

from llamavis_studio.backends.base import Backend
from llamavis_studio.backends.captioner import CaptionerBackend
from tests.contracts.backend_contract import BackendContract
from tests.support.tiny_captioners import record

pytestmark = pytest.mark.backends


class TestBlip(BackendContract):
    @classmethod
    def make_backend(cls) -> Backend:
        return CaptionerBackend(record("blip"))


class TestFlorence2(BackendContract):
    @classmethod
    def make_backend(cls) -> Backend:
        return CaptionerBackend(record("florence"))


class TestQwen2VL(BackendContract):
    @classmethod
    def make_backend(cls) -> Backend:
        return CaptionerBackend(record("qwen2_vl"))


class TestQwen25VL(BackendContract):
    @classmethod
    def make_backend(cls) -> Backend:
        return CaptionerBackend(record("qwen2_5_vl"))


class TestQwen3VL(BackendContract):
    @classmethod
    def make_backend(cls) -> Backend:
        return CaptionerBackend(record("qwen3_vl"))


class TestSmolVLM(BackendContract):
    @classmethod
    def make_backend(cls) -> Backend:
        return CaptionerBackend(record("smolvlm"))


class TestSmolVLM2(BackendContract):
    @classmethod
    def make_backend(cls) -> Backend:
        return CaptionerBackend(record("smolvlm2"))


class TestWithoutARow(BackendContract):
    @classmethod
    def make_backend(cls) -> Backend:
        return CaptionerBackend(record("llava"))
