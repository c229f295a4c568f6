"""Saved views that sort a grounded dataset for review, made of plain FiftyOne stages."""

from __future__ import annotations

import fiftyone as fo
from fiftyone import ViewField as F

from ..dataset.checks import check_samples
from ..dataset.schema import Fields
from ..dataset.states import State, is_in
from ..request import GroundingError, check_number, shown
from .grounded import check_sound, known_grounding
from .overview import latest_evaluation

CONFIDENT = 0.5
"""Default confidence threshold from which a grounding counts as confident."""
JUDGED: dict[State, str] = {
    "accepted": "sentences whose answer was accepted",
    "corrected": "sentences whose answer was corrected and not accepted since",
    "rejected": "sentences whose answer was rejected",
}
MADE_BY_US = "Made by fiftyone_e3m"
"""Prefix of the descriptions of our saved views; only those are ever replaced."""


def unsure_first(dataset: fo.Dataset, field: str) -> fo.DatasetView:
    """All grounded videos, the least confident first."""
    confidence = Fields(field).confidence
    return dataset.exists(confidence).sort_by(confidence)


def between(dataset: fo.Dataset, field: str, low: float, high: float) -> fo.DatasetView:
    """Grounded videos with a confidence in [low, high), or [low, 1], lowest first."""
    confidence = Fields(field).confidence
    below = F(confidence) < high if high < 1 else F(confidence) <= 1
    return dataset.match((F(confidence) >= low) & below).sort_by(confidence)


def review_views(
    dataset: fo.Dataset, field: str, confident: float = CONFIDENT
) -> dict[str, tuple[fo.DatasetView, str]]:
    """The views for a review, with descriptions, by name.

    Args:
        dataset: the dataset.
        field: name of the tube field.
        confident: confidence threshold from which a grounding counts as confident, 0..1.

    Returns:
        "<field> confident", "<field> to review", "<field> no boxes"; the videos with a sentence in
        each state, with the events of these sentences: "<field> accepted", "<field> corrected",
        "<field> rejected"; and, after an evaluation, "<field> disagrees with ground truth".

    Raises:
        GroundingError: a required field was deleted or replaced.
    """
    check_number("confident", confident, 0, 1, "a confidence within 0..1")
    fields = Fields(field)
    check_sound(dataset, fields, (fields.events, fields.confidence, fields.status))

    def in_state(state: State) -> fo.DatasetView:
        return dataset.filter_labels(fields.events, is_in(state))

    ok = F(fields.status) == "ok"
    sure = F(fields.confidence) >= confident
    views = {
        f"{field} confident": (
            dataset.match(ok & sure).sort_by(fields.confidence, reverse=True),
            f"confidence of at least {confident:g}",
        ),
        f"{field} to review": (
            in_state("to review").match(ok & ~sure).sort_by(fields.confidence),
            f"nobody judged, confidence below {confident:g}, the least confident first",
        ),
        f"{field} no boxes": (
            dataset.match(F(fields.status) == "no_boxes"),
            "no candidate boxes, only the time of the event",
        ),
    }
    for state, what in JUDGED.items():
        views[f"{field} {state}"] = in_state(state), what
    evaluated = latest_evaluation(dataset, field)
    if evaluated:
        key, results = evaluated
        wrong = [pair.sample_id for pair in results.worst_first if not pair.right]
        views[f"{field} disagrees with ground truth"] = (
            dataset.select(list(dict.fromkeys(wrong)), ordered=True),
            f"a sentence is wrong in the evaluation '{key}', the worst first",
        )
    return views


def save_review_views(
    dataset: fo.Dataset, field: str = "e3m", confident: float = CONFIDENT
) -> list[str]:
    """Saves the views of `review_views`, replacing earlier versions of them.

    Args:
        dataset: the dataset.
        field: name of the tube field.
        confident: confidence threshold from which a grounding counts as confident, 0..1.

    Returns:
        The names of the views.

    Raises:
        GroundingError: the field holds no complete grounding, or another saved view has one of the
            names; nothing was saved.
    """
    if not isinstance(dataset, fo.Dataset):
        raise GroundingError(
            f"dataset is {shown(dataset)}, but it must be a dataset, which saved views belong to."
        )
    check_samples(dataset)
    known_grounding(dataset, field)
    views = review_views(dataset, field, confident)
    taken = [name for name in views if dataset.has_saved_view(name) and not _is_ours(dataset, name)]
    if taken:
        raise GroundingError(
            f"The dataset already has a saved view '{taken[0]}' of another origin. Rename it."
        )
    for name, (view, what) in views.items():
        dataset.save_view(name, view, description=f"{MADE_BY_US}: {what}.", overwrite=True)
    return list(views)


def _is_ours(dataset: fo.Dataset, name: str) -> bool:
    return (dataset.get_saved_view_info(name)["description"] or "").startswith(MADE_BY_US)
