"""Checkpoints of diffusers with the real classes and random weights, a few hundred kilobytes each.

They are laid out as `save_pretrained` does, tokenizers and schedulers too, so that what loads them
is what loads the published ones. Their pictures mean nothing, but follow words, seed and size.
"""

from __future__ import annotations

import functools
import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec

import torch
from safetensors.torch import load_file, save_file

from llamavis_studio.backends.torchvision_ops import prepare_torchvision

Told = ParamSpec("Told")
WIDTH = 32  # of the text encoders
CHANNELS = (8, 16, 16, 16)  # four levels: eight pixels a latent, as in the published autoencoders
GROUPS = 4
CONTRAST = 12.0
"""What the decoder's last weights are multiplied by: as they come, all would be one grey."""


def _prepared(make: Callable[Told, Path]) -> Callable[Told, Path]:
    """The same weights every time; diffusers can be imported, and is quiet."""

    @functools.wraps(make)
    def prepared(*told: Told.args, **named: Told.kwargs) -> Path:
        prepare_torchvision()
        from llamavis_studio.backends.diffusion.loading import quiet

        with quiet():
            torch.manual_seed(0)
            return make(*told, **named)

    return prepared


@_prepared
def tiny_sd(
    folder: Path, *, in_channels: int = 4, sample_size: int = 4, words: bool = False
) -> Path:
    """Stable Diffusion 1.5 in small; its best size is eight times `sample_size`. `words` gives it
    the vocabulary of the published one.
    """
    from diffusers import PNDMScheduler, StableDiffusionInpaintPipeline, StableDiffusionPipeline

    parts = {
        "vae": _vae(),
        "text_encoder": _clip_text(words=words),
        "tokenizer": _clip_tokenizer(words=words),
        "unet": _unet(in_channels=in_channels, sample_size=sample_size),
        "scheduler": PNDMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
            skip_prk_steps=True, steps_offset=1, set_alpha_to_one=False,
        ),
        "safety_checker": None,
        "feature_extractor": None,
    }  # fmt: skip
    kind = StableDiffusionPipeline if in_channels == 4 else StableDiffusionInpaintPipeline
    return _saved(kind(**parts, requires_safety_checker=False), folder)


@_prepared
def tiny_sdxl(
    folder: Path, *, turbo: bool = False, sample_size: int = 4, words: bool = False
) -> Path:
    """SDXL in small, with both of its text encoders; `turbo` has the scheduler of SDXL-Turbo.
    `words` gives it the vocabulary of the published one, and a second text encoder that is wider
    than the first, as there.
    """
    from diffusers import EulerAncestralDiscreteScheduler, EulerDiscreteScheduler
    from diffusers import StableDiffusionXLPipeline as Pipeline

    told = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
    if turbo:
        scheduler: Any = EulerAncestralDiscreteScheduler(**told, timestep_spacing="trailing")
    else:
        scheduler = EulerDiscreteScheduler(**told, timestep_spacing="leading", steps_offset=1)
    second = WIDTH + 16 if words else WIDTH
    parts = {
        "vae": _vae(),
        "text_encoder": _clip_text(words=words),
        "text_encoder_2": _clip_text(projected=True, words=words, width=second),
        "tokenizer": _clip_tokenizer(words=words),
        "tokenizer_2": _clip_tokenizer(words=words, padding="!"),
        "unet": _unet(
            sample_size=sample_size,
            cross_attention_dim=WIDTH + second,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=6 * 8 + second,
            use_linear_projection=True,
        ),
        "scheduler": scheduler,
    }
    return _saved(Pipeline(**parts), folder)


