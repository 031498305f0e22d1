"""Questions about pictures in the window: asked in the studio's thread, answered by its worker.

AskBox.asked -> asking.ask(studio, ids, question) -> news, queued -> the box, the answers kept
An answer -> copied, the words of a description (not saved), or the caption of its picture
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from llamavis_studio.app.answer_card import AnswerShown
from llamavis_studio.app.ask_box import AskBox
from llamavis_studio.app.sentences import sentence
from llamavis_studio.app.words_shown import WordsShown
from llamavis_studio.core.description import ONE
from llamavis_studio.core.errors import LlamaVisError

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow
    from llamavis_studio.asking import AskNews, PictureAnswer
    from llamavis_studio.studio import Studio

MOST_KEPT = 500
"""Answers of one session."""


class Questions(QObject):
    """The questions of a window: one at a time; its answers stay until it is closed."""

    caption_said = Signal(object, str)  # the path of a picture, a sentence
    told = Signal(str)
    _came = Signal(int, object)  # the number of a question, AskNews

    def __init__(self, window: MainWindow, box: AskBox, is_describing: Callable[[], bool]) -> None:
        super().__init__(window)
        self._window, self._box, self._is_describing = window, box, is_describing
        self._answers: list[tuple[Path, AnswerShown]] = []  # with their projects, the newest last
        self._numbers = itertools.count(1)
        self._run = 0
        self._is_running = False
        self._stop: Callable[[], None] = lambda: None
        self._words: WordsShown | None = None
        self._came.connect(self._take, Qt.ConnectionType.QueuedConnection)
        box.asked.connect(self.ask)
        box.cancel_asked.connect(self.cancel)
        box.models_asked.connect(window.commands.do_models)
        box.description_asked.connect(self._use_as_description)
        box.caption_asked.connect(lambda one: self.caption_said.emit(one.path, one.text))
        box.answer_removed.connect(self._remove)
        box.told.connect(self.told)

    @property
    def is_running(self) -> bool:
        """Whether a question is under way."""
        return self._is_running

    @property
    def answers(self) -> Sequence[AnswerShown]:
        """All that was answered, in any project, the newest last."""
        return [one for _root, one in self._answers]

    def offer(self) -> None:
        """Who can be asked has changed."""
        backends = self._window.backends
        self._box.offer(backends.captioner, backends.answerers())

    def use_project(self) -> None:
        """The window's project was opened or closed: a question in the old one is given up."""
        self.cancel()
        self._run = next(self._numbers)
        self._end()

    def show_for(self, words: WordsShown | None) -> None:
        """The answers about these pictures; about others they are kept."""
        self._words = words
        project = self._window.project
        if words is None or project is None:
            self._box.show_answers((), describes=False)
            return
        self._box.show_count(len(words.ids))
        names = frozenset(words.names)
        found = [
            one
            for root, one in reversed(self._answers)
            if root == project.root and one.file in names
        ]
        self._box.show_answers(found, describes=self._describes(words))

    def ask(self, question: str) -> None:
        """Ask the chosen captioner about what is shown."""
        words, thread = self._words, self._window.thread_
        if words is None or thread is None or self._is_running:
            return
        if self._is_describing():
            self._box.show_problem(
                self.tr("Pictures are being described. Ask again when that is done.")
            )
            return
        self._run, self._is_running = next(self._numbers), True
        run, ids, by = self._run, words.ids, self._window.backends.captioner
        self._box.show_news("waits", total=len(ids))

        def begin(studio: Studio) -> Callable[[], None]:
            from llamavis_studio.asking import ask

            return ask(studio, ids, question, by, lambda news: self._tell(run, news)).cancel

        thread.ask(begin, lambda stop: self._began(run, stop), lambda error: self._fail(run, error))

    def cancel(self) -> None:
        """Stop the question under way; what is answered by then stays."""
        self._stop()

    def _began(self, run: int, stop: Callable[[], None]) -> None:
        if run != self._run:
            stop()
        elif self._is_running:
            self._stop = stop

    def _tell(self, run: int, news: AskNews) -> None:
        """In the studio's thread."""
        self._came.emit(run, news)

    def _take(self, run: int, news: AskNews) -> None:
        if run != self._run or not self._is_running:
            return
        if news.answer is not None:
            self._keep(news.answer)
        if news.state == "failed":
            self._fail(run, news.error)
        elif news.state == "ended":
            self._end(news.done, news.total)
        else:
            doing = "waits" if news.state == "waiting" else "looks"
            self._box.show_news(doing, news.file, news.done, news.total)

    def _keep(self, answer: PictureAnswer) -> None:
        if self._window.project is None:
            return
        shown = AnswerShown(
            answer.path, answer.file, answer.question,
            answer.text or self.tr("(It said nothing.)"), answer.model, answer.problem,
            next(self._numbers),
        )  # fmt: skip
        self._answers.append((self._window.project.root, shown))
        del self._answers[:-MOST_KEPT]
        asked = dict.fromkeys(one.question for _root, one in reversed(self._answers))
        self._box.set_before(list(asked))
        self.show_for(self._words)

    def _end(self, done: int = 0, total: int = 1) -> None:
        self._is_running, self._stop = False, lambda: None
        self._box.show_news("", done=done, total=total)

    def _fail(self, run: int, error: BaseException | None) -> None:
        if run != self._run:
            return
        self._end()
        if isinstance(error, LlamaVisError):
            self._box.show_problem(sentence(error))
        elif isinstance(error, Exception):
            self._box.show_problem(self.tr("Something went wrong: {0}").format(error))
            self._window.tell_error(error)

    def _remove(self, answer: AnswerShown) -> None:
        self._answers = [kept for kept in self._answers if kept[1] is not answer]
        self.show_for(self._words)

    # --- what an answer is good for --------------------------------------------------------------

    def _describes(self, words: WordsShown) -> bool:
        """Whether the picture that is shown is drawn from the description that is open, alone in
        its file.
        """
        return len(words.names) == 1 and self._description_of(words.names[0]) is not None

    def _description_of(self, file: str) -> Path | None:
        window = self._window
        planned = window.tree.planned_for(file)
        if window.project is None or planned is None:
            return None
        source = window.project.root / planned.target.source
        return source if source == window.editor.path and source.name.endswith(ONE) else None

    def _use_as_description(self, answer: AnswerShown) -> None:
        if self._description_of(answer.file) is None:
            self.told.emit(self.tr("Its description is not open any more"))
            return
        self._window.editor.set_value("description", " ".join(answer.text.split()))
        self._window.layout_.bring_up("editor")
        self.told.emit(self.tr("It stands in the description now. Save to draw it, or undo."))
