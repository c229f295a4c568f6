"""The videos that a run is working on, so that one which ends its process is known.

Out of memory, or a crash in a decoder, leaves no time to write anything. So a video is noted before
it is looked at, and no longer once its status is written or the run ends by itself. What is still
noted when the run is continued may have ended the process, unless the same process continues it.
"""

from __future__ import annotations

import logging
from uuid import uuid4

import fiftyone as fo
import fiftyone.core.odm as foo
from pymongo.errors import PyMongoError

from .holders import this_process
from .leases import JOURNALED
from .outages import patiently
from .signals import at_work_key, place, store

MOST = 2
"""Times that a run may break off while it works on a video, before the video is passed over."""

logger = logging.getLogger(__name__)


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
        OutageError: the database does not answer any longer; of `begin` and `end`.
    """

    def __init__(self, dataset: fo.Dataset, key: str) -> None:
        documents, name, mine = store(dataset), at_work_key(key), this_process()
        before = documents.get(name) or {}
        self.ends: dict[str, int] = dict(before.get("ends", {}))
        if before.get("process") != mine:
            for sample_id in before.get("now", ()):
                self.ends[sample_id] = self.ends.get(sample_id, 0) + 1
        token = uuid4().hex
        documents.set(name, {"now": [], "ends": self.ends, "process": mine, "token": token})
        # not that of a run which has taken the fields over
        self._where = {**place(dataset, name), "value.token": token}

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
        try:
            self._change({"$set": {"value.now": []}})
        except PyMongoError as error:
            logger.warning("What the run was working on stays noted: %s", error)

    def _change(self, change: dict[str, dict[str, object]]) -> None:
        documents = foo.get_db_conn().execution_store.with_options(write_concern=JOURNALED)
        documents.update_one(self._where, change)
