"""Captioners of the real architectures with a few thousand random weights, made on the spot.

Configuration, processor, tokenizer and model are the classes that published checkpoints name, saved
with `save_pretrained`: what loads these loads those. The tokenizers are trained on the words below,
so that a word is one token or a few.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.backends.torchvision_ops import prepare_torchvision

WORDS = (
    "a red dragon", "a grey stone wall", "an elf in a green robe holding a bow", "a blue potion",
    "a golden crown on a dark background", "two wooden doors", "a pixel art sprite of a slime",
    "describe this game image in one short sentence", "list what it shows in single words",
    "what colour is the hat", "the hat is red", "一条红龙", "石墙",
)  # fmt: skip
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}IMAGE{% elif part['type'] == 'text' %}{{ part['text'] }}"
    "{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SMOL_TEMPLATE = (
    "<|im_start|>{% for message in messages %}{{ message['role'] | capitalize }}:"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'text' %}{{ part['text'] }}{% elif part['type'] == 'image' %}<image>"
    "{% endif %}{% endfor %}<end_of_utterance>\n{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
QWEN_WORDS = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>",
    "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
SMOL_WORDS = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<fake_token_around_image>", "<image>",
    "<end_of_utterance>", "<global-img>",
    *(f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7)),
)  # fmt: skip


def byte_pairs(specials: tuple[str, ...]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """A byte-level vocabulary with merges, trained on `WORDS`; specials come first."""
    import json

    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=len(specials) + 420,
        special_tokens=list(specials),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([f" {words} {words}" for words in WORDS], trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [tuple(pair) for pair in model["merges"]]


def word_pieces(least: int = 0) -> dict[str, int]:
    """A WordPiece vocabulary of the words and their letters, with BLIP's two added tokens, filled
    up to at least so many.
    """
    found = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "[ENC]"]
    words = sorted({word for line in WORDS for word in line.split() if word.isascii()})
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    found += [*letters, *(f"##{letter}" for letter in letters)]
    found += [word for word in words if word not in found]
    found += [f"filler{number}" for number in range(least - len(found))]
    return {word: place for place, word in enumerate(found)}


def _stir(model: Any, seed: int) -> Any:
    """Random weights that answer differently to different pictures and words: the classes' own
    start is so small that a tiny model says one word for ever.
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weights in sorted(model.named_parameters()):
            if weights.dim() < 2:
                continue
            size = weights[0].numel() ** -0.5 if "embed" not in name else 1.0
            weights.copy_(torch.randn(weights.shape, generator=generator) * size * 1.5)
    return model.eval()


def _save(folder: Path, model: Any, processor: Any) -> Path:
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def make_blip(
    folder: Path,
    seed: int = 0,
    side_px: int = 32,
    words: int = 0,
    text: Mapping[str, Any] = MappingProxyType({}),
    vision: Mapping[str, Any] = MappingProxyType({}),
) -> Path:
    """`BlipForConditionalGeneration`; ``text`` and ``vision`` replace values of its two parts."""
    prepare_torchvision()
    import transformers as tf

    vocabulary = word_pieces(words)
    tokenizer = tf.BertTokenizer(vocab=vocabulary)
    text_part = {
        "vocab_size": len(vocabulary), "hidden_size": 32, "encoder_hidden_size": 32,
        "intermediate_size": 64, "projection_dim": 16, "num_hidden_layers": 2,
        "num_attention_heads": 2, "max_position_embeddings": 96, "pad_token_id": 0,
        "bos_token_id": vocabulary["[DEC]"], "eos_token_id": 3, "sep_token_id": 3, **text,
    }  # fmt: skip
    vision_part = {
        "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 2, "image_size": side_px, "patch_size": 8, **vision,
    }  # fmt: skip
    config = tf.BlipConfig(text_config=text_part, vision_config=vision_part, projection_dim=16)
    images = tf.BlipImageProcessor(size={"height": side_px, "width": side_px})
    model = _stir(tf.BlipForConditionalGeneration(config), seed)
    return _save(folder, model, tf.BlipProcessor(images, tokenizer))


