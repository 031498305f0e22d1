"""The studio's look: two palettes made by hand, checked for contrast (WCAG 2.2, AA), and what
follows from them: Qt's palette, one style sheet, icons in the colour of the text.

    look = LIGHT or DARK -> apply(app, look) -> widgets that paint for themselves ask `look`
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from llamavis_studio.core.resources import resource_path


@dataclass(frozen=True)
class Look:
    """Colours by their use, as `#rrggbb`.

    `window` lies behind panels, `panel` under lists and forms, `raised` under what is pressed.
    `text` and `dim` are readable on all three, `on_accent` on `accent`, and the colours of states
    on `panel`. `checker_a` and `checker_b` show through clear pixels.
    """

    name: str
    window: str
    panel: str
    raised: str
    line: str
    text: str
    dim: str
    accent: str
    on_accent: str
    selection: str
    good: str
    warn: str
    bad: str
    info: str
    checker_a: str
    checker_b: str

    def colour(self, use: str) -> QColor:
        """A colour by its field's name."""
        return QColor(str(getattr(self, use)))


DARK = Look(
    name="dark",
    window="#1d1c21",
    panel="#26252b",
    raised="#34323b",
    line="#45434d",
    text="#ece9e4",
    dim="#b0aca6",
    accent="#f0a35e",
    on_accent="#241405",
    selection="#5a3f25",
    good="#86c98a",
    warn="#e9c46a",
    bad="#ff8a80",
    info="#8ab8f0",
    checker_a="#3a3840",
    checker_b="#302e35",
)
LIGHT = Look(
    name="light",
    window="#eeebe5",
    panel="#fbfaf7",
    raised="#e4e0d8",
    line="#c9c4ba",
    text="#25231f",
    dim="#625d54",
    accent="#a24e12",
    on_accent="#ffffff",
    selection="#f6dcc4",
    good="#2b7134",
    warn="#7d5a00",
    bad="#b3261e",
    info="#1f5f9e",
    checker_a="#ffffff",
    checker_b="#e3dfd7",
)


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "relative luminance")."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def look_of(name: str, app: QApplication) -> Look:
    """The look of a setting: `light`, `dark`, or `system` after what the desktop prefers."""
    if name == "system":
        is_dark = app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return DARK if is_dark else LIGHT
    return DARK if name == "dark" else LIGHT


def apply(app: QApplication, look: Look) -> None:
    """Dress the whole application."""
    app.setStyle("Fusion")
    palette = QPalette()
    role = QPalette.ColorRole
    for use, colour in (
        (role.Window, look.window),
        (role.WindowText, look.text),
        (role.Base, look.panel),
        (role.AlternateBase, look.window),
        (role.Text, look.text),
        (role.PlaceholderText, look.dim),
        (role.Button, look.raised),
        (role.ButtonText, look.text),
        (role.Highlight, look.accent),
        (role.HighlightedText, look.on_accent),
        (role.ToolTipBase, look.raised),
        (role.ToolTipText, look.text),
        (role.Link, look.info),
        (role.Mid, look.line),
        (role.Light, look.raised),
        (role.Midlight, look.raised),
        (role.Dark, look.line),
        (role.Shadow, look.window),
        (role.Accent, look.accent),
    ):
        palette.setColor(use, QColor(colour))
    for use in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, use, QColor(look.dim))
    app.setPalette(palette)
    sheet = _SHEET.replace("@chevron@", (icon_folder() / f"chevron-{look.name}.svg").as_posix())
    for field in fields(look):
        sheet = sheet.replace(f"@{field.name}@", str(getattr(look, field.name)))
    app.setStyleSheet(sheet)


def icon(name: str, look: Look, use: str = "text") -> QIcon:
    """One of the studio's icons, drawn in a colour of the look, crisp at any scale."""
    return _icon(name, str(getattr(look, use)), look.dim)


@lru_cache(maxsize=512)
def _icon(name: str, colour: str, faint: str) -> QIcon:
    made = QIcon()
    for side in (16, 24, 32, 48):
        made.addPixmap(_pixmap(name, colour, side))
        made.addPixmap(_pixmap(name, faint, side), QIcon.Mode.Disabled)
    return made


def _pixmap(name: str, colour: str, side: int) -> QPixmap:
    image = _shape(name, side).copy()
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(image.rect(), QColor(colour))
    painter.end()
    return QPixmap.fromImage(image)


