"""The report as one HTML file: pictures inside, nothing loaded from anywhere, light and dark.

Every text of a project is data and is escaped; a content policy forbids scripts and the network.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable
from pathlib import Path

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image, encode_png
from llamavis_studio.imaging.scale import scale_area
from llamavis_studio.release.disclosure import CAUTION, disclosure
from llamavis_studio.release.png_notes import without_notes
from llamavis_studio.release.report import Report, ReportedAsset
from llamavis_studio.release.report_text import plain, rows_of

_SHOWN_PX = 192  # the longer side of a picture on the page, at most
_LARGEST_PX = 384  # larger pictures are embedded smaller
_STYLE = """
:root { color-scheme: light dark; --page: #f6f6f4; --card: #ffffff; --ink: #1d1e20;
  --soft: #62656b; --line: #d9dadc; --mark: #2f6f4f; --check: #e7e7e5; }
@media (prefers-color-scheme: dark) { :root { --page: #17181a; --card: #222427; --ink: #e9eaec;
  --soft: #a3a7ae; --line: #36393e; --mark: #8ad0a8; --check: #2d3034; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 76rem; background: var(--page);
  color: var(--ink); font: 16px/1.55 system-ui, "Noto Sans", "Noto Sans CJK SC",
  "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
.soft, dt, small { color: var(--soft); }
.numbers { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 1rem 0 0; padding: 0;
  list-style: none; }
.numbers b { font-size: 1.5rem; display: block; line-height: 1.2; }
blockquote { margin: 0 0 .5rem; padding: .75rem 1rem; background: var(--card);
  border-left: 4px solid var(--mark); border-radius: 4px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; vertical-align: top; }
th { color: var(--soft); font-weight: normal; overflow-wrap: normal; }
.wide { overflow-x: auto; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  overflow: hidden; }
.picture { height: 13rem; display: flex; align-items: center; justify-content: center;
  background: repeating-conic-gradient(var(--check) 0 25%, transparent 0 50%) 0 0 / 16px 16px; }
.picture img { image-rendering: pixelated; max-width: 100%; max-height: 100%; }
.words { padding: .75rem 1rem 1rem; overflow-wrap: anywhere; }
.words h3 { font-size: 1rem; margin: 0; }
.words p { margin: .25rem 0 .5rem; }
.badge { display: inline-block; font-size: .8rem; padding: 0 .5rem; margin: 0 .25rem .25rem 0;
  border: 1px solid var(--line); border-radius: 99px; }
.badge.look { border-color: var(--mark); color: var(--mark); }
summary { cursor: pointer; color: var(--soft); font-size: .9rem; }
dl { margin: .5rem 0 0; font-size: .85rem; }
dd { margin: 0 0 .4rem; }
@media print { article { break-inside: avoid; } details > * { display: block; } }
"""


def report_html(report: Report, root: Path) -> str:
    """The report as an HTML page; `root` is the project's folder, where the pictures are read."""
    told = disclosure(report)
    title = f"{plain(report.project)}: generated images"
    body = [
        f"<header><h1>{_text(report.project)}</h1>",
        '<div class="soft">Images a model made, and what made them · '
        '<span lang="zh-Hans">由模型生成的图像及其来源</span></div>',
        _numbers(report),
        "</header><main>",
        _heading("For the store", "商店披露"),
    ]
    for language, code in (("en", "en"), ("zh", "zh-Hans")):
        body.append(f'<blockquote lang="{code}">{_text(told[language])}</blockquote>')
        body.append(f'<p lang="{code}"><small>{_text(CAUTION[language])}</small></p>')
    body += [_heading("Models", "模型"), _models(report), _heading("Images", "图像")]
    body.append('<div class="grid">')
    body += [_card(asset, root) for asset in report.assets]
    body.append("</div>")
    body += _names(
        "Described, but not made by the studio", "有描述，但并非由本工具生成", report.others
    )
    body += _names("Described, but not there", "有描述，但尚无图像", report.missing)
    body.append("</main>")
    return _page(title, body)


def _page(title: str, body: Iterable[str]) -> str:
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    head = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
    ]
    return "\n".join([*head, *body, "</body>\n</html>\n"])


def _numbers(report: Report) -> str:
    values = [
        (len(report.assets), "generated", "生成"),
        (report.edited, "edited since", "之后修改"),
        (report.locked, "locked", "锁定"),
        (len(report.others), "not made here", "非本工具生成"),
    ]
    items = (
        f'<li><b>{value}</b>{words} · <span lang="zh-Hans">{chinese}</span></li>'
        for value, words, chinese in values
    )
    return f'<ul class="numbers">{"".join(items)}</ul>'


def _heading(english: str, chinese: str) -> str:
    return f'<h2>{english} · <span lang="zh-Hans">{chinese}</span></h2>'


def _models(report: Report) -> str:
    rows = (
        f"<tr><td>{use.count}</td><td>{_text(use.model or 'unknown')}</td>"
        f"<td>{_text(use.revision)}</td><td>{_text(use.licence or 'unknown')}</td>"
        f"<td>{_text(use.backend)}</td></tr>"
        for use in report.models
    )
    names = ("Images", "Model", "Revision", "Licence", "Backend")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide">{table}</div>'


def _card(asset: ReportedAsset, root: Path) -> str:
    badges = [(asset.kind, False), (asset.state, asset.state not in ("fresh", "edited", "locked"))]
    badges += [("edited by hand", True)] * asset.edited + [("locked", False)] * asset.locked
    marks = "".join(
        f'<span class="badge{" look" * look}">{_text(word)}</span>'
        for word, look in badges
        if word and not (asset.edited and word == "edited")
    )
    rows = "".join(f"<dt>{label}</dt><dd>{_text(value)}</dd>" for label, value in rows_of(asset))
    return (
        f'<article><div class="picture">{_picture(asset, root)}</div><div class="words">'
        f"<h3>{_path(asset.output)}</h3><p>{_text(asset.description)}</p>{marks}"
        f"<details><summary>How it was made</summary><dl>{rows}</dl></details></div></article>"
    )


def _picture(asset: ReportedAsset, root: Path) -> str:
    """The image as a data URI, enlarged by a whole factor; words where it cannot be shown."""
    try:
        data = (root / asset.output).read_bytes()
        width, height = asset.size_px
        if max(width, height) > _LARGEST_PX:
            shrink = _LARGEST_PX / max(width, height)
            size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
            shown = encode_png(scale_area(decode_image(data), size))
        else:
            shown = without_notes(data)
    except (ImageError, OSError):
        return "<small>the picture cannot be shown</small>"
    side = max(width, height, 1)
    factor = _SHOWN_PX // side if side <= _SHOWN_PX else _SHOWN_PX / side
    size_px = f'width="{round(width * factor)}" height="{round(height * factor)}"'
    encoded = base64.b64encode(shown).decode("ascii")
    alt = _text(asset.description)
    return f'<img src="data:image/png;base64,{encoded}" {size_px} alt="{alt}" loading="lazy">'


def _names(english: str, chinese: str, names: tuple[str, ...]) -> list[str]:
    if not names:
        return []
    items = "".join(f"<li>{_text(name)}</li>" for name in names)
    return [_heading(english, chinese), f"<ul>{items}</ul>"]


def _path(path: str) -> str:
    # A line may break behind a folder or a word of the name.
    return _text(path).replace("/", "/<wbr>").replace("_", "_<wbr>")


def _text(text: str) -> str:
    return html.escape(plain(text), quote=True)
