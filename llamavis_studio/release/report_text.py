"""The report as Markdown: for a repository, a wiki, a mail."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from llamavis_studio.core.fields import forbidden_character
from llamavis_studio.release.disclosure import CAUTION, disclosure
from llamavis_studio.release.report import Report, ReportedAsset

_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~])")


def report_markdown(report: Report, root: Path, beside: Path) -> str:
    """The report in Markdown; pictures are linked from the folder `beside`, nothing is embedded.

    `root` is the project's folder.
    """
    told = disclosure(report)
    lines = [
        f"# {_text(report.project)}: generated images",
        "",
        f"{len(report.assets)} images were made by a model; {report.edited} of them were changed "
        f"afterwards, {report.locked} are locked.",
        "",
        "## For the store · 商店披露",
        "",
        *(line for language in ("en", "zh") for line in _quoted(told, language)),
        "## Models · 模型",
        "",
        *_table(
            ("images", "model", "revision", "licence", "backend"),
            [
                (str(use.count), use.model or "unknown", use.revision, use.licence, use.backend)
                for use in report.models
            ],
        ),
        "## Images · 图像",
        "",
    ]
    prefix = os.path.relpath(root, beside)
    for asset in report.assets:
        lines += _asset(asset, prefix)
    for title, names in (
        ("Described, but not made by the studio", report.others),
        ("Described, but not there", report.missing),
    ):
        if names:
            lines += [f"## {title}", "", *(f"- {_text(name)}" for name in names), ""]
    return "\n".join(lines)


def plain(text: str) -> str:
    """A text from a file, without what would move a terminal's cursor or break a document."""
    kept = (" " if forbidden_character(ch) or ch in "\r\n\t" else ch for ch in text)
    return " ".join("".join(kept).split())


def rows_of(asset: ReportedAsset) -> list[tuple[str, str]]:
    """What a report says about an image: labels and values, those without a value left out."""
    width, height = asset.size_px
    marks = [asset.state, *["edited by hand"] * asset.edited, *["locked"] * asset.locked]
    rows = [
        ("prompt", asset.prompt),
        ("as the model read it", asset.expanded_prompt),
        ("unwanted", asset.negative),
        ("edited from", asset.parent_prompt),
        ("kind", asset.kind),
        ("size", f"{width}x{height}"),
        ("drawn at", "x".join(map(str, asset.drawn_px or ()))),
        ("to know", "; ".join(asset.notes)),
        ("model", " ".join(filter(None, (asset.model, asset.revision)))),
        ("licence", asset.licence),
        ("seed", "" if asset.seed is None else str(asset.seed)),
        ("backend", asset.backend),
        ("made with", asset.studio_version and f"LlamaVis Studio {asset.studio_version}"),
        ("committed", asset.date),
        ("description file", asset.source),
        ("state", ", ".join(dict.fromkeys(marks))),
    ]
    return [(label, plain(value)) for label, value in rows if value]


def _asset(asset: ReportedAsset, prefix: str) -> list[str]:
    place = asset.output if prefix == "." else f"{Path(prefix).as_posix()}/{asset.output}"
    link = quote(place.encode("utf-8", "surrogateescape"))
    name = _text(asset.output)
    lines = [f"### {name}", "", f"![{name}]({link})", "", _text(asset.description), ""]
    return [*lines, *(f"- {label}: {_text(value)}" for label, value in rows_of(asset)), ""]


def _quoted(told: dict[str, str], language: str) -> list[str]:
    return [f"> {_text(told[language])}", "", _text(CAUTION[language]), ""]


def _table(head: Sequence[str], rows: list[tuple[str, ...]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return [*lines, *(f"| {' | '.join(map(_text, row))} |" for row in rows), ""]


def _text(text: str) -> str:
    """Any text as one line of Markdown that shows it and does nothing else."""
    escaped = html.escape(_SPECIAL.sub(r"\\\1", plain(text)), quote=False)
    # At the start of a line these would begin a list; anywhere, "http:" would become a link.
    escaped = re.sub(r"^([-+=]|\d+[.)])", r"\\\1", escaped)
    return re.sub(r"(?i)\b(https?|ftp|file|www)(?=[:.])", "\\1\u200b", escaped)
