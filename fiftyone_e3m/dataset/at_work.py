"""The videos that a run is working on, so that one which ends its process is known.

Out of memory, or a crash in a decoder, leaves no time to write anything. So a video is noted before
it is looked at, and no longer once its status is written or the run ends by itself. What is still
noted when the run is continued may have ended the process.
"""

from __future__ import annotations

import fiftyone as fo

from .outages import patiently
from .signals import at_work_key, change_stored, store

MOST = 2
"""Times that a run may break off while it works on a video, before the video is passed over."""


class DeadlyVideoError(Exception):
    """A video that seems to end the process; the message says what to do."""


class AtWork:
    """Notes of the videos that a run works on; any number of its threads may use it.

    Args:
        dataset: the dataset of the run.
        key: the run.

    Attributes:
        ends: how often the run broke off while it worked on a video, by sample id.

    Raises:
        OutageError: the database does not answer any longer; of all methods.
    """

    def __init__(self, dataset: fo.Dataset, key: str) -> None:
        self._dataset, self._key = dataset, at_work_key(key)
        before = store(dataset).get(self._key) or {"now": [], "ends": {}}
        self.ends: dict[str, int] = dict(before["ends"])
        for sample_id in before["now"]:
            self.ends[sample_id] = self.ends.get(sample_id, 0) + 1
        store(dataset).set(self._key, {"now": [], "ends": self.ends})

    def begin(self, sample_id: str) -> None:
        """Notes a video.

        Raises:
            DeadlyVideoError: the run broke off twice while it worked on this one.
        """
        if self.ends.get(sample_id, 0) >= MOST:
            raise DeadlyVideoError(
                f"The run broke off {self.ends[sample_id]} times while it worked on this video, so "
                "it was passed over. Often memory ran out: lower max_frames or max_boxes; or a "
                "decoder crashed: encode the video again. Then ground this one alone, replacing "
                "its result."
            )
        patiently(change_stored, self._dataset, self._key, {"$addToSet": {"value.now": sample_id}})

    def end(self, sample_id: str) -> None:
        """A video has its status."""
        patiently(change_stored, self._dataset, self._key, {"$pull": {"value.now": sample_id}})

    def leave(self) -> None:
        """The run ends by itself, perhaps in the middle of a video."""
        patiently(change_stored, self._dataset, self._key, {"$set": {"value.now": []}})