def make_florence(folder: Path, seed: int = 0) -> Path:
    """`Florence2ForConditionalGeneration` at 64x64 px, with a BART of two layers."""
    prepare_torchvision()
    import transformers as tf

    specials = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
    vocabulary, merges = byte_pairs(specials)
    tokenizer = tf.BartTokenizer(
        vocab=vocabulary, merges=merges, extra_special_tokens={"image_token": "<image>"}
    )
    tokenizer.add_tokens([*(f"<loc_{n}>" for n in range(1000)), "<od>", "</od>"])
    vision = {
        "embed_dim": (8, 16), "num_heads": (1, 2), "num_groups": (1, 2), "depths": (1, 1),
        "patch_size": (7, 3), "patch_stride": (4, 4), "patch_padding": (3, 1),
        "patch_prenorm": (False, True), "window_size": 4, "projection_dim": 32,
        "drop_path_rate": 0.0,
    }  # fmt: skip
    text = {
        "model_type": "bart", "vocab_size": len(tokenizer), "d_model": 32, "encoder_layers": 2,
        "decoder_layers": 2, "encoder_attention_heads": 2, "decoder_attention_heads": 2,
        "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "max_position_embeddings": 256,
        "bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 2,
        "forced_eos_token_id": 2,
    }  # fmt: skip
    config = tf.Florence2Config(
        text_config=text, vision_config=vision, image_token_id=tokenizer.image_token_id,
        bos_token_id=0, pad_token_id=1, eos_token_id=2,
    )  # fmt: skip
    images = tf.CLIPImageProcessor(
        size={"height": 64, "width": 64},
        crop_size={"height": 64, "width": 64},
        do_center_crop=False,
    )
    images.image_seq_length = 17
    model = _stir(tf.Florence2ForConditionalGeneration(config), seed)
    model.generation_config.update(
        num_beams=3, no_repeat_ngram_size=3, forced_bos_token_id=0, early_stopping=True
    )
    answers = {
        "ocr": {"PATTERN": None, "AREA_THRESHOLD": 0.0}, "pure_text": {}, "bboxes": {},
        "phrase_grounding": {"banned_grounding_tokens": ["it", "the image"]}, "polygons": {},
        "description_with_bboxes": {}, "description_with_polygons": {},
        "description_with_bboxes_or_polygons": {},
    }  # fmt: skip
    processor = tf.Florence2Processor(images, tokenizer, post_processor_config=answers)
    return _save(folder, model, processor)


def make_qwen2_vl(folder: Path, seed: int = 0) -> Path:
    """`Qwen2VLForConditionalGeneration`: pictures of any size, a chat template, multimodal RoPE."""
    return _make_qwen(folder, seed, "Qwen2VL")


def make_qwen2_5_vl(folder: Path, seed: int = 0) -> Path:
    """`Qwen2_5_VLForConditionalGeneration`, whose vision part looks through windows."""
    return _make_qwen(folder, seed, "Qwen2_5_VL")


def make_qwen3_vl(folder: Path, seed: int = 0) -> Path:
    """`Qwen3VLForConditionalGeneration`, whose vision part also speaks into deeper layers."""
    return _make_qwen(folder, seed, "Qwen3VL")


