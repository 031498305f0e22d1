"""The bar under a sheet: play its frames or one of its clips, step through them, or see the sheet
as a whole.

    set_frames(frames, fps, clips) -> whole(True); play or slider -> whole(False), frame(image) ...

The clock ticks only while something plays that one can see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QImage, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from llamavis_studio.app import theme
from llamavis_studio.app.theme import DARK, Look

_MOST_FPS = 60


@dataclass(frozen=True)
class PlayedClip:
    """A clip of a sheet: its name, which frames follow each other, and how many a second."""

    name: str
    order: tuple[int, ...]
    fps: float


class Playback(QWidget):
    """Play, stop, a clip, a slider over its frames and their speed."""

    frame = Signal(QImage)
    """The frame that is due."""
    whole = Signal(bool)
    """Whether the sheet as a whole is wanted instead of a frame."""

    def __init__(self, parent: QWidget | None = None, look: Look = DARK) -> None:
        super().__init__(parent)
        self._look = look
        self._frames: list[QImage] = []
        self._clips: list[PlayedClip] = []
        self._order: list[int] = []  # the frames that are played, by their places on the sheet
        self._fps = 8.0  # of the sheet
        self._playing = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._advance)
        self._play = QToolButton()
        self._play.clicked.connect(self._toggle)
        self._whole = QToolButton()
        self._whole.setCheckable(True)
        self._whole.clicked.connect(self._show_whole)
        for button in (self._play, self._whole):
            button.setIconSize(QSize(18, 18))
        self._clip = QComboBox()
        self._clip.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._clip.activated.connect(self._choose_clip)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setPageStep(1)
        self._slider.valueChanged.connect(self._show_frame)
        self._slider.sliderPressed.connect(self._show_frame)
        self._place = QLabel()
        self._place.setProperty("role", "dim")
        self._place.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._speed = QSpinBox()
        self._speed.setRange(1, _MOST_FPS)
        self._speed.valueChanged.connect(self._set_speed)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(6)
        row.addWidget(self._play)
        row.addWidget(self._whole)
        row.addWidget(self._clip)
        row.addWidget(self._slider, 1)
        row.addWidget(self._place)
        row.addWidget(self._speed)
        self.retranslate()
        self.set_frames([], 8)

    def set_frames(
        self, frames: Sequence[QImage], fps: float, clips: Sequence[PlayedClip] = ()
    ) -> None:
        """Frames of a sheet, stopped, with the whole sheet in view; none empties the bar.

        A sheet of several clips begins with the first: one after the other they make no sense.
        """
        self.stop()
        self._frames, self._fps = list(frames), fps
        self._clips = [clip for clip in clips if max(clip.order, default=0) < len(self._frames)]
        self._list_clips()
        self._set_clip(1 if len(self._clips) > 1 else 0)
        self._whole.setChecked(True)
        self._dress_play()
        self._tell_place()

    def _list_clips(self) -> None:
        self._clip.clear()
        self._clip.addItem(self.tr("All frames"))
        self._clip.addItems([clip.name for clip in self._clips])
        self._clip.setVisible(bool(self._clips))

    def _choose_clip(self, row: int) -> None:
        """Somebody chose one: its first frame, playing or not as before."""
        self._set_clip(row)
        self._show_frame()
        self._dress_play()

    def _set_clip(self, row: int) -> None:
        """Frames and speed of a clip; row 0 is all frames."""
        clip = self._clips[row - 1] if row else None
        self._clip.setCurrentIndex(row)
        self._order = list(range(len(self._frames)) if clip is None else clip.order)
        fps = self._fps if clip is None else clip.fps
        for quiet in (self._slider, self._speed):
            quiet.blockSignals(True)
        self._slider.setRange(0, max(0, len(self._order) - 1))
        self._slider.setValue(0)
        self._speed.setValue(max(1, min(round(fps), _MOST_FPS)))
        for quiet in (self._slider, self._speed):
            quiet.blockSignals(False)
        self._set_speed()
        widest = self._place_text(len(self._frames))
        self._place.setMinimumWidth(self._place.fontMetrics().horizontalAdvance(widest) + 8)

    @property
    def playing(self) -> bool:
        """Whether the frames follow each other, as soon as one can see them."""
        return self._playing

    def play(self) -> None:
        """Start from the frame that is shown; a single frame has nothing to play."""
        if len(self._order) < 2 or self._playing:
            return
        self._playing = True
        self._show_frame()
        if self.isVisible():
            self._timer.start()
        self._dress_play()

    def stop(self) -> None:
        """Hold the frame that is shown."""
        self._playing = False
        self._timer.stop()
        self._dress_play()

    def show_whole(self) -> None:
        """Stop, and ask for the sheet as a whole."""
        self._whole.setChecked(True)
        self._show_whole()

    def set_look(self, look: Look) -> None:
        """Draw the icons anew."""
        self._look = look
        self._whole.setIcon(theme.icon("sheet", look))
        self._dress_play()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self._whole.setToolTip(self.tr("Show the whole sheet"))
        self._whole.setAccessibleName(self.tr("Whole sheet"))
        self._clip.setItemText(0, self.tr("All frames"))
        self._clip.setToolTip(self.tr("What is played"))
        self._clip.setAccessibleName(self.tr("What is played"))
        self._slider.setToolTip(self.tr("Frame"))
        self._slider.setAccessibleName(self.tr("Frame"))
        self._place.setAccessibleName(self.tr("Frame number"))
        self._speed.setSuffix(self.tr(" fps"))
        self._speed.setToolTip(self.tr("Frames per second"))
        self._speed.setAccessibleName(self.tr("Frames per second"))
        self.set_look(self._look)
        self._tell_place()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Go on where hiding stopped."""
        super().showEvent(event)
        if self._playing:
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Nobody looks: no clock."""
        self._timer.stop()
        super().hideEvent(event)

    def _toggle(self) -> None:
        if self._playing:
            self.stop()
        else:
            self.play()

    def _advance(self) -> None:
        self._slider.setValue((self._slider.value() + 1) % len(self._order))

    def _show_frame(self) -> None:
        if not self._frames:
            return
        if self._whole.isChecked():
            self._whole.setChecked(False)
            self.whole.emit(False)
        self._tell_place()
        self.frame.emit(self._frames[self._order[self._slider.value()]])

    def _show_whole(self) -> None:
        if self._whole.isChecked():
            self.stop()
            self._tell_place()
            self.whole.emit(True)
        else:
            self._whole.setChecked(True)
            self._show_frame()

    def _set_speed(self) -> None:
        self._timer.setInterval(round(1000 / self._speed.value()))

    def _dress_play(self) -> None:
        says = self.tr("Stop") if self._playing else self.tr("Play")
        self._play.setIcon(theme.icon("stop" if self._playing else "play", self._look))
        self._play.setToolTip(says)
        self._play.setAccessibleName(says)
        self._play.setEnabled(len(self._order) > 1)

    def _place_text(self, number: int) -> str:
        return self.tr("{number} of {count}").format(number=number, count=len(self._order))

    def _tell_place(self) -> None:
        if self._whole.isChecked():
            self._place.setText(self.tr("{count} frames").format(count=len(self._frames)))
        else:
            self._place.setText(self._place_text(self._slider.value() + 1))
