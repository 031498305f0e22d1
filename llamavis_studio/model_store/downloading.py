"""One file from the hub into the cache: what came before a cut is kept and gone on from, the whole
is compared with the hash that the hub names, and only then does it get its place.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llamavis_studio.core.errors import BackendError, Cancelled, ModelMissing
from llamavis_studio.core.write import sync_folders
from llamavis_studio.model_store.choosing import RemoteFile
from llamavis_studio.model_store.hub import Hub, TryAgain
from llamavis_studio.model_store.places import Snapshot, feed, new_digest

if TYPE_CHECKING:
    from hashlib import _Hash

OnBytes = Callable[[int], None]
"""Told how many bytes of the current file are there."""


class Download:
    """Brings files of one repository; `stop` raises Cancelled when the user wants no more."""

    def __init__(self, hub: Hub, place: Snapshot, stop: Callable[[], None]) -> None:
        self._hub = hub
        self._place = place
        self._stop = stop

    def file(self, file: RemoteFile, on_bytes: OnBytes) -> bool:
        """Have a file in the cache, whole and compared with its hash; whether any of it had to be
        fetched.

        Raises ModelMissing for wrong bytes, BackendError for all that keeps it away, Cancelled.
        """
        try:
            pointer = self._place.pointer(file)
            if self._place.existing(file) == pointer and self._is_whole(file, on_bytes):
                return False  # also where the cache may only be read
            with self._alone(file):
                if self._is_whole(file, on_bytes):
                    self._place.link(file)
                    return False
                self._bring(file, on_bytes)
                self._place.link(file)
                return True
        except OSError as error:
            raise disk_words(error, self._place.cache, file.path) from error

    def _alone(self, file: RemoteFile) -> Any:
        """The lock of a file, once no other program holds it."""
        from filelock import FileLock, Timeout

        path = self._place.lock(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        while True:
            try:
                return lock.acquire(timeout=0.2)
            except Timeout:
                self._stop()

    def _is_whole(self, file: RemoteFile, on_bytes: OnBytes) -> bool:
        """Whether the cache has the right bytes; wrong ones are taken out of it.

        Raises ModelMissing for wrong ones where no others can be fetched.
        """
        if (path := self._place.existing(file)) is None:
            if not self._hub.is_offline:
                self._place.discard(file)  # of another length, or a link to nothing
            return False
        digest, count = new_digest(file), _Counter(on_bytes, self._stop)
        feed(path, [digest], count.add)
        if digest.hexdigest() == file.etag:
            return True
        if self._hub.is_offline:
            raise ModelMissing(
                f"{path} has other bytes than its fingerprint says",
                "fetch it again without the offline mode",
            )
        self._place.discard(file)
        on_bytes(0)
        return False

    def _bring(self, file: RemoteFile, on_bytes: OnBytes) -> None:
        blob, part = self._place.blob(file), self._place.partial(file)
        blob.parent.mkdir(parents=True, exist_ok=True)
        had_some = part.exists()
        is_right = self._filled(part, file, on_bytes)
        if not is_right and had_some:  # what was there before may have been wrong
            is_right = self._filled(part, file, on_bytes)
        if not is_right:
            raise ModelMissing(
                f"{file.path} came with other bytes than {self._hub.endpoint} promises (its "
                "fingerprint is wrong), and was thrown away",
                "fetch it again; if it goes wrong again, do not use this address",
            )
        part.replace(blob)
        sync_folders([blob.parent])

    def _filled(self, part: Path, file: RemoteFile, on_bytes: OnBytes) -> bool:
        """Fetch the rest of a file; whether the whole is right, else it is thrown away."""
        growing = _Growing(part, file, _Counter(on_bytes, self._stop))
        try:
            self._hub.retried(lambda: self._go_on(growing))
        finally:
            growing.close()
        if growing.digest.hexdigest() == file.etag:
            return True
        part.unlink(missing_ok=True)
        return False

    def _go_on(self, growing: _Growing) -> None:
        """Fetch until a file is whole. Raises TryAgain where nothing came any more."""
        while growing.has < growing.file.size:
            begin = growing.has
            try:
                self._part(growing)
            except TryAgain:
                if growing.has <= begin:
                    raise
                time.sleep(0.05)  # something came: the connection was cut, and works
        growing.sync()

    def _part(self, growing: _Growing) -> None:
        file, place = growing.file, self._place
        with self._hub.reading(place.repo, place.commit, file, growing.has) as answer:
            if growing.has and not _goes_on_at(answer, growing.has):
                growing.restart()
            if answer.status_code == 416:
                raise TryAgain(_shorter(file))
            for data in answer.iter_bytes():
                growing.add(data)
        if growing.has < file.size:
            raise TryAgain(_shorter(file))


def _shorter(file: RemoteFile) -> BackendError:
    return BackendError(
        f"the connection was closed before all of {file.path} was there",
        "fetch it again: it goes on from what is there",
    )


class _Growing:
    """A file while it comes, with the digest of what is there."""

    def __init__(self, path: Path, file: RemoteFile, count: _Counter) -> None:
        self.file = file
        self._count = count
        self.digest: _Hash = new_digest(file)
        self._stream = path.open("ab")
        self.has = path.stat().st_size
        if self.has > file.size:
            self.restart()
        elif self.has:
            feed(path, [self.digest], count.add)

    def add(self, data: bytes) -> None:
        """Write the next bytes. Raises ModelMissing where they are more than were promised."""
        if self.has + len(data) > self.file.size:
            self.restart()
            raise ModelMissing(
                f"{self.file.path} is longer than the hub promises, and was thrown away",
                "fetch it again; if it goes wrong again, do not use this address",
            )
        self._stream.write(data)
        self.digest.update(data)
        self.has += len(data)
        self._count.add(len(data))

    def restart(self) -> None:
        """Begin anew."""
        self._stream.truncate(0)
        self.digest, self.has = new_digest(self.file), 0
        self._count.restart()

    def sync(self) -> None:
        """Make what is there durable."""
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def close(self) -> None:
        """Let go of the file; what came stays."""
        self._stream.close()


class _Counter:
    """Tells how many bytes are there, and stops where the user wants to."""

    def __init__(self, on_bytes: OnBytes, stop: Callable[[], None]) -> None:
        self._on_bytes = on_bytes
        self._stop = stop
        self._has = 0

    def add(self, count: int) -> None:
        self._has += count
        self._on_bytes(self._has)
        self._stop()

    def restart(self) -> None:
        self._has = 0
        self._on_bytes(0)


def _goes_on_at(answer: Any, begin: int) -> bool:
    """Whether an answer holds the bytes from ``begin`` on, as they lie in the file."""
    said = str(answer.headers.get("Content-Range", ""))
    return answer.status_code == 206 and said.startswith(f"bytes {begin}-")


def disk_words(error: OSError, folder: Path, name: str) -> BackendError:
    """What a failed write means."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return BackendError(
            f"the disk with {folder} is full: {name} is not whole",
            "free some space and fetch it again: it goes on from what is there; HF_HOME names "
            "another place",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return BackendError(
            f"nothing may be written in {folder}",
            "give yourself permission there, or name another place with HF_HOME",
        )
    return BackendError(
        f"{name} cannot be written in {folder}: {error.strerror or error}",
        "look at the disk, or name another place with HF_HOME",
    )


def raise_when(should_stop: Callable[[], bool]) -> Callable[[], None]:
    """A function that raises Cancelled once ``should_stop`` says so."""

    def stop() -> None:
        if should_stop():
            raise Cancelled()

    return stop
