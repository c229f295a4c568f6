"""What an annotation says about a video: sentences, their events, and what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MALFORMED = (KeyError, TypeError, ValueError, AttributeError)
"""What reading a record may raise that is not as it should be."""


@dataclass(frozen=True)
class Query:
    """A sentence and what it means.

    Attributes:
        sentence: stripped, not empty.
        event: 0-based first frame and the one after the last.
        target: what its track is found by, for the importer.
        kind: the kind of sentence, where the dataset knows several.
    """

    sentence: str
    event: tuple[int, int]
    target: Any
    kind: str | None = None


@dataclass(frozen=True)
class Clip:
    """What becomes one sample: a video or a segment of it, as annotated.

    Attributes:
        video: name of the video.
        size: width and height in pixels.
        frame_rate: frames per second.
        frame_count: frames of the whole video.
        queries: its sentences; no two are the same.
        segment: 0-based first frame and the one after the last; None is the whole video.
        copy: how many other samples of the same segment there are before this one.
    """

    video: str
    size: tuple[int, int]
    frame_rate: float
    frame_count: int
    queries: tuple[Query, ...]
    segment: tuple[int, int] | None = None
    copy: int = 0


class LeftOutError(Exception):
    """Something cannot be imported, for a reason that has a kind.

    Attributes:
        kind: a key of `report.LEFT_OUT`.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def why(error: Exception) -> str:
    """What was wrong with a record, from one of `MALFORMED`."""
    return f"there is no {error}" if isinstance(error, KeyError) else str(error)
