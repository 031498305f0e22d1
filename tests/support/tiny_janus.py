"""A Janus checkpoint of a few hundred kilobytes: the real classes, random weights.

Its tokenizer knows a few words and otherwise single bytes, with Janus's special tokens and chat
template; it draws 8x8 cells of 4 pixels.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.backends.torchvision_ops import prepare_torchvision

GRID = 8
SIDE_PX = 32
CODES = 256
BEGIN, END, PAD = "<|bos|>", "<|eos|>", "<|pad|>"
IMAGE, BEGIN_IMAGE, END_IMAGE = "<image_placeholder>", "<begin_of_image>", "<end_of_image>"
# As the published checkpoints have it, but for several turns, which nobody takes here.
CHAT_TEMPLATE = (
    "{%for message in messages%}"
    "{%if message['role']|lower=='user'%}<|User|>: {%else%}<|Assistant|>: {%endif%}"
    "{%for content in message['content']%}"
    "{%if content['type']=='image'%}<image_placeholder>{%if not loop.last%}{{'\n'}}{%endif%}"
    "{%elif content['type']=='text'%}{{content['text']|trim}}{%endif%}"
    "{%endfor%}{{'\n\n'}}"
    "{%endfor%}"
    "{%if add_generation_prompt%}<|Assistant|>:{%endif%}"
)


def tiny_tokenizer(context: int = 512) -> Any:
    """Bytes and a few merges, with the special tokens that Janus's processor asks for."""
    prepare_torchvision()
    from tokenizers import Tokenizer, decoders, pre_tokenizers, processors
    from tokenizers.models import BPE
    from tokenizers.trainers import BpeTrainer
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [BEGIN, END, PAD, IMAGE, BEGIN_IMAGE, END_IMAGE, "<|User|>", "<|Assistant|>"]
    trainer = BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    words = "a red dragon, a stone wall, a gold coin, texture material sprite character item"
    tokenizer.train_from_iterator([words] * 4, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A", special_tokens=[(BEGIN, tokenizer.token_to_id(BEGIN))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=BEGIN,
        eos_token=END,
        pad_token=PAD,
        model_max_length=context,
        padding_side="left",
        extra_special_tokens={
            "image_token": IMAGE,
            "boi_token": BEGIN_IMAGE,
            "eoi_token": END_IMAGE,
        },
    )


def janus_config(tokenizer: Any, **sizes: int) -> Any:
    """A `JanusConfig`; ``sizes`` may change hidden, inner, layers, heads, kv_heads, grid, codes,
    patch, context and vq_channels.
    """
    from transformers import JanusConfig

    hidden, grid = sizes.get("hidden", 64), sizes.get("grid", GRID)
    patch = sizes.get("patch", SIDE_PX // GRID)
    levels = patch.bit_length()  # each one after the first doubles
    heads = sizes.get("heads", 4)
    return JanusConfig(
        text_config={
            "model_type": "llama",
            "vocab_size": len(tokenizer),
            "hidden_size": hidden,
            "intermediate_size": sizes.get("inner", 160),
            "num_hidden_layers": sizes.get("layers", 2),
            "num_attention_heads": heads,
            "num_key_value_heads": sizes.get("kv_heads", heads),
            "max_position_embeddings": sizes.get("context", 512),
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        },
        vision_config={
            "hidden_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "mlp_ratio": 2,
            "image_size": grid * patch,
            "patch_size": patch,
            "num_image_tokens": grid * grid,
            "projection_dim": hidden,
        },
        vq_config={
            "embed_dim": 8,
            "num_embeddings": sizes.get("codes", CODES),
            "latent_channels": 32,
            "base_channels": 32,  # its norms have 32 groups
            "channel_multiplier": [1] * levels,
            "num_res_blocks": 1,
            "projection_dim": hidden,
            "image_token_embed_dim": hidden,
            "num_patches": grid,
        },
        image_token_id=tokenizer.convert_tokens_to_ids(IMAGE),
        tie_word_embeddings=False,
    )


def janus_model(config: Any, tokenizer: Any, seed: int = 0, gain: float = 1.5) -> Any:
    """The real model with random weights; ``gain`` above 1 draws lively pictures."""
    import torch
    from transformers import JanusForConditionalGeneration
    from transformers.utils import logging

    logging.disable_progress_bar()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = JanusForConditionalGeneration(config).eval()
        # The initial weights are so small that every code is as likely and every pixel grey.
        for name, weight in model.named_parameters():
            if weight.dim() > 1:
                weight.data.normal_(0, gain / weight[0].numel() ** 0.5)
            if "embed" in name:
                weight.data.normal_(0, 1)
    generation = model.generation_config
    generation._from_model_config = False  # or loading would ignore what follows
    generation.bos_token_id = tokenizer.bos_token_id
    generation.eos_token_id = tokenizer.eos_token_id
    generation.pad_token_id = tokenizer.pad_token_id
    generation.guidance_scale = 5
    generation.generation_kwargs = {"boi_token_id": tokenizer.convert_tokens_to_ids(BEGIN_IMAGE)}
    return model


def janus_processor(config: Any, tokenizer: Any) -> Any:
    """The real processor of a model."""
    from transformers import JanusImageProcessor, JanusProcessor

    side = config.vision_config.image_size
    return JanusProcessor(
        JanusImageProcessor(
            size={"height": side, "width": side}, image_mean=[0.5] * 3, image_std=[0.5] * 3
        ),
        tokenizer,
        chat_template=CHAT_TEMPLATE,
        use_default_system_prompt=True,
        num_image_tokens=config.vision_config.num_image_tokens,
    )


def save_janus(folder: Path, seed: int = 0, **sizes: int) -> Path:
    """A whole checkpoint in ``folder``: weights, configurations, processor, tokenizer."""
    tokenizer = tiny_tokenizer(sizes.get("context", 512))
    config = janus_config(tokenizer, **sizes)
    janus_model(config, tokenizer, seed).save_pretrained(folder)
    janus_processor(config, tokenizer).save_pretrained(folder)
    return folder


def tiny_record(folder: Path, **options: Any) -> ModelRecord:
    """The record of a checkpoint that `save_janus` made."""
    return ModelRecord(
        name="tiny", family="janus", folder=folder, revision="0123456789ab", licence="MIT",
        options=options,
    )  # fmt: skip
