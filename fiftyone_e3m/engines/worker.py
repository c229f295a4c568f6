"""The models of one process, and what it does for a video: look, answer, write."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from fiftyone.core.collections import SampleCollection

from ..calibration import Applied, Calibration
from ..candidates import BoxSource, DetectorError, Survey, load_detector
from ..dataset.at_work import DeadlyVideoError
from ..dataset.metadata import metadata_notes
from ..dataset.outages import OutageError, patiently
from ..dataset.reading import read_boxes
from ..dataset.runs import RunEndedError
from ..dataset.writer import SampleDeletedError, Writer
from ..encoders import EncoderError, chosen_device, load_encoder
from ..pipeline import Pipeline
from ..request import Request
from ..results import Answer, AnswerReport, Status, VideoReport
from ..video import Video, VideoError
from .tasks import Task

logger = logging.getLogger(__name__)

_Outcome = tuple[Status, str, tuple[AnswerReport, ...]]


@dataclass(frozen=True)
class Models:
    """What a run should know of the models of its workers.

    Attributes:
        encoder: name of the encoder.
        boxes: where the boxes come from.
        notice: what the encoder cannot do, or None.
        applied: the calibration of the encoder.
        device: where those run that were given by name; None if there are none.
    """

    encoder: str
    boxes: str
    notice: str | None
    applied: Applied
    device: str | None = None


class Worker:
    """Grounds videos of one request in this process.

    Args:
        samples: a video dataset or a view of one.
        request: what to do.

    Attributes:
        models: what was loaded.

    Raises:
        EncoderError: the encoder cannot be loaded.
        DetectorError: the detector cannot be loaded.
        GroundingError: the device is not there, or the cache is set up wrongly.
    """

    def __init__(self, samples: SampleCollection, request: Request) -> None:
        self._samples, self._request = samples, request
        request.check_device()
        self._cache, trusted = request.open_cache(), request.trust_remote_code
        self._encoder = load_encoder(request.encoder, trusted, request.device)
        asked = request.detector
        self._detector = None if asked is None else load_detector(asked, trusted, request.device)
        named = isinstance(request.encoder, str) or isinstance(asked, str)
        self.models = Models(
            encoder=self._encoder.name,
            boxes=self._detector.name if self._detector else f"frames.{request.frame_boxes}",
            notice=self._encoder.notice,
            applied=Applied.of(self._encoder, request.config.contrast, self._cache is not None),
            device=str(chosen_device(request.device)) if named else None,
        )

    def begin(self, calibration: Calibration) -> None:
        """Prepares for the videos of a run.

        Args:
            calibration: changes the confidences.
        """
        self._pipeline = Pipeline(
            self._encoder,
            self._request.config,
            self._cache,
            self._request.overlap,
            calibration=calibration,
        )

    def survey(
        self, task: Task, cancelled: Callable[[], bool] = lambda: False
    ) -> Survey | Exception | None:
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
            return self._pipeline.survey(video, boxes, cancelled, windows, task.queries)
        except Exception as error:  # one bad video must not stop the others
            return error

    def report(self, task: Task, survey: Survey | Exception | None, writer: Writer) -> VideoReport:
        """Grounds a video and writes the outcome; an error in it is its outcome.

        Raises:
            RunEndedError: the run can write nothing more.
            OutageError: the database does not answer any longer.
        """
        try:
            outcome = self._ground(task, survey, writer)
        except SampleDeletedError as error:
            outcome = "failed", str(error), ()
        status, message, rows = outcome
        length = survey.video.duration if isinstance(survey, Survey) else 0.0
        return VideoReport(task.id, task.path, status, message, length=length, answers=rows)

    def _ground(self, task: Task, survey: Survey | Exception | None, writer: Writer) -> _Outcome:
        status: Status
        try:
            if isinstance(survey, Exception):
                raise survey
            if survey:
                return self._answer(task, survey, writer)
            where = " and ".join(f"'{name}'" for name in self._request.query_fields)
            status, message = "no_query", f"There is no sentence in {where} of this sample."
        except VideoError as error:
            status, message = "unreadable", str(error)
        except (SampleDeletedError, RunEndedError, OutageError):
            raise
        except (EncoderError, DetectorError, DeadlyVideoError) as error:
            status, message = "failed", str(error)
        except Exception as error:  # one bad video must not stop the others
            logger.exception("Grounding %s failed", task.path)
            why = f"{type(error).__name__}: {error}"
            status, message = "failed", f"An error that nobody foresaw ({why}). The log says where."
        writer.write(task.id, status, message)
        return status, message, ()

    def _answer(self, task: Task, survey: Survey, writer: Writer) -> _Outcome:
        windows, remarks = task.windows(survey.video)
        remarks += metadata_notes(self._samples._dataset, task.id, survey.video)
        answers, notes = self._pipeline.ground(survey, task.queries, windows)
        status, message = _judge(answers), " ".join([*_absence(answers), *remarks, *notes])
        writer.write(task.id, status, message, survey.video, answers)
        return status, message, tuple(_line(a, survey.video) for a in answers)


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


def _line(answer: Answer, video: Video) -> AnswerReport:
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
