"""Texts on arbitrary topics that sentences are measured against (see `e3m.contrast`).

The sentences cover people, animals, vehicles, things and places evenly. Detector classes are
measured against the nouns, which name what everyday photos show (the classes of COCO). Both are in
``unrelated.json``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_TEXTS = json.loads(Path(__file__).with_suffix(".json").read_text())
SENTENCES: tuple[str, ...] = tuple(_TEXTS["sentences"])
NOUNS: tuple[str, ...] = tuple(_TEXTS["nouns"])


@dataclass(frozen=True, eq=False)
class Unrelated:
    """Features of the unrelated texts.

    Attributes:
        sentences: (R, D) features of `SENTENCES`, length 1.
        nouns: (N, D) features of `NOUNS`, length 1.
    """

    sentences: NDArray[np.float32]
    nouns: NDArray[np.float32]