@_prepared
def tiny_flux(folder: Path, *, guided: bool = True) -> Path:
    """FLUX in small: dev where it is guided, schnell where it is not."""
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel

    transformer = FluxTransformer2DModel(
        patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16,
        num_attention_heads=2, joint_attention_dim=WIDTH, pooled_projection_dim=WIDTH,
        axes_dims_rope=(4, 4, 8), guidance_embeds=guided,
    )  # fmt: skip
    parts = {
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=guided),
        "vae": _vae(shift_factor=0.1, scaling_factor=0.36, use_quant_conv=False),
        "text_encoder": _clip_text(),
        "tokenizer": _clip_tokenizer(),
        "text_encoder_2": _t5_text(WIDTH),
        "tokenizer_2": _t5_tokenizer(),
        "transformer": transformer,
    }
    return _saved(FluxPipeline(**parts), folder)


@_prepared
def tiny_z_image(folder: Path) -> Path:
    """Z-Image in small, with a text encoder and chat template of the Qwen3 family."""
    from diffusers import FlowMatchEulerDiscreteScheduler, ZImagePipeline, ZImageTransformer2DModel
    from transformers import Qwen3Config, Qwen3Model

    transformer = ZImageTransformer2DModel(
        in_channels=4, dim=32, n_layers=2, n_refiner_layers=1, n_heads=2, n_kv_heads=2,
        cap_feat_dim=WIDTH, axes_dims=[4, 4, 8], axes_lens=[1024, 32, 32],
    )  # fmt: skip
    with torch.no_grad():  # these two start as uninitialised memory
        transformer.x_pad_token.zero_()
        transformer.cap_pad_token.zero_()
    tokenizer = _qwen_tokenizer()
    encoder = Qwen3Model(
        Qwen3Config(
            vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=64,
            num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2, head_dim=16,
        )
    )  # fmt: skip
    parts = {
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=3.0),
        "vae": _vae(shift_factor=0.1, scaling_factor=0.36, use_quant_conv=False),
        "text_encoder": encoder,
        "tokenizer": tokenizer,
        "transformer": transformer,
    }
    return _saved(ZImagePipeline(**parts), folder)


@_prepared
def tiny_qwen_image(folder: Path) -> Path:
    """Qwen-Image in small: its autoencoder is one of films, its text encoder sees pictures too."""
    from diffusers import (
        AutoencoderKLQwenImage,
        FlowMatchEulerDiscreteScheduler,
        QwenImagePipeline,
        QwenImageTransformer2DModel,
    )
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    tokenizer = _qwen_tokenizer()
    transformer = QwenImageTransformer2DModel(
        patch_size=2, in_channels=16, out_channels=4, num_layers=1, attention_head_dim=16,
        num_attention_heads=2, joint_attention_dim=WIDTH, axes_dims_rope=(4, 4, 8),
    )  # fmt: skip
    vae = AutoencoderKLQwenImage(
        base_dim=8, z_dim=4, dim_mult=[1, 2, 2, 2], num_res_blocks=1,
        temperal_downsample=[False, True, True], latents_mean=[0.0] * 4, latents_std=[1.0] * 4,
    )  # fmt: skip
    encoder = Qwen2_5_VLForConditionalGeneration(
        Qwen2_5_VLConfig(
            text_config={
                "hidden_size": WIDTH, "intermediate_size": 64, "num_hidden_layers": 2,
                "num_attention_heads": 2, "num_key_value_heads": 2, "vocab_size": len(tokenizer),
                "bos_token_id": None, "eos_token_id": None,
                "rope_parameters": {
                    "mrope_section": [2, 2, 4], "rope_type": "default", "rope_theta": 1e6,
                },
            },
            vision_config={
                "depth": 1, "hidden_size": WIDTH, "intermediate_size": 64, "num_heads": 2,
                "out_hidden_size": WIDTH,
            },
        )
    )  # fmt: skip
    parts = {
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=3.0),
        "vae": vae,
        "text_encoder": encoder,
        "tokenizer": tokenizer,
        "transformer": transformer,
    }
    return _saved(QwenImagePipeline(**parts), folder)


