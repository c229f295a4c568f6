"""An evaluation as an entry in FiftyOne's own list, for its Model Evaluation panel.

The panel supports detections, not tubes. A tube takes the place of a detection: a sentence is a
class, and a pair is a true positive if its vIoU is above .5. Only FiftyOne classes are stored, so
that any installation can open the list, with or without this plugin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any, NamedTuple

import fiftyone as fo
from fiftyone.core.collections import SampleCollection
from fiftyone.core.evaluation import EvaluationMethod
from fiftyone.utils.eval.detection import DetectionEvaluationConfig, DetectionResults

from ..dataset.labels import SENTENCE
from ..dataset.naming import whole_sentences
from ..request import FRAMES
from .pairs import RIGHT, Pair
from .results import EvaluationResults
from .tubes import TubeFields

METRICS = {
    "m_vIoU": "@e3m/video-grounding/m_viou",
    "m_tIoU": "@e3m/video-grounding/m_tiou",
    "vIoU@0.3": "@e3m/video-grounding/viou_at_03",
    "vIoU@0.5": "@e3m/video-grounding/viou_at_05",
}
"""The operator of each score, by its name in `EvaluationResults.scores`."""

MAX_CLASSES = 500
"""The panel draws a confusion matrix; above this many sentences, all are one class."""
ANY_SENTENCE = "any sentence"

Match = tuple[str | None, str | None, float | None, float | None, str | None, str | None]
"""FiftyOne's format: true label, predicted label, IoU, confidence, true id, predicted id."""


class Found(NamedTuple):
    """A label of a sentence.

    Attributes:
        id: id of the label.
        confidence: confidence of the label, if any.
    """

    id: str
    confidence: float | None


Labels = Mapping[tuple[str, str], Sequence[Found]]
"""Labels by sample id and sentence."""


def list_evaluation(
    samples: SampleCollection,
    key: str,
    results: EvaluationResults,
    predicted: TubeFields,
    true: TubeFields,
) -> None:
    """Adds an evaluation to ``dataset.list_evaluations()``, or replaces the one with this key.

    Like FiftyOne's own evaluations, it writes ``<key>_tp``, ``<key>_fp`` and ``<key>_fn`` (numbers
    of tubes) to each sample, and ``<key>`` ("tp", "fp" or "fn") and ``<key>_iou`` to the events.
    If a side has no events, the boxes are listed as the evaluated fields, and nothing is written
    to them. If one side has only events and the other only boxes, FiftyOne has no matching
    evaluation type, and nothing is listed.

    Args:
        samples: the evaluated dataset or view.
        key: the evaluation key, checked with `taken_fields`.
        results: the results.
        predicted: fields of the predicted tubes.
        true: fields of the true tubes.
    """
    unlist_evaluation(samples._dataset, key)
    paths = _compared(predicted, true)
    if paths is None:
        return
    config = DetectionEvaluationConfig(
        *paths,
        iou=RIGHT,
        classwise=True,
        custom_metrics=list(METRICS.values()),
        ends=results.ends,
    )
    method = config.build()
    method.register_run(samples, key)
    method.register_samples(samples, key)
    predicted_labels, true_labels = (_labels(samples, path) for path in paths)
    if not config.gt_field.startswith(FRAMES):
        sides = zip(paths, (predicted_labels, true_labels), ("fp", "fn"), strict=True)
        for path, labels, miss in sides:
            _mark(samples._dataset, f"{path}.detections.{key}", results.pairs, labels, miss)
    _count(samples._dataset, key, results.pairs)
    matches = _matches(results.pairs, predicted_labels, true_labels)
    scores = {
        METRICS[name]: {"key": name, "value": value, "label": name, "lower_is_better": False}
        for name, value in results.scores.items()
        if value is not None
    }
    listed = DetectionResults(samples, config, key, matches, custom_metrics=scores, backend=method)
    method.save_run_results(samples, key, listed)


def unlist_evaluation(dataset: fo.Dataset, key: str) -> None:
    """Removes an evaluation from the list and its marks from the labels, if it is listed."""
    if not is_listed(dataset, key):
        return
    config = dataset.get_evaluation_info(key).config
    config.custom_metrics = None  # their operators may not be loaded, and would delete the scores
    config.build().cleanup(dataset, key)
    EvaluationMethod.delete_run(dataset, key, cleanup=False)


def is_listed(dataset: fo.Dataset, key: str) -> bool:
    """Whether `list_evaluation` listed an evaluation with this key."""
    if key not in dataset.list_evaluations():
        return False
    config = dataset.get_evaluation_info(key).config
    if type(config) is not DetectionEvaluationConfig:  # FiftyOne's own are of subclasses
        return False
    return set(METRICS.values()) <= set(config.custom_metrics or ())


