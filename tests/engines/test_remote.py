"""Pins a worker in a process of its own, and how Ray is joined, without starting Ray."""

import dataclasses

import fiftyone as fo
import pytest
from pymongo.errors import AutoReconnect

import fiftyone_e3m as e3m
from fiftyone_e3m.engines import remote
from fiftyone_e3m.engines.remote import Order, RemoteWorker, database_environment

RED = "a red box"


@pytest.fixture
def dataset():
    dataset = fo.Dataset()
    yield dataset
    dataset.delete()


@pytest.fixture
def order(dataset, fake_encoder, fake_detector):
    return Order.of(dataset, e3m.Request(RED, encoder=fake_encoder, detector=fake_detector))


def test_a_worker_waits_for_the_end_of_an_outage(order, monkeypatch):
    outages = [AutoReconnect("it is being restarted")]

    def tasks_of(*_):
        if outages:
            raise outages.pop()
        return []

    monkeypatch.setattr(remote, "tasks_of", tasks_of)
    worker = RemoteWorker(order)
    worker.load(None)
    assert worker.ground("0" * 24) is None, "there is no such sample"
    assert not outages


@pytest.mark.parametrize(("address", "told"), [("auto", "at 'auto'"), (None, "on this machine")])
def test_a_cluster_that_does_not_answer_is_a_refusal(dataset, monkeypatch, address, told):
    ray = pytest.importorskip("ray", reason="needs the extra 'ray'")

    def init(**_):
        raise ConnectionError("Could not find any running Ray instance")

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", init)
    options = e3m.RayOptions(address=address)
    dataset.add_sample(fo.Sample(filepath="/no/video.mp4"))
    with pytest.raises(e3m.GroundingError, match=f"{told} .ConnectionError: Could not find"):
        e3m.ground(dataset, RED, encoder="bundled", engine="ray", ray=options, progress=False)


def test_a_dataset_of_the_same_name_elsewhere_is_refused(order, dataset):
    strange = dataclasses.replace(order, dataset_id="0" * 24)
    with pytest.raises(e3m.GroundingError, match=f"finds another dataset '{dataset.name}' in"):
        RemoteWorker(strange).load(None)
    missing = dataclasses.replace(order, dataset="not-there")
    with pytest.raises(e3m.GroundingError, match="finds no dataset 'not-there' in"):
        RemoteWorker(missing).load(None)


def test_workers_are_told_the_address_and_the_name_of_the_database(monkeypatch):
    monkeypatch.setattr(fo.config, "database_name", "lab")
    told = database_environment(1)
    assert told["FIFTYONE_DATABASE_URI"].startswith("mongodb://")
    assert told["FIFTYONE_DATABASE_NAME"] == "lab"
