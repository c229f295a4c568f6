"""One video, without FiftyOne: video -> candidates -> tracks -> features -> E3M -> tubes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .asking import ask, likely, prompt
from .boxes import Boxes, clean
from .cache import Cache
from .config import E3MConfig
from .e3m import Evidence, build_tracks, find, make_tube, splice
from .encoders import Encoder
from .features import encode_video, sampling_rate
from .references import references_of
from .results import Answer
from .shots import shot_numbers
from .survey import BoxSource, Survey
from .video import TruncatedVideoError, Video

ZOOM_MARGIN = 2.0
"""Seconds to each side of an event that are looked at again, or one coarse step if that is more."""
ZOOM_GAIN = 1.25
"""How much denser the frames of another look must be to be worth it."""


def ground_video(
    video: Video,
    boxes: BoxSource,
    queries: Sequence[str],
    encoder: Encoder,
    config: E3MConfig,
    cache: Cache | None = None,
    overlap: bool = True,
) -> tuple[list[Answer], list[str]]:
    """Grounds sentences in one video.

    Args:
        video: the file.
        boxes: where boxes come from.
        queries: the sentences.
        encoder: turns images and sentences into vectors.
        config: all hyper-parameters.
        cache: remembers what was seen, from run to run.
        overlap: work ahead in threads; the result is the same.

    Returns:
        One answer per sentence, and sentences about what was unusual.

    Raises:
        VideoError: the video cannot be decoded, or more than a tenth of it is missing at the end.
    """
    survey = Survey.of(video, boxes, config, cache, overlap)
    return ground_survey(survey, queries, encoder, config, cache, overlap)


def ground_survey(
    survey: Survey,
    queries: Sequence[str],
    encoder: Encoder,
    config: E3MConfig,
    cache: Cache | None = None,
    overlap: bool = True,
) -> tuple[list[Answer], list[str]]:
    """The same for a video whose boxes and cuts are known.

    Args:
        survey: the video, its boxes and its cuts.
        queries: the sentences.
        encoder: turns images and sentences into vectors.
        config: all hyper-parameters.
        cache: remembers what was seen, from run to run.
        overlap: see `encode_video`.
    """
    scene = look(survey, encoder, config, cache, overlap, queries)
    answers = answer(scene, queries, encoder, config, cache)
    notes = list(scene.notes)
    if config.zoom:
        closer = [_zoom(a, survey, scene, encoder, config, cache, overlap) for a in answers]
        answers = [found for found, _ in closer]
        notes += [note for _, more in closer for note in more]
    notes += [
        f"The sentence '{query}' is longer than the encoder reads; its end was ignored."
        for query in queries
        if encoder.exceeds_context(prompt(query, config))
    ]
    notes += [warning for found in answers for warning in found.grounding.warnings]
    return answers, list(dict.fromkeys(notes))


@dataclass(frozen=True, eq=False)
class Scene:
    """A video looked at, before any sentence is asked.

    Attributes:
        video: the file, with the frames that can be decoded.
        sampled: (T,) 0-based numbers of the frames looked at.
        cuts: first frame of each shot but the first; none if they were not looked for.
        evidence: what was seen.
        notes: sentences about what was unusual.
    """

    video: Video
    sampled: NDArray[np.int64]
    cuts: list[int]
    evidence: Evidence
    notes: tuple[str, ...]


def look(
    survey: Survey,
    encoder: Encoder,
    config: E3MConfig,
    cache: Cache | None = None,
    overlap: bool = True,
    queries: Sequence[str] = (),
) -> Scene:
    """Everything that does not depend on the sentence, which is nearly all of the work.

    Args:
        survey: the video, its boxes and its cuts.
        encoder: turns images into vectors.
        config: all hyper-parameters.
        cache: remembers features from run to run.
        overlap: see `encode_video`.
        queries: only for `drop_unlikely`, what will be asked.

    Raises:
        VideoError: the video cannot be decoded, or more than a tenth of it is missing at the end.
    """
    video, sampled, detections = survey.video, survey.sampled, survey.detections
    candidates = [candidates_of(frame, video, config) for frame in detections]
    fps = sampling_rate(video, sampled, config)
    shot = shot_numbers(sampled, survey.cuts)
    tracks = build_tracks(candidates, video.width, video.height, fps, config, shot)
    if config.drop_unlikely and queries:
        tracks = tracks.take(likely(encoder, queries, tracks.label, cache))
    try:
        evidence = encode_video(
            video, sampled, tracks, encoder, config, shot, cache=cache, overlap=overlap
        )
    except TruncatedVideoError as error:
        return look(survey.until(error), encoder, config, cache, overlap, queries)
    notes = survey.notes
    if n_odd := sum(int(frame.odd().sum()) for frame in detections):
        notes += (f"{n_odd} boxes without an area or with a NaN were ignored.",)
    return Scene(video, sampled, survey.cuts, evidence, notes)


def answer(
    scene: Scene,
    queries: Sequence[str],
    encoder: Encoder,
    config: E3MConfig,
    cache: Cache | None = None,
) -> list[Answer]:
    """Grounds sentences in a scene, one answer per sentence."""
    tracks = scene.evidence.tracks
    asked = ask(encoder, queries, tracks.label, config, cache)
    unrelated = references_of(encoder, cache).sentences if config.contrast else None
    answers = []
    groundings = find(scene.evidence, asked, config, unrelated)
    for query, grounding in zip(queries, groundings, strict=True):
        tube = make_tube(grounding, tracks, scene.sampled, scene.video.frame_count, scene.cuts)
        found = grounding.confidence >= config.not_found_below
        answers.append(Answer(query, tube, grounding, tracks, found))
    return answers


def _zoom(
    coarse: Answer,
    survey: Survey,
    scene: Scene,
    encoder: Encoder,
    config: E3MConfig,
    cache: Cache | None,
    overlap: bool,
) -> tuple[Answer, tuple[str, ...]]:
    """The answer after another look at its event, if frames can be sampled more densely there."""
    video = scene.video
    margin = round(video.frame_rate * max(ZOOM_MARGIN, 1 / scene.evidence.fps))
    first = max(0, coarse.tube.first - margin)
    last = min(video.frame_count - 1, coarse.tube.last + margin)
    seconds = (last - first + 1) / video.frame_rate
    if min(config.sample_fps, config.max_frames / seconds) < ZOOM_GAIN * scene.evidence.fps:
        return coarse, ()
    closer = survey.closer(first, last, config, cache, overlap)
    near = look(closer, encoder, config, cache, overlap, [coarse.query])
    last = min(last, near.video.frame_count - 1)
    part = replace(
        near,
        video=replace(video, frame_count=last - first + 1),
        sampled=near.sampled - first,
        cuts=[cut - first for cut in near.cuts if first < cut <= last],
    )
    (found,) = answer(part, [coarse.query], encoder, config, cache)
    return replace(found, tube=splice(coarse.tube, found.tube, first)), near.notes


def candidates_of(boxes: Boxes, video: Video, config: E3MConfig) -> Boxes:
    """The boxes of a frame that `config` lets take part."""
    return clean(
        boxes,
        video.width,
        video.height,
        conf=config.conf,
        max_boxes=config.max_boxes,
        classes=config.classes,
        duplicate_iou=config.duplicate_iou,
        min_side=config.min_side,
        min_area=config.min_area,
    )
