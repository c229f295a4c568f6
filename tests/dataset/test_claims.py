"""Pins that one process at a time writes into a field, and that a claim ends with its holder."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import fiftyone as fo
import fiftyone.core.odm as foo
import pytest

from fiftyone_e3m.dataset import leases
from fiftyone_e3m.dataset.claims import Claim, check_unclaimed, claimed_by, live_members
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.dataset.signals import store
from fiftyone_e3m.dataset.stored import changing_schema
from fiftyone_e3m.request import GroundingError

HOLDS = """
import sys
import fiftyone as fo
from fiftyone_e3m.dataset.claims import Claim
claim = Claim(fo.load_dataset(sys.argv[1]), "e3m")
claim.__enter__()
claim.name("a run")
claim.begin()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def dataset():
    dataset = fo.Dataset(persistent=True)
    dataset.media_type = "video"
    yield dataset
    dataset.delete()


def test_a_field_is_claimed_once_and_free_afterwards(dataset):
    with Claim(dataset, "e3m") as claim, Claim(dataset, "other"):
        claim.name("a run")
        assert claimed_by(dataset, "e3m").purpose == "a run"
        with (
            pytest.raises(GroundingError, match="The run 'a run' is writing into 'e3m'"),
            Claim(dataset, "e3m"),
        ):
            pass
    check_unclaimed(dataset, "e3m")
    assert store(dataset).list_keys() == []


def test_the_refusal_names_the_run_its_process_and_when_its_claim_lapses(dataset):
    with Claim(dataset, "e3m") as claim:
        with pytest.raises(GroundingError, match="Another process has just begun"):
            check_unclaimed(dataset, "e3m")
        claim.name("a run")
        sentence = rf"'a run' .* process {os.getpid()} on .* lapses at \d\d:\d\d:\d\d UTC unless"
        with pytest.raises(GroundingError, match=sentence):
            check_unclaimed(dataset, "e3m")


def test_a_claim_that_was_not_renewed_lapses(dataset, monkeypatch):
    """As after the end of another machine."""
    monkeypatch.setattr(leases, "SECONDS", 0)
    claim = Claim(dataset, "e3m")
    with claim, Claim(dataset, "e3m"):
        assert not claim.begin(), "the first holder notices that it lost the field"


def test_a_claim_is_renewed_while_its_process_does_something_else(dataset, monkeypatch):
    monkeypatch.setattr(leases, "SECONDS", 2)
    monkeypatch.setattr("fiftyone_e3m.dataset.claims.HEARTBEAT", 0.1)
    with Claim(dataset, "e3m") as claim:
        a_period_later = claimed_by(dataset, "e3m").until + timedelta(seconds=leases.SECONDS)
        while (holder := claimed_by(dataset, "e3m")) and holder.until < a_period_later:
            time.sleep(0.05)
        assert holder, "it lapsed"
        assert claim.begin()


def test_a_claim_of_another_machine_is_kept_until_it_lapses(dataset):
    with Claim(dataset, "e3m"):
        move_elsewhere(dataset)
        assert claimed_by(dataset, "e3m"), "whether that process lives cannot be known here"


def move_elsewhere(dataset):
    """Makes the only member of a claim a process of another machine."""
    documents = foo.get_db_conn().execution_store
    (member,) = documents.find_one({"dataset_id": dataset._doc.id})["value"]["members"]
    where = f"value.members.{member}."
    changes = {f"{where}machine": "elsewhere", f"{where}pid": 2**22 + 1}
    documents.update_one({"dataset_id": dataset._doc.id}, {"$set": changes})


def test_a_run_that_was_asked_to_stop_loses_its_field_between_two_writes(dataset, monkeypatch):
    monkeypatch.setattr("fiftyone_e3m.dataset.claims.PATIENCE", 0.2)
    with Claim(dataset, "e3m") as run:
        run.name("a run")
        run.begin()
        with (
            pytest.raises(GroundingError, match="'a run' is writing"),
            Claim(dataset, "e3m", stopping={"a run"}),
        ):
            pass
        run.end()
        with Claim(dataset, "e3m", stopping={"a run"}):
            assert not run.begin()


