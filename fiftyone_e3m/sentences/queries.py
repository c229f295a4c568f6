"""Sentences as the algorithm sees them: their features, and what the detector's classes say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..config import E3MConfig
from ..e3m import Query
from ..e3m.contrast import standing
from .reader import TextReader
from .subjects import subject

UNLIKELY = 1.0
"""Standard deviations above unrelated nouns that a class must reach for a subject to mean it.

Detectors take a camel for a cow (2.2 to 2.6 with two encoders) and a swan for a bird (3.3, 3.9); a
person fits neither (.5 and less).
"""


def encode_queries(
    reader: TextReader, sentences: Sequence[str], classes: Sequence[str], config: E3MConfig
) -> list[Query]:
    """Sentences as the algorithm sees them.

    Args:
        reader: turns texts into vectors.
        sentences: the sentences.
        classes: class of each track.
        config: uses `text_template` and `label_weight`.
    """
    prompts = [prompt(sentence, config) for sentence in sentences]
    if not config.label_weight or not any(classes):
        return [Query(text) for text in reader.read(prompts)]
    subjects = [subject(sentence) for sentence in sentences]
    # in one call: reading a text is fetching the weights, for two as for one
    texts, about = np.split(reader.read([*prompts, *subjects]), 2)
    fits = class_fit(reader, about, classes)
    return [Query(text, fit) for text, fit in zip(texts, fits, strict=True)]


def class_fit(
    reader: TextReader, subjects: NDArray[np.float32], classes: Sequence[str]
) -> NDArray[np.float64]:
    """How far classes fit the subjects of sentences better than unrelated nouns do.

    Args:
        reader: turns class names into vectors.
        subjects: (Q, D) features of the subjects.
        classes: (K,) names.

    Returns:
        (Q, K) standard deviations.
    """
    labels, nouns = reader.classes(classes), reader.unrelated.nouns
    return np.array([standing(labels @ about, nouns @ about) for about in subjects])


def likely(
    reader: TextReader, sentences: Sequence[str], classes: Sequence[str]
) -> NDArray[np.bool_]:
    """(K,) which classes some sentence may mean: those without a name, and all if none fits."""
    nameless = np.array([not name for name in classes], bool)
    if nameless.all():
        return nameless
    subjects = reader.read([subject(sentence) for sentence in sentences])
    fits = class_fit(reader, subjects, classes).max(axis=0) >= UNLIKELY
    return fits | nameless if fits.any() else np.ones_like(fits)


def prompt(sentence: str, config: E3MConfig) -> str:
    """A sentence as the encoder gets it: without its final mark, in the text template.

    Example:
        >>> prompt("Who rides the bike? ", E3MConfig(text_template="a photo of {query}"))
        'a photo of Who rides the bike'
    """
    return config.text_template.format(query=sentence.strip().rstrip(".?").rstrip())
