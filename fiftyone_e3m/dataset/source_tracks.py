"""Labels of the tracks that a field of boxes already has: what a tube takes over from them."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

import fiftyone as fo
from bson import ObjectId
from fiftyone import ViewField as F
from fiftyone.core.collections import SampleCollection

from .reading import IDENTITY, labels_of, read_tracks

Place = tuple[int, str]
"""The 1-based number of a frame, and the name of a track, see `reading.track_names`."""


class SourceTracks:
    """The labels of one video in the field that a run takes its boxes from.

    Args:
        samples: dataset or view; the label filters of a view apply.
        sample_id: the video.
        field: name of the frame field, without ``frames.``.
    """

    def __init__(self, samples: SampleCollection, sample_id: str, field: str) -> None:
        self._samples, self._sample_id, self._field = samples, sample_id, field

    def labels(self, places: Collection[Place]) -> dict[Place, fo.Detection]:
        """The detections of tracks in frames, with their masks; those that exist.

        Args:
            places: frames and tracks. All are in memory at once, so ask for a few hundred.
        """
        wanted = {self._ids[place]: place for place in places if place in self._ids}
        numbers = sorted({number for number, _ in wanted.values()})
        path = f"frames.{self._field}"
        view = labels_of(self._samples, [self._sample_id], path)
        view = view.match_frames(F("frame_number").is_in(numbers))
        view = view.filter_labels(path, F("_id").is_in([ObjectId(each) for each in wanted]))
        found = view.values(f"{path}.detections", unwind=True) if wanted else []
        return {wanted[label.id]: label for label in found if label is not None}

    @cached_property
    def _ids(self) -> dict[Place, str]:
        """The id of each label of a track; if there are several in a frame, of the surest."""
        ids: dict[Place, str] = {}
        names = ("id", "label", "confidence", *IDENTITY)
        for number, (labels, _, scores, *_), tracks in read_tracks(
            self._samples, self._sample_id, self._field, names
        ):
            scored = zip(labels, scores, tracks, strict=True)
            for label_id, _, track in sorted(scored, key=lambda row: -_score(row[1])):
                if track:
                    ids.setdefault((number, track), label_id)
        return ids


def _score(confidence: float | None) -> float:
    return 1.0 if confidence is None else confidence
