from __future__ import annotations

import html.parser
import json
import shutil
import subprocess

import pytest

from llamavis_studio.imaging.png import decode_image, encode_png
from llamavis_studio.release.disclosure import disclosure
from llamavis_studio.release.git_dates import commit_dates, parse_log
from llamavis_studio.release.report import make_report, report_json
from llamavis_studio.release.report_html import report_html
from llamavis_studio.release.report_text import report_markdown
from tests.release.conftest import paint, reported

NASTY = (
    "<script>alert(1)</script> <img src=file:///x onerror=y> {{7*7}} ${x} [a](http://b) `c` | 龙"
)


class Page(html.parser.HTMLParser):
    """The tags of a page, their attributes and text; open tags that were never closed."""

    VOID = frozenset(("meta", "img", "wbr"))

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_every_image_is_there_with_what_made_it(game):
    report = reported(game)
    assert [asset.output for asset in report.assets] == [
        "hero.png", "items/剑 🗡.png", "tiles/wall.png",
    ]  # fmt: skip
    hero = report.assets[0]
    assert (hero.description, hero.expanded_prompt) == (
        "red dragon with bright wings", "expanded red dragon with bright wings",
    )  # fmt: skip
    assert (hero.model, hero.revision, hero.licence, hero.backend, hero.seed) == (
        "toy-model", "abc123", "MIT", "toy", 7,
    )  # fmt: skip
    assert (hero.size_px, hero.date, hero.state, hero.edited) == (
        (32, 32), "2026-01-02", "fresh", False,
    )  # fmt: skip
    assert report.models[0].count == 3
    assert report.licences == {"MIT": 3}
    assert report.kinds == {"item": 1, "sprite": 1, "texture": 1}


def test_edits_locks_leftovers_copies_and_other_peoples_images_are_told_apart(game):
    game.describe("hero", "red dragon with bright wings", "seed = 7\nlocked = true")
    paint(game.image("hero.png"))
    paint(game.image("tiles/wall.png"))
    (game.root / "items/剑 🗡.desc.toml").unlink()
    (game.root / "ui").mkdir()
    shutil.copy(game.image("items/剑 🗡.png"), game.root / "ui" / "sword.png")
    game.describe("mine", "painted by me")
    game.image("mine.png").write_bytes(encode_png(decode_image(game.image("hero.png"))))
    game.describe("later", "not there yet")
    report = reported(game)
    assert {(a.output, a.state, a.edited, a.locked) for a in report.assets} == {
        ("hero.png", "locked", True, True),
        ("tiles/wall.png", "edited", True, False),
        ("items/剑 🗡.png", "orphan", False, False),
        ("ui/sword.png", "copy", False, False),
    }
    assert (report.others, report.missing) == (("mine.png",), ("later.png",))
    assert (report.edited, report.locked) == (2, 1)


def test_an_image_that_lost_its_notes_is_still_a_generated_one(game):
    game.plan()
    paint(game.image("hero.png"), keep_notes=False)
    report = reported(game)
    hero = report.assets[0]
    assert (hero.state, hero.edited, hero.model, hero.seed) == ("edited", True, "", None)
    assert "no longer carry" in disclosure(report)["en"]
    assert "不再记录" in disclosure(report)["zh"]


def test_the_paragraph_for_the_store_counts_right_in_both_languages(game):
    paint(game.image("hero.png"))
    told = disclosure(reported(game))
    assert told["en"].startswith(
        "Pre-generated: 3 images of this game (1 item, 1 sprite, 1 texture) were made with "
        "generative AI during development"
    )
    assert "the model toy-model (revision abc123, licence MIT)" in told["en"]
    assert "Of these, 1 was changed in an image editor afterwards." in told["en"]
    assert "Live-generated: none" in told["en"]
    assert "3 张图像（物品 1 张、精灵图 1 张、纹理 1 张）" in told["zh"]
    assert "其中 1 张" in told["zh"]
    assert "实时生成内容：无" in told["zh"]


def test_a_game_without_generated_images_says_so(game):
    for path in game.root.rglob("*.png"):
        path.unlink()
    told = disclosure(reported(game))
    assert "made no image" in told["en"]
    assert "没有" in told["zh"]


