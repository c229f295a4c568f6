"""One video, without FiftyOne: video -> candidates -> tracks -> features -> E3M -> tubes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .boxes import Boxes, clean
from .config import E3MConfig
from .e3m import Evidence, Query, build_tracks, find, make_tube
from .e3m.contrast import standing
from .encoders import Encoder
from .features import encode_video, sampling_rate
from .references import references_of
from .results import Answer
from .shots import find_cuts, shot_numbers
from .subjects import subject
from .video import TruncatedVideoError, Video

TOLERATED_LOSS = 0.1
"""Share of frames that may be missing at the end of a video; more is a damaged file."""

BoxSource = Callable[[Video, NDArray[np.int64]], list[Boxes]]
"""Gives the raw boxes of the sampled frames of a video."""


def ground_video(
    video: Video, boxes: BoxSource, queries: Sequence[str], encoder: Encoder, config: E3MConfig
) -> tuple[list[Answer], list[str]]:
    """Grounds sentences in one video.

    Args:
        video: the file.
        boxes: gives the raw boxes of the sampled frames.
        queries: the sentences.
        encoder: turns images and sentences into vectors.
        config: all hyper-parameters.

    Returns:
        One answer per sentence, and sentences about what was unusual.

    Raises:
        VideoError: the video cannot be decoded, or more than a tenth of it is missing at the end.
    """
    try:
        return _ground_video(video, boxes, queries, encoder, config)
    except TruncatedVideoError as error:
        if error.decoded < (1 - TOLERATED_LOSS) * video.frame_count:
            raise
        answers, notes = _ground_video(
            replace(video, frame_count=error.decoded), boxes, queries, encoder, config
        )
        return answers, [*notes, f"{error} The frames that are there were used."]


def _ground_video(
    video: Video, boxes: BoxSource, queries: Sequence[str], encoder: Encoder, config: E3MConfig
) -> tuple[list[Answer], list[str]]:
    scene = look(video, boxes, encoder, config)
    answers = answer(scene, queries, encoder, config)
    notes = [
        f"The sentence '{query}' is longer than the encoder reads; its end was ignored."
        for query in queries
        if encoder.exceeds_context(prompt(query, config))
    ]
    if scene.n_odd:
        notes.append(f"{scene.n_odd} boxes without an area or with a NaN were ignored.")
    return answers, notes + list(dict.fromkeys(w for a in answers for w in a.grounding.warnings))


@dataclass(frozen=True, eq=False)
class Scene:
    """A video looked at, before any sentence is asked.

    Attributes:
        video: the file.
        sampled: (T,) 0-based numbers of the frames looked at.
        cuts: first frame of each shot but the first; none if they were not looked for.
        evidence: what was seen.
        n_odd: boxes that were ignored since they have no area.
    """

    video: Video
    sampled: NDArray[np.int64]
    cuts: list[int]
    evidence: Evidence
    n_odd: int


def look(video: Video, boxes: BoxSource, encoder: Encoder, config: E3MConfig) -> Scene:
    """Everything that does not depend on the sentence, which is nearly all of the work."""
    sampled = video.sample(config.sample_fps, config.max_frames)
    detections = boxes(video, sampled)
    candidates = [candidates_of(frame, video, config) for frame in detections]
    fps = sampling_rate(video, sampled, config)
    cuts = find_cuts(video) if config.shots else []
    shot = shot_numbers(sampled, cuts)
    tracks = build_tracks(candidates, video.width, video.height, fps, config, shot)
    evidence = encode_video(video, sampled, tracks, encoder, config, shot)
    return Scene(video, sampled, cuts, evidence, sum(int(f.odd().sum()) for f in detections))


def answer(
    scene: Scene, queries: Sequence[str], encoder: Encoder, config: E3MConfig
) -> list[Answer]:
    """Grounds sentences in a scene, one answer per sentence."""
    tracks = scene.evidence.tracks
    asked = ask(encoder, queries, tracks.label, config)
    unrelated = references_of(encoder).sentences if config.contrast else None
    answers = []
    groundings = find(scene.evidence, asked, config, unrelated)
    for query, grounding in zip(queries, groundings, strict=True):
        tube = make_tube(grounding, tracks, scene.sampled, scene.video.frame_count, scene.cuts)
        found = grounding.confidence >= config.not_found_below
        answers.append(Answer(query, tube, grounding, tracks, found))
    return answers


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


def ask(
    encoder: Encoder, queries: Sequence[str], classes: Sequence[str], config: E3MConfig
) -> list[Query]:
    """Sentences as the algorithm sees them.

    Args:
        encoder: turns sentences into vectors.
        queries: the sentences.
        classes: class of each track.
        config: uses `text_template` and `label_weight`.
    """
    texts = encode_queries(encoder, queries, config)
    names = sorted(set(classes))
    if not config.label_weight or not any(names):
        return [Query(text) for text in texts]
    features = encoder.encode_texts([*names, *map(subject, queries)])
    labels, subjects = features[: len(names)], features[len(names) :]
    number = np.array([names.index(name) for name in classes])
    nouns = references_of(encoder).nouns
    return [
        Query(text, standing(labels @ about, nouns @ about)[number])
        for text, about in zip(texts, subjects, strict=True)
    ]


def encode_queries(
    encoder: Encoder, queries: Sequence[str], config: E3MConfig
) -> NDArray[np.float32]:
    """Features (Q, D) of length 1 of sentences, put into the text template."""
    return encoder.encode_texts([prompt(query, config) for query in queries])


def prompt(query: str, config: E3MConfig) -> str:
    """A sentence as the encoder gets it: without its final mark, in the text template.

    Example:
        >>> prompt("Who rides the bike? ", E3MConfig(text_template="a photo of {query}"))
        'a photo of Who rides the bike'
    """
    return config.text_template.format(query=query.strip().rstrip(".?").rstrip())
