"""Boxes and cuts of a video, collected in one pass before anything is encoded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..boxes import Boxes
from ..cache import Arrays, Cache, Key, digest, get_or_make
from ..config import E3MConfig
from ..encoders import Ration
from ..video import CutFinder, TruncatedVideoError, Video, VideoError, unsampled_shots
from ..video.shots import RULE
from .base import Detector, TextDetector
from .reel import Reel

TOLERATED_LOSS = 0.1
"""Share of frames that may be missing at the end of a video; if more are, it is an error."""

BoxSource = Detector | Callable[[Video, NDArray[np.int64]], list[Boxes]]
"""A detector, or a function that returns the raw boxes of a video's sampled frames."""


@dataclass(frozen=True, eq=False)
class Survey:
    """A video before anything is encoded.

    Attributes:
        video: the file, with the frames that can be decoded.
        sampled: (T,) 0-based numbers of the sampled frames.
        detections: raw boxes of each of the T sampled frames.
        cuts: first frame of each shot but the first; empty if cuts were not looked for.
        boxes: where the boxes came from.
        notes: sentences about anything unusual.
        prompts: what the detector was asked for in words; empty if it takes none.
    """

    video: Video
    sampled: NDArray[np.int64]
    detections: list[Boxes]
    cuts: list[int]
    boxes: BoxSource
    notes: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        video: Video,
        boxes: BoxSource,
        config: E3MConfig,
        cache: Cache | None = None,
        overlap: bool = True,
        cancelled: Callable[[], bool] = lambda: False,
        span: tuple[int, int] | None = None,
        prompts: Sequence[str] = (),
    ) -> Survey:
        """Decodes a video once, or not at all where boxes and cuts are given or cached.

        Args:
            video: the file.
            boxes: where the boxes come from.
            config: uses `sample_fps`, `max_frames` and `shots`.
            cache: keeps cuts and boxes, for detectors with a `fingerprint`.
            overlap: decode in a thread while the detector works; the result is the same.
            cancelled: called at every frame: whether to stop.
            span: first and last frame to sample; None for the whole video.
            prompts: what to ask a `TextDetector` for; others find what they know.

        Raises:
            VideoError: the video cannot be decoded, or more than a tenth of it is missing or
                damaged.
            DetectorError: the detector did not return one result per frame.
            CancelledError: `cancelled` returned True.
        """
        asked = tuple(prompts) if isinstance(boxes, TextDetector) else ()
        if isinstance(boxes, TextDetector) and asked:
            boxes = boxes.prompted(asked)
        sampled = video.sample(config.sample_fps, config.max_frames, *(span or ()))
        if not len(sampled):  # all of the span lies where the file was cut off
            there = video.frame_count
            raise TruncatedVideoError(video.path, there, there + video.missing)
        notes = (*video.notes, *_missing(video))
        finder = CutFinder() if config.shots else None
        looked = _look(video, sampled, boxes, finder, cache, overlap, cancelled)
        notes += _doubts(video, looked.doubtful)
        survey = cls(video, sampled, looked.detections, looked.cuts, boxes, notes, asked)
        survey = survey.without(looked)
        span = span or (0, survey.video.frame_count - 1)
        return survey._with_short_shots(*span, config, cache, overlap)

    def closer(
        self, first: int, last: int, config: E3MConfig, cache: Cache | None, overlap: bool
    ) -> Survey:
        """A survey of the frames `first` to `last` of the video, sampled again.

        Raises:
            VideoError: the video cannot be decoded, or more than a tenth of it is missing or
                damaged.
        """
        sampled = self.video.sample(config.sample_fps, config.max_frames, first, last)
        looked = _look(self.video, sampled, self.boxes, None, cache, overlap)
        near = replace(self, sampled=sampled, detections=looked.detections, notes=())
        return near.without(looked)._with_short_shots(first, last, config, cache, overlap)

    def _with_short_shots(
        self, first: int, last: int, config: E3MConfig, cache: Cache | None, overlap: bool
    ) -> Survey:
        """This survey with a frame of each shot that lies between two sampled frames.

        At most `max_frames` are added; a note tells if there are more such shots.
        """
        last = min(last, self.video.frame_count - 1)
        middles = unsampled_shots(self.sampled, self.cuts, first, last)
        if not len(middles):
            return self
        added = np.sort(middles[: config.max_frames])
        survey = self.with_frames(added, cache, overlap)
        if len(middles) == len(added):
            return survey
        note = f"{len(middles) - len(added)} short shots were not looked at."
        return replace(survey, notes=(*survey.notes, note))

    def with_frames(
        self, added: NDArray[np.int64], cache: Cache | None = None, overlap: bool = True
    ) -> Survey:
        """This survey with more frames sampled, those that it has aside.

        Args:
            added: 0-based frames of the video, ascending.
            cache: keeps boxes, for detectors with a `fingerprint`.
            overlap: decode in a thread while the detector works; the result is the same.

        Raises:
            DetectorError: the detector did not return one result per frame.
        """
        added = np.setdiff1d(added, self.sampled)
        if not len(added):
            return self
        looked = _look(self.video, added, self.boxes, None, cache, overlap)
        sampled = np.concatenate([self.sampled, added[: len(looked.detections)]])
        order = np.argsort(sampled, kind="stable")
        detections = [*self.detections, *looked.detections]
        return replace(
            self,
            sampled=sampled[order],
            detections=[detections[i] for i in order],
            notes=(*self.notes, *looked.notes),
        )

    def until(self, error: TruncatedVideoError) -> Survey:
        """This survey without the frames that turned out to be missing.

        Raises:
            TruncatedVideoError: `error`, if too many are missing, or all of the sampled ones.
        """
        n = int(np.searchsorted(self.sampled, error.decoded))
        if n == 0:
            raise error
        return replace(
            self,
            video=replace(self.video, frame_count=error.decoded),
            sampled=self.sampled[:n],
            detections=self.detections[:n],
            cuts=[cut for cut in self.cuts if cut < error.decoded],
            notes=(*self.notes, *_tolerated(error)),
        )

    def without(self, looked: _Looked) -> Survey:
        """This survey without what turned out to be missing, which its notes name.

        Raises:
            VideoError: too much is missing.
        """
        survey = self.until(looked.error) if looked.error else self
        notes = *survey.notes, *_damage(self.video, looked.lost), *looked.notes
        return replace(survey, notes=notes)


