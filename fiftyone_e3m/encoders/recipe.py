"""Which activation and normalisation a checkpoint of open_clip was trained with.

open_clip takes the activation from the model's name, and for a file also the constants of the
normalisation. Both are facts of the weights: its list of pretrained tags says which.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import open_clip
from open_clip.transform import PreprocessCfg


@dataclass(frozen=True)
class Recipe:
    """How the pictures and layers of a checkpoint are computed.

    Attributes:
        options: arguments of `open_clip.create_model`.
        notice: a sentence, if the weights may have been trained in another way; else None.
    """

    options: dict[str, Any]
    notice: str | None = None

    @classmethod
    def of(cls, model: str, weights: str) -> Recipe:
        """The recipe of a tag; of a file, that of most tags of its model, whose weights it may be.

        Args:
            model: a model that open_clip lists.
            weights: one of its tags, or a path.
        """
        tags = open_clip.list_pretrained_tags_by_model(model)
        if weights in tags:
            return cls(_Way.of(model, weights).options)
        ways = {tag: _Way.of(model, tag) for tag in tags}
        usual = Counter(ways.values()).most_common(1)[0][0] if ways else _Way.of(model, None)
        return cls(usual.options, _doubt(f"{model}/{weights}", usual, ways))


@dataclass(frozen=True)
class _Way:
    """Activation and constants."""

    quick_gelu: bool
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, model: str, tag: str | None) -> _Way:
        """That of a tag; None for a model of which open_clip lists no weights."""
        trained = open_clip.get_pretrained_cfg(model, tag) if tag else {}
        # A tag that does not mention QuickGELU is no word against a model that has it: of
        # roberta-ViT-B-32's tag open_clip warns for this reason alone.
        quick = any(cfg.get("quick_gelu") for cfg in (trained, open_clip.get_model_config(model)))
        constants = {"mean": PreprocessCfg.mean, "std": PreprocessCfg.std, **trained}
        return cls(quick, tuple(constants["mean"]), tuple(constants["std"]))

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of `open_clip.create_model`."""
        constants = {"mean": self.mean, "std": self.std}
        return {"force_quick_gelu": self.quick_gelu, "force_preprocess_cfg": constants}

    def __str__(self) -> str:
        activation = "QuickGELU" if self.quick_gelu else "GELU"
        return f"{activation}, mean {_rounded(self.mean)} and deviation {_rounded(self.std)}"


def _doubt(spec: str, usual: _Way, ways: dict[str, _Way]) -> str | None:
    """What to do if the file is one of the tags that were trained in another way."""
    others: dict[_Way, list[str]] = {}
    for tag, way in ways.items():
        if way != usual:
            others.setdefault(way, []).append(f"'{tag}'")
    if not others:
        return None
    listed = "; ".join(f"{', '.join(tags)} ({way})" for way, tags in others.items())
    return (
        f"Encoder '{spec}' is computed with {usual}. These weights of the model were trained "
        f"otherwise: {listed}. If the file is one of them, give the tag instead, or "
        "'local-dir:<folder>' with an open_clip_config.json that says so."
    )


def _rounded(values: tuple[float, ...]) -> str:
    """One number where all channels have the same."""
    return " ".join(dict.fromkeys(f"{value:.3g}" for value in values))
