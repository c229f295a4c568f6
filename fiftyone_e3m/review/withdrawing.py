"""Taking an accepted tube out of the ground truth again, unless somebody edited it there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import fiftyone as fo

from ..dataset.accepted import accepted_fields
from ..dataset.schema import Fields
from ..dataset.states import State
from .ground_truth import vouched_event, vouched_for, without
from .grounded import event_labels, frame_labels, of_sentence


@dataclass(frozen=True)
class Verdict:
    """What `reject_tube` or `reopen_tube` did.

    Attributes:
        query: the sentence.
        state: its state now.
        removed: ground-truth fields from which the accepted copy of its tube was removed.
        kept: ground-truth fields that keep a tube of it, as that is not the tube of the grounding.
    """

    query: str
    state: State
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """The outcome in sentences."""
        now = "is rejected" if self.state == "rejected" else "is to be reviewed again"
        return " ".join(
            [
                f"'{self.query}' {now}.",
                *(f"Its copy in '{name}' was removed." for name in self.removed),
                *(
                    f"'{name}' keeps its tube of this sentence, as it is not equal to this answer: "
                    "delete it there if it is wrong."
                    for name in self.kept
                ),
            ]
        )


def withdraw_copies(
    sample: fo.Sample, fields: Fields, query: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Removes the accepted copies of a tube from the ground truth.

    Args:
        sample: the video.
        fields: fields of the grounding.
        query: the sentence.

    Returns:
        The ground-truth fields that lost their copy, and those that keep another tube.
    """
    dataset = sample.dataset
    boxes = of_sentence(frame_labels(dataset, fields.tube, sample.id), query)
    events = event_labels(dataset, fields.events, sample.id).detections
    unlinked = fo.Instance()
    copy = (
        {n: _content([vouched_for(box, unlinked) for box in found]) for n, found in boxes.items()},
        _content([vouched_event(event) for event in events if event.label == query]),
    )
    removed, kept = [], []
    for name in sorted(accepted_fields(dataset)):
        target = Fields(name)
        truth = frame_labels(dataset, target.tube, sample.id)
        true_events = event_labels(dataset, target.events, sample.id)
        true_boxes = of_sentence(truth, query)
        mine = [event for event in true_events.detections if event.label == query]
        if not true_boxes and not mine:
            continue
        if ({n: _content(found) for n, found in true_boxes.items()}, _content(mine)) != copy:
            kept.append(name)
            continue
        changed = without(truth, true_events, query)
        left = {n: labels if labels.detections else None for n, labels in changed.items()}
        left_events = true_events if true_events.detections else None
        dataset.set_values(f"frames.{target.tube}", {sample.id: left}, key_field="id")
        dataset.set_values(target.events, {sample.id: left_events}, key_field="id")
        removed.append(name)
    return tuple(removed), tuple(kept)


def _content(labels: Sequence[fo.Label]) -> list[dict[str, Any]]:
    """The content of labels, without ids and the instance that each copy gets anew."""
    own = ("_id", "instance")
    return [
        {k: v for k, v in label.to_dict().items() if k not in own and v is not None}
        for label in labels
    ]
