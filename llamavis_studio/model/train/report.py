"""The evaluation as a table: each measure, what it is beside, and the goals it is held to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HEAD = ("measure", "value", "beside", "first goal", "then")


def table(result: Mapping[str, Any]) -> list[str]:
    """Lines of one table of what :func:`evaluate.evaluate` measured."""
    rows = [HEAD, *_rows(result)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def _rows(result: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    pixels, bits, words = result["reconstruction"], result["bits_per_image"], result["captions"]
    fidelity, novelty = result["prompt_fidelity"], result["novelty"]
    chinese, seam, fast = result["chinese"], result["seam"], result["speed"]
    drawn, real = fidelity["drawn"], fidelity["real"]
    looked_up, kept = fidelity["nearest_training"], fidelity["real_reconstructed"]
    rows = [
        ("reconstruction, PSNR", f"{pixels['psnr_db']:.1f} dB", "", "20.5", "23"),
        ("reconstruction, alpha", f"{pixels['alpha_accuracy']:.4f}", "", "0.99", "0.997"),
        ("reconstruction, edge F1", f"{pixels['edge_f1']:.3f}", "", "", ""),
        (
            "bits per 32x32 image",
            f"{bits['told']:.0f}",
            f"no words {bits['untold']:.0f}, learned ones {bits['learned']:.0f}",
            "falls",
            "falls",
        ),
        (
            "prompt fidelity, first of 32",
            f"{drawn['all']:.2f}",
            f"real {real['all']:.2f}, real as codes {kept['all']:.2f}, "
            f"nearest training {looked_up['all']:.2f}",
            "",
            "",
        ),
        (
            "prompt fidelity of real",
            f"{drawn['of_real']:.2f}",
            "no finer than its judge",
            "0.5",
            "0.9",
        ),
    ]
    for kind in sorted(key for key in drawn if key not in ("all", "of_real")):
        beside = f"real {real[kind]:.2f}, as codes {kept[kind]:.2f}, nearest {looked_up[kind]:.2f}"
        rows.append((f"  {kind}", f"{drawn[kind]:.2f}", beside, "", ""))
    beside = f"held out {novelty['held_out']:.2f}"
    rows.append(("novelty, over 10 % new", f"{novelty['share']:.2f}", beside, "shown", "shown"))
    best = (
        f"best phrasing {words['word_f1_best_phrasing']:.2f}, "
        f"the likeliest caption {words['word_f1_likeliest']:.2f}"
    )
    domain = result["domain"]
    foreign = f"held out {domain['held_out']:.2f}, foreign {domain['foreign']:.2f}"
    rows += [
        ("captions, word F1", f"{words['word_f1']:.2f}", best, "0.35", "0.6"),
        ("captions, kind", f"{words['kind_accuracy']:.2f}", "", "", ""),
        ("captions, sure words right", f"{words['sure_words_right']:.2f}", "", "shown", "shown"),
        (
            "captions, says when outside its domain",
            f"{domain['balanced']:.2f}",
            foreign,
            "0.9",
            "0.97",
        ),
        (
            "seam, wrap over inner",
            f"{seam['drawn']:.2f}",
            f"real {seam['real']:.2f}",
            "1.15",
            "1.05",
        ),
    ]
    if chinese["count"]:
        beside = f"{chinese['chinese']:.2f} / {chinese['english']:.2f} of {chinese['count']}"
        rows.append(("Chinese over English", f"{chinese['ratio']:.2f}", beside, "0.8", "0.95"))
    edits = result.get("edits", {"count": 0})
    if edits["count"]:
        nearer = edits["new_words_nearer"]
        beside = f"{edits['outside_edit']:.3f} / {edits['outside_fresh']:.3f} of pixels outside"
        rows.append(
            ("edit locality, edit over fresh", f"{edits['ratio']:.2f}", beside, "0.33", "0.1")
        )
        beside = (
            f"fresh {nearer['fresh']:.2f}, real {nearer['real']:.2f}, before {nearer['before']:.2f}"
        )
        rows.append(("edits follow the new words", f"{nearer['edit']:.2f}", beside, "", ""))
    for batch in (1, 16):
        share = f"{fast[f'share_of_sgemm_batch_{batch}']:.2f} of sgemm"
        void = ", void: the machine was busy" if fast["void"] else ""
        value = f"{fast[f'images_per_s_batch_{batch}']:.2f} /s"
        rows.append((f"speed, batch {batch}", value, share + void, "shown", "shown"))
    rows.append(("peak memory", f"{fast['peak_memory_mib']:.0f} MiB", "", "1229", ""))
    return rows
