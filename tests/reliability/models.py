"""Encoder and detector objects that return garbage, fail, or are slow."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fiftyone_e3m.boxes import Boxes

from .table import REST, Case


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


def encoder(what: str, change: Callable[[Any, int], Any], method: str = "images") -> ModelCase:
    """An encoder whose features are of no use."""
    return ModelCase(
        what=f"encoder: {what}",
        outcome="failed",
        says=f"ncoder{REST}",
        part="encoder",
        method=f"encode_{method}",
        change=change,
    )


def detector(what: str, change: Callable[[Any, int], Any]) -> ModelCase:
    """A detector whose boxes are of no use."""
    return ModelCase(
        what=f"detector: {what}",
        outcome="failed",
        says=f"etector{REST}",
        part="detector",
        method="detect",
        change=change,
    )


MODELS = (
    encoder("NaN in a picture's features", nan),
    encoder("NaN in a sentence's features", nan, "texts"),
    encoder("zeros", lambda answer, call: answer * 0),
    encoder("a row too many", lambda answer, call: np.concatenate([answer, answer[:1]])),
    encoder("a row too few", lambda answer, call: answer[1:]),
    encoder("flat array", lambda answer, call: answer.ravel()),
    encoder("None", lambda answer, call: None),
    encoder("text", lambda answer, call: "features"),
    encoder("another width for sentences", lambda answer, call: answer[:, :2], "texts"),
    detector("None", lambda answer, call: None),
    detector("a result too few", lambda answer, call: answer[1:]),
    detector("a result too many", lambda answer, call: [*answer, answer[0]]),
    detector("arrays in place of boxes", lambda answer, call: [np.zeros((1, 4))] * len(answer)),
    detector(
        "NaN in all boxes",
        lambda answer, call: [Boxes.of(b.xyxy * np.nan, b.scores, b.labels) for b in answer],
    ),
    ModelCase(
        what="encoder: fails at the third call",
        outcome="failed",
        says="the device was lost",
        part="encoder",
        method="encode_images",
        change=third,
        spared=True,
    ),
    ModelCase(
        what="detector: fails at the third call",
        outcome="failed",
        says="the device was lost",
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
