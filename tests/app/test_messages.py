"""Errors of the lower layers in a Chinese window: real ones are raised, what is shown is read."""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from llamavis_studio import machine_models
from llamavis_studio.app.editor_document import Mark
from llamavis_studio.app.gallery_words import NoteLine
from llamavis_studio.app.language import Language
from llamavis_studio.app.main import DesktopStudio
from llamavis_studio.app.messages import Catalogue, catalogue, said
from llamavis_studio.app.models_dialog import ModelsDialog
from llamavis_studio.app.preview_why import WhyBar
from llamavis_studio.app.queue_model import FAILED, Pictures, ResultModel, Row
from llamavis_studio.app.sentences import sentence, told
from llamavis_studio.app.theme import DARK
from llamavis_studio.backends.model_records import ModelRecord, write_record
from llamavis_studio.backends.registry import Registry
from llamavis_studio.core.description import examine_text
from llamavis_studio.core.errors import LlamaVisError, ProjectError
from llamavis_studio.core.project import Project
from llamavis_studio.core.resources import resource_path
from llamavis_studio.core.settings import layered, write_user_setting
from llamavis_studio.core.templates import make_project
from llamavis_studio.core.write import Disk, write_atomic
from llamavis_studio.imaging.palette_files import parse_palette
from llamavis_studio.imaging.png import decode_image
from llamavis_studio.library.query.parser import parse
from llamavis_studio.model_store.hub import check_repo
from llamavis_studio.pipeline.reasons import why_stale
from llamavis_studio.shelf import Shelf
from tests.app.editor_hands import editors
from tests.support.games import described, make_game
from tests.support.studios import opened

