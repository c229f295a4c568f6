"""E3M as a FiftyOne model: ``dataset.apply_model`` runs a `Job`, one video at a time.

FiftyOne hands its models one sample after the other and writes the labels that they return. A
grounding is more than that: a claim on its fields, a status where there is no label, a run record
from which a killed run goes on. So the first sample starts a `Job` over all samples of the view
that it is from, each sample moves it on, and the job writes what `ground` writes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import fiftyone.core.models as fom
from fiftyone.core.sample import SampleView

from ..candidates import check_detector
from ..grounding import Job
from ..request import FRAMES, GroundingError, Request
from ..results import GroundingSummary
from .steps import Steps

logger = logging.getLogger(__name__)

FIELDS = ("prompt_field", "boxes_field", "events_field")
"""Keywords of `apply_model` for the fields that are read: sentences, boxes, times."""


class VideoGrounder(fom.SamplesMixin, fom.Model):
    """Grounds the sentences of videos, for ``dataset.apply_model``.

    Args:
        arguments: what to do, as arguments of `Request`, without fields to read or write.
        fields: fields to read, by the keywords in `FIELDS`, where `apply_model` names none.

    Raises:
        GroundingError: an argument has the wrong type.

    Attributes:
        config: the request, as far as it is known.
        summary: the outcome of the last `apply_model`; None before the first.
    """

    def __init__(self, arguments: Mapping[str, Any], fields: Mapping[str, str]) -> None:
        super().__init__()
        self.config = Request(**arguments)
        self._arguments = dict(arguments)
        self.summary: GroundingSummary | None = None
        self._defaults = dict(fields)
        self.needs_fields = {}
        self._start_over()

    @property
    def media_type(self) -> str:
        """FiftyOne applies it to whole videos."""
        return "video"

    @property
    def needs_fields(self) -> dict[str, str]:
        """Names of the fields to read, by the keywords in `FIELDS`; the others are hidden from it.

        Raises:
            GroundingError: on setting, if a keyword is not one of `FIELDS`.
        """
        return self._fields

    @needs_fields.setter
    def needs_fields(self, fields: Mapping[str, str]) -> None:
        unknown = set(fields) - set(FIELDS)
        if unknown:
            raise GroundingError(
                f"apply_model was given {', '.join(sorted(unknown))}, but E3M takes only "
                f"{', '.join(FIELDS)} there. Give all else to load_zoo_model."
            )
        self._fields = {**self._defaults, **fields}
        if boxes := self._fields.get("boxes_field"):
            self._fields["boxes_field"] = FRAMES + boxes.removeprefix(FRAMES)

    def __enter__(self) -> VideoGrounder:
        """Begins a pass over samples.

        Raises:
            GroundingError: it is not known where the sentences are, or boxes come from two sources.
            DetectorError: the detector that is needed is not there.
        """
        if self.config.query is None and "prompt_field" not in self.needs_fields:
            raise GroundingError(
                "There is no sentence to ground. Name the field that holds them, as in "
                "apply_model(model, label_field='e3m', prompt_field='caption'), or give "
                "query='a man in a suit' to load_zoo_model."
            )
        detector = self._request("e3m").detector
        if detector is not None:
            check_detector(detector)
        self._start_over()
        return self

    def predict(self, arg: Any, sample: SampleView | None = None) -> dict[str, Any]:
        """Prepares a sample, so that its video is grounded when FiftyOne adds labels to it.

        Args:
            arg: FiftyOne's reader of the video, which is not used: frames must be those of
                `video.Video`, whose numbers are the player's.
            sample: the sample, from `apply_model`.

        Returns:
            No labels: the job writes them.

        Raises:
            GroundingError: there is no sample.
        """
        if sample is None:
            raise GroundingError(
                "E3M grounds samples of a dataset, not files. Call dataset.apply_model(model, "
                "label_field='e3m', prompt_field='caption')."
            )
        self._handed_over = True
        # only there does FiftyOne say which field is to be written
        object.__setattr__(sample, "add_labels", partial(self._ground, sample))
        return {}

    def __exit__(self, *error: Any) -> None:
        """Ends the pass: grounds what FiftyOne could not open, and closes the run record.

        Raises:
            GroundingError: the request could not be carried out; FiftyOne only logged it so far.
            EncoderError: the encoder could not be loaded.
            DetectorError: the detector could not be loaded.
        """
        interrupted = any(error)
        if self._steps is not None:
            if interrupted or self._failure:
                self._steps.close()
            else:
                self._steps.finish()
            self.summary = self._steps.summary
            logger.log(logging.WARNING if self.summary.not_ok else logging.INFO, self.summary)
        if interrupted:
            return
        if self._failure:
            raise self._failure
        if self._handed_over and self._steps is None:
            raise GroundingError(
                "Nothing was grounded: this version of FiftyOne does not say which field to write. "
                "Call fiftyone_e3m.ground(dataset, query_field='caption') instead."
            )

    def _start_over(self) -> None:
        self._steps: Steps | None = None
        self._failure: Exception | None = None
        self._handed_over = False

    def _ground(
        self,
        sample: SampleView,
        labels: Any,
        label_field: str,
        confidence_thresh: float | None = None,
        classes: Any = None,
    ) -> None:
        """Stands in for the sample's `add_labels`: takes the job as far as this sample."""
        if self._failure:
            raise self._failure
        try:
            if self._steps is None:
                _check_plain(confidence_thresh, classes)
                self._steps = Steps(Job(sample._view, self._request(label_field)))
            self._steps.until(sample.id)
        except Exception as error:
            self._failure = error
            raise

    def _request(self, label_field: str) -> Request:
        return Request(
            **self._arguments,
            field=label_field.removeprefix(FRAMES),
            query_field=self.needs_fields.get("prompt_field"),
            boxes_field=self.needs_fields.get("boxes_field"),
            events_field=self.needs_fields.get("events_field"),
        )


def _check_plain(confidence_thresh: float | None, classes: Any) -> None:
    """Checks that no arguments are given that other models have and this one has not.

    Raises:
        GroundingError: some are.
    """
    if confidence_thresh is not None:
        raise GroundingError(
            f"E3M does not take confidence_thresh={confidence_thresh} from apply_model. Give "
            f"not_found_below={confidence_thresh} to load_zoo_model: sentences with a lower "
            "confidence then get no tube."
        )
    if classes is not None:
        raise GroundingError(
            "E3M does not take classes from apply_model, as labels are sentences. Give "
            "classes=[...] to load_zoo_model to restrict the candidate boxes."
        )
