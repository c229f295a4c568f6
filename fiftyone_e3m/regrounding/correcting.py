"""Correction of a tube: not this object but that one, or the object in another span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import fiftyone as fo
import numpy as np

from ..boxes import corners, iou_matrix
from ..candidates import Detector
from ..dataset.claims import check_unclaimed
from ..dataset.labels import RelativeBox, Span, name_of, tube_labels
from ..dataset.schema import INDEX, Fields
from ..dataset.source_tracks import SourceTracks
from ..e3m import Sighting, Window
from ..e3m.sighting import SAME_BOX
from ..encoders import Encoder
from ..engines import OneVideo
from ..request import GroundingError, check_box, check_integer
from ..review.correcting import Correction, apply_correction
from ..review.events import find_event
from ..review.grounded import readable_grounding, stored_sample
from ..review.tubes import SentenceTube
from .choices import Choice, tracks_in_view
from .runs import video_of


def correct_tube(
    sample: fo.Sample,
    query: str,
    frame: int,
    box: Sequence[float] | None = None,
    track: int | None = None,
    field: str = "e3m",
    encoder: str | Encoder | None = None,
    detector: str | Detector | None = None,
    trust_remote_code: bool = False,
    device: str | None = None,
) -> Correction:
    """Lets a tube follow another object, which is pointed at in one frame.

    The sentence is grounded again within its event, as its run did, with the object of this frame
    given: its track is picked wherever it is seen, and the sentence decides only where it is not.
    A box that lies on a candidate of the frame (IoU of .5 or more) is that object; any other box
    is a candidate of its own. The first and last frame of the event stay.

    The event is marked `corrected`, and the original tube is kept in ``frames.<field>_original``;
    `restore_event` restores it.

    Args:
        sample: a grounded video.
        query: the sentence.
        frame: a frame of its event, 1-based.
        box: the object in this frame, ``[x, y, w, h]`` relative to it.
        track: or the number of its track, from `choices_at` for this frame.
        field: name of the tube field.
        encoder: used instead of that of the run; needed if the run was given an object.
        detector: likewise.
        trust_remote_code: run program code that weights bring along, see `ground`.
        device: where models given by name run, see `ground`; that of the run does not count.

    Returns:
        What was changed.

    Raises:
        GroundingError: the sentence has no event, the frame is outside of it, not exactly one of
            `box` and `track` is given, no track has this number, or the boxes of the run cannot be
            had any more, the event was changed meanwhile, or a run is writing into the field;
            nothing was written.
        EncoderError: the encoder cannot be loaded.
        DetectorError: the detector cannot be loaded.
        VideoError: the video cannot be decoded.
    """
    sample = stored_sample(sample)
    fields = readable_grounding(sample.dataset, field)
    event = find_event(sample, query, field)
    check_integer("frame", frame)
    if (box is None) == (track is None):
        given = "neither was" if box is None else "both were"
        raise GroundingError(f"Give the box of the object or the number of its track; {given}.")
    first, last = event.support
    if not first <= frame <= last:
        raise GroundingError(
            f"Frame {frame} is outside the event of '{query}', frames {first} to {last}. Choose a "
            "frame inside, or correct the event first."
        )
    check_unclaimed(sample.dataset, field)
    one = video_of(sample, field, encoder, detector, trust_remote_code, device)
    if track is not None:
        check_integer("track", track)
        box = _box_of(tracks_in_view(one, frame), track, frame)
    check_box("box", box)
    size = [one.video.width, one.video.height] * 2
    x1, y1, x2, y2 = (corners(np.array([box], float)) * size)[0].tolist()
    sighting = Sighting(frame - 1, (x1, y1, x2, y2))
    return _follow(sample, fields, event, one, sighting)


def find_object(
    sample: fo.Sample,
    query: str,
    field: str = "e3m",
    encoder: str | Encoder | None = None,
    detector: str | Detector | None = None,
    trust_remote_code: bool = False,
    device: str | None = None,
) -> Correction:
    """Looks for the object of a sentence in the span of its event, as corrected.

    The sentence is grounded again as its run did, with the time given: nothing outside of it is
    looked at. Its tube is replaced; the original is kept as by `correct_event`.

    Args:
        sample: a grounded video.
        query: the sentence.
        field: name of the tube field.
        encoder: used instead of that of the run; needed if the run was given an object.
        detector: likewise.
        trust_remote_code: run program code that weights bring along, see `ground`.
        device: where models given by name run, see `ground`; that of the run does not count.

    Returns:
        What was changed.

    Raises:
        GroundingError: the sentence has no event, there is no candidate in its span, or the boxes
            of the run cannot be had any more, the event was changed meanwhile, or a run is writing
            into the field; nothing was written.
        EncoderError: the encoder cannot be loaded.
        DetectorError: the detector cannot be loaded.
        VideoError: the video cannot be decoded.
    """
    sample = stored_sample(sample)
    fields = readable_grounding(sample.dataset, field)
    event = find_event(sample, query, field)
    check_unclaimed(sample.dataset, field)
    one = video_of(sample, field, encoder, detector, trust_remote_code, device)
    return _follow(sample, fields, event, one)


def _follow(
    sample: fo.Sample,
    fields: Fields,
    event: fo.TemporalDetection,
    one: OneVideo,
    sighting: Sighting | None = None,
) -> Correction:
    """Grounds a sentence within its event and writes the tube."""
    query, (first, last) = event.label, event.support
    (answer,), _ = one.ground([query], [Window(((first - 1, last - 1),), sighting=sighting)])
    # whoever gives time or object knows that it is there
    field = one.request.frame_boxes
    source = SourceTracks(one.samples, sample.id, field) if field else None
    labels = tube_labels([replace(answer, found=True)], one.video, source)
    boxes = {number: found.detections for number, found in labels if first <= number <= last}
    if not boxes:
        raise GroundingError(
            f"There is no candidate for '{query}' at frames {first} to {last} of "
            f"{sample.filepath}. Draw the boxes, or ground the video with other boxes."
        )
    if sighting and not _is_followed(boxes.get(sighting.frame + 1), sighting, one):
        raise GroundingError(
            f"The object in frame {sighting.frame + 1} of {sample.filepath} could not be followed: "
            "the frame cannot be decoded, or the box lies at its edge. Choose another frame."
        )
    named = _named(sample, fields, event)
    for box in (box for found in boxes.values() for box in found):
        for name, value in named.items():
            box[name] = value
    support: Span = (first, last)
    check_unclaimed(sample.dataset, fields.tube)
    return apply_correction(sample, fields, event, support, boxes)


def _is_followed(found: Sequence[fo.Detection] | None, sighting: Sighting, one: OneVideo) -> bool:
    """Whether the tube has the given box in its frame."""
    if not found:
        return False
    size = [one.video.width, one.video.height] * 2
    tube = corners(np.array([found[0].bounding_box], float)) * size
    return bool(iou_matrix(tube, np.array([sighting.xyxy]))[0, 0] >= SAME_BOX)


def _named(sample: fo.Sample, fields: Fields, event: fo.TemporalDetection) -> dict[str, Any]:
    """Number, label and sentence of the boxes of a sentence, those of its tube if it has one."""
    for field in (fields.tube, fields.original):
        for boxes in SentenceTube(sample, field, event.label).boxes.values():
            return {INDEX: boxes[0].index, **name_of(boxes[0])}
    index = event.get_attribute_value(INDEX, None)
    return {} if index is None else {INDEX: index}


def _box_of(choices: Sequence[Choice], track: int, frame: int) -> RelativeBox:
    for choice in choices:
        if choice.track == track:
            return choice.box
    numbers = ", ".join(f"{choice.track} ({choice})" for choice in choices) or "none"
    raise GroundingError(f"Track {track} is not in view in frame {frame}. In view: {numbers}.")
