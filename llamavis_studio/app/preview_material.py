"""The row of a material: its maps, each as a picture, and the material lit."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QT_TRANSLATE_NOOP, QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QWidget

from llamavis_studio.app import theme
from llamavis_studio.app.gallery_flow import FlowLayout
from llamavis_studio.app.lit_view import SPHERE, WALL
from llamavis_studio.app.material import CHANNELS
from llamavis_studio.app.theme import DARK, Look

LIT = (SPHERE, WALL)
_NAMES = {
    "base_color": str(QT_TRANSLATE_NOOP("MaterialBar", "Colour")),
    "normal": str(QT_TRANSLATE_NOOP("MaterialBar", "Normal")),
    "roughness": str(QT_TRANSLATE_NOOP("MaterialBar", "Roughness")),
    "metallic": str(QT_TRANSLATE_NOOP("MaterialBar", "Metal")),
    "occlusion": str(QT_TRANSLATE_NOOP("MaterialBar", "Occlusion")),
    "height": str(QT_TRANSLATE_NOOP("MaterialBar", "Height")),
    "orm": str(QT_TRANSLATE_NOOP("MaterialBar", "Packed")),
    SPHERE: str(QT_TRANSLATE_NOOP("MaterialBar", "Lit sphere")),
    WALL: str(QT_TRANSLATE_NOOP("MaterialBar", "Lit wall")),
}
_TIPS = {
    "base_color": str(QT_TRANSLATE_NOOP("MaterialBar", "The picture itself")),
    "normal": str(QT_TRANSLATE_NOOP("MaterialBar", "Which way each spot faces")),
    "roughness": str(QT_TRANSLATE_NOOP("MaterialBar", "Light is rough, dark is polished")),
    "metallic": str(QT_TRANSLATE_NOOP("MaterialBar", "Light is bare metal")),
    "occlusion": str(QT_TRANSLATE_NOOP("MaterialBar", "Dark is hollow")),
    "height": str(QT_TRANSLATE_NOOP("MaterialBar", "Light stands out")),
    "orm": str(QT_TRANSLATE_NOOP(
        "MaterialBar", "Occlusion, roughness and metal in red, green and blue"
    )),
    SPHERE: str(QT_TRANSLATE_NOOP("MaterialBar", "On a sphere, under a lamp that you drag")),
    WALL: str(QT_TRANSLATE_NOOP("MaterialBar", "On a wall, under a lamp that you drag")),
}  # fmt: skip
_ICONS = {SPHERE: "sphere", WALL: "bulb"}
_SHEET = "QToolButton { padding: 4px 6px; }"


class MaterialBar(QFrame):
    """One button a map, and two for the light; exactly one is down."""

    asked = Signal(str)
    """A name of `CHANNELS`, or of `LIT`."""

    def __init__(self, parent: QWidget | None = None, look: Look = DARK) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        flow = FlowLayout(self, gap=2)
        flow.setContentsMargins(8, 0, 8, 4)
        for name in (*CHANNELS, *LIT):
            button = QToolButton(self)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setIconSize(QSize(16, 16))
            if name in LIT:
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.clicked.connect(lambda _on, name=name: self.asked.emit(name))
            self._group.addButton(button)
            self._buttons[name] = button
            flow.addWidget(button)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setStyleSheet(_SHEET)
        self.set_look(look)
        self.retranslate()

    def offer(self, channels: Iterable[str]) -> None:
        """The maps that are there; the light is always."""
        there = {*channels, *LIT}
        for name, button in self._buttons.items():
            button.setVisible(name in there)
        self.updateGeometry()

    def choose(self, name: str) -> None:
        """Press a button without asking for anything."""
        self._buttons[name].setChecked(True)

    @property
    def chosen(self) -> str:
        """The button that is down; "" before the first."""
        return next((name for name, one in self._buttons.items() if one.isChecked()), "")

    def set_look(self, look: Look) -> None:
        """Draw the icons anew."""
        for name, icon in _ICONS.items():
            self._buttons[name].setIcon(theme.icon(icon, look))

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self.setAccessibleName(self.tr("Maps of the material"))
        for name, button in self._buttons.items():
            button.setText(self.tr(_NAMES[name]))
            button.setAccessibleName(self.tr(_NAMES[name]))
            button.setToolTip(self.tr(_TIPS[name]))
        self.updateGeometry()
