"""Pins when a run that several tasks do is over, and what its record says of them all."""

from contextlib import ExitStack
from itertools import chain

import fiftyone as fo
import fiftyone.core.odm as foo
import pytest

from fiftyone_e3m.dataset.claims import Claim
from fiftyone_e3m.dataset.leaving import give_up, leave
from fiftyone_e3m.dataset.records import finish_run, start_run
from fiftyone_e3m.dataset.runs import RunEndedError
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.dataset.shared_records import begin_shares
from fiftyone_e3m.dataset.shares import (
    ShareGoneError,
    check_free,
    divide,
    ids_of,
    join,
)
from fiftyone_e3m.dataset.signals import progress_of, request_stop, stop_requested, store
from fiftyone_e3m.request import Request
from fiftyone_e3m.results import GroundingSummary, VideoReport

STATUS = "e3m_status"


@pytest.fixture
def dataset():
    dataset = fo.Dataset()
    dataset.media_type = "video"
    dataset.add_samples([fo.Sample(filepath=f"/nowhere/{n}.mp4") for n in range(5)])
    Fields("e3m").declare(dataset, several_queries=False)
    yield dataset
    dataset.delete()


@pytest.fixture
def run(dataset):
    """`run(3)`: a run that has just been divided into three tasks, of which the first has begun."""
    with ExitStack() as claims:

        def start(n_tasks):
            return Run(dataset, n_tasks, claims)

        yield start


class Run:
    """A run and its tasks, all of them in this process."""

    def __init__(self, dataset, n_tasks, claims):
        self.dataset, self._claims = dataset, claims
        self.key = start_run(dataset, Request("a man", encoder="bundled").settings)
        begin_shares(dataset, self.key, 0)
        self.claim = claims.enter_context(Claim(dataset, "e3m"))
        self.claim.name(self.key)
        token, member = self.claim.token, self.claim.member
        ids = dataset.values("id")
        self.shares = divide(dataset, self.key, token, member, ids, n_tasks)
        self.members = {self.shares[0]: self.claim}

    def join(self, share):
        claim = self._claims.enter_context(Claim(self.dataset, "e3m", token=share.token))
        join(self.dataset, share, claim.member)
        self.members[share] = claim

    def write(self, share, *statuses):
        ids = ids_of(self.dataset, share)
        values = dict(zip(ids, statuses, strict=False))
        self.dataset.set_values(STATUS, values, key_field="id")
        return [VideoReport(i, f"{i}.mp4", status, "It.") for i, status in values.items()]

    def leave(self, share, *statuses, seconds=1.0):
        """Ends a share after these videos of it."""
        videos = self.write(share, *statuses)
        summary = GroundingSummary(self.key, "e3m", "bundled", "x", videos=videos, seconds=seconds)
        leave(self.dataset, share, self.members[share].member, summary)
        self.members.pop(share).__exit__()

    def die(self, share):
        """As if its process was killed."""
        where = f"value.members.{self.members.pop(share).member}.born"
        foo.get_db_conn().execution_store.update_one(
            {"dataset_id": self.dataset._doc.id, "key": "lease/field/e3m"}, {"$set": {where: 0.0}}
        )

    @property
    def record(self):
        self.dataset.reload()
        return self.dataset.get_run_info(self.key).config


def test_each_video_is_in_one_share_and_no_share_is_empty(dataset, run):
    started = run(3)
    ids = [ids_of(dataset, share) for share in started.shares]
    assert sorted(map(len, ids)) == [1, 2, 2]
    assert sorted(chain(*ids)) == sorted(dataset.values("id"))
    assert len(divide(dataset, "another", "", "", ["a", "b"], 64)) == 2
    assert len(divide(dataset, "nothing left", "", "", [], 64)) == 1


def test_the_last_task_finishes_the_run_and_the_record_sums_them_up(run):
    started = run(2)
    first, second = started.shares
    started.join(second)
    started.leave(first, "ok", "ok", "failed", seconds=2)
    assert started.record.state == "running"
    assert started.record.counts == {"ok": 2, "failed": 1}
    started.leave(second, "ok", "unreadable", seconds=3)
    record = started.record
    assert (record.state, record.seconds, record.n_problems) == ("finished", 5, 2)
    assert record.counts == {"ok": 3, "failed": 1, "unreadable": 1}
    assert {problem["status"] for problem in record.problems} == {"failed", "unreadable"}
    told = progress_of(started.dataset, started.key)
    assert (told.done, told.total) == (5, 5)
    assert store(started.dataset).list_keys() == [f"{started.key}/progress"]


