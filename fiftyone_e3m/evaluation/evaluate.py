"""Scores the tubes of a dataset against ground truth, and stores the scores."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import replace

import fiftyone.core.media as fom
from fiftyone.core.clips import ClipsView
from fiftyone.core.collections import SampleCollection

from ..dataset.checks import OTHER_MEDIA, check_samples, not_videos
from ..dataset.runs import run_of_each
from ..dataset.schema import CORRECTED, Fields
from ..request import FRAMES, GroundingError, check_text
from .metrics import Ends, TimedBoxes, tiou, viou
from .pairs import Pair, Unmatched
from .records import check_key, keep_evaluation
from .results import EvaluationResults
from .tubes import TubeFields, VideoTubes, read_tubes, tube_fields

EXAMPLES = 3
"""Number of sentences that an error message quotes."""


def evaluate(
    samples: SampleCollection,
    pred_field: str = "e3m",
    gt_field: str = "gt",
    eval_key: str | None = None,
    ends: Ends = "inclusive",
) -> EvaluationResults:
    """Scores predicted tubes against true tubes of the same sentence in the same video.

    A field's name stands for boxes (frame-level `Detections`, label = the sentence) and for events
    (`TemporalDetections` in ``<name>_events``, or else in a sample field ``<name>``): ``"gt"`` is
    ``frames.gt`` with ``gt_events``. Without an event, the event is the span from the first to the
    last frame with a box of the sentence. Where the ground truth has no boxes, only the time is
    scored, and vIoU is None.

    A sentence with ground truth but no prediction scores 0 and is listed as missing; a prediction
    without ground truth is listed as unmatched and is not scored. If the predictions were chosen
    among the true boxes themselves, `notes` says so. A frame that both events share
    adds 0 to vIoU if either side has no box in it.

    Args:
        samples: a video dataset or a view of one; the label filters of a view apply.
        pred_field: the predictions, written by `ground` or from any other source.
        gt_field: the ground truth.
        eval_key: if given, the means of each sample are written to ``<eval_key>_viou`` and
            ``<eval_key>_tiou``, the results are stored on the dataset (`load_evaluation`), and the
            run is listed in FiftyOne's Model Evaluation panel, see `list_evaluation`. Reusing a
            key replaces all of that.
        ends: how to read the 1-based frame numbers of an event [first, last]. ``"inclusive"``, as
            FiftyOne and HC-STVG's evaluation define them: last - first + 1 frames.
            ``"half_open"``, as in TubeDETR and in FiftyOne's own ``evaluate_detections`` of
            events: last - first frames. The last frame is excluded on both sides, so an event of
            one frame is empty and scores 0. [1, 10] against [5, 12] has tIoU 6/12 or 5/11.

    Returns:
        The scores, and each pair of tubes.

    Raises:
        GroundingError: there is nothing to compare, or `eval_key` is in use; nothing was written.
    """
    predicted, true = check_evaluation(samples, pred_field, gt_field, eval_key, ends)
    statuses, corrected = _statuses(samples, pred_field), _corrected(samples, predicted)
    pairs: list[Pair] = []
    unmatched: list[Unmatched] = []
    remarks: list[str] = []
    for video in read_tubes(samples, predicted, true):
        pairs += _pairs(video, statuses.get(video.sample_id), ends)
        unmatched += [
            Unmatched(video.sample_id, video.filepath, sentence)
            for sentence in video.predicted
            if sentence not in video.true
        ]
        remarks += video.remarks
    pairs = [replace(p, corrected=(p.sample_id, p.query) in corrected) for p in pairs]
    results = EvaluationResults(
        str(predicted),
        str(true),
        ends,
        tuple(pairs),
        tuple(unmatched),
        tuple(remarks),
        _chose_among(samples, predicted, true),
    )
    _check_common(results)
    if eval_key is not None:
        compared = (predicted, true)
        keep_evaluation(samples, eval_key, results, pred_field, gt_field, compared)
    return results


def check_evaluation(
    samples: SampleCollection, pred_field: str, gt_field: str, eval_key: str | None, ends: str
) -> tuple[TubeFields, TubeFields]:
    """Checks the arguments of `evaluate` without reading any labels.

    Returns:
        The fields of the predicted and of the true tubes.

    Raises:
        GroundingError: an argument is invalid; the message describes the first problem.
    """
    check_samples(samples)
    check_text("pred_field", pred_field)
    check_text("gt_field", gt_field)
    if eval_key is not None:
        check_text("eval_key", eval_key)
    media = "clips" if isinstance(samples, ClipsView) else samples.media_type
    if media != fom.VIDEO:
        why = (
            f"Tubes are evaluated on whole videos, but '{samples._root_dataset.name}' holds "
            f"{OTHER_MEDIA.get(media, media)}."
        )
        raise not_videos(why, media)
    if ends not in typing.get_args(Ends):
        raise GroundingError(
            f"'{ends}' is not a convention for the ends of events. Use "
            f"{' or '.join(typing.get_args(Ends))}."
        )
    predicted, true = tube_fields(samples, pred_field), tube_fields(samples, gt_field)
    shared = {predicted.boxes, predicted.events} & {true.boxes, true.events} - {None}
    if shared:
        raise GroundingError(
            f"'{shared.pop()}' would be compared with itself. Choose another ground-truth field."
        )
    if eval_key is not None:
        check_key(samples._dataset, eval_key, predicted, true)
    return predicted, true


def _check_common(results: EvaluationResults) -> None:
    """Raises an error if there is no ground truth, or no sentence in common."""
    if not results.pairs:
        raise GroundingError(f"These videos have no ground truth in {results.gt_field}.")
    if results.unmatched and len(results.missing) == len(results.pairs):
        raise GroundingError(
            f"No sentence is in both fields of the same video. In {results.pred_field}: "
            f"{_quoted(results.unmatched)}. In {results.gt_field}: {_quoted(results.missing)}. The "
            "labels of both must be the same sentence."
        )


def _quoted(entries: Sequence[Pair | Unmatched]) -> str:
    texts = list(dict.fromkeys(f"'{entry.query}'" for entry in entries))
    return ", ".join(texts[:EXAMPLES]) + (", ..." if len(texts) > EXAMPLES else "")


def _statuses(samples: SampleCollection, pred_field: str) -> dict[str, str | None]:
    """The grounding status of each sample, if `ground` wrote the predictions."""
    name = Fields(pred_field.removeprefix(FRAMES)).status
    if not samples.has_field(name):
        return {}
    return dict(zip(*samples.values(["id", name]), strict=True))


def _chose_among(samples: SampleCollection, predicted: TubeFields, true: TubeFields) -> bool:
    """Whether a run that grounded some of these samples took its boxes from the true ones."""
    if predicted.boxes is None or true.boxes is None:
        return False
    runs = run_of_each(samples._dataset, predicted.boxes, samples.values("id"))
    return any(config.settings["boxes_field"] == true.boxes for _, config in runs.values())


def _corrected(samples: SampleCollection, predicted: TubeFields) -> set[tuple[str, str]]:
    """Sample id and sentence of the predicted events that a person corrected."""
    marks = f"{predicted.events}.detections.{CORRECTED}"
    if not predicted.events or not samples.has_field(marks):
        return set()
    columns = samples.values(["id", f"{predicted.events}.detections.label", marks])
    return {
        (sample_id, (label or "").strip())
        for sample_id, labels, values in zip(*columns, strict=True)
        for label, value in zip(labels or [], values or [], strict=True)
        if value
    }


def _pairs(video: VideoTubes, status: str | None, ends: Ends) -> list[Pair]:
    return [
        _pair(video, sentence, video.predicted.get(sentence), true, status, ends)
        for sentence, true in video.true.items()
    ]


def _pair(
    video: VideoTubes,
    sentence: str,
    predicted: TimedBoxes | None,
    true: TimedBoxes,
    status: str | None,
    ends: Ends,
) -> Pair:
    temporal_iou = tiou(predicted, true, ends) if predicted else 0.0
    n_boxed = sum(true.first <= number <= true.last for number in true.boxes)
    tube_iou = None
    if n_boxed:
        tube_iou = viou(predicted, true, ends) if predicted else 0.0
    return Pair(
        video.sample_id,
        video.filepath,
        sentence,
        tiou=temporal_iou,
        viou=tube_iou,
        box_iou=None if tube_iou is None or temporal_iou == 0 else tube_iou / temporal_iou,
        predicted=(predicted.first, predicted.last) if predicted else None,
        true=(true.first, true.last),
        n_boxed=n_boxed,
        status=status,
    )
