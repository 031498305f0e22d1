"""The file behind an editor: its text with line ends and byte order mark remembered, and whether
another program has changed it since."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from llamavis_studio.app.drafts import digest_of
from llamavis_studio.core.description import MANY_LIMIT_BYTES
from llamavis_studio.core.errors import DescriptionError
from llamavis_studio.core.source import read_text
from llamavis_studio.core.write import write_atomic


@dataclass(frozen=True)
class FileText:
    """A file's text as an editor holds it (lines end in a newline), and how it is written."""

    path: Path
    text: str
    digest: str = ""  # of the bytes on disk; empty: there is no file
    ending: str = "\n"
    is_marked: bool = False

    @classmethod
    def read(cls, path: Path) -> FileText:
        """Read a file; raises DescriptionError when it cannot be read or is not UTF-8."""
        text = read_text(path, MANY_LIMIT_BYTES, DescriptionError)
        try:
            data = path.read_bytes()
        except OSError as cause:
            problem = f"the file cannot be read: {cause.strerror or cause}"
            raise DescriptionError(problem, "check the disk", path) from cause
        ending = "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"
        plain = text.replace("\r\n", "\n").replace("\r", "\n")
        return cls(path, plain, digest_of(data), ending, data.startswith(codecs.BOM_UTF8))

    def is_on_disk(self) -> bool:
        """Whether the file is still what was read, or still absent."""
        try:
            return digest_of(self.path.read_bytes()) == self.digest
        except FileNotFoundError:
            return not self.digest
        except OSError:
            return True  # not readable now: writing will tell

    def written(self, text: str) -> FileText:
        """Write another text in the same way; raises LlamaVisError when that fails."""
        try:
            data = text.replace("\n", self.ending).encode("utf-8")
        except UnicodeEncodeError as cause:
            line = text.count("\n", 0, cause.start) + 1
            raise DescriptionError(
                f"line {line} holds half a character", "remove it and type it again", self.path
            ) from cause
        if self.is_marked:
            data = codecs.BOM_UTF8 + data
        write_atomic(self.path, data)
        return FileText(self.path, text, digest_of(data), self.ending, self.is_marked)
