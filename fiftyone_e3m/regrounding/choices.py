"""The objects that can be chosen in a frame: the candidates of the run."""

from __future__ import annotations

from dataclasses import dataclass

import fiftyone as fo
import numpy as np

from ..candidates import Detector
from ..dataset.labels import RelativeBox, Span, relative_boxes
from ..e3m.tracks import DETECTED
from ..engines import OneVideo
from ..review.grounded import stored_sample
from .runs import video_of


@dataclass(frozen=True)
class Candidate:
    """A box in a frame.

    Attributes:
        label: its class; empty if it has none.
        box: ``[x, y, w, h]`` relative to the frame.
    """

    label: str
    box: RelativeBox


@dataclass(frozen=True)
class Choice(Candidate):
    """A track that is in view in a frame.

    Attributes:
        track: its number, which `correct_tube` takes, in this frame alone.
        span: first and last frame in which it is found, 1-based.
    """

    track: int
    span: Span

    def __str__(self) -> str:
        return f"{self.label or 'object'}, frames {self.span[0]} to {self.span[1]}"


def choices_at(
    sample: fo.Sample,
    frame: int,
    field: str = "e3m",
    detector: str | Detector | None = None,
    trust_remote_code: bool = False,
    device: str | None = None,
) -> list[Choice]:
    """The tracks in view in a frame, in the order in which they begin.

    Args:
        sample: a grounded video.
        frame: the frame, 1-based.
        field: name of the tube field.
        detector: used instead of that of the run; needed if the run was given an object.
        trust_remote_code: run program code that weights bring along, see `ground`.
        device: where a detector given by name runs, see `ground`; that of the run does not count.

    Raises:
        GroundingError: the boxes of the run cannot be had any more.
        DetectorError: the detector cannot be loaded.
        VideoError: the video cannot be decoded.
    """
    sample = stored_sample(sample)
    one = video_of(sample, field, None, detector, trust_remote_code, device)
    return tracks_in_view(one, frame)


def candidates_at(sample: fo.Sample, frame: int, field: str = "e3m") -> list[Candidate]:
    """The candidates of a frame (1-based); their tracks, which take longer, are not looked at.

    Raises:
        GroundingError: the boxes of the run cannot be had any more.
        DetectorError: the detector cannot be loaded.
        VideoError: the video cannot be decoded.
    """
    one = video_of(stored_sample(sample), field)
    found = one.candidates(frame - 1)
    boxes = relative_boxes(found.xyxy, one.video).tolist()
    return [Candidate(label, box) for label, box in zip(found.labels, boxes, strict=True)]


def tracks_in_view(one: OneVideo, frame: int) -> list[Choice]:
    """The tracks in view in a frame (1-based) of a video."""
    tracks, survey = one.tracks(frame - 1)
    (t,) = np.flatnonzero(survey.sampled == frame - 1)
    boxes = relative_boxes(tracks.box[:, t], one.video).tolist()
    choices = []
    for k in np.flatnonzero(tracks.kind[:, t] == DETECTED).tolist():
        first, last = survey.sampled[np.flatnonzero(tracks.kind[k] == DETECTED)[[0, -1]]].tolist()
        choices.append(Choice(tracks.label[k], boxes[k], k, (first + 1, last + 1)))
    return choices
