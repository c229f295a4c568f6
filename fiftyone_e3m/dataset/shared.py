"""Active runs that several tasks do together: the one that divides the run, and those that join."""

from __future__ import annotations

import fiftyone as fo
from fiftyone.core.collections import SampleCollection

from ..calibration import Applied
from ..request import Request
from ..results import GroundingSummary
from .active import ActiveRun
from .leaving import leave
from .remaining import without
from .runs import calibration_of, check_recorded
from .schema import Fields
from .shared_records import begin_shares
from .shares import Division, Share, check_free, divide, join
from .signals import add_progress


class SharedRun(ActiveRun):
    """What the tasks of a run have in common.

    Attributes:
        share: what this task does; None if the run is not divided yet.
    """

    share: Share | None = None

    def note(self, done: int) -> None:
        """See `ActiveRun`; the others count as well."""
        self._safely(add_progress, self._dataset, self.key)

    def _close(self, summary: GroundingSummary) -> None:
        if self.share is None:  # interrupted before
            super()._close(summary)
        else:
            leave(self._dataset, self.share, self._claim.member, summary)


class DividedRun(SharedRun):
    """A run of which this task does the first share and has others do the rest; see `ActiveRun`.

    Args:
        samples: dataset or view.
        request: what to do.
        asked: ids of the samples that it is to be done for.
        division: how many tasks, and how they are queued.
    """

    def __init__(
        self, samples: SampleCollection, request: Request, asked: list[str], division: Division
    ) -> None:
        super().__init__(samples, request, asked)
        self._division, self._shares, self._all = division, list[Share](), list[str]()

    def start(
        self, applied: Applied, queries: list[list[str]], device: str | None = None
    ) -> Applied:
        """See `ActiveRun`; queues the other shares, or ends the run if that fails."""
        applied = super().start(applied, queries, device)
        try:
            for share in self._shares[1:]:
                self._division.queue(share)
        except BaseException:
            for share in reversed(self._shares):
                leave(self._dataset, share, self._claim.member)
            raise
        return applied

    def _left(self) -> list[str]:
        self._all = super()._left()
        return self._all

    def _prepare(self) -> None:
        self.ids = self._all  # also where it is repeated
        super()._prepare()
        begin_shares(self._dataset, self.key, self.skipped)
        token, member = self._claim.token, self._claim.member
        shares = divide(self._dataset, self.key, token, member, self._all, self._division.n_tasks)
        self._shares, self.share = shares, shares[0]
        self.ids = self._all[:: len(shares)]


class JoinedRun(SharedRun):
    """A run that another task has divided; see `ActiveRun`.

    Args:
        samples: the share's samples.
        request: what the run does.
        asked: ids of the samples.
        share: which one it is.
    """

    def __init__(
        self, samples: SampleCollection, request: Request, asked: list[str], share: Share
    ) -> None:
        super().__init__(samples, request, asked, share.token)
        self.share = self._share = share

    def _left(self) -> list[str]:
        return left_of_share(
            self._dataset, self._request.field, self._asked, self._share, self._claim.member
        )

    def _open(self, applied: Applied, device: str | None) -> Applied:
        self.key = self._share.run
        check_recorded(self._dataset, self.key)
        join(self._dataset, self._share, self._claim.member)
        self._own()
        return applied.continuing(calibration_of(self._dataset.get_run_info(self.key).config))

    def _declare(self, several_queries: bool) -> None:
        pass  # the task that divided the run has done it

    def _prepare(self) -> None:
        pass  # as above; and others have written since


def left_of_share(
    dataset: fo.Dataset, field: str, asked: list[str], share: Share, member: str = ""
) -> list[str]:
    """Ids of the samples that are left of a share.

    Args:
        dataset: the dataset.
        field: name of the tube field.
        asked: ids of the share's samples.
        share: the share.
        member: the process that may have begun it already.

    Raises:
        ShareGoneError: see `check_free`.
    """
    check_free(dataset, share, member)
    return without(dataset, asked, Fields(field).status)
