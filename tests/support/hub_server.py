"""A hub on this machine, as far as models are fetched from it: it lists repositories, gives out
files, and can be told to behave badly.

Written after what huggingface_hub 2.4 asks and reads (`hf_api.HfApi.model_info`,
`file_download.get_hf_file_metadata`, `utils._http.hf_raise_for_status`): large files are redirected
to another host, as the real hub does to its CDN.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

LARGE = (".safetensors", ".bin")


@dataclass
class Repo:
    """One repository: its commits as {path: bytes}, and where its branches are."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    licence: str = "mit"
    gated: bool = False
    private: bool = False

    def commit(self, files: dict[str, bytes], branch: str = "main") -> str:
        """Add a commit to a branch; its hash."""
        told = json.dumps([len(self.commits), sorted(files)])
        sha = hashlib.sha1(told.encode(), usedforsecurity=False).hexdigest()
        self.commits[sha] = dict(files)
        self.refs[branch] = sha
        return sha


@dataclass
class Asked:
    """One request as it came."""

    path: str
    range: str
    authorization: str
    encoding: str
    agent: str


@dataclass
class Faults:
    """How the server behaves badly: each entry is used up by one request."""

    statuses: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    wrong: dict[str, bytes] = field(default_factory=dict)
    html: bool = False
    html_files: bool = False
    no_ranges: bool = False
    pause_s: float = 0.0
    listed: dict[str, bytes] = field(default_factory=dict)
    """Further names in the list of files."""