CHINESE = re.compile(r"[\u4e00-\u9fff]")
QUOTED = re.compile(r"\u201c[^\u201d]*\u201d|https?://\S+|/\S+|\S+\.\w+|size = \[.*?\]|= \S+")
ENGLISH = re.compile(r"(?<![\w-])(?:[a-z]{2,} ){2,}[a-z]{2,}")
"""Three plain words in a row, where no command is named."""
COMMAND = re.compile(r"(?:llamavis|pip|ray|hf) [\w .:/@-]*")


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The models that a test adds are gone with it."""
    monkeypatch.setenv("LLAMAVIS_MODELS", str(tmp_path / "models"))


@pytest.fixture(autouse=True)
def chinese(app: QApplication, instant_backend: None) -> Iterator[Language]:
    language = Language()
    language.use("zh")
    yield language
    language.use("en")
    app.processEvents()


def read(text: str, *names: str) -> str:
    """The text in Chinese; fails where English is left, or a name went missing."""
    assert CHINESE.search(text), text
    rest = COMMAND.sub("", QUOTED.sub("", text))
    assert not ENGLISH.search(rest), f"{text!r} still says {ENGLISH.findall(rest)}"
    for name in names:
        assert name in text
    return text


def raised(work: Callable[[], object]) -> LlamaVisError:
    with pytest.raises(LlamaVisError) as caught:
        work()
    return caught.value


# --- real errors ---------------------------------------------------------------------------------


BAD = """descripton = "golden key"
size = [32, 99999]
count = 0
kind = "itme"
references = ["a.png", 3]
locked = "yes"
"""


def test_a_description_with_many_mistakes(tmp_path: Path) -> None:
    found = examine_text(tmp_path / "key.desc.toml", BAD).problems
    told_all = [Mark(1, 1, one.message, one.hint).sentence() for one in found]
    assert len(told_all) >= 6
    for one in told_all:
        read(one)
    whole = "\n".join(told_all)
    assert "未知的键“descripton”。是不是想写“description”？" in whole
    assert "“count”应为不小于 1 的数，而不是 0。" in whole
    assert "“kind”不能是“itme”。是不是想写“item”？" in whole
    assert "缺少键“description”" in whole and "添加 description = ..." in whole


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('description = "ring\n', "引号没有在这一行结束"),
        ("description \n", "键后面应有“=”"),
        ('description = "a"\ndescription = "b"\n', "不能覆盖已有的值"),
        ('description = "a"\nx = [1, \n', "无效"),
    ],
)
def test_toml_that_cannot_be_read(tmp_path: Path, text: str, wanted: str) -> None:
    found = examine_text(tmp_path / "ring.desc.toml", text).problems
    assert wanted in read(told(found[0].message, found[0].hint))


def test_the_problems_of_a_project(tmp_path: Path) -> None:
    (tmp_path / "game").mkdir()
    (tmp_path / "game" / "bad.hex").write_text("zz\n")
    write_record(ModelRecord("sdxl", "diffusers", Path("/nowhere/sdxl"), {}))
    game = make_game(
        tmp_path / "game",
        {
            "floor.desc.toml": described("stone", 'palette = "res/db16.hex"\n'),
            "cup.desc.toml": described("cup", 'palette = "bad.hex"\n'),
            "sword.desc.toml": described("sword", 'style = "dungeun"\n'),
            "door.desc.toml": described("door", 'backend = "sdxl"\n'),
            "gate.desc.toml": described("gate", 'backend = "sdxll"\n'),
            "way.desc.toml": described("way", 'references = ["../out.png"]\n'),
            "two.descs.csv": "name,description\nfloor,again\n",
        },
    )
    with opened(game) as studio:
        problems = {one.path: told(one.message, one.hint) for one in studio.plan().problems}
    for text in problems.values():
        read(text)
    assert "文件“res/db16.hex”不存在" in problems["floor.desc.toml"]
    assert "不是 #884422 这样的颜色" in problems["cup.desc.toml"]
    assert "没有风格“dungeun”" in problems["sword.desc.toml"]
    assert "模型“sdxl”不在这台机器上：没有文件夹 /nowhere/sdxl" in problems["door.desc.toml"]
    assert "没有名为“sdxll”的后端" in problems["gate.desc.toml"]
    assert "“../out.png”超出了项目" in problems["way.desc.toml"]


def test_reasons_of_a_plan(tmp_path: Path) -> None:
    game = make_game(tmp_path / "game", {"hero.desc.toml": described("brave red knight")})
    with opened(game) as studio:
        assert said(studio.plan().targets[0].reason) == "从未生成"
        studio.build()
        assert said(studio.plan().targets[0].reason) == "已是最新"
        words = described("brave blue knight; tall", "seed = 7\n")
        (game / "hero.desc.toml").write_text(words)
        reason = read(said(studio.plan().targets[0].reason), "“red” -> “blue”", "-> 7")
        assert "描述的第 2 个词改变" in reason and "种子改变" in reason
        (game / "hero.png").write_bytes(b"no picture")
        read(said(studio.plan().targets[0].reason))


def test_reasons_that_quote_what_looks_like_two() -> None:
    old, new = {"prompt": "a red; big door", "size": [8, 8]}, {"prompt": "a door", "size": [9, 9]}
    text = read(said(why_stale(old, new, "a door")), "8x8 -> 9x9")
    assert "“red; big”" in text and "尺寸改变" in text


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    error = raised(lambda: machine_models.add_server("comfy", [address], "", ""))
    assert read(sentence(error), address).startswith(f"{address} 没有应答。ComfyUI 在那里运行吗？")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES, errno.EXDEV])
def test_a_disk_that_does_not_take_it(tmp_path: Path, code: int) -> None:
    def fail(*_arguments: object) -> int:
        raise OSError(code, os.strerror(code))

    disk = Disk(write=fail)
    error = raised(lambda: write_atomic(tmp_path / "hero.png", b"1", disk))
    read(sentence(error), "hero.png")


def unreadable(folder: Path) -> list[Callable[[], object]]:
    """Works that fail, each in another layer."""
    (folder / "full").mkdir()
    (folder / "full" / "file").write_text("x")
    return [
        lambda: Project.open(folder / "full"),
        lambda: Project.open(folder / "nowhere"),
        lambda: make_project(folder / "full", "example"),
        lambda: make_project(folder / "new", "exampel"),
        lambda: layered({"theme": "drak"}),
        lambda: layered({"batch_size": -1}),
        lambda: layered({"thme": "dark"}),
        lambda: write_user_setting("batch_size", "many"),
        lambda: parse("kind:textur"),
        lambda: parse("(knight"),
        lambda: parse("size:big"),
        lambda: parse("colr:red"),
        lambda: parse("color:redd"),
        lambda: parse('"knight'),
        lambda: parse("knight AND"),
        lambda: check_repo("not a repository"),
        lambda: Registry().create("buildin"),
        lambda: Shelf().find("janus"),
        lambda: Shelf().find("nothing-like-it"),
        lambda: Shelf().remove("builtin"),
        lambda: machine_models.add_server("bad name!", ["http://127.0.0.1:1"], "", ""),
        lambda: machine_models.add_server("comfy", ["not an address"], "", ""),
    ]


@pytest.mark.parametrize("at", range(22))
def test_errors_of_every_layer(tmp_path: Path, at: int) -> None:
    read(sentence(raised(unreadable(tmp_path)[at])))


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.hex", b"zz\n"), ("a.gpl", b"x\n"), ("a.pal", b"x\n"), ("a.hex", b""), ("a.xyz", b"1")],
)
def test_palettes_that_cannot_be_read(name: str, data: bytes) -> None:
    with pytest.raises(ValueError) as caught:
        parse_palette(name, data)
    read(said(str(caught.value)))


@pytest.mark.parametrize(
    "data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0 cut"]
)
def test_pictures_that_cannot_be_read(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(ValueError) as caught:
        decode_image(tmp_path / "a.png")
    read(said(str(caught.value)))


# --- how they are put into Chinese ---------------------------------------------------------------


def test_every_message_finds_its_own_translation() -> None:
    tables = json.loads(resource_path("i18n", "messages_zh.json").read_text("utf-8"))
    known, slot = catalogue("zh"), re.compile(r"(?<!\{)\{(\d+)\}(?!\})|(?<=\{\{)\{(\d+)\}(?=\}\})")
    for text, translation in tables["sources"].items():
        if not translation:
            continue  # tests/packaging/test_messages.py tells
        values = [f"Q{at}z" for at in range(len(slot.findall(text)))]
        # Chinese characters and Latin ones get a space between them.
        wanted = translation.format(*values).replace(" ", "")
        assert known.said(text.format(*values)).replace(" ", "") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "the picture for a.png cannot be finished: there is no filter 'glow'",
            "a.png 的图片无法完成：没有滤镜“glow”",
        ),
        ("the output cannot be read: Permission denied", "无法读取输出文件：没有权限"),
        ("res/x.hex: the palette has no colours", "res/x.hex：调色板没有颜色"),
        ("palette changed; kind changed: item -> sprite", "调色板改变；类型改变：item -> sprite"),
        (
            "there is no style 'palette changed' in llamavis.toml",
            "llamavis.toml 中没有风格“palette changed”",
        ),
        (
            "the built-in model cannot be used: nano: 'head' holds values that are not numbers",
            "内置模型无法使用：nano：“head”含有不是数字的值",
        ),
        (
            "u.safetensors is not whole: its text encoder and its image decoder (VAE) are not in "
            "the file",
            "u.safetensors 不完整：它的文本编码器和它的图像解码器（VAE）不在文件中",
        ),
        ("a caption has no '{pose}'", "说明中没有“{pose}”这一项"),
        (
            "the backend 'sd' failed: RuntimeError: mat1 and mat2 cannot be multiplied",
            "后端“sd”出错：RuntimeError：mat1 and mat2 cannot be multiplied",
        ),
    ],
)  # fmt: skip
def test_what_is_filled_in(text: str, wanted: str) -> None:
    assert said(text) == wanted


@pytest.mark.parametrize(
    "text", ["", "the LoRA cannot be applied", "Torch not compiled with CUDA enabled", "knight"]
)
def test_what_nobody_knows_stays_as_it_is(text: str) -> None:
    assert said(text) == text


def test_the_longer_template_wins() -> None:
    both = {"{0} is wrong": "{0} 错了", "{0} of the file {1} is wrong": "文件 {1} 的 {0} 错了"}
    known = Catalogue({"sources": both})
    assert known.said("a of the file b is wrong") == "文件 b 的 a 错了"
    assert known.said("a.png is wrong") == "a.png 错了"


# --- where the window shows them -----------------------------------------------------------------


def test_a_sentence_names_its_file(tmp_path: Path) -> None:
    error = ProjectError("unknown key 'thme'", "did you mean 'theme'?", Path.home() / "a.toml", 3)
    assert sentence(error) == "~/a.toml，第 3 行：未知的键“thme”。是不是想写“theme”？"


def test_what_is_shown_follows_the_language(app: QApplication, chinese: Language) -> None:
    write_record(ModelRecord("sdxl", "diffusers", Path("/nowhere/sdxl"), {}))
    dialog, why, note = ModelsDialog(), WhyBar(look=DARK), NoteLine(DARK)
    results = ResultModel(Pictures())
    results.add(Row("hero.png", FAILED, message="the disk is full: hero.png was not written"))
    dialog.open()
    dialog.show_models([one for one in Shelf().models() if one.name == "sdxl"])
    why.show_problem("'hero.png' is not one image", "name one of: hero_0.png")
    note.say("no 'kinght': searched knight")

    def shown() -> tuple[str, ...]:
        app.processEvents()
        tip = results.data(results.index(0), 3)
        return dialog.state.text(), why.findChildren(type(dialog.state))[0].text(), tip

    for text in shown():
        read(text)
    assert note.label.text() == "没有“kinght”：已搜索 knight"
    chinese.use("en")
    dialog.retranslate(), why.retranslate(), note.retranslate()  # as the window has them do
    for text in (*shown(), note.label.text()):
        assert not CHINESE.search(text)
    for widget in (dialog, why, note):
        widget.close()
        widget.deleteLater()


def test_an_editor_follows_the_language(
    app: QApplication, chinese: Language, tmp_path: Path
) -> None:
    for open_ in editors(tmp_path):
        editor = open_('description = "key"\ncount = 0\n')
        editor.examine()
        field = editor.form.fields["count"].problem
        assert field.text() == "“count”应为不小于 1 的数，而不是 0。"
        read(editor.footer.problem.text().replace("<a", "").replace("</a>", ""), "count")
        chinese.use("en")
        end = time.monotonic() + 10
        while CHINESE.search(field.text() + editor.footer.problem.text()):
            assert time.monotonic() < end
            app.processEvents()
        assert field.text() == "'count' must be at least 1, not 0."


def test_the_status_bar_tells_a_project_that_cannot_be_opened(
    app: QApplication, chinese: Language, tmp_path: Path
) -> None:
    chinese.use("en")  # the studio has a translator of its own
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    (tmp_path / "empty").mkdir()
    write_user_setting("language", "zh")
    studio = DesktopStudio(app, store)
    try:
        studio.window.tell_error(raised(lambda: Project.open(tmp_path / "empty")))
        read(studio.window.statusBar().currentMessage(), "llamavis.toml")
        studio.use_language("en")
        studio.window.tell_error(raised(lambda: Project.open(tmp_path / "empty")))
        assert not CHINESE.search(studio.window.statusBar().currentMessage())
    finally:
        studio.window.close()
        studio.window.deleteLater()
        app.processEvents()


def test_the_command_line_stays_english(tmp_path: Path) -> None:
    assert not CHINESE.search(str(raised(lambda: Project.open(tmp_path))))
    assert not CHINESE.search(raised(lambda: parse("(knight")).hint)