def _tolerated(error: TruncatedVideoError) -> list[str]:
    """A note on an end that is missing.

    Raises:
        TruncatedVideoError: `error`, if too much is.
    """
    if error.decoded < (1 - TOLERATED_LOSS) * error.announced:
        raise error
    return [f"{error} The frames that are there were used."]


def _missing(video: Video) -> list[str]:
    there = video.frame_count
    if not video.missing:
        return []
    return _tolerated(TruncatedVideoError(video.path, there, there + video.missing))


def _damage(video: Video, lost: list[int]) -> list[str]:
    """A note on pictures that could not be decoded.

    Raises:
        VideoError: there are too many.
    """
    if not lost:
        return []
    damage = _damaged(video, lost, "could not be decoded")
    if len(lost) > TOLERATED_LOSS * video.frame_count:
        raise VideoError(damage)
    return [f"{damage} The pictures before them were used."]


def _doubts(video: Video, doubtful: list[int]) -> tuple[str, ...]:
    """A note on pictures that were decoded, but may look wrong."""
    if not doubtful:
        return ()
    why = "they were decoded with errors, or build on a picture that was or is lost"
    return (_damaged(video, doubtful, "may look wrong", f": {why}"),)


def _damaged(video: Video, numbers: list[int], what: str, why: str = "") -> str:
    return (
        f"{video.path.name} is damaged: {len(numbers)} of about {video.frame_count} pictures "
        f"{what}, the first is number {numbers[0] + 1}{why}. Download or encode it again."
    )


@dataclass(frozen=True)
class _Looked:
    """What one look at a video gives: boxes of the sampled frames, cuts, and what was missing.

    Its notes are sentences about the detector.
    """

    detections: list[Boxes]
    cuts: list[int]
    error: TruncatedVideoError | None
    lost: list[int]
    doubtful: list[int]
    notes: list[str]


def sampling_rate(video: Video, sampled: NDArray[np.int64], config: E3MConfig) -> float:
    """Sampled frames per second, after rounding and thinning."""
    if len(sampled) < 2:
        return config.sample_fps
    return (len(sampled) - 1) / (sampled[-1] - sampled[0]) * video.frame_rate


def _look(
    video: Video,
    sampled: NDArray[np.int64],
    boxes: BoxSource,
    finder: CutFinder | None,
    cache: Cache | None,
    overlap: bool,
    cancelled: Callable[[], bool] = lambda: False,
) -> _Looked:
    """Boxes of the sampled frames, and cuts if there is a finder."""
    detector = boxes if isinstance(boxes, Detector) else None
    reel = Reel(video, sampled, detector, finder, cancelled)
    ration = Ration.of(detector)
    before = ration.size
    entry = get_or_make(
        cache,
        _key(video, sampled, detector, finder) if cache else None,
        lambda: _packed(*reel.watch(overlap)),
        # the file may still be being copied
        worth_keeping=lambda: not (reel.error or reel.lost or reel.doubtful or video.missing),
    )
    detected, cuts = _unpacked(entry)
    detections = detected if isinstance(boxes, Detector) else boxes(video, sampled)
    notes = ration.note(before, f"detector '{detector.name}'") if detector else []
    return _Looked(detections, cuts, reel.error, reel.lost, reel.doubtful, notes)


def _key(
    video: Video,
    sampled: NDArray[np.int64],
    detector: Detector | None,
    finder: CutFinder | None,
) -> Key | None:
    """The cache key; None without detector and finder, or if the detector has no fingerprint."""
    fingerprint = getattr(detector, "fingerprint", None)
    if fingerprint is None and (detector is not None or finder is None):
        return None
    rule = RULE if finder else None
    return Key(digest("survey", video.fingerprint), digest(sampled, fingerprint, rule))


def _packed(detections: list[Boxes], cuts: list[int]) -> Arrays:
    return {
        "counts": np.array([len(frame) for frame in detections], int),
        "xyxy": np.concatenate([np.zeros((0, 4), np.float32), *(f.xyxy for f in detections)]),
        "scores": np.concatenate([np.zeros(0, np.float32), *(f.scores for f in detections)]),
        "labels": np.array([label for frame in detections for label in frame.labels], str),
        "cuts": np.array(cuts, int),
    }


def _unpacked(entry: Arrays) -> tuple[list[Boxes], list[int]]:
    xyxy, scores, labels = entry["xyxy"], entry["scores"], entry["labels"].tolist()
    ends = np.cumsum(entry["counts"])
    rows = [slice(end - n, end) for n, end in zip(entry["counts"], ends, strict=True)]
    detections = [Boxes.of(xyxy[row], scores[row], labels[row]) for row in rows]
    return detections, entry["cuts"].tolist()