class HubServer:
    """Serves repositories at ``url``."""

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.faults = Faults()
        self.asked: list[Asked] = []
        self.sent_bytes = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.answer(self)

            def do_HEAD(self) -> None:
                outer.answer(self)

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{port}"
        self.cdn = f"http://localhost:{port}"

    @contextmanager
    def running(self) -> Iterator[HubServer]:
        """Answer until the block ends."""
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def add(self, repo: str, files: dict[str, bytes], **told: Any) -> str:
        """A repository with one commit; its hash."""
        self.repos[repo] = Repo(**told)
        return self.repos[repo].commit(files)

    def add_folder(self, repo: str, folder: Path, **told: Any) -> str:
        """A repository with the files of a folder; the hash of its commit."""
        return self.add(repo, files_of(folder), **told)

    def paths(self) -> list[str]:
        """The files that were asked for, in order."""
        return [one.path for one in self.asked if "/resolve/" in one.path]

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        path = unquote(urlsplit(request.path).path)
        told = request.headers
        self.asked.append(
            Asked(path, told.get("Range", ""), told.get("Authorization", ""),
                  told.get("Accept-Encoding", ""), told.get("User-Agent", ""))
        )  # fmt: skip
        if self.faults.statuses:
            status, headers = self.faults.statuses.pop(0)
            self._send(request, status, b"{}", headers)
        elif self.faults.html:
            page = b"<!DOCTYPE html><html>Log in to the hotel's network</html>"
            self._send(request, 200, page, {"Content-Type": "text/html"})
        elif path.startswith("/api/models/") and "/tree/" in path:
            self._tree(request, path)
        elif path.startswith("/api/models/"):
            self._info(request, path)
        elif path.startswith("/cdn/"):
            self._file(request, *path.removeprefix("/cdn/").split("@", 1))
        else:
            self._resolve(request, path)

    def _info(self, request: BaseHTTPRequestHandler, path: str) -> None:
        name, _, revision = path.removeprefix("/api/models/").partition("/revision/")
        repo = self._allowed(request, name, asks_files=False)
        if repo is None:
            return
        sha = repo.refs.get(revision, revision)
        if sha not in repo.commits:
            self._send(request, 404, b"{}", {"X-Error-Code": "RevisionNotFound"})
            return
        listed = {**repo.commits[sha], **self.faults.listed}
        body = {
            "_id": "1", "id": name, "modelId": name, "sha": sha, "private": repo.private,
            "gated": "auto" if repo.gated else False, "tags": [], "downloads": 0, "likes": 0,
            "cardData": {"license": repo.licence} if repo.licence else {},
            "siblings": [sibling(one, data) for one, data in listed.items()],
        }  # fmt: skip
        self._send(request, 200, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _tree(self, request: BaseHTTPRequestHandler, path: str) -> None:
        """The list of files as `snapshot_download` asks for it."""
        name, _, sha = path.removeprefix("/api/models/").partition("/tree/")
        repo = self._allowed(request, name, asks_files=False)
        if repo is None:
            return
        listed = []
        for one, data in repo.commits[repo.refs.get(sha, sha)].items():
            told = sibling(one, data)
            entry = {"type": "file", "path": one, "size": told["size"], "oid": told["blobId"]}
            if "lfs" in told:
                lfs = told["lfs"]
                entry["lfs"] = {"oid": lfs["sha256"], "size": lfs["size"], "pointerSize": 134}
            listed.append(entry)
        headers = {"Content-Type": "application/json"}
        self._send(request, 200, json.dumps(listed).encode(), headers)

    def _resolve(self, request: BaseHTTPRequestHandler, path: str) -> None:
        name, _, rest = path.lstrip("/").partition("/resolve/")
        sha, _, file = rest.partition("/")
        repo = self._allowed(request, name, asks_files=True)
        if repo is None:
            return
        sha = repo.refs.get(sha, sha)
        data = repo.commits.get(sha, {}).get(file)
        if data is None:
            self._send(request, 404, b"{}", {"X-Error-Code": "EntryNotFound"})
            return
        headers = {"X-Repo-Commit": sha, "ETag": f'"{etag(file, data)}"'}
        if file.endswith(LARGE) and not self.faults.html_files:
            headers |= {"X-Linked-ETag": f'"{etag(file, data)}"', "X-Linked-Size": str(len(data)),
                        "Location": f"{self.cdn}/cdn/{name}@{sha}@{file}"}  # fmt: skip
            self._send(request, 302, b"", headers)
            return
        self._bytes(request, file, data, headers)

    def _file(self, request: BaseHTTPRequestHandler, name: str, rest: str) -> None:
        sha, _, file = rest.partition("@")
        self._bytes(request, file, self.repos[name].commits[sha][file], {})

    def _bytes(
        self, request: BaseHTTPRequestHandler, file: str, data: bytes, headers: dict[str, str]
    ) -> None:
        if self.faults.html_files and file.endswith(LARGE):
            self._send(request, 200, b"<html>no</html>", {"Content-Type": "text/html"})
            return
        data = self.faults.wrong.get(file, data)
        asked, status = request.headers.get("Range", ""), 200
        if asked and not self.faults.no_ranges:
            begin = int(asked.removeprefix("bytes=").rstrip("-"))
            if begin >= len(data):
                self._send(request, 416, b"", {"Content-Range": f"bytes */{len(data)}"})
                return
            headers["Content-Range"] = f"bytes {begin}-{len(data) - 1}/{len(data)}"
            data, status = data[begin:], 206
        self._send(request, status, data, {"Accept-Ranges": "bytes", **headers}, may_cut=True)

    def _allowed(
        self, request: BaseHTTPRequestHandler, name: str, *, asks_files: bool
    ) -> Repo | None:
        """The repository, or None after the answer why it is not shown."""
        repo = self.repos.get(name)
        has_token = request.headers.get("Authorization", "") == "Bearer good"
        if repo is None or (repo.private and not has_token):
            self._send(request, 401, b"{}", {"X-Error-Code": "RepoNotFound"})
            return None
        if repo.gated and asks_files and not has_token:
            self._send(request, 403, b"{}", {"X-Error-Code": "GatedRepo"})
            return None
        return repo

    def _send(
        self,
        request: BaseHTTPRequestHandler,
        status: int,
        body: bytes,
        headers: dict[str, str],
        may_cut: bool = False,
    ) -> None:
        request.close_connection = True
        request.send_response(status)
        for key, value in {"Connection": "close", **headers}.items():
            request.send_header(key, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if request.command == "HEAD":
            return
        if may_cut and self.faults.cuts:
            body = body[: self.faults.cuts.pop(0)]
        try:
            for begin in range(0, len(body), 65536):
                request.wfile.write(body[begin : begin + 65536])
                self.sent_bytes += len(body[begin : begin + 65536])
                if may_cut and self.faults.pause_s:
                    request.wfile.flush()
                    time.sleep(self.faults.pause_s)
        except OSError:
            pass  # the client has left


def etag(path: str, data: bytes) -> str:
    """The hash that a hub names a file by."""
    if path.endswith(LARGE):
        return hashlib.sha256(data).hexdigest()
    whole = b"blob %d\0" % len(data) + data
    return hashlib.sha1(whole, usedforsecurity=False).hexdigest()


def sibling(path: str, data: bytes) -> dict[str, Any]:
    """One entry of a repository's list."""
    found: dict[str, Any] = {"rfilename": path, "size": len(data), "blobId": etag("", data)}
    if path.endswith(LARGE):
        found["lfs"] = {"sha256": etag(path, data), "size": len(data), "pointerSize": 134}
    return found


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its path in there."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
