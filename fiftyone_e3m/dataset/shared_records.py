"""The record of a run that several tasks do: what they add to it, one at a time."""

from __future__ import annotations

from collections import Counter

import fiftyone as fo
from bson import json_util

from ..results import GroundingSummary
from .records import add_problems, changed_record


def begin_shares(
    dataset: fo.Dataset, key: str, continued_after: int, parent: str | None = None
) -> None:
    """Prepares the record of a run for what its tasks add.

    Args:
        dataset: the dataset.
        key: of the run record.
        continued_after: number of videos that were done before.
        parent: the operation that FiftyOne has divided, if it was FiftyOne.
    """
    with changed_record(dataset, key) as config:
        config.shares, config.counts, config.seconds = {}, {}, 0.0
        config.continued_after, config.notices = continued_after, []
        config.parent, config.asked_to_stop = parent, False


def add_share(dataset: fo.Dataset, member: str, summary: GroundingSummary, state: str) -> None:
    """Adds what a task has done to the record of its run; it may be repeated.

    Counts and times are the sums over all tasks.

    Args:
        dataset: the dataset, whose records no other process changes at the same time.
        member: what identifies the process that did it.
        summary: what was done.
        state: of the run now.

    Raises:
        RunEndedError: the record no longer exists.
    """
    with changed_record(dataset, summary.run_key) as config:
        mine = {"counts": summary.counts, "seconds": summary.seconds}
        config.shares = {**config.shares, member: mine}
        config.state = state
        config.seconds = round(sum(share["seconds"] for share in config.shares.values()), 2)
        counts = Counter[str]()
        for share in config.shares.values():
            counts.update(share["counts"])
        config.counts = dict(counts)
        config.notices = list(dict.fromkeys([*config.notices, *summary.notices]))
        add_problems(config, summary)


def note_request(dataset: fo.Dataset, key: str) -> None:
    """Notes that a run has ended as it was asked to, so that no further task begins.

    Raises:
        RunEndedError: the record no longer exists.
    """
    with changed_record(dataset, key) as config:
        config.asked_to_stop = True


def extend_run(dataset: fo.Dataset, key: str, samples: fo.DatasetView) -> None:
    """Changes the samples that a run is to ground, and marks it as running.

    Args:
        dataset: the dataset.
        key: of the run record.
        samples: all of them, selected so that the set is stable when fields change.

    Raises:
        RunEndedError: the record no longer exists.
    """
    with changed_record(dataset, key) as config:
        config.state, config.n_videos = "running", len(samples)
    record = dataset._doc.runs[key]
    stages = samples._serialize(include_uuids=False)
    record.view_stages = [json_util.dumps(stage) for stage in stages]
    record.save()


def set_state(dataset: fo.Dataset, key: str, state: str) -> None:
    """Changes the state of a run.

    Raises:
        RunEndedError: the record no longer exists.
    """
    with changed_record(dataset, key) as config:
        config.state = state
