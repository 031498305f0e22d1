"""`llamavis models fetch` and `add`: large models come to this machine."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.options import Json
from llamavis_studio.cli.output import Output, ProgressLine
from llamavis_studio.core.errors import Cancelled, LlamaVisError

if TYPE_CHECKING:
    from llamavis_studio.backends.model_records import ModelRecord
    from llamavis_studio.model_store.fetching import FetchPlan, FetchProgress

_MOST_LICENCE_LINES = 400
OwnName = Annotated[str, typer.Option("--name", help="How descriptions are to call it.")]
Family = Annotated[
    str, typer.Option("--family", help="janus, captioner or diffusers; found by itself mostly.")
]
Options = Annotated[
    list[str] | None,
    typer.Option("--option", help="An option of its family as KEY=VALUE, as often as needed."),
]


def models_fetch(
    what: Annotated[
        str,
        typer.Argument(
            help="A name of 'llamavis models list --available', or ORGANISATION/REPOSITORY, with "
            "@REVISION for one that is not the newest.", metavar="NAME",
        ),
    ],
    name: OwnName = "",
    family: Family = "",
    variant: Annotated[
        str, typer.Option("--variant", help="fp16 takes the weights in half the size, if there.")
    ] = "",
    mirror: Annotated[
        str, typer.Option("--mirror", help="Another hub, such as https://hf-mirror.com.")
    ] = "",
    offline: Annotated[
        bool, typer.Option("--offline", help="Take it from the Hugging Face cache alone.")
    ] = False,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="You know its licence, and accept it.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before fetching.")] = False,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Fetch a large model into the Hugging Face cache, and let descriptions name it.

    Safetensors only, each file compared with the hub's own fingerprint, at one fixed revision. What
    was cut off goes on where it was.
    """
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.model_store import ledger
        from llamavis_studio.model_store.fetching import Fetcher, keep
        from llamavis_studio.model_store.sources import source_of

        is_offline = True if offline else None
        source = replace(source_of(what, name, family), variant=variant)
        plan = Fetcher(mirror, is_offline=is_offline).plan(source)
        _show(output, plan)
        _ask(output, plan, accept_licence, yes)
        if not plan.is_accepted:
            ledger.accept(plan.repo, plan.licence, plan.licence_text)
        with ProgressLine("MB", plan.total_bytes // 10**6, silent=as_json) as line:
            fetcher = Fetcher(mirror, _teller(line), is_offline=is_offline)
            fetched = fetcher.fetch(plan)
        return _keep_told(output, keep(plan, fetched), new_files=fetched.new_files)

    raise typer.Exit(guarded(output, work))


def models_add(
    place: Annotated[
        Path | None,
        typer.Argument(
            help="A folder as transformers or diffusers save a checkpoint, or a .safetensors file "
            "of SD 1.5 or SDXL, as from Civitai; not copied.",
            metavar="PLACE",
        ),
    ] = None,
    name: OwnName = "",
    family: Family = "",
    option: Options = None,
    comfyui: Annotated[
        list[str] | None,
        typer.Option("--comfyui", help="The address of a ComfyUI server; several share the work."),
    ] = None,
    workflow: Annotated[
        Path | None,
        typer.Option("--workflow", help="A workflow saved from ComfyUI as 'Export (API)'."),
    ] = None,
    checkpoint: Annotated[
        str, typer.Option("--checkpoint", help="The checkpoint that the ComfyUI server loads.")
    ] = "",
    licence: Annotated[
        str, typer.Option("--licence", help="The licence of its images; kept in each of them.")
    ] = "",
    no_ask: Annotated[
        bool, typer.Option("--no-ask", help="Do not ask the ComfyUI server; it may be off.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Let descriptions name a model that is there already: folder, file or ComfyUI server."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.backends.model_records import write_record
        from llamavis_studio.backends.registry import Registry
        from llamavis_studio.model_store.options import changes_of

        options = {key: one for key, one in changes_of(option or []).items() if one is not None}
        if (place is None) == (not comfyui):
            raise LlamaVisError(
                "name either a folder, a file or a ComfyUI server",
                "llamavis models add FOLDER, llamavis models add FILE.safetensors, or llamavis "
                "models add --comfyui URL",
            )
        if comfyui:
            record = _comfyui_record(comfyui, name, workflow, checkpoint, options, ask=not no_ask)
        else:
            assert place is not None
            record = _place_record(output, place, name, family, options)
        record = replace(record, licence=licence or record.licence)
        Registry().try_record(record).info()
        write_record(record)
        return _keep_told(output, record)

    raise typer.Exit(guarded(output, work))


def said_bytes(count: int) -> str:
    """Bytes as one says them."""
    from llamavis_studio.model_store.fetching import spoken_bytes

    return spoken_bytes(count)


def _place_record(
    output: Output, place: Path, name: str, family: str, options: dict[str, Any]
) -> ModelRecord:
    """The record of a folder, or of a file that is a whole checkpoint."""
    from llamavis_studio.model_store.adding import file_record, folder_record, is_one_file
    from llamavis_studio.model_store.sources import check_name, proposed_name

    is_file = is_one_file(place)
    own = place.absolute().stem if is_file else place.absolute().name.removeprefix("models--")
    name = name or proposed_name(own)
    check_name(name, "")
    if is_file and family not in ("", "diffusers"):
        raise LlamaVisError(
            f"a model in one file is of the family diffusers, not {family}",
            "leave out --family, or name the folder of the model",
        )
    with ProgressLine("MB read", 1, silent=output.as_json) as line:

        def told(done: int, total: int) -> None:
            line.move(done / max(1, total), None)
            line.waiting(f"{done / 1e6:.0f} of {total / 1e6:.0f} MB read")

        if is_file:
            return file_record(place, name, options, told)
        return folder_record(place, name, family, options, told)


def _show(output: Output, plan: FetchPlan) -> None:
    """Say what would be fetched, and the licence where it was not accepted before."""
    from llamavis_studio.backends.catalogue import known_repo

    known = known_repo(plan.repo)
    output.say(f"{plan.name}: {plan.repo} at revision {plan.revision[:12]}, family {plan.family}")
    had = plan.total_bytes - plan.missing_bytes
    there = f", {said_bytes(had)} of it here already" if had else ""
    output.say(f"size: {said_bytes(plan.total_bytes)} in {len(plan.files)} files{there}")
    limits = " (it limits who may use the model, or for what)" if known and known.restricted else ""
    output.say(f"licence: {plan.licence or 'its publisher names none'}{limits}")
    if plan.is_accepted or not plan.licence_text:
        return
    lines = plan.licence_text.splitlines()
    for text in lines[:_MOST_LICENCE_LINES]:
        output.say(f"  {text}")
    if len(lines) > _MOST_LICENCE_LINES:
        output.say(f"  ... the rest is in {plan.folder}")


def _ask(output: Output, plan: FetchPlan, is_accepted: bool, yes: bool) -> None:
    """Ask what the options do not answer. Raises Cancelled, LlamaVisError where nobody can."""
    licence = f"the licence '{plan.licence}'" if plan.licence else "that it names no licence"
    open_licence = not (plan.is_accepted or is_accepted)
    can_ask = sys.stdin.isatty() and not output.as_json
    if open_licence and not can_ask:
        raise LlamaVisError(
            f"{plan.repo} is only fetched once you accept {licence}",
            f"read it at https://huggingface.co/{plan.repo}, then add --accept-licence",
        )
    questions = [f"accept {licence}"] if open_licence else []
    if plan.missing_bytes and not yes:
        questions.append(f"fetch {said_bytes(plan.missing_bytes)}")
    if questions and can_ask:
        asked = " and ".join(questions)
        if not typer.confirm(f"{asked[0].upper()}{asked[1:]}?", err=True):
            raise Cancelled()


def _teller(line: ProgressLine) -> Callable[[FetchProgress], None]:
    """Moves a line, with the time that is left by the speed so far."""
    begin, first = time.monotonic(), -1

    def tell(progress: FetchProgress) -> None:
        nonlocal first
        done, total = progress.done_bytes, progress.total_bytes
        first = done if first < 0 else first
        speed = (done - first) / max(0.001, time.monotonic() - begin)
        line.move(done / 1e6, (total - done) / speed if speed > 0 else None)
        line.waiting(
            f"{done / 1e6:.0f} of {total / 1e6:.0f} MB, file {progress.number} of "
            f"{progress.files}: {progress.file}"
        )

    return tell


def _keep_told(output: Output, record: ModelRecord, new_files: int = 0) -> int:
    """Say what a new record can do; 1 where it is not ready yet."""
    from llamavis_studio.shelf import Shelf

    found = Shelf().find(record.name)
    if found.is_ready:
        can = " and ".join(found.abilities) or "nothing"
        output.say(f'{record.name} is ready, it {can}: write backend = "{record.name}"')
    else:
        output.say(f"{record.name} is here, but not ready: {found.problem}")
        output.say(f"  {found.hint}")
    output.document(found.to_json() | {"new_files": new_files})
    return 0 if found.is_ready else 1


def _comfyui_record(
    urls: list[str],
    name: str,
    workflow: Path | None,
    checkpoint: str,
    options: dict[str, Any],
    *,
    ask: bool,
) -> ModelRecord:
    from llamavis_studio.backends.comfyui.adding import make_record
    from llamavis_studio.model_store.sources import check_name

    name = name or "comfy"
    check_name(name, "")
    return make_record(name, urls, workflow or "", checkpoint, options=options, ask=ask)