def test_a_claim_goes_when_the_dataset_goes():
    dataset = fo.Dataset()
    with Claim(dataset, "e3m") as claim:
        key = dataset._doc.id
        dataset.delete()
        assert not claim.begin()
    assert foo.get_db_conn().execution_store.count_documents({"dataset_id": key}) == 0


@pytest.mark.slow
def test_a_schema_that_another_process_changed_is_seen_and_kept(dataset):
    """FiftyOne writes back all fields that this process knows of, and no others."""
    (mine, theirs) = Fields("e3m"), Fields("other")
    elsewhere = subprocess.run(
        [sys.executable, "-c", DECLARES, dataset.name], check=True, timeout=120
    )
    assert elsewhere.returncode == 0
    assert theirs.present(dataset) == []
    with changing_schema(dataset):
        mine.declare(dataset, several_queries=False)
    dataset.reload()
    assert mine.complete(dataset)
    assert theirs.complete(dataset)


DECLARES = """
import sys
import fiftyone as fo
from fiftyone_e3m.dataset.schema import Fields
Fields("other").declare(fo.load_dataset(sys.argv[1]), several_queries=False)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_the_claim_of_a_killed_process_of_this_machine_ends_at_once(dataset):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, "-c", HOLDS, dataset.name]
    with subprocess.Popen(command, **pipes) as child:
        assert child.stdout.readline() == "held\n"
        with pytest.raises(GroundingError, match=f"process {child.pid} on "):
            check_unclaimed(dataset, "e3m")
        child.send_signal(signal.SIGKILL)
    check_unclaimed(dataset, "e3m")
    with Claim(dataset, "e3m"):
        pass


# Shared claims


def test_the_tasks_of_a_run_share_a_claim_and_nobody_else_has_it(dataset):
    with Claim(dataset, "e3m") as first, Claim(dataset, "e3m", token=first.token) as second:
        first.name("a run")
        assert first.begin()
        assert second.begin()
        assert live_members(dataset, "e3m", first.token) == {first.member, second.member}
        with (
            pytest.raises(GroundingError, match="The run 'a run' is writing into 'e3m'"),
            Claim(dataset, "e3m"),
        ):
            pass
        check_unclaimed(dataset, "e3m", token=first.token)


def test_a_shared_claim_ends_with_the_last_that_leaves(dataset):
    first = Claim(dataset, "e3m")
    with first, Claim(dataset, "e3m", token=first.token) as second:
        first.__exit__()
        assert second.begin()
        assert live_members(dataset, "e3m", first.token) == {second.member}
        with pytest.raises(GroundingError, match="just begun to write"):
            check_unclaimed(dataset, "e3m")
    check_unclaimed(dataset, "e3m")
    assert store(dataset).list_keys() == []


def test_a_member_that_does_not_renew_counts_as_gone_while_the_others_hold_the_field(
    dataset, monkeypatch
):
    """As after the end of another machine."""
    first = Claim(dataset, "e3m")
    with monkeypatch.context() as shortly:
        shortly.setattr(leases, "SECONDS", 0)
        first.__enter__()
    with Claim(dataset, "e3m", token=first.token) as second:
        assert live_members(dataset, "e3m", first.token) == {second.member}
        assert first.begin(), "it comes back, as nobody took the field over"
        assert live_members(dataset, "e3m", first.token) == {first.member, second.member}
        first.__exit__()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_killed_member_neither_holds_the_field_nor_keeps_it_from_the_others(dataset):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, "-c", HOLDS, dataset.name]
    with subprocess.Popen(command, **pipes) as child:
        assert child.stdout.readline() == "held\n"
        token = claimed_by(dataset, "e3m").token
        with Claim(dataset, "e3m", token=token) as other:
            child.send_signal(signal.SIGKILL)
            child.wait()
            assert live_members(dataset, "e3m", token) == {other.member}
            with pytest.raises(GroundingError, match=f"'a run' .*: process {os.getpid()} on "):
                check_unclaimed(dataset, "e3m")
    check_unclaimed(dataset, "e3m")
    assert store(dataset).list_keys() == []