def _make_qwen(folder: Path, seed: int, family: str) -> Path:
    prepare_torchvision()
    import transformers as tf

    vocabulary, merges = byte_pairs(QWEN_WORDS)
    tokenizer = tf.Qwen2Tokenizer(
        vocab=vocabulary, merges=merges, eos_token="<|im_end|>", pad_token="<|endoftext|>",
        extra_special_tokens=list(QWEN_WORDS),
    )  # fmt: skip
    text = {
        "vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 64,
        "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
        "max_position_embeddings": 8192, "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id,
        "rope_parameters": {
            "rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 1, 1],
        },
    }  # fmt: skip
    vision: dict[str, Any] = {"depth": 2, "num_heads": 2, "patch_size": 14, "spatial_merge_size": 2}
    patch = {"patch_size": 14}
    if family == "Qwen3VL":
        text["head_dim"] = 8
        vision |= {
            "hidden_size": 32, "intermediate_size": 64, "out_hidden_size": 32, "patch_size": 16,
            "num_position_embeddings": 64, "deepstack_visual_indexes": [0],
        }  # fmt: skip
        patch = {"patch_size": 16, "temporal_patch_size": 2}
    elif family == "Qwen2VL":
        vision |= {"embed_dim": 32, "hidden_size": 32, "mlp_ratio": 2}
    else:
        vision |= {
            "hidden_size": 32, "intermediate_size": 64, "out_hidden_size": 32,
            "window_size": 56, "fullatt_block_indexes": [1],
        }  # fmt: skip
    ids = tokenizer.convert_tokens_to_ids
    config = getattr(tf, f"{family}Config")(
        text_config=text, vision_config=vision, image_token_id=ids("<|image_pad|>"),
        video_token_id=ids("<|video_pad|>"), vision_start_token_id=ids("<|vision_start|>"),
        vision_end_token_id=ids("<|vision_end|>"),
    )  # fmt: skip
    images = tf.Qwen2VLImageProcessor(
        size={"shortest_edge": 56 * 56, "longest_edge": 28 * 28 * 64}, **patch
    )
    template = CHAT_TEMPLATE.replace("IMAGE", "<|vision_start|><|image_pad|><|vision_end|>")
    videos = tf.Qwen3VLVideoProcessor() if family == "Qwen3VL" else tf.Qwen2VLVideoProcessor()
    processor = getattr(tf, f"{family}Processor")(images, tokenizer, videos, chat_template=template)
    model = _stir(getattr(tf, f"{family}ForConditionalGeneration")(config), seed)
    # As Qwen publishes it: it draws at random, and says nothing twice.
    model.generation_config.update(
        do_sample=True, temperature=0.1, top_p=0.001, top_k=1, repetition_penalty=1.05,
        eos_token_id=[ids("<|im_end|>"), ids("<|endoftext|>")], pad_token_id=ids("<|endoftext|>"),
    )  # fmt: skip
    return _save(folder, model, processor)


def make_smolvlm(folder: Path, seed: int = 0) -> Path:
    """SmolVLM as first published: `Idefics3ForConditionalGeneration` and its processor."""
    return _make_smol(folder, seed, "Idefics3")


def make_smolvlm2(folder: Path, seed: int = 0) -> Path:
    """SmolVLM2: `SmolVLMForConditionalGeneration`; its processor needs the package num2words."""
    return _make_smol(folder, seed, "SmolVLM")


def _make_smol(folder: Path, seed: int, family: str) -> Path:
    prepare_torchvision()
    import transformers as tf

    vocabulary, merges = byte_pairs(SMOL_WORDS)
    tokenizer = tf.GPT2Tokenizer(
        vocab=vocabulary, merges=merges, bos_token="<|im_start|>", eos_token="<end_of_utterance>",
        pad_token="<|im_end|>", unk_token="<|endoftext|>", extra_special_tokens=list(SMOL_WORDS),
    )  # fmt: skip
    ids = tokenizer.convert_tokens_to_ids
    text = {
        "model_type": "llama", "vocab_size": len(tokenizer), "hidden_size": 32,
        "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "max_position_embeddings": 8192,
        "pad_token_id": ids("<|im_end|>"),
        "bos_token_id": ids("<|im_start|>"), "eos_token_id": ids("<end_of_utterance>"),
    }  # fmt: skip
    vision = {
        "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 2, "image_size": 32, "patch_size": 8,
    }  # fmt: skip
    config = getattr(tf, f"{family}Config")(
        text_config=text, vision_config=vision, image_token_id=ids("<image>"), scale_factor=2,
        pad_token_id=ids("<|im_end|>"),
    )  # fmt: skip
    images = getattr(tf, f"{family}ImageProcessor")(
        size={"longest_edge": 64}, max_image_size={"longest_edge": 32}
    )
    parts = [images, tokenizer]
    if family == "SmolVLM":
        parts.append(
            tf.SmolVLMVideoProcessor(
                size={"longest_edge": 32}, max_image_size={"longest_edge": 32}, fps=1, num_frames=4,
                video_sampling={"fps": 1, "max_frames": 4, "video_size": {"longest_edge": 32}},
            )
        )  # fmt: skip
    processor = getattr(tf, f"{family}Processor")(
        *parts, image_seq_len=4, chat_template=SMOL_TEMPLATE
    )
    model = _stir(getattr(tf, f"{family}ForConditionalGeneration")(config), seed)
    return _save(folder, model, processor)