def test_equal_projects_give_equal_reports_in_every_format(game):
    report, again = reported(game), reported(game)
    assert json.dumps(report_json(report, disclosure(report))) == json.dumps(
        report_json(again, disclosure(again))
    )
    assert report_html(report, game.root) == report_html(again, game.root)
    root = game.root
    assert report_markdown(report, root, root) == report_markdown(again, root, root)


def test_nothing_in_a_description_becomes_part_of_the_page(game):
    game.describe("hero", NASTY.replace('"', ""))
    game.write("llamavis.toml", '[project]\nname = "<b>game</b>"\nbackend = "toy"\n')
    game.build()
    report = reported(game)
    text = report_html(report, game.root)
    page = Page(text)
    assert page.open == []
    assert not {"script", "a", "link", "iframe"} & set(page.tags)
    assert page.tags.count("b") == 4  # the four numbers
    assert page.tags.count("img") == 3
    assert NASTY in page.text
    for name, value in page.attributes:
        assert not name.startswith("on")
        assert name not in ("src", "href") or value.startswith("data:image/png;base64,")
    assert "://" not in text.replace("http://b", "").replace("file:///x", "")
    assert 'lang="zh-Hans"' in text
    assert "prefers-color-scheme: dark" in text
    assert "image-rendering: pixelated" in text


def test_markdown_shows_the_text_and_links_the_pictures(game):
    game.describe("hero", NASTY)
    game.build()
    beside = game.root / "docs"
    text = report_markdown(reported(game), game.root, beside)
    for raw in ("<script>", "<img", "[a](", "http:", "file:///"):
        assert raw not in text
    assert "![items/剑 🗡.png](../items/%E5%89%91%20%F0%9F%97%A1.png)" in text
    assert "| 3 | toy-model | abc123 | MIT | toy |" in text


def test_large_and_broken_pictures_do_not_stop_a_page(game):
    game.describe("hero", "wide", "size = [2000, 40]")
    game.build()
    text = report_html(reported(game), game.root)
    assert 'width="192" height="4"' in text
    assert len(text) < 60_000
    report = reported(game)
    game.image("hero.png").write_bytes(b"\x89PNG\r\n\x1a\n rubbish")
    assert "cannot be shown" in report_html(report, game.root)


def test_an_export_inside_the_project_is_not_counted_again(game):
    from llamavis_studio.release.export import make_export, write_folder

    export = make_export(game.project, game.plan(), keep_notes=True)
    write_folder(export, game.root / "build" / "art")
    assert len(reported(game).assets) == 3


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_dates_come_from_one_call_of_git(game, monkeypatch):
    calls = []
    real = subprocess.run

    def counted(command, **more):
        calls.append(command)
        return real(command, **more)

    def git(*arguments, day):
        stamp = f"{day}T12:00:00+0000"
        environment = {
            "GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp, "HOME": str(game.root),
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@b", "PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1",
        }  # fmt: skip
        real(["git", *arguments], cwd=game.root.parent, env=environment, check=True,
             capture_output=True)  # fmt: skip

    git("init", "-q", ".", day="2026-01-01")
    git("add", "game/hero.png", "game/items", day="2026-01-01")
    git("commit", "-qm", "one", day="2026-01-01")
    paint(game.image("hero.png"))
    git("commit", "-qam", "two", day="2026-02-03")
    monkeypatch.setattr(subprocess, "run", counted)
    report = make_report(game.project, game.plan())
    assert {asset.output: asset.date for asset in report.assets} == {
        "hero.png": "2026-02-03", "items/剑 🗡.png": "2026-01-01", "tiles/wall.png": "",
    }  # fmt: skip
    assert len(calls) == 1


def test_without_git_or_a_repository_there_are_no_dates(game, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(game.root.parent))
    assert commit_dates(game.root) == {}
    monkeypatch.setenv("PATH", str(game.root))
    assert commit_dates(game.root) == {}
    assert parse_log(b"rubbish\0\x01not-a-date\0x\0") == {}
