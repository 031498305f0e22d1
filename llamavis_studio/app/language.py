"""The language of the window: English, or Simplified Chinese from `resources/i18n`."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from llamavis_studio.core.resources import resource_path


class Language:
    """The translator that is installed; change it at any time, widgets follow by `changeEvent`."""

    def __init__(self) -> None:
        self._translator: QTranslator | None = None
        self.name = ""

    def use(self, wanted: str) -> str:
        """Switch to `en`, `zh`, or with `auto` to what the system speaks; the language in use."""
        if wanted == "auto":
            is_chinese = QLocale.system().language() == QLocale.Language.Chinese
            wanted = "zh" if is_chinese else "en"
        app = QCoreApplication.instance()
        if app is None or wanted == self.name:
            return self.name
        if self._translator is not None:
            app.removeTranslator(self._translator)
            self._translator = None
        # English has a file too: its plural forms.
        translator = QTranslator(app)
        if translator.load(str(resource_path("i18n", f"studio_{wanted}.qm"))):
            app.installTranslator(translator)
            self._translator = translator
        self.name = wanted
        return wanted