def test_a_share_that_is_ended_again_counts_once(run):
    """As when the database did not answer in between."""
    started = run(2)
    first, _ = started.shares
    videos = started.write(first, "ok", "failed")
    summary = GroundingSummary(started.key, "e3m", "bundled", "x", videos=videos, seconds=1)
    for _ in range(2):
        leave(started.dataset, first, started.claim.member, summary)
    assert (started.record.counts, started.record.n_problems) == ({"ok": 1, "failed": 1}, 1)


def test_a_run_is_not_over_while_a_task_waits_for_a_worker(run):
    started = run(2)
    first, second = started.shares
    started.leave(first, "ok", "ok", "ok")
    assert started.record.state == "running"
    started.join(second)
    started.leave(second, "ok", "ok")
    assert started.record.state == "finished"


def test_a_task_that_was_ended_early_leaves_a_stopped_run_once_the_others_are_done(run):
    started = run(2)
    first, second = started.shares
    started.join(second)
    started.leave(first, "ok")
    assert started.record.state == "running"
    started.leave(second, "ok", "ok")
    assert started.record.state == "stopped"
    assert progress_of(started.dataset, started.key).done == 3


def test_a_run_does_not_wait_for_a_task_that_was_killed(run):
    started = run(2)
    first, second = started.shares
    started.join(second)
    started.die(first)
    started.leave(second, "ok", "ok")
    assert started.record.state == "stopped"


def test_a_run_does_not_wait_for_a_task_that_failed_before_it_began(run):
    started = run(2)
    first, second = started.shares
    started.leave(first, "ok", "ok", "ok")
    give_up(started.dataset, second)
    assert (started.record.state, started.record.counts) == ("stopped", {"ok": 3})


def test_a_task_cannot_give_up_what_another_one_does(run):
    started = run(2)
    first, second = started.shares
    started.join(second)
    started.leave(first, "ok", "ok", "ok")
    with pytest.raises(ShareGoneError, match=r"Task 2 of the run '.*another task does it"):
        check_free(started.dataset, second)
    give_up(started.dataset, second)
    started.leave(second, "ok", "ok")
    assert started.record.state == "finished"


@pytest.mark.parametrize("end", ["leave", "die"])
def test_a_share_may_be_done_again_after_its_task_has_ended(run, end):
    """FiftyOne offers to run a failed operation again."""
    started = run(2)
    first, second = started.shares
    started.join(second)
    started.leave(second, "ok") if end == "leave" else started.die(second)
    check_free(started.dataset, second)
    started.join(second)
    started.leave(first, "ok", "ok", "ok")
    started.leave(second, "ok", "ok")
    assert started.record.state == "finished"


def test_a_stop_request_stays_until_all_have_seen_it_and_waits_for_no_task(run):
    started = run(3)
    first, second, waiting = started.shares
    started.join(second)
    request_stop(started.dataset, started.key)
    started.leave(first, "ok")
    assert started.record.state == "running"
    assert stop_requested(started.dataset, started.key)
    started.leave(second, "ok")
    assert started.record.state == "stopped"
    assert not stop_requested(started.dataset, started.key)
    with pytest.raises(ShareGoneError, match=r"Task 3 .* was stopped, continued"):
        check_free(started.dataset, waiting)


def test_a_task_that_comes_after_another_run_into_the_field_does_nothing(run):
    started = run(2)
    first, second = started.shares
    started.leave(first, "ok")
    other = start_run(started.dataset, Request("a woman", encoder="bundled").settings)
    finish_run(started.dataset, GroundingSummary(other, "e3m", "bundled", "x"))
    with pytest.raises(ShareGoneError, match="another run has written into its fields since"):
        check_free(started.dataset, second)


def test_the_tasks_of_a_deleted_run_are_told(run):
    started = run(2)
    started.dataset.delete_run(started.key)
    with pytest.raises(RunEndedError, match="was deleted"):
        leave(started.dataset, started.shares[0], started.claim.member)