@lru_cache(maxsize=512)
def _shape(name: str, side: int) -> QImage:
    """An icon without its colour: the drawing of an SVG costs more than its tint."""
    image = QImage(QSize(side, side), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    _drawing(name).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return image


@lru_cache(maxsize=256)
def _drawing(name: str) -> QSvgRenderer:
    svg = (icon_folder() / f"{name}.svg").read_text("utf-8")
    return QSvgRenderer(QByteArray(svg.replace("currentColor", "#000").encode()))


def icon_folder() -> Path:
    """Where the SVG files lie."""
    return resource_path("icons")


_SHEET = """
* { font-size: 10pt; }
QMainWindow, QDialog { background: @window@; }
QToolTip { background: @raised@; color: @text@; border: 1px solid @line@; padding: 4px; }
QDockWidget { titlebar-close-icon: none; titlebar-normal-icon: none; color: @dim@; }
QDockWidget::title { background: @window@; padding: 7px 10px; text-align: left; }
QMainWindow::separator { background: @window@; width: 5px; height: 5px; }
QMainWindow::separator:hover { background: @accent@; }
QMenuBar { background: @window@; padding: 2px 6px; }
QMenuBar::item { padding: 5px 9px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: @raised@; }
QMenu { background: @panel@; border: 1px solid @line@; padding: 5px; }
QMenu::item { padding: 6px 26px 6px 22px; border-radius: 4px; }
QMenu::item:selected { background: @accent@; color: @on_accent@; }
QMenu::item:disabled { color: @dim@; }
QMenu::separator { height: 1px; background: @line@; margin: 5px 8px; }
QToolBar { background: @window@; border: none; padding: 4px 8px; spacing: 4px; }
QToolButton, QPushButton { background: transparent; color: @text@; border: 1px solid transparent;
  border-radius: 5px; padding: 5px 10px; }
QPushButton { background: @raised@; border-color: @line@; padding: 6px 14px; }
QToolButton:hover, QPushButton:hover { background: @raised@; border-color: @line@; }
QToolButton:pressed, QPushButton:pressed, QToolButton:checked { background: @selection@;
  border-color: @accent@; }
QToolButton:focus, QPushButton:focus { border-color: @accent@; }
QToolButton:disabled, QPushButton:disabled { color: @dim@; }
QPushButton[primary="true"] { background: @accent@; color: @on_accent@; border-color: @accent@;
  font-weight: 600; }
QPushButton[primary="true"]:disabled { background: @raised@; color: @dim@; border-color: @line@; }
QLineEdit, QPlainTextEdit, QTextEdit { background: @panel@;
  color: @text@; border: 1px solid @line@; border-radius: 5px; padding: 5px 7px;
  selection-background-color: @accent@; selection-color: @on_accent@; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus { border-color: @accent@; }
QSpinBox QLineEdit, QComboBox QLineEdit { border: none; padding: 0; background: transparent; }
QSpinBox, QDoubleSpinBox { min-height: 26px; }
QComboBox { background: @panel@; color: @text@; border: 1px solid @line@; border-radius: 5px;
  padding: 5px 7px; min-height: 18px; }
QComboBox:focus { border-color: @accent@; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("@chevron@"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @panel@; color: @text@; border: 1px solid @line@;
  selection-background-color: @accent@; selection-color: @on_accent@; }
QTreeView { show-decoration-selected: 1; }
QTreeView, QListView, QTableView { background: @panel@; color: @text@; border: none;
  outline: none; alternate-background-color: @window@; }
QTreeView::item, QListView::item { padding: 3px 4px; border-radius: 4px; }
QTreeView::item:hover, QListView::item:hover, QTableView::item:hover { background: @raised@; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected {
  background: @selection@; color: @text@; }
QHeaderView::section { background: @window@; color: @dim@; border: none; padding: 5px 8px; }
QTabBar::tab { background: @window@; color: @dim@; padding: 7px 14px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @text@; border-bottom: 2px solid @accent@; }
QTabBar::tab:hover { color: @text@; }
QTabWidget::pane { border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @line@; border-radius: 4px; margin: 2px; min-width: 28px;
  min-height: 28px; }
QScrollBar::handle:hover { background: @dim@; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: @raised@; border: none; border-radius: 4px; height: 8px;
  text-align: center; color: @text@; }
QProgressBar::chunk { background: @accent@; border-radius: 4px; }
QStatusBar { background: @window@; color: @dim@; }
QStatusBar::item { border: none; }
QSlider::groove:horizontal { background: @line@; height: 4px; border-radius: 2px; }
QSlider::handle:horizontal { background: @accent@; width: 14px; margin: -5px 0;
  border-radius: 7px; }
QLabel[role="dim"] { color: @dim@; }
QCheckBox::indicator:unchecked { width: 12px; height: 12px; background: @panel@;
    border: 1px solid @dim@; border-radius: 3px; }
QLabel[role="title"] { font-size: 15pt; font-weight: 600; }
QLabel[role="bad"] { color: @bad@; }
QFrame[role="card"] { background: @panel@; border: 1px solid @line@; border-radius: 8px; }
"""
