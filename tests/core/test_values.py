from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from llamavis_studio.core import events
from llamavis_studio.core.asset import Provenance
from llamavis_studio.core.errors import (
    DescriptionError,
    LlamaVisError,
    OutOfMemory,
    did_you_mean,
)
from llamavis_studio.core.hashing import build_key, canonical_json, derived_seed
from llamavis_studio.core.recipe import Kind, recipe_for
from llamavis_studio.core.resources import resource_path
from llamavis_studio.core.schema import schema_texts
from llamavis_studio.core.settings import config_folder, layered, user_settings

from llamavis_studio.core.errors import SettingsError  # isort: skip


def test_schemas_are_up_to_date():
    for name, text in schema_texts().items():
        shipped = resource_path("schema", name).read_text(encoding="utf-8")
        assert shipped == text, "run: python -m llamavis_studio.core.schema"


def test_the_schema_agrees_with_the_product():
    schema = json.loads(schema_texts()["description.schema.json"])
    assert schema["required"] == ["description"]
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {
        "description", "kind", "size", "seed", "count", "pick", "style", "negative", "palette",
        "references", "backend", "finish", "locked", "material", "animation",
    }  # fmt: skip


def test_canonical_json_does_not_depend_on_order_and_refuses_nan():
    assert canonical_json({"b": 1, "a": "雪"}) == '{"a":"雪","b":1}'.encode()
    assert build_key({"a": 1, "b": 2}) == build_key({"b": 2, "a": 1})
    assert build_key({"a": 1}) != build_key({"a": 2})
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))


def test_derived_seeds_are_the_same_on_every_system():
    assert derived_seed("tiles/floor") == 977573292
    assert derived_seed("tiles\\floor") == derived_seed("tiles/floor")
    assert derived_seed("cafe\u0301") == derived_seed("caf\u00e9")


def test_a_file_name_that_is_no_valid_text_has_a_seed_too():
    """Linux hands out broken UTF-8 as halves of surrogate pairs."""
    assert 0 <= derived_seed("caf\udce9") < 2**32
    assert derived_seed("caf\udce9") != derived_seed("caf\udcea")


def test_errors_survive_the_way_between_processes():
    error = DescriptionError("wrong", "mend", Path("a.toml"), 3, 4)
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.message, copy.hint, copy.path, copy.line, copy.column) == (
        "wrong", "mend", Path("a.toml"), 3, 4,
    )  # fmt: skip
    memory = pickle.loads(pickle.dumps(OutOfMemory("too large", "smaller")))
    assert isinstance(memory, LlamaVisError)
    assert memory.hint == "smaller"


def test_hints_name_the_nearest_or_all():
    assert did_you_mean("sise", ["seed", "size"]) == "did you mean 'size'?"
    assert did_you_mean("zzz", ["seed", "size"], "keys") == "the keys are: seed, size"


def test_provenance_survives_the_round_trip_and_bad_json_is_a_value_error():
    provenance = Provenance(
        build_key="k", parts={"seed": 1, "size": [1, 2]}, prompt="龙", seed=1,
        backend="builtin", source="a.desc.toml", pixel_hash="h",
    )  # fmt: skip
    assert Provenance.from_json(provenance.to_json()) == provenance
    for text in ("", "[]", "{}", "[" * 100_000):
        with pytest.raises(ValueError, match=r"."):
            Provenance.from_json(text)


def test_events_are_told_in_order_until_unsubscribed():
    publisher, told = events.Publisher(), []
    stop = publisher.subscribe(told.append)
    publisher.subscribe(lambda event: stop())
    publisher.publish(events.BuildStarted(3))
    publisher.publish(events.BuildStarted(4))
    assert [event.total for event in told] == [3]


def test_events_are_json():
    event = events.AssetBuilt("a.desc.toml", ("a.png",))
    assert json.loads(json.dumps(event.to_json())) == {
        "event": "asset_built", "path": "a.desc.toml", "outputs": ["a.png"], "notes": [],
    }  # fmt: skip


def test_every_kind_has_a_recipe():
    for kind in Kind:
        assert recipe_for(kind).kind is kind
    assert recipe_for("background").size_px == (96, 64)
    assert recipe_for(Kind.TEXTURE).tileable
    assert recipe_for(Kind.SPRITE).transparent


def test_later_settings_win_and_none_means_not_given():
    settings = layered({"threads": 2, "language": "zh"}, {"threads": 4}, {"threads": None})
    assert (settings.threads, settings.language, settings.debounce_s) == (4, "zh", 0.3)
    with pytest.raises(SettingsError, match="unknown key") as caught:
        layered({"thread": 1})
    assert "'threads'" in caught.value.hint


def test_a_wrong_user_setting_is_named_with_its_place(tmp_path):
    path = tmp_path / "settings.toml"
    assert user_settings(path) == {}
    path.write_text("threads = 2\ndevice = 'gpu'\n")
    with pytest.raises(SettingsError) as caught:
        user_settings(path)
    assert caught.value.place(tmp_path) == "settings.toml:2:10"


def test_the_settings_folder_follows_the_platform(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    assert config_folder({"HOME": "/h"}) == Path("/h/.config/llamavis")
    assert config_folder({"HOME": "/h", "XDG_CONFIG_HOME": "/x"}) == Path("/x/llamavis")
    assert config_folder({"HOME": "/h", "XDG_CONFIG_HOME": "x"}) == Path("/h/.config/llamavis")
