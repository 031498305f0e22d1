"""The words of pictures in the window: what the panel shows and asks for, and describing many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from llamavis_studio.app.captions_panel import CaptionsPanel
from llamavis_studio.app.describing import DescribeBar, Describing
from llamavis_studio.app.questions import Questions
from llamavis_studio.app.tag_chips import FILES, HAND, MODEL, NAMES, TagShown
from llamavis_studio.app.theme import DARK, Look
from llamavis_studio.app.words_shown import DRAWN_FROM, WordsShown
from llamavis_studio.core.errors import LlamaVisError

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow
    from llamavis_studio.studio import Studio

_SOON_MS, _CALM_MS = 200, 600
MOST_SELECTED = 1000
"""Pictures whose words are compared; what is added or taken goes to all that are selected."""


def read_words(studio: Studio, ids: Sequence[int]) -> WordsShown | None:
    """What is said about one asset, or shared by several; None when they are gone. For the studio's
    thread. Raises LibraryError.
    """
    found = studio.library.words_of(tuple(ids)[:MOST_SELECTED])
    if not found:
        return None
    every = tuple(ids) if len(ids) > MOST_SELECTED else tuple(one.item.id for one in found)
    names = tuple(one.item.file for one in found)
    if len(found) > 1:
        return WordsShown(every, names, **_shared(found))
    one, item = found[0], found[0].item
    caption = one.captions[0] if one.captions else None
    by = "" if caption is None else who(caption.origin, caption.source)
    seen = next((said.text for said in one.captions if said.origin == "model"), "")
    drawn = one.drawn
    return WordsShown(
        ids=every,
        names=names,
        caption="" if caption is None else caption.text,
        caption_by=by,
        confidence=None if caption is None else caption.confidence,
        in_domain=not one.reasons and (item.in_domain or item.caption_origin != "model"),
        reasons=one.reasons,
        model_caption=seen,
        tags=_tags([one]),
        kind=item.kind,
        size=f"{item.width} × {item.height}" if item.width else "",
        colours=tuple((f"#{rgb:06x}", share) for rgb, share in one.colours),
        model=one.model,
        described=one.described,
        drawn=None if drawn is None else (drawn.prompt, drawn.model or drawn.backend, drawn.seed),
    )


def who(origin: str, source: str) -> str:
    """The group of the one who says something."""
    if origin == "human":
        return DRAWN_FROM if source == "description" else HAND
    if origin == "model":
        return MODEL
    return NAMES if source == "path" else FILES


def asset_of(studio: Studio, output: str) -> list[int]:
    """The id of the asset in a file of the project; none where it is not taken in yet."""
    try:
        return [studio.library.library.find(studio.root / output)]
    except LlamaVisError:
        return []


def _shared(found: Sequence[Any]) -> dict[str, Any]:
    """What several pictures have in common; tags that only some have say on how many they are."""
    captions = {one.captions[0].text if one.captions else "" for one in found}
    kinds = {one.item.kind for one in found}
    return {
        "caption": captions.pop() if len(captions) == 1 else "",
        "kind": kinds.pop() if len(kinds) == 1 else "",
        "tags": _tags(found),
        "described": min(one.described for one in found),
        "in_domain": True,
    }


def _tags(found: Sequence[Any]) -> tuple[TagShown, ...]:
    """Each tag once, the commonest first; a person's where they say it about each."""
    counts = Counter(tag.name for one in found for tag in one.tags)
    rank = (NAMES, MODEL, FILES, HAND)
    least: dict[str, TagShown] = {}
    for one in found:
        for tag in one.tags:
            by = who(tag.origin, tag.source)
            shown = TagShown(
                tag.name, HAND if by == DRAWN_FROM else by, tag.confidence,
                counts[tag.name], len(found),
            )  # fmt: skip
            known = least.setdefault(tag.name, shown)
            if rank.index(shown.by) < rank.index(known.by):
                least[tag.name] = shown
    return tuple(sorted(least.values(), key=lambda tag: -tag.count))


