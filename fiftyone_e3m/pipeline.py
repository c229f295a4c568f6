"""One video, without FiftyOne: video -> candidates -> tracks -> features -> E3M -> tubes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .cache import Cache
from .calibration import Calibration
from .candidates import (
    BoxSource,
    Detector,
    Survey,
    admitted,
    admitting,
    sampling_rate,
    why_none,
    wrong_unit,
)
from .config import E3MConfig
from .e3m import (
    Evidence,
    Sighting,
    Span,
    Tracks,
    Window,
    build_tracks,
    find_given,
    follow,
    make_tube,
    splice,
)
from .encoders import Checked, Encoder, Ration
from .features import encode_video
from .results import Answer
from .sentences import (
    TextReader,
    class_notes,
    detector_prompts,
    encode_queries,
    length_notes,
    likely,
)
from .video import TruncatedVideoError, Video, shot_numbers

ZOOM_MARGIN = 2.0
"""Seconds on each side of an event to sample again, or one coarse step if that is longer."""
ZOOM_GAIN = 1.25
"""How many times denser the second sampling must be to be worth it."""


@dataclass(frozen=True, eq=False)
class Scene:
    """An encoded video, before any sentence is asked.

    Attributes:
        video: the file, with the frames that can be decoded.
        sampled: (T,) 0-based numbers of the sampled frames.
        cuts: first frame of each shot but the first; empty if cuts were not looked for.
        evidence: its tracks and features.
        notes: sentences about anything unusual.
        remarks: those about boxes that were given; a second look at a part only repeats them.
    """

    video: Video
    sampled: NDArray[np.int64]
    cuts: list[int]
    evidence: Evidence
    notes: tuple[str, ...]
    remarks: tuple[str, ...] = ()


class Pipeline:
    """Grounds sentences in videos, one video at a time.

    Args:
        encoder: turns images and sentences into vectors.
        config: all hyper-parameters.
        cache: keeps boxes, cuts and features from run to run.
        overlap: work ahead in threads; the result is the same.
        reader: turns sentences into vectors; None makes one from `encoder` and `cache`.
        calibration: that of the encoder; changes the confidence of each answer and of its boxes.
    """

    def __init__(
        self,
        encoder: Encoder,
        config: E3MConfig,
        cache: Cache | None = None,
        overlap: bool = True,
        reader: TextReader | None = None,
        calibration: Calibration = Calibration(),  # noqa: B008 (immutable)
    ) -> None:
        self._encoder, self._config = Checked(encoder), config
        self._cache, self._overlap = cache, overlap
        self._reader = reader or TextReader(self._encoder, cache)
        self._calibration = calibration

    def run(
        self,
        video: Video,
        boxes: BoxSource,
        queries: Sequence[str],
        windows: Sequence[Window | None] = (),
        prompts: Sequence[str] | None = None,
    ) -> tuple[list[Answer], list[str]]:
        """Grounds sentences in a video.

        Args:
            video: the file.
            boxes: where the boxes come from.
            queries: the sentences.
            windows: when the event of each sentence happens, None where that is not known; empty if
                it is known of none.
            prompts: what to ask a detector that takes text for; see `survey`.

        Returns:
            One answer per sentence, and notes about anything unusual, as sentences.

        Raises:
            VideoError: the video cannot be decoded, or more than a tenth of it is missing at the
                end.
        """
        survey = self.survey(video, boxes, windows=windows, queries=queries, prompts=prompts)
        return self.ground(survey, queries, windows)

    def survey(
        self,
        video: Video,
        boxes: BoxSource,
        cancelled: Callable[[], bool] = lambda: False,
        windows: Sequence[Window | None] = (),
        queries: Sequence[str] = (),
        prompts: Sequence[str] | None = None,
    ) -> Survey:
        """Boxes and cuts of a video in one pass, before anything is encoded; see `Survey.of`.

        Nothing outside exact windows is looked at, if all sentences have one. A detector that takes
        text is asked for `prompts`: None are the subjects of the sentences and `classes`.
        """
        config, span = self._config, _hull(windows)
        if prompts is None:
            prompts = detector_prompts(queries, config.classes or ())
        survey = Survey.of(
            video, boxes, config, self._cache, self._overlap, cancelled, span, prompts
        )
        return self._with_sightings(survey, windows)

    def ground(
        self, survey: Survey, queries: Sequence[str], windows: Sequence[Window | None] = ()
    ) -> tuple[list[Answer], list[str]]:
        """Grounds sentences in a video whose boxes and cuts are known; see `run`."""
        scene = self.look(survey, queries, windows)
        answers, notes = [], [*scene.notes, *scene.remarks, *self._lack(survey, scene)]
        for answer in self.answer(scene, queries, windows):
            closer, more = self._zoom(answer, survey, scene)
            answers.append(closer)
            notes += more
            if len(closer.tube.frames) == 0 and len(scene.evidence.tracks) and not closer.exact:
                notes.append(_boxless(closer))
        answers = self._followed(answers, survey)
        notes += length_notes(queries, self._encoder, self._config)
        if self._config.label_weight:
            notes += class_notes(queries, scene.evidence.tracks.label)
        notes += [warning for answer in answers for warning in answer.grounding.warnings]
        return answers, list(dict.fromkeys(notes))

    def look(
        self, survey: Survey, queries: Sequence[str] = (), windows: Sequence[Window | None] = ()
    ) -> Scene:
        """Everything that does not depend on the sentence: nearly all of the work.

        Args:
            survey: the video, its boxes and its cuts.
            queries: the sentences that will be asked; only `drop_unlikely` uses them.
            windows: the windows of the sentences; their sightings are candidates.

        Raises:
            VideoError: the video cannot be decoded, or more than a tenth of it is missing at the
                end.
        """
        video, sampled, config = survey.video, survey.sampled, self._config
        fps = sampling_rate(video, sampled, config)
        shot = shot_numbers(sampled, survey.cuts)
        seen = _sightings(windows)
        tracks, remarks = tracks_of(survey, config, seen)
        if config.drop_unlikely and queries and not seen:
            tracks = tracks.take(likely(queries, tracks.label))
        ration = Ration.of(self._encoder)
        before = ration.size
        try:
            evidence = encode_video(
                video, sampled, fps, tracks, self._encoder, config, shot, self._cache, self._overlap
            )
        except TruncatedVideoError as error:
            return self.look(survey.until(error), queries, windows)
        notes = (*survey.notes, *ration.note(before, f"encoder '{self._encoder.name}'"))
        n_odd = sum(int(frame.odd().sum()) for frame in survey.detections)
        if n_odd and len(evidence.tracks):  # else it is told why there are none
            remarks = [f"{n_odd} boxes without an area or with a NaN were ignored.", *remarks]
        return Scene(video, sampled, survey.cuts, evidence, notes, tuple(remarks))

    def _lack(self, survey: Survey, scene: Scene) -> list[str]:
        """Sentences on why there is nothing to choose from, and on units that seem wrong."""
        size = scene.video.width, scene.video.height
        unit = wrong_unit(survey.detections, *size, isinstance(survey.boxes, Detector))
        lack = [unit] if unit else []
        if len(scene.evidence.tracks) == 0:
            config = admitting(survey, self._config)
            lack.append(why_none(survey.detections, *size, config, survey.prompts))
        return lack

    def answer(
        self, scene: Scene, queries: Sequence[str], windows: Sequence[Window | None] = ()
    ) -> list[Answer]:
        """Grounds sentences in a scene, one answer per sentence."""
        config, tracks, n_frames = self._config, scene.evidence.tracks, scene.video.frame_count
        # frames that were announced may turn out to be missing
        given = [w and w.within(0, n_frames - 1) for w in windows or [None] * len(queries)]
        asked = encode_queries(self._reader, queries, tracks.label, config)
        unrelated = self._reader.unrelated if config.contrast else None
        answers = []
        groundings = find_given(scene.evidence, asked, given, scene.sampled, config, unrelated)
        for query, window, grounding in zip(queries, given, groundings, strict=True):
            ends = window.ends if window else None
            tube = make_tube(grounding, tracks, scene.sampled, n_frames, scene.cuts, ends)
            tube = replace(tube, confidence=self._calibration(tube.confidence))
            # of the mean, not the mean of calibrated frames: a later fit must be able to undo it
            confidence = float(self._calibration(grounding.confidence))
            found = confidence >= config.not_found_below
            answers.append(Answer(query, tube, grounding, tracks, confidence, found, window))
        return answers

    def _zoom(self, coarse: Answer, survey: Survey, scene: Scene) -> tuple[Answer, tuple[str, ...]]:
        """The answer after sampling its event again, if frames can be sampled more densely.

        A window that no sampled frame lies in is sampled even without `zoom`.
        """
        video, config, fps, window = scene.video, self._config, scene.evidence.fps, coarse.window
        unseen = window is not None and window.exact and not window.holds(scene.sampled).any()
        if not (config.zoom or unseen):
            return coarse, ()
        margin = 0 if coarse.exact else round(video.frame_rate * max(ZOOM_MARGIN, 1 / fps))
        first = max(0, coarse.tube.first - margin)
        last = min(video.frame_count - 1, coarse.tube.last + margin)
        seconds = (last - first + 1) / video.frame_rate
        denser = min(config.sample_fps, config.max_frames / seconds) >= ZOOM_GAIN * fps
        if not (denser or unseen):
            return coarse, ()
        closer = survey.closer(first, last, config, self._cache, self._overlap)
        near = self.look(self._with_sightings(closer, [window]), [coarse.query], [window])
        last = min(last, near.video.frame_count - 1)
        part = replace(
            near,
            video=replace(video, frame_count=last - first + 1),
            sampled=near.sampled - first,
            cuts=[cut - first for cut in near.cuts if first < cut <= last],
        )
        (answer,) = self.answer(part, [coarse.query], [window and window.within(first, last)])
        tube = splice(coarse.tube, answer.tube, first)
        return replace(answer, tube=tube, window=window), near.notes

    def _with_sightings(self, survey: Survey, windows: Sequence[Window | None]) -> Survey:
        """A survey that samples the frames in which objects were pointed at."""
        frames = np.array(sorted({s.frame for s in _sightings(windows)}), np.int64)
        return survey.with_frames(frames, self._cache, self._overlap)

    def _followed(self, answers: list[Answer], survey: Survey) -> list[Answer]:
        """The answers with the source's own boxes, in all frames, where it knows the tracks."""
        video, boxes = survey.video, survey.boxes
        if isinstance(boxes, Detector) or not any(answer.tracks.name for answer in answers):
            return answers
        gap = round(self._config.max_age * video.frame_rate)
        near = np.zeros(video.frame_count, bool)
        for answer in answers:
            near[max(0, answer.tube.first - gap) : answer.tube.last + gap + 1] = True
        frames = np.flatnonzero(near)
        given = dict(zip(frames.tolist(), boxes(video, frames), strict=True))
        return [
            replace(answer, tube=follow(answer.tube, answer.tracks, given, gap, survey.cuts))
            for answer in answers
        ]


