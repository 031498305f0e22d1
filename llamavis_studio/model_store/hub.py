"""A hub, or a mirror of one: what a repository has, and the bytes of its files.

huggingface_hub makes the requests: it knows the user's token, proxies (HTTPS_PROXY), certificates
and the address in HF_ENDPOINT. It is imported inside the functions; before that it is told to send
no statistics and to draw no bars.

The token goes to the hub that the user is logged in at, never to another mirror.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from llamavis_studio import __version__
from llamavis_studio.backends.catalogue import catalogue
from llamavis_studio.core.errors import (
    BackendError,
    BackendUnavailable,
    LlamaVisError,
    ModelMissing,
    nearest,
)
from llamavis_studio.model_store.choosing import RemoteFile
from llamavis_studio.model_store.places import COMMIT

HUB = "https://huggingface.co"
PAUSES_S = (1.0, 2.0, 4.0, 8.0)
"""How long to wait before each further try; then it is given up."""
Result = TypeVar("Result")
_REPO = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_LARGE_HASH = re.compile(r"[0-9a-f]{64}")
_MOST_FILES = 20_000
_QUIET = (
    "HF_HUB_DISABLE_TELEMETRY",
    "HF_HUB_DISABLE_PROGRESS_BARS",
    "HF_HUB_DISABLE_SYMLINKS_WARNING",
    "HF_HUB_DISABLE_UPDATE_CHECK",
)


@dataclass(frozen=True)
class RepoFacts:
    """A repository at one commit. `licence` is "" where its publisher names none."""

    repo: str
    commit: str
    licence: str
    is_gated: bool
    files: tuple[RemoteFile, ...]


class TryAgain(Exception):  # noqa: N818
    """A request failed in a way that may pass: the words for it, and how long the server asks to
    wait.
    """

    def __init__(self, error: LlamaVisError, pause_s: float = 0.0) -> None:
        super().__init__(error.message)
        self.error = error
        self.pause_s = min(pause_s, 60.0)


class Hub:
    """One hub.

    Args:
        endpoint: its address; "" takes HF_ENDPOINT, or huggingface.co.
        is_offline: answer with an error instead of asking.
        timeout_s: how long the server may be silent.
        pauses_s: the waits before further tries.
        wait: sleeps so long; raises to stop.
    """

    def __init__(
        self,
        endpoint: str = "",
        is_offline: bool | None = None,
        timeout_s: float = 30.0,
        pauses_s: tuple[float, ...] = PAUSES_S,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        own = os.environ.get("HF_ENDPOINT", "").rstrip("/") or HUB
        self.endpoint = endpoint.rstrip("/") or own
        if not self.endpoint.startswith(("http://", "https://")):
            raise BackendUnavailable(
                f"'{self.endpoint}' is no address of a hub", "write it as https://hf-mirror.com"
            )
        self._token = None if self.endpoint in (own, HUB) else False
        self.is_offline = is_offline_wanted() if is_offline is None else is_offline
        self._timeout_s = timeout_s
        self._pauses_s = pauses_s
        self._wait = wait

    def facts(self, repo: str, revision: str) -> RepoFacts:
        """A repository at a branch, tag or commit. Raises BackendError."""
        check_repo(repo)
        self._refuse_offline()
        return self.retried(lambda: self._facts(repo, revision))

    def retried(self, work: Callable[[], Result]) -> Result:
        """Do ``work``, again where it raises TryAgain; the last failure is raised in words."""
        for pause_s in (*self._pauses_s, None):
            try:
                return work()
            except TryAgain as trouble:
                if pause_s is None:
                    raise trouble.error from trouble
                self._wait(max(pause_s, trouble.pause_s))
        raise AssertionError("a try after the last one")

    @contextlib.contextmanager
    def reading(self, repo: str, commit: str, file: RemoteFile, begin: int) -> Generator[Any]:
        """The answer to a request for the bytes of a file from ``begin`` on: status 206, or 200 for
        all of it. Raises TryAgain and BackendError.
        """
        self._refuse_offline()
        hub = _library()
        quoted = "/".join(_quoted(part) for part in file.path.split("/"))
        url = f"{self.endpoint}/{repo}/resolve/{commit}/{quoted}"
        headers = hub.utils.build_hf_headers(
            token=self._token, library_name="llamavis-studio", library_version=__version__
        )
        headers["Accept-Encoding"] = "identity"
        if begin:
            headers["Range"] = f"bytes={begin}-"
        with self._words(repo):
            client = hub.utils.get_session()
            with client.stream("GET", url, headers=headers, timeout=self._timeout_s) as answer:
                self._refuse_status(answer.status_code, answer.headers, repo)
                if "text/html" in answer.headers.get("Content-Type", "") and file.is_large:
                    raise self._web_page()
                yield answer

    def _refuse_offline(self) -> None:
        if self.is_offline:
            raise BackendUnavailable(
                "nothing is fetched: this is the offline mode",
                "leave out --offline, and unset HF_HUB_OFFLINE, to fetch models",
            )

    def _facts(self, repo: str, revision: str) -> RepoFacts:
        hub = _library()
        api = hub.HfApi(
            self.endpoint, token=self._token, library_name="llamavis-studio",
            library_version=__version__,
        )  # fmt: skip
        with self._words(repo, revision):
            try:
                told = api.model_info(
                    repo, revision=revision, files_metadata=True, timeout=self._timeout_s
                )
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                if isinstance(error, hub.errors.HfHubHTTPError):
                    raise
                raise self._web_page() from error
        card = told.card_data
        licence = "" if card is None else str(card.get("license_name") or card.get("license") or "")
        files = tuple(_file(one) for one in told.siblings or ())
        if not isinstance(told.sha, str) or not COMMIT.fullmatch(told.sha):
            raise self._web_page()
        if len(files) > _MOST_FILES:
            raise BackendError(f"{repo} has {len(files)} files, no model has so many")
        return RepoFacts(repo, told.sha, licence, bool(told.gated), files)

    @contextlib.contextmanager
    def _words(self, repo: str, revision: str = "") -> Generator[None]:
        """Turn what the library raises into words."""
        hub = _library()
        # The library moved from httpx to httpx2; its client tells which one raises.
        http = importlib.import_module(type(hub.utils.get_session()).__module__.partition(".")[0])
        try:
            yield
        except hub.errors.OfflineModeIsEnabled as error:
            raise BackendUnavailable(
                "nothing is fetched: this is the offline mode", "unset HF_HUB_OFFLINE"
            ) from error
        except hub.errors.HfHubHTTPError as error:
            answer = error.response
            self._refuse_status(answer.status_code, answer.headers, repo, revision)
            raise self._unclear(answer.status_code) from error
        except http.HTTPError as error:
            raise TryAgain(self._unreachable(error)) from error

    def _refuse_status(self, status: int, headers: Any, repo: str, revision: str = "") -> None:
        """Raise what a status means, nothing for those of success."""
        if status in (200, 206):
            return
        code = headers.get("X-Error-Code", "")
        if code == "GatedRepo" or (status == 403 and code != "RepoNotFound"):
            raise BackendUnavailable(
                f"{repo} is given out only to those who accepted its terms ({status})",
                f"accept them at {HUB}/{repo}, then log in: hf auth login, or set HF_TOKEN",
            )
        if code == "RevisionNotFound":
            raise ModelMissing(
                f"{repo} has no revision '{revision}'", f"look at {self.endpoint}/{repo}/commits"
            )
        if status in (401, 404):
            near = nearest(repo, (one.repo for one in catalogue().values()))
            hint = f"did you mean '{near}'?" if near not in (None, repo) else "look at its name"
            raise ModelMissing(
                f"{self.endpoint} shows no repository or file {repo} ({status})",
                f"{hint}; if it is private, log in: hf auth login, or set HF_TOKEN",
            )
        if status in (408, 429) or status >= 500:
            raise TryAgain(
                BackendUnavailable(
                    f"{self.endpoint} cannot answer now (status {status})",
                    "try again later, or another address: --mirror URL",
                ),
                _seconds(headers.get("Retry-After", "")),
            )
        if status != 416:
            raise self._unclear(status)

    def _unclear(self, status: int) -> BackendError:
        return BackendUnavailable(
            f"{self.endpoint} refused the request (status {status})",
            "look at the address, and at the settings of your proxy",
        )

    def _unreachable(self, error: Exception) -> BackendError:
        said = str(error) or type(error).__name__
        return BackendUnavailable(
            f"{self.endpoint} cannot be reached: {said}",
            "look at your connection, name a proxy in HTTPS_PROXY, or another address with "
            "--mirror URL or HF_ENDPOINT",
        )

    def _web_page(self) -> BackendError:
        return BackendUnavailable(
            f"{self.endpoint} answered with something that no hub says",
            "a page to log in to a network, or a proxy, may stand between; look at the address",
        )


def check_repo(repo: str) -> None:
    """Refuse what cannot be a repository. Raises ModelMissing."""
    if not _REPO.fullmatch(repo) or ".." in repo or "--" in repo:
        raise ModelMissing(
            f"'{repo}' is no repository", "write ORGANISATION/REPOSITORY, or a name of "
            "'llamavis models list --available'",
        )  # fmt: skip


def is_offline_wanted() -> bool:
    """Whether the user's environment asks to stay offline."""
    value = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    return value.upper() in ("1", "ON", "YES", "TRUE")


