"""The pipeline: video -> candidates -> features -> E3M -> labels. Read this file first.

`ground` is what users call. `Job` is the same in steps, for whoever shows progress or wants to stop
between two videos. `ground_video` is one video without FiftyOne.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .boxes import Boxes, clean
from .candidates import Detector, detect, load_detector
from .config import E3MConfig
from .e3m import build_tracks, find, make_tube
from .encoders import Encoder, load_encoder
from .features import encode_video, sampling_rate
from .results import Answer, AnswerReport, GroundingSummary, Status, VideoReport
from .video import TruncatedVideoError, Video, VideoError

if TYPE_CHECKING:
    from fiftyone.core.collections import SampleCollection

logger = logging.getLogger(__name__)

DEFAULT_DETECTOR = "yolo11n.pt"
DEFAULT_ENCODER = "ViT-B-32/laion2b_s34b_b79k"
TOLERATED_LOSS = 0.1
"""Share of frames that may be missing at the end of a video; more is a damaged file."""

BoxSource = Callable[[Video, NDArray[np.int64]], list[Boxes]]
Progress = Callable[[int, int, VideoReport], object]


def ground(
    samples: SampleCollection,
    query: str | Sequence[str] | None = None,
    query_field: str | None = None,
    field: str = "e3m",
    boxes_field: str | None = None,
    detector: str | Detector = DEFAULT_DETECTOR,
    encoder: str | Encoder = DEFAULT_ENCODER,
    config: E3MConfig = E3MConfig(),  # noqa: B008 (immutable)
    overwrite: bool = False,
    progress: bool | Progress | None = None,
) -> GroundingSummary:
    """Finds which object each sentence means and when it happens, and writes it to the dataset.

    Written are, for ``field="e3m"``: ``frames.e3m`` (the tube), ``frames.e3m_relevance``,
    ``frames.e3m_queries`` (where a video has several queries), ``e3m_events``, ``e3m_confidence``,
    ``e3m_status``, ``e3m_message``, and a run record. One bad video never stops the others. A run
    that was killed continues where it was when the same is asked again.

    Args:
        samples: a video dataset or a view of one.
        query: a sentence, or several, for all videos.
        query_field: a sample field that holds a sentence, or a list, per video. Exactly one of
            `query` and `query_field` is given.
        field: name of the tube field; the other names start with it.
        boxes_field: frame field of `Detections` to choose from; wins over `detector`.
        detector: an ultralytics model's name, path or folder, ``"zoo:<name>"`` of a FiftyOne zoo
            model, or a `Detector`.
        encoder: ``"<open_clip model>/<tag or checkpoint path>"``, ``"local-dir:<folder>"``,
            ``"hf-hub:<repository>"``, ``"bundled"``, or an `Encoder`.
        config: all hyper-parameters.
        overwrite: replace what the fields hold on these samples.
        progress: a bar or none (None asks FiftyOne's configuration), or a function called after
            each video with the number done, the number of all, and the report.

    Returns:
        What was done, video by video.

    Raises:
        GroundingError: the request cannot be carried out; nothing was written.
        EncoderError: the encoder cannot be loaded; nothing was written.
        DetectorError: the detector cannot be loaded; nothing was written.
    """
    job = Job(samples, query, query_field, field, boxes_field, detector, encoder, config, overwrite)
    with _progress_of(progress, len(job)) as report_progress:
        for done, report in enumerate(job, 1):
            try:
                report_progress(done, len(job), report)
            except Exception:  # a broken display must not cost a run
                logger.exception("The progress function failed")
    return job.summary


class Job:
    """A checked request with its models loaded; iterate it to ground one video after another.

    Takes the arguments of `ground` and raises what it raises.

    Attributes:
        summary: what was done so far.
    """

    def __init__(
        self,
        samples: SampleCollection,
        query: str | Sequence[str] | None,
        query_field: str | None,
        field: str,
        boxes_field: str | None,
        detector: str | Detector,
        encoder: str | Encoder,
        config: E3MConfig,
        overwrite: bool,
    ) -> None:
        from .dataset.checks import check_request, unfinished

        check_request(samples, query, query_field, field, boxes_field)
        self._settings = settings_of(
            query, query_field, field, boxes_field, detector, encoder, config
        )
        self._samples, self._config = samples, config
        self._asked = samples.values("id")
        self._ids = unfinished(samples, self._settings, overwrite)
        self._encoder = load_encoder(encoder)
        self._detector = None if boxes_field else load_detector(detector)
        self.summary = GroundingSummary(
            run_key="",
            field=field,
            encoder=self._encoder.name,
            boxes=self._settings["detector"] or f"frames.{self._settings['boxes_field']}",
            notices=[self._encoder.notice] if self._encoder.notice else [],
            skipped=len(self._asked) - len(self._ids),
        )

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[VideoReport]:
        from .dataset.runs import finish_run, interrupted_run, start_run
        from .dataset.schema import Fields

        dataset, fields = self._samples._dataset, Fields(self._settings["field"])
        started = time.monotonic()
        queries = self._queries()
        fields.declare(dataset, several_queries=max(map(len, queries), default=0) > 1)
        fields.clear(dataset.select(self._ids))
        key = interrupted_run(dataset, self._settings, self._asked)
        self.summary.run_key = key or start_run(dataset, self._settings, self._asked)
        paths = dataset.select(self._ids, ordered=True).values("filepath")
        for sample_id, path, asked in zip(self._ids, paths, queries, strict=True):
            report = self._ground_sample(fields, sample_id, path, asked)
            self.summary.videos.append(report)
            self.summary.seconds = time.monotonic() - started
            yield report
        finish_run(dataset, self.summary)

    def _queries(self) -> list[list[str]]:
        from .dataset.reading import sentences

        query_field = self._settings["query_field"]
        if query_field is None:
            return [self._settings["query"]] * len(self._ids)
        view = self._samples._dataset.select(self._ids, ordered=True)
        return [sentences(value) for value in view.values(query_field)]

    def _boxes(self, sample_id: str) -> BoxSource:
        from .dataset.reading import read_boxes

        if self._detector is not None:
            detector = self._detector
            return lambda video, sampled: detect(video, sampled, detector)
        field = self._settings["boxes_field"]
        return lambda video, sampled: read_boxes(self._samples, sample_id, field, video, sampled)

    def _ground_sample(
        self, fields: Any, sample_id: str, path: str, asked: list[str]
    ) -> VideoReport:
        from .dataset.writing import write_answers, write_status

        dataset = self._samples._dataset
        started = time.monotonic()
        answers: list[Answer] = []
        rows: tuple[AnswerReport, ...] = ()
        status: Status
        try:
            if not asked:
                where = f"field '{self._settings['query_field']}'"
                status, message = "no_query", f"There is no sentence in {where} of this sample."
            else:
                video = Video.open(path)
                source = self._boxes(sample_id)
                answers, notes = ground_video(video, source, asked, self._encoder, self._config)
                write_answers(dataset, fields, sample_id, video, answers)
                rows = tuple(_report(answer, video) for answer in answers)
                status, message = _judge(answers), " ".join(notes)
        except VideoError as error:
            status, message = "unreadable", str(error)
        except Exception as error:  # one bad video must not stop the others
            logger.exception("Grounding %s failed", path)
            status, message = "failed", f"{type(error).__name__}: {error}"
        write_status(dataset, fields, sample_id, status, message)
        seconds = time.monotonic() - started
        return VideoReport(sample_id, str(path), status, message, seconds, rows)


def settings_of(
    query: str | Sequence[str] | None,
    query_field: str | None,
    field: str,
    boxes_field: str | None,
    detector: str | Detector,
    encoder: str | Encoder,
    config: E3MConfig,
) -> dict[str, Any]:
    """Everything that decides the results of a run, JSON-able: the arguments of `ground`.

    Models given as objects are represented by their names.
    """
    from .dataset.checks import frame_field
    from .dataset.reading import sentences

    return {
        "query": None if query is None else sentences(query),
        "query_field": query_field,
        "field": field,
        "boxes_field": None if boxes_field is None else frame_field(boxes_field),
        "detector": None if boxes_field else _name(detector),
        "encoder": _name(encoder),
        "config": config.model_dump(mode="json"),
    }


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


def _judge(answers: Sequence[Answer]) -> Status:
    if len(answers[0].grounding.picks) == 1:
        return "one_frame"
    return "no_boxes" if all(len(answer.tube.frames) == 0 for answer in answers) else "ok"


def _report(answer: Answer, video: Video) -> AnswerReport:
    tube = answer.tube
    return AnswerReport(
        query=answer.query,
        first_frame=tube.first + 1,
        last_frame=tube.last + 1,
        start=tube.first / video.frame_rate,
        end=(tube.last + 1) / video.frame_rate,
        confidence=answer.confidence,
        n_boxes=len(tube.frames),
    )


def _name(model: Any) -> str:
    """What identifies a model in a run record."""
    return model if isinstance(model, str) else getattr(model, "name", type(model).__name__)


def _progress_of(progress: bool | Progress | None, total: int) -> Any:
    """A context manager that gives the function to call after each video."""
    from contextlib import nullcontext

    import fiftyone.core.utils as fou

    if callable(progress):
        return nullcontext(progress)
    return _Bar(fou.ProgressBar(total=total, progress=progress))


class _Bar:
    """FiftyOne's progress bar as a progress function."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def __enter__(self) -> Progress:
        self._bar.__enter__()
        return lambda done, total, report: self._bar.update()

    def __exit__(self, *error: object) -> None:
        self._bar.__exit__(*error)