def taken_fields(
    dataset: fo.Dataset, key: str, predicted: TubeFields, true: TubeFields
) -> list[str]:
    """The fields that `list_evaluation` would write but that something else wrote."""
    paths = _compared(predicted, true)
    if paths is None:
        return []
    own: list[str] = []
    if is_listed(dataset, key):
        config = dataset.get_evaluation_info(key).config
        own = _written(key, (config.pred_field, config.gt_field))
    return [name for name in _written(key, paths) if dataset.has_field(name) and name not in own]


def _written(key: str, paths: tuple[str, str]) -> list[str]:
    """The fields that FiftyOne writes for an evaluation of `paths`, whether they exist or not."""
    counts = [f"{key}_{name}" for name in ("tp", "fp", "fn")]
    if paths[1].startswith(FRAMES):
        counts += [FRAMES + name for name in counts]
    marks = (f"{path}.detections.{key}{end}" for path in paths for end in ("", "_id", "_iou"))
    return [*counts, *marks]


def _compared(predicted: TubeFields, true: TubeFields) -> tuple[str, str] | None:
    """The compared fields as listed in FiftyOne: both of events, or both of boxes."""
    if predicted.events and true.events:
        return predicted.events, true.events
    if predicted.boxes and true.boxes:
        return FRAMES + predicted.boxes, FRAMES + true.boxes
    return None


def _labels(samples: SampleCollection, path: str) -> Labels:
    """The labels of each sentence, over the whole collection."""
    of_boxes = samples.has_field(f"{path}.detections.{SENTENCE}")
    names = ("label", SENTENCE if of_boxes else "label", "id", "confidence")
    columns = [f"{path}.detections.{name}" for name in names]
    by_sentence: dict[tuple[str, str], list[Found]] = {}
    for sample_id, *lists in zip(*samples.values(["id", *columns]), strict=True):
        # sample labels are a list, frame labels a list of lists
        frames = zip(*_filled(lists), strict=True) if path.startswith(FRAMES) else [lists]
        rows = [list(zip(*_filled(fields), strict=True)) for fields in frames]
        sentences = whole_sentences([[row[:2] for row in frame] for frame in rows])
        for named, frame in zip(sentences, rows, strict=True):
            for sentence, (_, _, *values) in zip(named, frame, strict=True):
                key = (sample_id, (sentence or "").strip())
                by_sentence.setdefault(key, []).append(Found(*values))
    return by_sentence


def _filled(columns: Iterable[Sequence[Any] | None]) -> list[Sequence[Any]]:
    return [column or [] for column in columns]


def _mark(dataset: fo.Dataset, path: str, pairs: Iterable[Pair], labels: Labels, miss: str) -> None:
    """Writes the outcome of each pair ("tp" or `miss`) and its IoU to the events."""
    marks, ious = [], []
    for pair in pairs:
        for event in labels.get((pair.sample_id, pair.query), ()):
            at = {"sample_id": pair.sample_id, "label_id": event.id}
            marks.append({**at, "value": "tp" if pair.right else miss})
            ious.append({**at, "value": pair.quality})
    if marks:
        dataset.set_label_values(path, marks)
        dataset.set_label_values(f"{path}_iou", ious)


def _count(dataset: fo.Dataset, key: str, pairs: Iterable[Pair]) -> None:
    """Writes the numbers of right, wrong and missed tubes to each sample."""
    counts: dict[str, Counter[str]] = {}
    for pair in pairs:
        at = counts.setdefault(pair.sample_id, Counter())
        at["tp"] += pair.right
        at["fn"] += not pair.right
        at["fp"] += pair.predicted is not None and not pair.right
    for name in ("tp", "fp", "fn"):
        values = {sample_id: at[name] for sample_id, at in counts.items()}
        dataset.set_values(f"{key}_{name}", values, key_field="id")


def _matches(pairs: Sequence[Pair], predicted: Labels, true: Labels) -> list[Match]:
    """One match per right pair; a wrong one is a false negative and a false positive."""
    few = len({pair.query for pair in pairs}) <= MAX_CLASSES
    matches: list[Match] = []
    for pair in pairs:
        name = pair.query if few else ANY_SENTENCE
        tube, truth = (labels.get((pair.sample_id, pair.query), ()) for labels in (predicted, true))
        tube_id, true_id = (labels[0].id if labels else None for labels in (tube, truth))
        confidences = [label.confidence for label in tube if label.confidence is not None]
        confidence = fmean(confidences) if confidences else None
        if pair.right:
            matches.append((name, name, pair.quality, confidence, true_id, tube_id))
            continue
        matches.append((name, None, None, None, true_id, None))
        if pair.predicted is not None:
            matches.append((None, name, pair.quality, confidence, None, tube_id))
    return matches