def _library() -> Any:
    """huggingface_hub, told to be quiet. Raises BackendUnavailable where it is not installed."""
    for name in _QUIET:
        os.environ.setdefault(name, "1")
    try:
        import huggingface_hub
        import huggingface_hub.constants
        import huggingface_hub.errors
        import huggingface_hub.utils
    except ImportError as error:
        raise BackendUnavailable(
            "the package huggingface_hub is not installed", "pip install huggingface_hub"
        ) from error
    library: Any = huggingface_hub
    library.constants.HF_HUB_DISABLE_TELEMETRY = True  # also where it was imported before
    library.utils.logging.set_verbosity_error()
    return library


def _file(told: Any) -> RemoteFile:
    """One entry of a repository's list. Raises ModelMissing where it says no length or hash."""
    path, lfs = str(told.rfilename), told.lfs
    etag = str((lfs.sha256 if lfs else told.blob_id) or "")
    size = lfs.size if lfs else told.size
    fits = (_LARGE_HASH if lfs else COMMIT).fullmatch(etag)
    if not fits or not isinstance(size, int) or size < 0:
        raise ModelMissing(
            f"the hub does not say how long {path} is, or its hash", "try another address"
        )
    return RemoteFile(path, size, etag, bool(lfs))


def _quoted(part: str) -> str:
    from urllib.parse import quote

    return quote(part, safe="")


def _seconds(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return 0.0
