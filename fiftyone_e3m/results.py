"""The results of a run, for people and for programs."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from .e3m import Grounding, Tracks, Tube, Window

Status = Literal["ok", "not_found", "no_boxes", "one_frame", "unreadable", "no_query", "failed"]


@dataclass(frozen=True, eq=False)
class Answer:
    """Where and when the event of one sentence happens in one video.

    Attributes:
        query: the sentence.
        tube: the answer in source frames.
        grounding: the answer in sampled frames, with the evidence for it.
        tracks: all tracks of the video, which `grounding` refers to.
        confidence: grounding quality without ground truth, 0..1: that of `grounding`, calibrated.
        found: whether the confidence reaches `not_found_below`.
        window: when the event happens, if that was given.
    """

    query: str
    tube: Tube
    grounding: Grounding
    tracks: Tracks
    confidence: float
    found: bool = True
    window: Window | None = None

    @property
    def exact(self) -> bool:
        """Whether the ends of the event were given."""
        return self.window is not None and self.window.exact


@dataclass(frozen=True)
class AnswerReport:
    """One line of a result table.

    Attributes:
        query: the sentence.
        first_frame: 1-based first frame of the event.
        last_frame: last frame of the event, inclusive.
        start: start of the event in seconds.
        end: end of the event in seconds.
        confidence: 0..1.
        n_boxes: frames of the event that have a box.
        found: False where the confidence is below `not_found_below`; then only the relevance was
            written.
    """

    query: str
    first_frame: int
    last_frame: int
    start: float
    end: float
    confidence: float
    n_boxes: int
    found: bool = True


@dataclass(frozen=True)
class VideoReport:
    """The outcome for one video.

    Attributes:
        sample_id: the sample.
        filepath: its video.
        status: "ok"; "not_found" (no sentence reaches `not_found_below`); "no_boxes" (only the
            event is known); "one_frame" (only one frame was sampled); "unreadable"; "no_query";
            "failed".
        message: why it is not ok, or what was unusual; empty if there is nothing to say.
        seconds: wall time.
        length: seconds that the video lasts; 0 where it could not be read.
        answers: one per query; empty where nothing was grounded.
    """

    sample_id: str
    filepath: str
    status: Status
    message: str = ""
    seconds: float = 0.0
    length: float = 0.0
    answers: tuple[AnswerReport, ...] = ()


@dataclass
class GroundingSummary:
    """The outcome of a run.

    Attributes:
        run_key: name of the run record on the dataset.
        field: name of the tube field.
        encoder: name of the encoder.
        boxes: where the boxes came from.
        notices: what the user should know about the run as a whole.
        skipped: number of videos that the interrupted run had already finished.
        videos: one report per video of this run, in order.
        seconds: wall time of the run.
        left: number of videos not reached, if the run was asked to stop.
    """

    run_key: str
    field: str
    encoder: str
    boxes: str
    notices: list[str] = dataclasses.field(default_factory=list)
    skipped: int = 0
    videos: list[VideoReport] = dataclasses.field(default_factory=list)
    seconds: float = 0.0
    left: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Number of videos of each status."""
        return dict(Counter(video.status for video in self.videos))

    @property
    def stopped(self) -> bool:
        """Whether the run was asked to stop before it had finished."""
        return self.left > 0

    @property
    def not_ok(self) -> list[VideoReport]:
        """The videos whose status is not "ok"."""
        return [video for video in self.videos if video.status != "ok"]

    @property
    def headline(self) -> str:
        """The outcome in one sentence."""
        n_ok = len(self.videos) - len(self.not_ok)
        text = f"{n_ok} of {len(self.videos)} videos grounded in {self.seconds:.0f} s"
        if self.not_ok:
            rest = {status: n for status, n in self.counts.items() if status != "ok"}
            text += " (" + ", ".join(f"{n} {status}" for status, n in rest.items()) + ")"
        if self.skipped:
            text += f"; {self.skipped} were already done by the interrupted run"
        if self.stopped:
            text += f"; stopped on request, {self.left} left: start the same run again to continue"
        return text + "."

    def __str__(self) -> str:
        lines = [self.headline, *self.notices]
        lines += [f"{video.filepath}: {video.status}. {video.message}" for video in self.not_ok]
        return "\n".join(lines)
