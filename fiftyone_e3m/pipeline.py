"""One video, without FiftyOne: video -> candidates -> tracks -> features -> E3M -> tubes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .boxes import Boxes, clean
from .config import E3MConfig
from .e3m import build_tracks, find, make_tube
from .encoders import Encoder
from .features import encode_video, sampling_rate
from .results import Answer
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
    sampled = video.sample(config.sample_fps, config.max_frames)
    detections = boxes(video, sampled)
    candidates = [candidates_of(frame, video, config) for frame in detections]
    fps = sampling_rate(video, sampled, config)
    tracks = build_tracks(candidates, video.width, video.height, fps, config)
    evidence = encode_video(video, sampled, tracks, encoder, config)
    texts = encode_queries(encoder, queries, config)
    groundings = find(evidence, texts, config)
    answers = [
        Answer(query, make_tube(grounding, tracks, sampled, video.frame_count), grounding, tracks)
        for query, grounding in zip(queries, groundings, strict=True)
    ]
    notes = [
        f"The sentence '{query}' is longer than the encoder reads; its end was ignored."
        for query in queries
        if encoder.exceeds_context(prompt(query, config))
    ]
    odd = sum(int(frame.odd().sum()) for frame in detections)
    if odd:
        notes.append(f"{odd} boxes without an area or with a NaN were ignored.")
    return answers, notes + list(dict.fromkeys(w for g in groundings for w in g.warnings))


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
