"""Janus and Janus-Pro: one model that draws and describes (https://arxiv.org/abs/2501.17811).

- ``options``, ``facts``, ``backend``: what the studio sees; they import nothing heavy.
- ``checkpoint``: loads the weights. ``decoder``: the language model over a cache that is written in
  place. ``linears``: its matrix products.
- ``prompts``, ``sampling``, ``drawing``: words to codes to pixels. ``editing``: versions of a given
  picture. ``showing``: glimpses.
- ``reading``: pictures to words.
"""

from llamavis_studio.backends.janus.backend import JanusBackend

__all__ = ["JanusBackend"]