class Captions(QObject):
    """Fills the panel of a window, and does what it asks for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.panel, self.bar = CaptionsPanel(DARK), DescribeBar()
        self.describing = Describing(self.bar, self)
        self.questions = Questions(window, self.panel.ask_box, lambda: self.describing.is_running)
        window.statusBar().addPermanentWidget(self.bar)
        self._output = ""
        self._ids: tuple[int, ...] = ()
        self._round = self._answered = 0
        self._of = ""
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._show_selected)
        gallery = window.gallery
        gallery.view.selectionModel().selectionChanged.connect(self._later.start)
        gallery.model.page_shown.connect(self.refresh)
        self._calm = QTimer(self, singleShot=True, interval=_CALM_MS)
        self._calm.timeout.connect(self.refresh)
        gallery.model.renewed.connect(self._follow_gallery)
        gallery.caption_asked.connect(self.describe_items)
        gallery.question_asked.connect(lambda _items: self.begin_question())
        self.panel.caption_said.connect(self._say)
        self.panel.tags_added.connect(partial(self._tag, "add"))
        self.panel.tags_removed.connect(partial(self._tag, "remove"))
        self.panel.describe_asked.connect(self._describe)
        self.panel.captioner_chosen.connect(window.backends.choose_captioner)
        window.backends.changed.connect(self._offer_captioners)
        for part in (self.panel, self.questions):
            part.told.connect(self._tell)
        self.questions.caption_said.connect(self._say_answer)
        self.describing.described.connect(lambda _report: self.refresh())
        self.describing.ended.connect(self._described)
        self.describing.failed.connect(window.tell_error)
        self.describing.busy.connect(self._say_busy)

    def set_look(self, look: Look) -> None:
        """In the colours of now."""
        self.panel.set_look(look)
        self.bar.set_look(look)

    def use_project(self) -> None:
        """The window's project was opened or closed."""
        self._output, self._ids = "", ()
        self.describing.use(self._window.thread_)
        self.questions.use_project()

    def show(self) -> None:
        """The words of the image that the window shows. Several that are selected stay shown while
        it is only drawn anew.
        """
        if self._output != self._window.output:
            self._output, self._ids = self._window.output, ()
        self.refresh()

    def refresh(self) -> None:
        """Read again what is shown: somebody may have said something else."""
        thread, output, ids = self._window.thread_, self._output, self._ids
        self._round += 1
        if thread is None or not (output or ids):
            self._show(None)
            return

        def read(studio: Studio) -> tuple[WordsShown | None, tuple[str, ...]]:
            words = read_words(studio, ids or asset_of(studio, output))
            known = studio.library.search_words()["tag"]
            return words, tuple(name.strip('"') for name in known)

        thread.ask(read, partial(self._read, self._round, output), self._failed)
        # The studio may be busy: what was said about another image must not stand there meanwhile.
        QTimer.singleShot(_SOON_MS, self, partial(self._clear_what_was, self._round))

    def _follow_gallery(self) -> None:
        """The library was changed, maybe again and again by a build: what is shown is read anew
        when that has calmed down, but a picture that was not known before at once.
        """
        if self.panel.words is None:
            self.refresh()
        else:
            self._calm.start()

    def _clear_what_was(self, asked: int) -> None:
        if asked == self._round and asked != self._answered and self._of != self._output:
            self._show(None)

    def _show(self, words: WordsShown | None, file: str = "") -> None:
        self.panel.show_words(words, file)
        self.questions.show_for(words)

    def describe(self) -> None:
        """What nobody has described yet."""
        self._describe(())

    def describe_items(self, items: Sequence[Any]) -> None:
        """These, again where the model has described them already."""
        self._describe([item.id for item in items])

    def begin_question(self) -> None:
        """Bring up the line in which a model is asked about what is shown."""
        self._window.layout_.bring_up("words")
        self.panel.begin_question()

    def _describe(self, ids: Sequence[int]) -> None:
        if self.questions.is_running:
            self._tell(self.tr("A model is answering a question; describe when that is done"))
            return
        self.describing.start(ids, self._window.backends.captioner)

    def _offer_captioners(self) -> None:
        backends = self._window.backends
        self.panel.offer_captioners(backends.captioners(), backends.captioner)
        self.questions.offer()

    def _read(self, asked: int, output: str, answer: tuple[WordsShown | None, Any]) -> None:
        if asked == self._round:
            self._answered, self._of = asked, output
            words, known = answer
            self.panel.set_known_tags(known)
            self._show(words, output)

    def _show_selected(self) -> None:
        ids = tuple(item.id for item in self._window.gallery.selected_items())
        wanted = ids if len(ids) > 1 else ()
        if wanted != self._ids:
            self._ids = wanted
            self.refresh()

    def _say(self, ids: Sequence[int], caption: str) -> None:
        self._change(ids, caption=caption)

    def _say_answer(self, path: Path, answer: str) -> None:
        caption = " ".join(answer.split())
        if self._window.thread_ is not None:
            self._window.thread_.ask(
                lambda studio: studio.library.say(asset_of(studio, str(path)), caption=caption),
                self._said,
                self._failed,
            )

    def _tag(self, key: str, ids: Sequence[int], names: Sequence[str]) -> None:
        self._change(ids, **{key: tuple(names)})

    def _change(self, ids: Sequence[int], **what: Any) -> None:
        if self._window.thread_ is not None:
            self._window.thread_.ask(
                lambda studio: studio.library.say(ids, **what), self._said, self._failed
            )

    def _said(self, said: Any) -> None:
        self._tell("; ".join(said.notes) or self.tr("Kept. Undo takes it back."))
        self.refresh()
        self._window.changes.look()  # undo offers it
        if self._window.bridge is not None:
            self._window.bridge.search_again()

    def _described(self, done: int, failed: int) -> None:
        told = [self.tr("%n picture(s) described", "", done)]
        if failed:
            told.append(self.tr("%n could not be read", "", failed))
        self._tell(", ".join(told))
        if done and self._window.bridge is not None:
            self._window.bridge.search_again()

    def _say_busy(self) -> None:
        self._tell(self.tr("Pictures are being described already; cancel that to begin anew"))

    def _failed(self, error: Exception) -> None:
        self.refresh()
        self._window.tell_error(error)

    def _tell(self, text: str) -> None:
        self._window.statusBar().showMessage(text, 8000)
