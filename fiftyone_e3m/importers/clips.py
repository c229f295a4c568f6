"""The annotation of a video: sentences, their events, and their targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MALFORMED = (KeyError, TypeError, ValueError, AttributeError)
"""Exceptions that reading a malformed record may raise."""


@dataclass(frozen=True)
class Query:
    """A sentence, its event and its target.

    Attributes:
        sentence: stripped, not empty.
        event: 0-based first frame and the one after the last.
        target: what the importer uses to look up the track.
        kind: the kind of sentence, if the dataset has several.
    """

    sentence: str
    event: tuple[int, int]
    target: Any
    kind: str | None = None


@dataclass(frozen=True)
class Clip:
    """An annotated video, or a segment of it, that becomes one sample.

    Attributes:
        video: name of the video.
        size: width and height in pixels.
        frame_rate: frames per second.
        frame_count: number of frames of the whole video.
        queries: its sentences, without duplicates.
        segment: 0-based first frame and the one after the last; None is the whole video.
        copy: number of earlier samples of the same segment.
    """

    video: str
    size: tuple[int, int]
    frame_rate: float
    frame_count: int
    queries: tuple[Query, ...]
    segment: tuple[int, int] | None = None
    copy: int = 0


class LeftOutError(Exception):
    """A sentence or video cannot be imported.

    Attributes:
        kind: a key of `report.LEFT_OUT`.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def why(error: Exception) -> str:
    """Describes what is wrong with a record, from one of `MALFORMED`."""
    return f"the key {error} is missing" if isinstance(error, KeyError) else str(error)
