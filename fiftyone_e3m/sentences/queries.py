"""Sentences as input to the algorithm: features, classes, colours and motion of their subjects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..config import E3MConfig
from ..e3m import Query
from ..encoders import Encoder, unread_end
from ..texts import shortened
from .classes import KINDRED, class_fits
from .looks import looks
from .motion import motion
from .pace import moves
from .reader import TextReader

LONGEST_END = 200
"""Characters of an end that was ignored, as a message repeats them."""
QUERY = "{query}"
"""Where a text template has the sentence."""


def encode_queries(
    reader: TextReader, sentences: Sequence[str], classes: Sequence[str], config: E3MConfig
) -> list[Query]:
    """Sentences as input to the algorithm.

    Args:
        reader: turns texts into vectors.
        sentences: the sentences.
        classes: class of each track.
        config: uses `text_template`, and leaves out evidence that has no weight.
    """
    texts = reader.read([prompt(sentence, config) for sentence in sentences])
    queries = []
    for sentence, text in zip(sentences, texts, strict=True):
        fits = class_fits(sentence, classes) if config.label_weight else None
        queries.append(
            Query(
                text,
                label=None if fits is None else np.array(fits),
                looks=looks(sentence) if config.colour_weight else (),
                motion=motion(sentence) if config.motion_weight else None,
                moves=moves(sentence) if config.pace_weight else 0,
            )
        )
    return queries


def likely(sentences: Sequence[str], classes: Sequence[str]) -> NDArray[np.bool_]:
    """(K,) which classes may match a sentence; unnamed ones always do, and all do if none fits."""
    fits = [class_fits(sentence, classes) for sentence in sentences]
    known = [fit for fit in fits if fit is not None]
    may = np.any([np.array(fit) > 0 for fit in known], axis=0) if known else np.array([], bool)
    if len(known) < len(fits) or not may.any():
        return np.ones(len(classes), bool)
    return may | np.array([not name for name in classes])


def class_notes(sentences: Sequence[str], classes: Sequence[str]) -> list[str]:
    """Says of which subjects no class is known, and what follows; no word of what has no classes.

    Example:
        >>> class_notes(["a man walks", "a brown coin"], ["person", "cup"])
        ["No class of boxes is known for the subject of 'a brown coin', so classes were not used."]
    """
    notes = []
    for sentence in sentences if any(classes) else ():
        fits = class_fits(sentence, classes)
        unknown = f"No class of boxes is known for the subject of '{sentence}'"
        if fits is None:
            notes.append(f"{unknown}, so classes were not used.")
        elif KINDRED in fits:
            notes.append(f"{unknown}, so boxes of all animals count alike.")
    return notes


def prompt(sentence: str, config: E3MConfig) -> str:
    """A sentence as given to the encoder: in the text template, without final punctuation.

    Example:
        >>> prompt("Who rides the bike? ", E3MConfig(text_template="a photo of {query}"))
        'a photo of Who rides the bike'
    """
    return config.text_template.replace(QUERY, _bare(sentence))


def length_notes(sentences: Sequence[str], encoder: Encoder, config: E3MConfig) -> list[str]:
    """Says which sentences the encoder does not read to their end, and which words it leaves out.

    Args:
        sentences: the sentences.
        encoder: reads them; its tokenizer decides.
        config: uses `text_template`, whose words before the sentence take their part.
    """
    before = config.text_template.partition(QUERY)[0]
    notes = []
    for sentence in sentences:
        if encoder.exceeds_context(prompt(sentence, config)):
            end = unread_end(lambda text: encoder.exceeds_context(before + text), _bare(sentence))
            words = f": '{shortened(end, LONGEST_END)}'" if end else ""
            notes.append(
                f"The sentence '{sentence}' is longer than the encoder can read, so its end was "
                f"ignored{words}."
            )
    return notes


def _bare(sentence: str) -> str:
    return sentence.strip().rstrip(".?").rstrip()
