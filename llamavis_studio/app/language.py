"""The language of the window: English, or Simplified Chinese from `resources/i18n`."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from llamavis_studio.core.resources import resource_path

_OF_QT = {"en": "qtbase_en.qm", "zh": "qtbase_zh_CN.qm"}


class Language:
    """The translator that is installed; change it at any time, widgets follow by `changeEvent`."""

    def __init__(self) -> None:
        self._translators: list[QTranslator] = []
        self.name = ""

    def use(self, wanted: str) -> str:
        """Switch to `en`, `zh`, or with `auto` to what the system speaks; the language in use."""
        if wanted == "auto":
            is_chinese = QLocale.system().language() == QLocale.Language.Chinese
            wanted = "zh" if is_chinese else "en"
        app = QCoreApplication.instance()
        if app is None or wanted == self.name:
            return self.name
        for old in self._translators:
            app.removeTranslator(old)
            old.deleteLater()
        # English has a file too: its plural forms. Qt's own is for the parts of its dialogs.
        ours = str(resource_path("i18n", f"studio_{wanted}.qm"))
        of_qt = f"{QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)}/{_OF_QT[wanted]}"
        self._translators = []
        for file in (of_qt, ours):
            translator = QTranslator(app)
            if translator.load(file):
                app.installTranslator(translator)
                self._translators.append(translator)
        self.name = wanted
        return wanted
