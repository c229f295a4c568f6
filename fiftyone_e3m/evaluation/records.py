"""Stored evaluations of a dataset: two scores per sample, and a run record with all the rest."""

from __future__ import annotations

import dataclasses

import fiftyone as fo
import fiftyone.core.media as fom
from fiftyone.core.collections import SampleCollection

from ..dataset.checks import not_videos
from ..dataset.declaring import add_fields
from ..dataset.stored import changing_schema
from ..request import GroundingError
from .listing import is_listed, list_evaluation, taken_fields
from .pairs import Pair
from .results import EvaluationResults
from .tubes import TubeFields

METHOD = "e3m/evaluate"


def keep_evaluation(
    samples: SampleCollection,
    key: str,
    results: EvaluationResults,
    pred_field: str,
    gt_field: str,
    compared: tuple[TubeFields, TubeFields],
) -> None:
    """Writes the means of each sample and a run record; replaces an earlier one with this key.

    The record is written first, so that the key of a killed run can be reused. An entry is also
    added to FiftyOne's own list of evaluations, which its Model Evaluation panel shows.

    Args:
        samples: the evaluated dataset or view.
        key: the evaluation key, checked with `check_key`.
        results: the results.
        pred_field: the argument of `evaluate`.
        gt_field: the argument of `evaluate`.
        compared: fields of the predicted and of the true tubes.
    """
    dataset = samples._dataset
    config = dataset.init_run(
        method=METHOD,
        settings={"pred_field": pred_field, "gt_field": gt_field, "ends": results.ends},
        metrics=results.metrics(),
    )
    with changing_schema(dataset):
        samples.register_run(key, config, overwrite=True)
        add_fields(dataset, dict.fromkeys(score_fields(key), fo.FloatField))
    scored: dict[str, list[Pair]] = {}
    for pair in results.pairs:
        scored.setdefault(pair.sample_id, []).append(pair)
    for name, metric in zip(score_fields(key), ("viou", "tiou"), strict=True):
        dataset.clear_sample_field(name)
        dataset.set_values(name, _means(scored, metric), key_field="id")
    kept = dataset.init_run_results(key, evaluation=dataclasses.asdict(results))
    dataset.save_run_results(key, kept)
    list_evaluation(samples, key, results, *compared)


def load_evaluation(dataset: fo.Dataset, eval_key: str) -> EvaluationResults:
    """The results of an earlier evaluation.

    Raises:
        GroundingError: there is no evaluation with that key, or it was interrupted.
    """
    keys = dataset.list_runs(method=METHOD)
    if eval_key not in keys:
        raise GroundingError(
            f"There is no evaluation '{eval_key}' in '{dataset.name}'. Evaluations: "
            f"{', '.join(keys) or 'none'}."
        )
    kept = dataset.load_run_results(eval_key, cache=False)  # another process may replace them
    if kept is None:
        raise GroundingError(
            f"The evaluation '{eval_key}' was interrupted before its results were stored. Evaluate "
            "again with the same key."
        )
    return EvaluationResults.from_dict(kept.evaluation)


def score_fields(eval_key: str) -> tuple[str, str]:
    """Names of the sample fields that an evaluation writes: vIoU and tIoU."""
    return f"{eval_key}_viou", f"{eval_key}_tiou"


def forget_evaluation(dataset: fo.Dataset, key: str) -> None:
    """Deletes the scores of each sample and the run record of an evaluation, if there is one."""
    if key in dataset.list_runs(method=METHOD):
        dataset.delete_sample_fields(kept_fields(dataset, key))
        dataset.delete_run(key)


def rename_evaluation(dataset: fo.Dataset, key: str, new_key: str) -> None:
    """Renames the scores of each sample and the run record of an evaluation, if there is one."""
    if key in dataset.list_runs(method=METHOD):
        names = dict(zip(score_fields(key), score_fields(new_key), strict=True))
        kept = kept_fields(dataset, key)
        dataset.rename_run(key, new_key)
        dataset.rename_sample_fields({name: names[name] for name in kept})


def kept_fields(dataset: fo.Dataset, key: str) -> list[str]:
    """The sample fields that a stored evaluation wrote and that still exist."""
    if key not in dataset.list_runs(method=METHOD):
        return []
    return [name for name in score_fields(key) if dataset.has_field(name)]


def check_key(dataset: fo.Dataset, key: str, predicted: TubeFields, true: TubeFields) -> None:
    """Checks that an evaluation may be stored under a key.

    Raises:
        GroundingError: the key is not an identifier, the key or its fields are in use, or the
            dataset holds groups, where FiftyOne writes to one slice only.
    """
    if dataset.media_type == fom.GROUP:
        why = f"No evaluation can be stored in '{dataset.name}', which holds groups."
        raise not_videos(why, fom.GROUP)
    if not key.isidentifier() or key.startswith("_"):
        raise GroundingError(
            f"'{key}' cannot be an evaluation key. Use letters, digits and underscores."
        )
    listed, recorded = is_listed(dataset, key), key in dataset.list_runs(method=METHOD)
    if key in dataset.list_evaluations() and not listed:
        raise GroundingError(
            f"'{key}' is the key of one of FiftyOne's own evaluations. Choose another evaluation "
            "key."
        )
    if dataset.has_run(key) and not recorded:
        raise GroundingError(f"'{key}' is the key of another run. Choose another evaluation key.")
    taken = taken_fields(dataset, key, predicted, true)
    if not (listed or recorded):
        taken = [name for name in score_fields(key) if dataset.has_field(name)] + taken
    if taken:
        raise GroundingError(
            f"The dataset already has {' and '.join(taken)}, which no evaluation '{key}' wrote. "
            "Choose another evaluation key."
        )


def _means(scored: dict[str, list[Pair]], metric: str) -> dict[str, float]:
    """Mean of a metric by sample, for samples with a pair that has it."""
    values = {
        sample_id: [value for pair in pairs if (value := getattr(pair, metric)) is not None]
        for sample_id, pairs in scored.items()
    }
    return {sample_id: sum(v) / len(v) for sample_id, v in values.items() if v}