@_prepared
def tiny_sd3(folder: Path) -> Path:
    """Stable Diffusion 3 in small, with its three text encoders."""
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        SD3Transformer2DModel,
        StableDiffusion3Pipeline,
    )

    transformer = SD3Transformer2DModel(
        sample_size=4, patch_size=2, in_channels=16, num_layers=1, attention_head_dim=16,
        num_attention_heads=2, caption_projection_dim=32, joint_attention_dim=64,
        pooled_projection_dim=2 * WIDTH, out_channels=16, pos_embed_max_size=48,
    )  # fmt: skip
    parts = {
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=3.0),
        "vae": _vae(
            shift_factor=0.1, scaling_factor=0.36, use_quant_conv=False, latent_channels=16
        ),
        "text_encoder": _clip_text(projected=True),
        "tokenizer": _clip_tokenizer(),
        "text_encoder_2": _clip_text(projected=True),
        "tokenizer_2": _clip_tokenizer(),
        "text_encoder_3": _t5_text(64),
        "tokenizer_3": _t5_tokenizer(),
        "transformer": transformer,
    }
    return _saved(StableDiffusion3Pipeline(**parts), folder)


@_prepared
def guard(folder: Path, *, withholds: bool) -> Path:
    """Give a Stable Diffusion checkpoint a safety checker that withholds everything, or nothing."""
    from diffusers import AutoPipelineForText2Image
    from diffusers.pipelines.stable_diffusion import StableDiffusionSafetyChecker
    from transformers import CLIPConfig, CLIPImageProcessor

    vision = {
        "hidden_size": WIDTH, "intermediate_size": 37, "num_hidden_layers": 1,
        "num_attention_heads": 2, "image_size": 30, "patch_size": 15,
    }  # fmt: skip
    checker = StableDiffusionSafetyChecker(CLIPConfig(vision_config=vision, projection_dim=WIDTH))
    with torch.no_grad():
        for name in ("concept_embeds_weights", "special_care_embeds_weights"):
            getattr(checker, name).fill_(-2.0 if withholds else 2.0)
    pipe = AutoPipelineForText2Image.from_pretrained(
        folder,
        safety_checker=checker,
        feature_extractor=CLIPImageProcessor(size=30, crop_size=30),
        local_files_only=True,
    )
    return _saved(pipe, folder)


@_prepared
def tiny_lora(folder: Path, path: Path, *, words: bool = False) -> Path:
    """A LoRA for the denoiser of a checkpoint, and with `words` for its text encoder, as diffusers
    writes it.
    """
    from diffusers import AutoPipelineForText2Image
    from peft import LoraConfig, inject_adapter_in_model
    from peft.utils import get_peft_model_state_dict

    pipe = AutoPipelineForText2Image.from_pretrained(folder, local_files_only=True)
    layers = {"unet" if hasattr(pipe, "unet") else "transformer": ["to_k", "to_q", "to_v"]}
    if words:
        layers["text_encoder"] = ["q_proj", "v_proj"]
    found = {}
    for part, names in layers.items():
        module = getattr(pipe, part)
        inject_adapter_in_model(LoraConfig(r=4, lora_alpha=4, target_modules=names), module)
        with torch.no_grad():
            for name, parameter in module.named_parameters():
                if "lora_" in name:
                    parameter.copy_(torch.randn_like(parameter))
        found[f"{part}_lora_layers"] = get_peft_model_state_dict(module)
    pipe.save_lora_weights(path.parent, weight_name=path.name, safe_serialization=True, **found)
    return path


def as_kohya(path: Path, other: Path) -> Path:
    """The same LoRA of a Stable Diffusion UNet as kohya's scripts name its layers."""
    values = {}
    for key, value in load_file(path).items():
        part, _, rest = key.partition(".")
        layer, _, matrix = rest.removesuffix(".weight").rpartition(".")
        assert part == "unet"
        stem = f"lora_unet_{layer.replace('.', '_')}"
        values[f"{stem}.{ {'lora_A': 'lora_down', 'lora_B': 'lora_up'}[matrix] }.weight"] = value
        values[f"{stem}.alpha"] = torch.tensor(4.0)
    save_file(values, other)
    return other


