"""Three-way merge: one side's change wins, two sides' changes are both kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llamavis_studio.library.merging import Merged, merge
from llamavis_studio.library.sidecars import Words

# Few letters, so that the three sides often agree.
TAGS = st.lists(st.sampled_from("abcdef"), unique=True, max_size=6).map(tuple)
WORDS = st.builds(Words, st.sampled_from(["", "one", "two", "三"]), TAGS)


@given(base=WORDS, one=WORDS)
def test_a_side_that_did_not_change_yields(base: Words, one: Words) -> None:
    assert merge(base, one, one) == Merged(one)
    assert merge(base, base, one) == Merged(one)
    assert merge(base, one, base) == Merged(one)


@given(base=WORDS, ours=WORDS, theirs=WORDS)
def test_nothing_added_is_lost_and_nothing_removed_comes_back(
    base: Words, ours: Words, theirs: Words
) -> None:
    merged = merge(base, ours, theirs)
    assert merged == merge(base, ours, theirs)
    result = set(merged.words.tags)
    before = set(base.tags)
    assert len(result) == len(merged.words.tags)
    assert (set(ours.tags) | set(theirs.tags)) - before <= result
    assert before & set(ours.tags) & set(theirs.tags) <= result
    assert not result & (before - set(ours.tags))
    assert not result & (before - set(theirs.tags))
    for side in (ours, theirs):
        if side.caption and side.caption != base.caption:
            assert side.caption in (merged.words.caption, merged.other_caption)


@given(base=WORDS, ours=WORDS, theirs=WORDS)
def test_the_sides_change_places_without_changing_what_is_said(
    base: Words, ours: Words, theirs: Words
) -> None:
    one, other = merge(base, ours, theirs), merge(base, theirs, ours)
    assert set(one.words.tags) == set(other.words.tags)
    assert bool(one.conflict) == bool(other.conflict)
    assert {one.words.caption, one.other_caption} == {other.words.caption, other.other_caption}


def test_tags_come_in_their_order_and_ours_after() -> None:
    base = Words("", ("old", "kept", "gone"))
    ours = Words("", ("kept", "old", "gone", "mine", "also mine"))
    theirs = Words("", ("new", "old", "kept"))
    assert merge(base, ours, theirs).words.tags == ("new", "old", "kept", "mine", "also mine")


def test_two_different_captions_are_a_conflict_that_shows_both() -> None:
    merged = merge(Words("a dog"), Words("a red dog"), Words("一只狗"))
    assert merged.words.caption == "a red dog"
    assert merged.other_caption == "一只狗"
    assert "a red dog" in merged.conflict and "一只狗" in merged.conflict


def test_a_rewritten_caption_outlives_an_emptied_one() -> None:
    assert merge(Words("a dog"), Words(""), Words("a red dog")) == Merged(Words("a red dog"))
    assert merge(Words("a dog"), Words("a red dog"), Words("")) == Merged(Words("a red dog"))


def test_another_spelling_is_another_tag() -> None:
    merged = merge(Words("", ("red",)), Words("", ("Red",)), Words("", ("red", "dog")))
    assert merged.words.tags == ("dog", "Red")
