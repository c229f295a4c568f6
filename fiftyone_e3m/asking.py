"""Sentences as the algorithm sees them: their features, and what the detector's classes say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .cache import Cache
from .config import E3MConfig
from .e3m import Query
from .e3m.contrast import standing
from .encoders import Encoder
from .references import references_of
from .subjects import subject
from .texts import encode_once

UNLIKELY = 1.0
"""Standard deviations above unrelated nouns below which a class is none that a subject may mean.

Detectors take a camel for a cow (2.2 to 2.6 with two encoders) and a swan for a bird (3.3, 3.9); a
person fits neither (.5 and less).
"""


def ask(
    encoder: Encoder,
    queries: Sequence[str],
    classes: Sequence[str],
    config: E3MConfig,
    cache: Cache | None = None,
) -> list[Query]:
    """Sentences as the algorithm sees them.

    Args:
        encoder: turns sentences into vectors.
        queries: the sentences.
        classes: class of each track.
        config: uses `text_template` and `label_weight`.
        cache: remembers the unrelated texts from run to run.
    """
    prompts = [prompt(query, config) for query in queries]
    if not config.label_weight or not any(classes):
        return [Query(text) for text in encode_once(encoder, prompts)]
    subjects = [subject(query) for query in queries]
    # in one call: reading a text is fetching the weights, for two as for one
    texts, about = np.split(encode_once(encoder, [*prompts, *subjects]), 2)
    fits = class_fit(encoder, about, classes, cache)
    return [Query(text, fit) for text, fit in zip(texts, fits, strict=True)]


def class_fit(
    encoder: Encoder,
    subjects: NDArray[np.float32],
    classes: Sequence[str],
    cache: Cache | None = None,
) -> NDArray[np.float64]:
    """How far classes fit the subjects of sentences better than unrelated nouns do.

    Args:
        encoder: turns class names into vectors.
        subjects: (Q, D) features of the subjects.
        classes: (K,) names.
        cache: remembers the unrelated texts from run to run.

    Returns:
        (Q, K) standard deviations.
    """
    references = references_of(encoder, cache)
    labels, nouns = references.classes(encoder, classes), references.nouns
    return np.array([standing(labels @ about, nouns @ about) for about in subjects])


def likely(
    encoder: Encoder, queries: Sequence[str], classes: Sequence[str], cache: Cache | None = None
) -> NDArray[np.bool_]:
    """(K,) which classes some sentence may mean: those without a name, and all if none fits."""
    nameless = np.array([not name for name in classes], bool)
    if nameless.all():
        return nameless
    subjects = encode_once(encoder, [subject(query) for query in queries])
    fits = class_fit(encoder, subjects, classes, cache).max(axis=0) >= UNLIKELY
    return fits | nameless if fits.any() else np.ones_like(fits)


def prompt(query: str, config: E3MConfig) -> str:
    """A sentence as the encoder gets it: without its final mark, in the text template.

    Example:
        >>> prompt("Who rides the bike? ", E3MConfig(text_template="a photo of {query}"))
        'a photo of Who rides the bike'
    """
    return config.text_template.format(query=query.strip().rstrip(".?").rstrip())
