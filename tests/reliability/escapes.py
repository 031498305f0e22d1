"""Paths that lead out of a project, or seem to: what hostile or careless descriptions may name."""

from __future__ import annotations

import os
from pathlib import Path


def links(root: Path, outside: Path) -> None:
    """Plant links in the project that lead out of it, directly and over others."""
    (root / "sub").mkdir(parents=True, exist_ok=True)
    for ending in ("png", "hex", "safetensors"):
        (root / f"link.{ending}").symlink_to(outside / f"secret.{ending}")
        (root / f"relative.{ending}").symlink_to(f"../{outside.name}/secret.{ending}")
        (root / f"chain.{ending}").symlink_to(f"link.{ending}")
        (root / "sub" / f"up.{ending}").symlink_to(f"../../{outside.name}/secret.{ending}")
        (root / f"self.{ending}").symlink_to(f"/proc/self/root{outside}/secret.{ending}")
        (root / f"loop.{ending}").symlink_to(f"loop.{ending}")
        (root / f"environ.{ending}").symlink_to("/proc/self/environ")
    (root / "linked").symlink_to(outside, target_is_directory=True)
    (root / "parent").symlink_to("..", target_is_directory=True)


def paths(outside: Path, ending: str) -> list[str]:
    """Ways to name `secret.ENDING` in the folder beside the project, and names of devices."""
    name, far = outside.name, f"secret.{ending}"
    drive = "C:" + str(outside).replace("/", "\\") + "\\" + far
    found = [
        f"../{name}/{far}",
        f"./../{name}/{far}",
        f"sub/../../{name}/{far}",
        f"sub/./../../{name}/{far}",
        f"sub//..//../{name}/{far}",
        f"../../{outside.parent.name}/{name}/{far}",
        f"..//{name}/{far}",
        "../" * 40 + str(outside).lstrip("/") + f"/{far}",
        f"nowhere/../../{name}/{far}",
        f"{outside}/{far}",
        f"/{outside}/{far}",
        f"///{outside}/{far}",
        f"file://{outside}/{far}",
        f"file:{outside}/{far}",
        f"FILE:///{outside}/{far}",
        f"/proc/self/root{outside}/{far}",
        f"/proc/self/cwd/../{name}/{far}",
        f"/proc/{os.getpid()}/root{outside}/{far}",
        f"link.{ending}",
        f"relative.{ending}",
        f"chain.{ending}",
        f"sub/up.{ending}",
        f"self.{ending}",
        f"loop.{ending}",
        f"environ.{ending}",
        f"linked/{far}",
        f"linked/../{name}/{far}",
        f"linked/inner/../{far}",
        f"parent/{name}/{far}",
        f"sub/../linked/{far}",
        drive,
        drive.replace("\\", "/"),
        f"C:{far}",
        f"..\\{name}\\{far}",
        f"sub\\..\\..\\{name}\\{far}",
        f"\\\\server\\share\\{far}",
        f"//server/share/{far}",
        f"\\\\?\\{drive}",
        f"\\\\.\\{far}",
        f"~/{far}",
        f"~root/{far}",
        f"$HOME/../{name}/{far}",
        f"%2e%2e/{name}/{far}",
        f"..%2f{name}/{far}",
        f"．．/{name}/{far}",
        f"..∕{name}∕{far}",
        f"../{name}/{far} ",
        f" ../{name}/{far}",
        f"../{name}/{far}.",
        f"../{name}/noend",
        f"con.{ending}",
        f"NUL.{ending}",
        f"sub/aux.{ending}",
        f"COM1.{ending}",
        f"lpt9.{ending}",
        f"CONIN$.{ending}",
        f"{far}:stream.{ending}",
        f"../{name}/{far}\u0000.{ending}",
        f"..\u202e/{name}/{far}",
        "..",
        ".",
        "/",
    ]
    return [path for path in dict.fromkeys(found) if path]


NAMES = (
    "../escaped", "../../escaped", "sub/../../escaped", "/escaped", "linked/escaped", "a/b", "..",
    ".", "", " ", "con", "NUL", "aux.x", "COM1", "lpt9", "C:escaped", "C:\\escaped", "..\\escaped",
    "\\\\server\\escaped", "//server/escaped", "file:escaped", "~", "a:b", "x\u0000y", "x\ny",
    "trailing.", "trailing ", "x" * 300, "..\u2215escaped", ".hidden/../../escaped",
)  # fmt: skip
"""Names that an asset in a table may give itself, and so its image."""
