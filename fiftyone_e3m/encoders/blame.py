"""Names the model that an error comes from which nobody foresaw."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ..texts import Refusal

logger = logging.getLogger(__name__)


@contextmanager
def blamed(refusal: type[Refusal], model: str) -> Iterator[None]:
    """A context for calls of a model, whose own errors tell a user nothing about which it was.

    Args:
        refusal: what is raised instead of any other error.
        model: the model, as a phrase that begins a sentence.

    Raises:
        Refusal: the model failed, or refused by itself.

    Example:
        >>> with blamed(Refusal, "Detector 'x'"):
        ...     raise OSError("gone")
        Traceback (most recent call last):
        ...
        fiftyone_e3m.texts.refusal.Refusal: Detector 'x' failed (OSError: gone). The log says where.
    """
    try:
        yield
    except Refusal:
        raise
    except Exception as error:
        logger.exception("%s failed", model)
        why = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise refusal(f"{model} failed ({why}). The log says where.") from error
