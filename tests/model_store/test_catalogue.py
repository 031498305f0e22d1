"""The known models: complete, fitting what drives them, and named where they are missing."""

from __future__ import annotations

import pytest

from llamavis_studio.backends.captioner.options import CaptionerOptions
from llamavis_studio.backends.catalogue import catalogue, known_repo
from llamavis_studio.backends.diffusion.options import DiffusionOptions
from llamavis_studio.backends.model_records import FAMILIES, NAME
from llamavis_studio.backends.registry import Registry
from llamavis_studio.core.errors import BackendUnavailable, ModelMissing
from llamavis_studio.core.validation import check

OPTIONS = {"captioner": CaptionerOptions, "diffusers": DiffusionOptions}


@pytest.mark.parametrize("name", catalogue())
def test_a_known_model_is_told_completely(name: str) -> None:
    known = catalogue()[name]
    assert NAME.fullmatch(name) and known.family in FAMILIES and name != "builtin"
    assert known.licence == known.licence.lower() and known.good_for and known.title
    assert all(source.startswith(("https://", "http://")) for source in known.sources)
    if known.family in OPTIONS:
        model = OPTIONS[known.family]
        assert isinstance(check(model, known.options), model)


def test_names_and_repositories_are_there_once() -> None:
    found = catalogue()
    repos = [repo.lower() for one in found.values() for repo in (one.repo, *one.instead_of)]
    assert len(repos) == len(set(repos))
    for one in found.values():
        assert known_repo(one.repo.upper()) == one
        assert all(known_repo(other) == one for other in one.instead_of)


def test_a_missing_known_model_names_the_command() -> None:
    with pytest.raises(ModelMissing, match="'janus' is not on this machine") as caught:
        Registry().create("janus")
    assert caught.value.hint == "llamavis models fetch janus"
    with pytest.raises(BackendUnavailable, match="no backend named 'januss'"):
        Registry().create("januss")
    with pytest.raises(BackendUnavailable):
        Registry({}).create("janus")
