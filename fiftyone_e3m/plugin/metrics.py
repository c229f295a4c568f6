"""Tube scores as metrics of FiftyOne's own evaluations and its Model Evaluation panel.

``dataset.evaluate_detections("frames.e3m", "frames.gt", custom_metrics=[...])`` also computes them.
`evaluate` lists its runs with the same metrics, which then manage its stored scores: when a run is
deleted or renamed in the panel, the scores of the videos are deleted or renamed with it.
"""

from __future__ import annotations

from typing import Any, ClassVar

import fiftyone.operators as foo
from fiftyone.core.collections import SampleCollection

from ..evaluation.evaluate import evaluate
from ..evaluation.metrics import Ends
from ..evaluation.records import forget_evaluation, kept_fields, rename_evaluation


class TubeMetric(foo.EvaluationMetric):
    """A mean over the true tubes; subclasses set which.

    Attributes:
        name: name of the operator.
        score: key of `EvaluationResults.scores`.
        about: description, one sentence.
    """

    name: ClassVar[str]
    score: ClassVar[str]
    about: ClassVar[str]

    @property
    def config(self) -> foo.EvaluationMetricConfig:
        """The configuration of the metric in FiftyOne."""
        config = foo.EvaluationMetricConfig(
            name=self.name,
            label=self.score,
            description=self.about,
            aggregate_key=self.score,
            eval_types=["detection"],
            lower_is_better=False,
            unlisted=True,
            risk_level="low",
        )
        # FiftyOne 1.22 accepts the argument but reads it from here
        config.kwargs["lower_is_better"] = False
        return config

    def compute(
        self, samples: SampleCollection, results: Any, ends: Ends = "inclusive"
    ) -> float | None:
        """Scores the tubes in the fields that were evaluated.

        Args:
            samples: the evaluated dataset or view.
            results: FiftyOne's results, whose configuration holds the field names.
            ends: convention for the last frame of an event, see `evaluate`.

        Returns:
            The mean, 0..1; None if it needs true boxes and there are none.

        Raises:
            GroundingError: there are no tubes to compare; FiftyOne logs it.
        """
        # several metrics are computed from the same results: the labels are read once
        scores_by_ends = results.__dict__.setdefault("_tube_scores", {})
        if ends not in scores_by_ends:
            config = results.config
            evaluation = evaluate(samples, config.pred_field, config.gt_field, ends=ends)
            scores_by_ends[ends] = evaluation.scores
        score: float | None = scores_by_ends[ends][self.score]
        return score

    def get_fields(self, samples: SampleCollection, config: Any, eval_key: str) -> list[str]:
        """The score fields of the videos, if this is a run of `evaluate`."""
        return kept_fields(samples._dataset, eval_key)

    def rename(
        self, samples: SampleCollection, config: Any, eval_key: str, new_eval_key: str
    ) -> None:
        """Renames what `evaluate` stored under this key; the first metric does it for all."""
        rename_evaluation(samples._dataset, eval_key, new_eval_key)

    def cleanup(self, samples: SampleCollection, config: Any, eval_key: str) -> None:
        """Deletes what `evaluate` stored under this key; the first metric does it for all."""
        forget_evaluation(samples._dataset, eval_key)


class MeanVIoU(TubeMetric):
    """Mean vIoU."""

    name, score = "m_viou", "m_vIoU"
    about = "Mean spatio-temporal IoU of predicted and true tubes of the same sentence."


class MeanTIoU(TubeMetric):
    """Mean tIoU."""

    name, score = "m_tiou", "m_tIoU"
    about = "Mean temporal IoU of predicted and true events of the same sentence."


class VIoUAt03(TubeMetric):
    """Share of tubes with a vIoU above .3."""

    name, score = "viou_at_03", "vIoU@0.3"
    about = "Share of tubes whose vIoU is strictly above 0.3."


class VIoUAt05(TubeMetric):
    """Share of tubes with a vIoU above .5."""

    name, score = "viou_at_05", "vIoU@0.5"
    about = "Share of tubes whose vIoU is strictly above 0.5."


TUBE_METRICS = (MeanVIoU, MeanTIoU, VIoUAt03, VIoUAt05)