def _unet(**changed: Any) -> Any:
    from diffusers import UNet2DConditionModel

    told: dict[str, Any] = {
        "block_out_channels": (16, 32), "layers_per_block": 1, "sample_size": 4,
        "in_channels": 4, "out_channels": 4, "norm_num_groups": GROUPS, "attention_head_dim": 8,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"), "cross_attention_dim": WIDTH,
    }  # fmt: skip
    return UNet2DConditionModel(**{**told, **changed})


def _vae(**changed: Any) -> Any:
    from diffusers import AutoencoderKL

    if not changed.pop("use_quant_conv", True):
        changed |= {"use_quant_conv": False, "use_post_quant_conv": False}
    vae = AutoencoderKL(
        block_out_channels=CHANNELS, layers_per_block=1,
        down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4,
        norm_num_groups=GROUPS, sample_size=32, **{"latent_channels": 4, **changed},
    )  # fmt: skip
    with torch.no_grad():
        vae.decoder.conv_out.weight.mul_(CONTRAST)
        # A trained encoder is sure of what it sees: its latents hardly vary with chance.
        last = vae.encoder.conv_out if vae.quant_conv is None else vae.quant_conv
        half = len(last.bias) // 2
        last.weight[:half].mul_(CONTRAST)
        last.weight[half:].zero_()
        last.bias[half:].fill_(-10.0)
    return vae


def _clip_text(projected: bool = False, words: bool = False, width: int = WIDTH) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    last = 49407 if words else len(_clip_vocabulary()) - 1
    first = last - 1
    config = CLIPTextConfig(
        hidden_size=width, intermediate_size=37, num_attention_heads=4, num_hidden_layers=3,
        vocab_size=last + 1, projection_dim=width, max_position_embeddings=77,
        bos_token_id=first, eos_token_id=last, pad_token_id=last, initializer_factor=8.0,
    )  # fmt: skip
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config)


def _clip_vocabulary() -> dict[str, int]:
    signs = string.ascii_lowercase + string.digits + string.punctuation
    words = [*signs, *(f"{sign}</w>" for sign in signs), "<|startoftext|>", "<|endoftext|>"]
    return {word: number for number, word in enumerate(words)}


def _clip_tokenizer(words: bool = False, padding: str = "<|endoftext|>") -> Any:
    """Of letters: it knows no word, but tells them apart; with `words` the published one."""
    from transformers import CLIPTokenizer

    if words:
        from llamavis_studio.backends.diffusion.single_loading import clip_tokenizer

        return clip_tokenizer(padding)
    return CLIPTokenizer(vocab=_clip_vocabulary(), merges=[], model_max_length=77)


def _t5_vocabulary() -> list[tuple[str, float]]:
    signs = string.ascii_letters + string.digits + string.punctuation
    words = ["<pad>", "</s>", "<unk>", "▁", *signs, *(f"▁{sign}" for sign in signs)]
    return [(word, 0.0 if number < 3 else -2.0) for number, word in enumerate(words)]


def _t5_tokenizer() -> Any:
    from transformers import T5TokenizerFast

    return T5TokenizerFast(vocab=_t5_vocabulary(), extra_ids=0, model_max_length=512)


def _t5_text(width: int) -> Any:
    from transformers import T5Config, T5EncoderModel

    size = len(_t5_vocabulary())
    return T5EncoderModel(
        T5Config(vocab_size=size, d_model=width, d_kv=8, d_ff=37, num_layers=2, num_heads=4)
    )


def _qwen_tokenizer() -> Any:
    from tokenizers import pre_tokenizers
    from transformers import Qwen2Tokenizer

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [*alphabet, "<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer = Qwen2Tokenizer(
        vocab={word: number for number, word in enumerate(words)}, merges=[], model_max_length=512
    )
    tokenizer.chat_template = (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    return tokenizer


def _saved(pipe: Any, folder: Path) -> Path:
    pipe.save_pretrained(folder, safe_serialization=True)
    return folder


def changed_json(path: Path, **values: Any) -> None:
    """Write other values into a JSON file of a checkpoint."""
    told = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**told, **values}), "utf-8")
