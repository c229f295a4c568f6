"""A job that somebody else leads from sample to sample."""

from __future__ import annotations

from ..grounding import Job
from ..results import GroundingSummary


class Steps:
    """A job under way, in steps that each end with a given sample.

    Args:
        job: the job.
    """

    def __init__(self, job: Job) -> None:
        self._job, self._reports = job, iter(job)
        self._left = dict.fromkeys(job.ids)

    @property
    def summary(self) -> GroundingSummary:
        """What was done so far."""
        return self._job.summary

    def until(self, sample_id: str) -> None:
        """Grounds videos in the job's own order until that of a sample is done."""
        while sample_id in self._left:
            report = next(self._reports, None)
            if report is None:  # it was asked to stop
                self._left.clear()
            else:
                self._left.pop(report.sample_id, None)

    def finish(self) -> None:
        """Grounds all that is left."""
        for sample_id in tuple(self._left):
            self.until(sample_id)
        self.close()

    def close(self) -> None:
        """Closes the run record: finished, or stopped if videos are left."""
        self._reports.close()
