"""From a request to labels. Read this file first, then `pipeline` and `e3m.em`.

`ground` is what users call. `Job` does the same one video at a time, for callers that show progress
or stop between two videos.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import starmap
from threading import Event
from typing import Any

import fiftyone.core.utils as fou
from fiftyone.core.collections import SampleCollection

from .calibration import Applied
from .candidates import BoxSource, Detector, DetectorError, Survey, load_detector
from .config import E3MConfig
from .dataset.active import ActiveRun, SampleDeletedError
from .dataset.checks import check_request
from .dataset.claims import check_unclaimed
from .dataset.marks import Marks, read_marks
from .dataset.metadata import metadata_notes
from .dataset.outages import OutageError, patiently
from .dataset.reading import read_boxes, read_queries
from .dataset.remaining import unfinished
from .dataset.runs import RunEndedError
from .e3m import Window
from .encoders import Encoder, EncoderError, load_encoder
from .pipeline import Pipeline
from .prefetch import ahead
from .request import DEFAULT_ENCODER, EventsRole, Request
from .results import Answer, AnswerReport, GroundingSummary, Status, VideoReport
from .video import Video, VideoError

logger = logging.getLogger(__name__)

Progress = Callable[[int, int, VideoReport], object]


def ground(
    samples: SampleCollection,
    query: str | Sequence[str] | None = None,
    query_field: str | Sequence[str] | None = None,
    field: str = "e3m",
    boxes_field: str | None = None,
    detector: str | Detector | None = None,
    encoder: str | Encoder = DEFAULT_ENCODER,
    config: E3MConfig = E3MConfig(),  # noqa: B008 (immutable)
    overwrite: bool = False,
    progress: bool | Progress | None = None,
    cache: bool = True,
    overlap: bool = True,
    events_field: str | None = None,
    events_role: EventsRole = "window",
    trust_remote_code: bool = False,
) -> GroundingSummary:
    """Finds which object each sentence means and when, and writes both to the dataset.

    For ``field="e3m"`` it writes ``frames.e3m`` (the tube), ``frames.e3m_relevance``,
    ``frames.e3m_queries`` (where a video has several queries), ``e3m_events``, ``e3m_confidence``,
    ``e3m_status``, ``e3m_message``, and a run record. One bad video never stops the others. A run
    that was killed or stopped (`request_stop`) continues where it left off when it is started again
    with the same arguments.

    Args:
        samples: a video dataset or a view of one.
        query: a sentence, or several, for all videos.
        query_field: a sample field, or several, with a sentence or a list of sentences per video.
            Give exactly one of `query` and `query_field`.
        field: name of the tube field; the other names start with it.
        boxes_field: frame field of `Detections` to choose from. Those of one `instance`, or of one
            `index`, are one track, whose masks the tube takes over.
        detector: an ultralytics model's name, path or folder, ``"zoo:<name>"`` of a FiftyOne zoo
            model, or a `Detector`; ``"yolo11n.pt"`` if there is no `boxes_field`.
        encoder: ``"<open_clip model>/<tag or checkpoint path>"``, ``"local-dir:<folder>"``,
            ``"hf-hub:<repository>"``, ``"bf16:"`` before any of these (see docs/performance.md),
            ``"bundled"``, or an `Encoder`.
        config: all hyper-parameters.
        overwrite: replace what the fields hold on these samples.
        progress: whether to show a progress bar (None follows FiftyOne's configuration), or a
            function called after each video with the number done, the total, and the report.
        cache: keep boxes, cuts and features on disk, so that another sentence costs next to
            nothing (`fiftyone-e3m cache info`). Results are the same without it, or the same up to
            rounding where the cache holds features of other boxes or frames of the video. Boxes of
            detectors without a `fingerprint` are not kept.
        overlap: decode, and detect the boxes of the next video, in threads while the encoder works;
            switch it off for models of your own that cannot run at the same time.
        events_field: sample field of `TemporalDetections` that say when a sentence happens, by its
            label: marked by people, or found by a model. Sentences without one are grounded as
            usual, and ``e3m_message`` names them.
        events_role: ``"window"``: the event is exactly the given one, and only the object is found,
            by looking at nothing else; several events of a sentence are one, from the first start
            to the last end. ``"prior"``: frames outside all of a sentence's events count for less,
            and the ends are found.
        trust_remote_code: run program code that weights bring along, such as a tokenizer's or a
            detector's pickle. Without it, weights with such code are refused. Otherwise any path
            and name may be given here, unlike in the App: see SECURITY.md.

    Returns:
        A summary with a report on each video.

    Raises:
        GroundingError: the request cannot be carried out; nothing was written.
        EncoderError: the encoder cannot be loaded; nothing was written.
        DetectorError: the detector cannot be loaded; nothing was written.
    """
    request = Request(
        query,
        query_field,
        field,
        boxes_field,
        detector,
        encoder,
        config,
        overwrite,
        cache=cache,
        overlap=overlap,
        events_field=events_field,
        events_role=events_role,
        trust_remote_code=trust_remote_code,
    )
    job = Job(samples, request)
    with _progress_of(progress, len(job)) as report_progress, closing(iter(job)) as reports:
        for done, report in enumerate(reports, 1):
            try:
                report_progress(done, len(job), report)
            except Exception:  # a broken display must not cost a run
                logger.exception("The progress function failed")
    return job.summary


@dataclass(frozen=True)
class _Task:
    """A video of a job: its sample, its file, its sentences, and when they happen, if known."""

    id: str
    path: str
    queries: list[str]
    marks: Marks | None

    def windows(self, video: Video) -> tuple[list[Window | None], list[str]]:
        """When each sentence happens, None where that is not known; and remarks."""
        if self.marks is None:
            return [None] * len(self.queries), []
        return self.marks.windows(self.queries, video.frame_count)


_Outcome = tuple[Status, str, tuple[AnswerReport, ...]]


class Job:
    """A checked request with its models loaded; iterate over it to ground one video at a time.

    Args:
        samples: a video dataset or a view of one.
        request: what to do.

    Attributes:
        summary: what was done so far.

    Raises:
        GroundingError: the request cannot be carried out.
        EncoderError: the encoder cannot be loaded.
        DetectorError: the detector cannot be loaded.
    """

    def __init__(self, samples: SampleCollection, request: Request) -> None:
        check_request(samples, request)
        self._samples, self._request = samples, request
        self._dataset = samples._dataset
        check_unclaimed(self._dataset, request.field)
        self._asked = samples.values("id")
        self._ids = unfinished(self._dataset, request, self._asked)
        self._cache = request.open_cache()
        trusted = request.trust_remote_code
        self._encoder = load_encoder(request.encoder, trusted)
        asked = request.detector
        self._detector = None if asked is None else load_detector(asked, trusted)
        self.summary = GroundingSummary(
            run_key="",
            field=request.field,
            encoder=self._encoder.name,
            boxes=self._detector.name if self._detector else f"frames.{request.frame_boxes}",
            notices=[self._encoder.notice] if self._encoder.notice else [],
            skipped=len(self._asked) - len(self._ids),
        )

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Generator[VideoReport]:
        started, summary = time.monotonic(), self.summary
        with ActiveRun(self._samples, self._request, self._asked) as run:
            tasks = self._start(run)
            try:
                with closing(self._reports(run, tasks)) as reports:
                    for report in reports:
                        seconds = time.monotonic() - started - summary.seconds
                        summary.seconds += seconds
                        summary.videos.append(replace(report, seconds=seconds))
                        run.note(summary.skipped + len(summary.videos))
                        yield summary.videos[-1]
                self._finish(run)
            except (GeneratorExit, KeyboardInterrupt):  # the caller stops between two videos
                self._finish(run)
                raise
            except (RunEndedError, OutageError) as error:
                summary.notices.append(str(error))

    def _start(self, run: ActiveRun) -> list[_Task]:
        """Prepares the fields and the pipeline; returns the videos to do."""
        view = self._dataset.select(run.ids, ordered=True)
        queries = read_queries(view, self._request)
        self._ids, paths = view.values(["id", "filepath"])  # some may be deleted by now
        self.summary.skipped = len(self._asked) - len(self._ids)
        marks = read_marks(self._samples, self._ids, self._request)
        config = self._request.config
        applied = Applied.of(self._encoder, config.contrast, self._cache is not None)
        applied = run.start(applied, several_queries=max(map(len, queries), default=0) > 1)
        self.summary.run_key = run.key
        self.summary.notices += applied.notices
        self._pipeline = Pipeline(
            self._encoder,
            config,
            self._cache,
            self._request.overlap,
            calibration=applied.calibration,
        )
        given = map(marks.get, self._ids)
        return list(starmap(_Task, zip(self._ids, paths, queries, given, strict=True)))

    def _reports(self, run: ActiveRun, tasks: list[_Task]) -> Generator[VideoReport]:
        """Grounds one video after the other, until the run is asked to stop."""
        cancel = Event()
        surveyed = ((task, self._survey(task, cancel)) for task in tasks)
        with closing(ahead(surveyed, int(self._request.overlap), cancel.set)) as upcoming:
            for task, survey in upcoming:
                if run.stop_requested():
                    break
                yield self._report(run, task, survey)
                if run.stop_requested():  # cuts short the next video's survey
                    break

    def _finish(self, run: ActiveRun) -> None:
        """Closes the run record: finished, or stopped with videos left to do."""
        self.summary.left = len(self._ids) - len(self.summary.videos)
        try:
            run.finish(self.summary)
        except (RunEndedError, OutageError) as error:
            self.summary.notices.append(str(error))

    def _survey(self, task: _Task, cancel: Event) -> Survey | Exception | None:
        """Boxes and cuts of a video, or the error; None if the video has no sentence."""
        boxes: BoxSource
        if self._detector is not None:
            boxes = self._detector
        else:
            read = partial(read_boxes, self._samples, task.id, str(self._request.frame_boxes))
            boxes = partial(patiently, read)
        try:
            if not task.queries:
                return None
            video = Video.open(task.path)
            windows, _ = task.windows(video)
            return self._pipeline.survey(video, boxes, cancel.is_set, windows, task.queries)
        except Exception as error:  # one bad video must not stop the others
            return error

    def _report(
        self, run: ActiveRun, task: _Task, survey: Survey | Exception | None
    ) -> VideoReport:
        """Grounds a video and writes the outcome; an error in it is its outcome."""
        try:
            outcome = self._ground(run, task, survey)
        except SampleDeletedError as error:
            outcome = "failed", str(error), ()
        status, message, rows = outcome
        return VideoReport(task.id, task.path, status, message, answers=rows)

    def _ground(self, run: ActiveRun, task: _Task, survey: Survey | Exception | None) -> _Outcome:
        status: Status
        try:
            if isinstance(survey, Exception):
                raise survey
            if survey:
                return self._answer(run, task, survey)
            where = " and ".join(f"'{name}'" for name in self._request.query_fields)
            status, message = "no_query", f"There is no sentence in {where} of this sample."
        except VideoError as error:
            status, message = "unreadable", str(error)
        except (SampleDeletedError, RunEndedError, OutageError):
            raise
        except (EncoderError, DetectorError) as error:  # what a model returned is of no use
            status, message = "failed", str(error)
        except Exception as error:  # one bad video must not stop the others
            logger.exception("Grounding %s failed", task.path)
            status, message = "failed", f"{type(error).__name__}: {error}"
        run.write(task.id, status, message)
        return status, message, ()

    def _answer(self, run: ActiveRun, task: _Task, survey: Survey) -> _Outcome:
        windows, remarks = task.windows(survey.video)
        remarks += metadata_notes(self._dataset, task.id, survey.video)
        answers, notes = self._pipeline.ground(survey, task.queries, windows)
        status, message = _judge(answers), " ".join([*_absence(answers), *remarks, *notes])
        run.write(task.id, status, message, survey.video, answers)
        return status, message, tuple(_report(a, survey.video) for a in answers)


def _judge(answers: Sequence[Answer]) -> Status:
    if all(len(answer.grounding.picks) == 1 and not answer.exact for answer in answers):
        return "one_frame"
    if all(len(answer.tube.frames) == 0 for answer in answers):
        return "no_boxes"
    return "ok" if any(answer.found for answer in answers) else "not_found"


def _absence(answers: Sequence[Answer]) -> list[str]:
    """A sentence that lists the queries that were not found, with their confidence."""
    absent = [f"'{a.query}' (confidence {a.confidence:.2f})" for a in answers if not a.found]
    return [f"Not found: {', '.join(absent)}."] if absent else []


def _report(answer: Answer, video: Video) -> AnswerReport:
    tube = answer.tube
    return AnswerReport(
        query=answer.query,
        first_frame=tube.first + 1,
        last_frame=tube.last + 1,
        start=tube.first / video.frame_rate,
        end=(tube.last + 1) / video.frame_rate,
        confidence=answer.confidence,
        n_boxes=len(tube.frames) if answer.found else 0,
        found=answer.found,
    )


def _progress_of(progress: bool | Progress | None, total: int) -> AbstractContextManager[Progress]:
    """A context manager that returns the function to call after each video."""
    if callable(progress):
        return nullcontext(progress)
    return _Bar(fou.ProgressBar(total=total, progress=progress))


class _Bar(AbstractContextManager[Progress]):
    """FiftyOne's progress bar as a progress function."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def __enter__(self) -> Progress:
        self._bar.__enter__()
        return lambda done, total, report: self._bar.update()

    def __exit__(self, *error: object) -> None:
        self._bar.__exit__(*error)
