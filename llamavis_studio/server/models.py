"""The backends of this machine as the service tells of them."""

from __future__ import annotations

from llamavis_studio.machine_models import KnownBackend, captioner_of, known_backends
from llamavis_studio.server import messages as m


def models_reply(default: str) -> m.ModelsReply:
    """Every backend with what it can do; `default` is the project's. It reads some small files."""
    known = known_backends()
    models = [_model(backend) for backend in known]
    return m.ModelsReply(models=models, default=default, captioner=captioner_of(known, default))


def _model(known: KnownBackend) -> m.Model:
    """A backend as it is sent; why one is not ready may name folders, and stays here."""
    info = known.info
    if info is None:
        return m.Model(name=known.name, ready=False)
    return m.Model(
        name=known.name,
        ready=True,
        model=info.model,
        revision=info.revision,
        licence=info.licence,
        draws=info.can_generate,
        captions=info.can_caption,
        edits=info.can_edit,
        edits_regions=info.can_edit_region,
        tiles=info.can_tile,
        cuts_out=info.can_cut_out,
        heeds_negative=info.can_avoid,
        heeds_references=info.can_take_references,
        draws_styles=info.can_adapt,
        domain=info.domain,
    )
