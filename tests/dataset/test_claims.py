"""Pins that one process at a time writes into a field, and that a claim ends with its holder."""

import os
import signal
import subprocess
import sys

import fiftyone as fo
import fiftyone.core.odm as foo
import pytest

from fiftyone_e3m.dataset import leases
from fiftyone_e3m.dataset.claims import Claim, check_unclaimed, claimed_by
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


def test_a_claim_of_another_machine_is_kept_until_it_lapses(dataset):
    with Claim(dataset, "e3m"):
        documents = foo.get_db_conn().execution_store
        documents.update_one(
            {"dataset_id": dataset._doc.id},
            {"$set": {"value.machine": "elsewhere", "value.pid": 2**22 + 1}},
        )
        assert claimed_by(dataset, "e3m"), "whether that process lives cannot be known here"


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
