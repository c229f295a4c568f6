"""Sentences as input to the algorithm: their features, and how well detector classes fit them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..config import E3MConfig
from ..e3m import Query
from ..e3m.contrast import standing
from .classes import class_fits
from .looks import looks
from .motion import motion
from .reader import TextReader
from .subjects import subject

UNLIKELY = 1.0
"""Standard deviations above unrelated nouns that a class needs to count as a match for a subject.

Detectors label a camel as a cow (2.2 to 2.6 with two encoders) and a swan as a bird (3.3, 3.9);
the class person matches neither (.5 and less).
"""


def encode_queries(
    reader: TextReader, sentences: Sequence[str], classes: Sequence[str], config: E3MConfig
) -> list[Query]:
    """Sentences as input to the algorithm.

    Args:
        reader: turns texts into vectors.
        sentences: the sentences.
        classes: class of each track.
        config: uses `text_template` and `label_weight`.
    """
    texts = reader.read([prompt(sentence, config) for sentence in sentences])
    queries = []
    for sentence, text in zip(sentences, texts, strict=True):
        fits = class_fits(sentence, classes)
        label = None if fits is None else np.array(fits)
        queries.append(Query(text, label, looks(sentence), motion(sentence)))
    return queries


def class_fit(
    reader: TextReader, subjects: NDArray[np.float32], classes: Sequence[str]
) -> NDArray[np.float64]:
    """How much better classes fit the subjects of sentences than unrelated nouns do.

    Args:
        reader: turns class names into vectors.
        subjects: (Q, D) features of the subjects.
        classes: (K,) class names.

    Returns:
        (Q, K) standard deviations.
    """
    labels, nouns = reader.classes(classes), reader.unrelated.nouns
    return np.array([standing(labels @ about, nouns @ about) for about in subjects])


def likely(
    reader: TextReader, sentences: Sequence[str], classes: Sequence[str]
) -> NDArray[np.bool_]:
    """(K,) which classes may match a sentence; unnamed ones always do, and all do if none fits."""
    nameless = np.array([not name for name in classes], bool)
    if nameless.all():
        return nameless
    subjects = reader.read([subject(sentence) for sentence in sentences])
    fits = class_fit(reader, subjects, classes).max(axis=0) >= UNLIKELY
    return fits | nameless if fits.any() else np.ones_like(fits)


def prompt(sentence: str, config: E3MConfig) -> str:
    """A sentence as given to the encoder: in the text template, without final punctuation.

    Example:
        >>> prompt("Who rides the bike? ", E3MConfig(text_template="a photo of {query}"))
        'a photo of Who rides the bike'
    """
    return config.text_template.format(query=sentence.strip().rstrip(".?").rstrip())
