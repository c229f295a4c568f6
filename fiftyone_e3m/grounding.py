"""From a request to labels. Read this file first, then `pipeline` and `e3m.em`.

`ground` is what users call. `Job` does the same one video at a time, for callers that show progress
or stop between two videos.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext, suppress
from dataclasses import replace
from typing import Any

import fiftyone.core.utils as fou
from fiftyone.core.collections import SampleCollection

from .calibration import Calibration
from .candidates import Detector
from .config import E3MConfig
from .dataset.active import ActiveRun
from .dataset.checks import check_request
from .dataset.claims import check_unclaimed
from .dataset.outages import OutageError
from .dataset.parts import Part, active_run, left_of, token_of
from .dataset.runs import RunEndedError
from .encoders import Encoder
from .engines import Task, ended_by_signal, start_engine, tasks_of
from .request import (
    DEFAULT_ENCODER,
    EngineName,
    EventsRole,
    GroundingError,
    RayOptions,
    Request,
)
from .results import GroundingSummary, VideoReport

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
    engine: EngineName = "local",
    ray: RayOptions = RayOptions(),  # noqa: B008 (immutable)
    device: str | None = None,
) -> GroundingSummary:
    """Finds which object each sentence means and when, and writes both to the dataset.

    For ``field="e3m"`` it writes ``frames.e3m`` (the tube; a label of at most 32 characters, with
    the whole sentence in the attribute ``sentence`` of a longer one), ``frames.e3m_relevance``,
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
        engine: which processes do the work, ``"local"`` for this one or ``"ray"`` for workers of a
            Ray cluster; the results, and how a run is continued, do not depend on it.
        ray: options of ``engine="ray"``.
        device: where an encoder and a detector given by name run: ``"cuda"``, ``"cuda:1"``,
            ``"mps"`` or ``"cpu"``; None takes that of the variable ``E3M_DEVICE``, else CUDA if
            available, else MPS, else the CPU. An interrupted run may be continued on another.

    Returns:
        A summary with a report on each video.

    Raises:
        GroundingError: the request cannot be carried out; nothing was written.
        EncoderError: the encoder cannot be loaded; nothing was written.
        DetectorError: the detector cannot be loaded; nothing was written.
        SystemExit: the process was sent SIGTERM, which nobody else handles; the run was stopped.
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
        engine=engine,
        ray=ray,
        device=device,
    )
    with ended_by_signal():
        job = Job(samples, request)
        with _progress_of(progress, len(job)) as report_progress, closing(iter(job)) as reports:
            for done, report in enumerate(reports, 1):
                try:
                    report_progress(done, len(job), report)
                except Exception:  # a broken display must not cost a run
                    logger.exception("The progress function failed")
    return job.summary


class Job:
    """A checked request with its models loaded; iterate over it to ground one video at a time.

    The dataset is not reloaded from one video to the next: reload it to see what others change.

    Args:
        samples: a video dataset or a view of one; the videos of the share, if `part` is one.
        request: what to do.
        part: that the run is to be divided among several tasks, or what this task does of such a
            run; None for all of it.

    Attributes:
        summary: what was done so far.

    Raises:
        GroundingError: the request cannot be carried out.
        EncoderError: the encoder cannot be loaded.
        DetectorError: the detector cannot be loaded.
    """

    def __init__(
        self, samples: SampleCollection, request: Request, part: Part | None = None
    ) -> None:
        check_request(samples, request)
        self._samples, self._request, self._part = samples, request, part
        self._dataset = samples._dataset
        check_unclaimed(self._dataset, request.field, token=token_of(part))
        self._asked, paths = samples.values(["id", "filepath"])
        self._ids = left_of(samples, request, self._asked, part)
        path_of = dict(zip(self._asked, paths, strict=True))
        self._paths = [path_of[sample_id] for sample_id in self._ids]
        self._engine = start_engine(samples, request, len(self._ids))
        models = self._engine.models
        self.summary = GroundingSummary(
            run_key="",
            field=request.field,
            encoder=models.encoder,
            boxes=models.boxes,
            notices=[models.notice] if models.notice else [],
            skipped=len(self._asked) - len(self._ids),
        )

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the samples that it grounds, in this order."""
        return tuple(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def upcoming(self) -> str | None:
        """Path of the video that is grounded next; None after the last."""
        left = self._paths[len(self.summary.videos) :]
        return left[0] if left else None

    def __iter__(self) -> Generator[VideoReport]:
        started = time.monotonic()
        with ExitStack() as refused:
            refused.enter_context(closing(self._engine))
            with (
                active_run(self._samples, self._request, self._asked, self._part) as run,
                refused.pop_all(),
            ):
                # the engine ends before the claim: its workers must not write without one
                yield from self._reports(run, started)

    def _reports(self, run: ActiveRun, started: float) -> Generator[VideoReport]:
        summary = self.summary
        try:
            tasks, calibration = self._start(run)
        except (KeyboardInterrupt, SystemExit):
            self._finish(run)
            raise
        try:
            with closing(self._engine.reports(run, tasks, calibration)) as reports:
                for report in reports:
                    seconds = time.monotonic() - started - summary.seconds
                    summary.seconds += seconds
                    summary.videos.append(replace(report, seconds=seconds))
                    run.note(summary.skipped + len(summary.videos))
                    yield summary.videos[-1]
            self._finish(run)
        except (GeneratorExit, KeyboardInterrupt, SystemExit):  # the caller ends it
            self._add_unreported(run)
            self._finish(run)
            raise
        except (RunEndedError, OutageError) as error:
            summary.notices.append(str(error))

    def _start(self, run: ActiveRun) -> tuple[list[Task], Calibration]:
        """Prepares the fields; returns the videos to do, and the calibration."""
        tasks = tasks_of(self._samples, run.ids, self._request)  # some may be deleted by now
        self.summary.skipped = len(self._asked) - len(tasks)
        queries = [task.queries for task in tasks]
        models = self._engine.models
        applied = run.start(models.applied, queries, models.device)
        mine = set(run.ids)  # of a run that was divided, a share
        tasks = [task for task in tasks if task.id in mine]
        tasks.sort(key=lambda task: -run.suspects.get(task.id, 0))  # each of these is done alone
        self._ids = [task.id for task in tasks]
        self._paths = [task.path for task in tasks]
        self.summary.run_key = run.key
        self.summary.notices += applied.notices
        return tasks, applied.calibration

    def _add_unreported(self, run: ActiveRun) -> None:
        """Adds the videos whose outcome was written, but not reported before the interruption."""
        path_of = dict(zip(self._ids, self._paths, strict=True))
        for video in self.summary.videos:
            path_of.pop(video.sample_id, None)
        with suppress(RunEndedError, OutageError):
            for sample_id, status, message in run.outcomes(list(path_of)):
                report = VideoReport(sample_id, path_of[sample_id], status, message)
                self.summary.videos.append(report)

    def _finish(self, run: ActiveRun) -> None:
        """Closes the run record: finished, or stopped with videos left to do."""
        if not run.key:  # there is none yet
            return
        self.summary.run_key = run.key
        self.summary.left = len(self._ids) - len(self.summary.videos)
        try:
            run.finish(self.summary)
        except (GroundingError, RunEndedError, OutageError) as error:
            self.summary.notices.append(str(error))


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