def _sightings(windows: Sequence[Window | None]) -> list[Sighting]:
    return [window.sighting for window in windows if window and window.sighting]


def _boxless(answer: Answer) -> str:
    """Why an answer has no box, although the video has some: they are in other shots."""
    first, last = answer.tube.first + 1, answer.tube.last + 1
    return (
        f"No usable box is in frames {first} to {last}, where '{answer.query}' was found, so it "
        "has no tube."
    )


def _hull(windows: Sequence[Window | None]) -> Span | None:
    """First and last frame of all windows; None if some sentence may happen elsewhere."""
    ends = [window.ends for window in windows if window and window.ends]
    if not ends or len(ends) < len(windows):
        return None
    return min(first for first, _ in ends), max(last for _, last in ends)


def tracks_of(
    survey: Survey, config: E3MConfig, sightings: Sequence[Sighting] = ()
) -> tuple[Tracks, list[str]]:
    """The tracks of the candidates of a video.

    Args:
        survey: the video, its boxes and its cuts.
        config: the parameters of candidates and tracks.
        sightings: objects that somebody pointed at, in sampled frames.

    Returns:
        The tracks, and remarks on the source's own, as sentences.
    """
    video, sampled = survey.video, survey.sampled
    candidates, remarks = admitted(survey, config)
    for sighting in sightings:
        for t in np.flatnonzero(sampled == sighting.frame):
            candidates[t] = sighting.among(candidates[t])
    fps, shot = sampling_rate(video, sampled, config), shot_numbers(sampled, survey.cuts)
    tracks = build_tracks(candidates, video.width, video.height, fps, config, shot)
    if tracks.name and config.link != "object":
        remarks.append(
            "Boxes are tracks of their source, so one object was picked in each shot, and "
            f"link='{config.link}' did not apply."
        )
    return tracks, remarks
