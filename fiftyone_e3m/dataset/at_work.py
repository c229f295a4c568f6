"""The videos that a run is working on, so that one which ends its process is known.

Out of memory, or a crash in a decoder, leaves no time to write anything. So a video is noted before
it is looked at, and no longer once its status is written or the run ends by itself. What is still
noted when the run is continued may have ended the process.
"""

from __future__ import annotations

import fiftyone as fo
import fiftyone.core.odm as foo

from .outages import patiently
from .signals import STORE, at_work_key, store

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
        self._where = {
            "store_name": STORE,
            "key": at_work_key(key),
            "dataset_id": dataset._doc.id,
        }
        before = store(dataset).get(at_work_key(key)) or {"now": [], "ends": {}}
        self.ends: dict[str, int] = dict(before["ends"])
        for sample_id in before["now"]:
            self.ends[sample_id] = self.ends.get(sample_id, 0) + 1
        store(dataset).set(at_work_key(key), {"now": [], "ends": self.ends})

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
        patiently(self._change, {"$addToSet": {"value.now": sample_id}})

    def end(self, sample_id: str) -> None:
        """A video has its status."""
        patiently(self._change, {"$pull": {"value.now": sample_id}})

    def leave(self) -> None:
        """The run ends by itself, perhaps in the middle of a video."""
        patiently(self._change, {"$set": {"value.now": []}})

    def _change(self, change: dict[str, dict[str, object]]) -> None:
        foo.get_db_conn().execution_store.update_one(self._where, change)