def make_git(folder: Path, seed: int = 0) -> Path:
    """`GitForCausalLM`, which has no row of its own: it is asked for a plain caption."""
    prepare_torchvision()
    import transformers as tf

    vocabulary = word_pieces()
    config = tf.GitConfig(
        vision_config={
            "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
            "num_attention_heads": 2, "image_size": 32, "patch_size": 8,
        },
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=128, bos_token_id=2, eos_token_id=3,
        pad_token_id=0,
    )  # fmt: skip
    images = tf.CLIPImageProcessor(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
    )
    processor = tf.GitProcessor(images, tf.BertTokenizer(vocab=vocabulary))
    return _save(folder, _stir(tf.GitForCausalLM(config), seed), processor)


def make_llava(folder: Path, seed: int = 0) -> Path:
    """`LlavaForConditionalGeneration`, which has no row of its own: it has a chat template."""
    prepare_torchvision()
    import transformers as tf

    vocabulary, merges = byte_pairs(SMOL_WORDS)
    tokenizer = tf.GPT2Tokenizer(
        vocab=vocabulary, merges=merges, eos_token="<end_of_utterance>", pad_token="<|im_end|>",
        bos_token="<|im_start|>", unk_token="<|endoftext|>", extra_special_tokens=list(SMOL_WORDS),
    )  # fmt: skip
    ids = tokenizer.convert_tokens_to_ids
    config = tf.LlavaConfig(
        text_config={
            "model_type": "llama", "vocab_size": len(tokenizer), "hidden_size": 32,
            "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
            "num_key_value_heads": 2, "max_position_embeddings": 2048,
            "bos_token_id": ids("<|im_start|>"), "eos_token_id": ids("<end_of_utterance>"),
        },
        vision_config={
            "model_type": "clip_vision_model", "hidden_size": 32, "intermediate_size": 64,
            "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 32, "patch_size": 8,
            "projection_dim": 32,
        },
        image_token_id=ids("<image>"), image_seq_length=16, vision_feature_layer=-1,
    )  # fmt: skip
    images = tf.CLIPImageProcessor(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
    )
    processor = tf.LlavaProcessor(
        images, tokenizer, patch_size=8, vision_feature_select_strategy="default",
        num_additional_image_tokens=1, chat_template=SMOL_TEMPLATE,
    )  # fmt: skip
    model = _stir(tf.LlavaForConditionalGeneration(config), seed)
    return _save(folder, model, processor)


MAKERS: dict[str, Callable[..., Path]] = {
    "blip": make_blip,
    "florence": make_florence,
    "qwen2_vl": make_qwen2_vl,
    "qwen2_5_vl": make_qwen2_5_vl,
    "qwen3_vl": make_qwen3_vl,
    "smolvlm": make_smolvlm,
    "smolvlm2": make_smolvlm2,
    "git": make_git,
    "llava": make_llava,
}
NAMED = tuple(name for name in MAKERS if name not in ("git", "llava"))
"""Those whose family has a row of its own."""
CHATTING = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl", "smolvlm", "smolvlm2", "llava")
SHORT = {"max_new_tokens": 10, "max_tag_tokens": 10, "max_answer_tokens": 10}
"""Options that keep tests short."""


@cache
def tiny(name: str) -> Path:
    """The checkpoint of a maker, made once and never changed; gone when the process ends."""
    from transformers.utils import logging

    folder = Path(tempfile.mkdtemp(prefix="llamavis-tiny-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        return MAKERS[name](folder / name)
    finally:
        if shown:
            logging.enable_progress_bar()


def record(name: str, folder: Path | None = None, **options: Any) -> ModelRecord:
    """The record of a maker's checkpoint, or of a changed copy of it in ``folder``."""
    values = {**SHORT, **options}
    return ModelRecord(name.replace("_", "-"), "captioner", folder or tiny(name), options=values)
