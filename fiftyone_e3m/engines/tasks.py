"""What there is to do for each video of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap

from fiftyone.core.collections import SampleCollection

from ..dataset.marks import Marks, read_marks
from ..dataset.reading import read_queries
from ..e3m import Window
from ..request import Request
from ..video import Video


@dataclass(frozen=True)
class Task:
    """A video to ground.

    Attributes:
        id: its sample.
        path: its file.
        queries: its sentences.
        marks: when they happen, if that is known.
    """

    id: str
    path: str
    queries: list[str]
    marks: Marks | None

    def windows(self, video: Video) -> tuple[list[Window | None], list[str]]:
        """When each sentence happens, None where that is not known; and remarks."""
        if self.marks is None:
            return [None] * len(self.queries), []
        return self.marks.windows(self.queries, video.frame_count)


def tasks_of(samples: SampleCollection, ids: Sequence[str], request: Request) -> list[Task]:
    """The tasks for some samples, in the given order; those that were deleted are left out.

    Args:
        samples: dataset or view that the request was made for.
        ids: the samples.
        request: where sentences and times come from.
    """
    view = samples._dataset.select(ids, ordered=True)
    queries = read_queries(view, request)
    ids, paths = view.values(["id", "filepath"])
    marks = read_marks(samples, ids, request)
    return list(starmap(Task, zip(ids, paths, queries, map(marks.get, ids), strict=True)))
