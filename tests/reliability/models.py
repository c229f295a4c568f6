"""Encoder and detector objects that return garbage, fail, or are slow."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fiftyone_e3m.boxes import Boxes

from .table import Case


@dataclass(frozen=True, kw_only=True)
class ModelCase(Case):
    """A kind of model.

    Attributes:
        part: "encoder" or "detector".
        change: makes of a sound answer, and the number of the call, what the model returns.
        method: the method whose answers are changed.
        spared: whether only the second of three videos meets the fault.
    """

    part: str
    method: str
    change: Callable[[Any, int], Any]
    spared: bool = False


def nan(answer: np.ndarray, call: int) -> np.ndarray:
    """NaN in place of the first number."""
    answer = answer.copy()
    answer[0, 0] = np.nan
    return answer


def third(answer: Any, call: int) -> Any:
    """Fails at the third call."""
    if call == 3:
        raise RuntimeError("the device was lost")
    return answer


def slow(answer: Any, call: int) -> Any:
    """Takes a moment."""
    time.sleep(0.05)
    return answer


def encoder(
    what: str, change: Callable[[Any, int], Any], returned: str, method: str = "images"
) -> ModelCase:
    """An encoder whose features are of no use."""
    given = "pictures" if method == "images" else "sentences"
    return ModelCase(
        what=f"encoder: {what}",
        outcome="failed",
        says=f"Encoder 'colours' returned {returned}, when it was given {given}; it must return "
        "one finite vector of length 1 for each. Check its weights and its precision.",
        part="encoder",
        method=f"encode_{method}",
        change=change,
    )


def detector(what: str, change: Callable[[Any, int], Any], returned: str) -> ModelCase:
    """A detector whose boxes are of no use."""
    return ModelCase(
        what=f"detector: {what}",
        outcome="failed",
        says=f"Detector 'red' returned {returned}",
        part="detector",
        method="detect",
        change=change,
    )


NO_NUMBERS = "that is no array of real numbers"
PER_FRAME = "it must return one per frame, empty ones included."

MODELS = (
    encoder("NaN in a picture's features", nan, "NaN or infinite numbers for 1 of 4"),
    encoder("NaN in a sentence's features", nan, "NaN or infinite numbers for 1 of 1", "texts"),
    encoder("zeros", lambda answer, call: answer * 0, "vectors of zeros for 4 of 4"),
    encoder(
        "a row too many",
        lambda answer, call: np.concatenate([answer, answer[:1]]),
        "an array of shape (5, 5) for 4 of them",
    ),
    encoder(
        "a row too few",
        lambda answer, call: answer[1:],
        "an array of shape (3, 5) for 4 of them",
    ),
    encoder(
        "flat array", lambda answer, call: answer.ravel(), "an array of shape (20,) for 4 of them"
    ),
    encoder("None", lambda answer, call: None, f"a NoneType {NO_NUMBERS}"),
    encoder("text", lambda answer, call: "features", f"a str {NO_NUMBERS}"),
    encoder(
        "another width for sentences",
        lambda answer, call: answer[:, :2],
        "vectors of 2 numbers, and before of 5",
        "texts",
    ),
    detector(
        "None",
        lambda answer, call: None,
        "a NoneType; it must return a list with one Boxes per frame.",
    ),
    detector(
        "a result too few",
        lambda answer, call: answer[1:],
        f"5 results for 6 frames; {PER_FRAME}",
    ),
    detector(
        "a result too many",
        lambda answer, call: [*answer, answer[0]],
        f"7 results for 6 frames; {PER_FRAME}",
    ),
    detector(
        "arrays in place of boxes",
        lambda answer, call: [np.zeros((1, 4))] * len(answer),
        "a ndarray for a frame; it must return fiftyone_e3m.boxes.Boxes.",
    ),
    detector(
        "NaN in all boxes",
        lambda answer, call: [Boxes.of(b.xyxy * np.nan, b.scores, b.labels) for b in answer],
        "1 of 1 boxes of a frame with coordinates or scores that are not finite numbers. Check "
        "its weights and precision.",
    ),
    ModelCase(
        what="encoder: fails at the third call",
        outcome="failed",
        says="Encoder 'colours' failed (RuntimeError: the device was lost). The log says where.",
        part="encoder",
        method="encode_images",
        change=third,
        spared=True,
    ),
    ModelCase(
        what="detector: fails at the third call",
        outcome="failed",
        says="Detector 'red' failed (RuntimeError: the device was lost). The log says where.",
        part="detector",
        method="detect",
        change=third,
        spared=True,
    ),
    ModelCase(
        what="encoder: slow",
        outcome="ok",
        part="encoder",
        method="encode_images",
        change=slow,
    ),
    ModelCase(
        what="detector: slow",
        outcome="ok",
        part="detector",
        method="detect",
        change=slow,
    ),
)
"""Kinds of models; objects can be given to `ground` only."""
