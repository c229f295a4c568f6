"""Pins where the models of a run are put, and that they are let go of. No GPU is here."""

import weakref

import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.engines import worker
from fiftyone_e3m.engines.remote import Order, RemoteWorker

NAMED = {"encoder": "bundled", "detector": "yolo11n.pt", "progress": False}


@pytest.fixture
def placed(monkeypatch, stand_ins):
    """Where encoder and detector were asked to be put; stand-ins are loaded instead."""
    asked = []

    def load(make):
        def placing(name, trusted, device):
            asked.append(device)
            return make()

        return placing

    monkeypatch.setattr(worker, "load_encoder", load(stand_ins.encoder))
    monkeypatch.setattr(worker, "load_detector", load(stand_ins.detector))
    return asked


def recorded(dataset):
    return [dataset.get_run_info(key).config for key in dataset.list_runs()]


def test_both_models_are_put_on_the_device_and_the_record_says_so(make, placed, machine):
    machine(cuda=2)
    dataset = make("good")
    assert e3m.ground(dataset, "a red box", device="cuda:1", **NAMED).counts == {"ok": 1}
    assert placed == ["cuda:1", "cuda:1"]
    assert [record.device for record in recorded(dataset)] == ["cuda:1"]


@pytest.mark.parametrize(("variable", "device"), [("cpu", "cpu"), (None, "cuda")])
def test_the_record_says_which_device_was_the_usual_one(
    make, placed, machine, monkeypatch, variable, device
):
    machine(cuda=2)
    if variable:
        monkeypatch.setenv("E3M_DEVICE", variable)
    dataset = make("good")
    e3m.ground(dataset, "a red box", **NAMED)
    assert placed == [None, None]
    assert [record.device for record in recorded(dataset)] == [device]


def test_a_run_is_continued_on_another_device(make, placed, machine):
    machine(cuda=2)
    dataset = make("good", "late")

    def stop(done, total, report):
        e3m.request_stop(dataset, dataset.list_runs()[0])

    e3m.ground(dataset, "a red box", device="cuda:1", **{**NAMED, "progress": stop})
    assert e3m.ground(dataset, "a red box", device="cpu", **NAMED).skipped == 1
    (record,) = recorded(dataset)
    assert (record.state, record.device) == ("finished", "cpu")


@pytest.mark.parametrize("given", ["argument", "variable"])
def test_a_device_that_is_not_there_is_refused_before_anything(
    make, placed, machine, monkeypatch, given
):
    machine(cuda=2)
    dataset, options = make("good"), {"device": "cuda:7"}
    if given == "variable":
        monkeypatch.setenv("E3M_DEVICE", "cuda:7")
        options = {}
    with pytest.raises(e3m.GroundingError) as error:
        e3m.ground(dataset, "a red box", **NAMED, **options)
    said = "no such device here. Use cuda:0 or cuda:1 or cpu."
    assert str(error.value).endswith(said)
    assert "'cuda:7'" in str(error.value)
    assert placed == []
    assert dataset.list_runs() == []


@pytest.mark.parametrize("kind", ["encoder", "detector"])
def test_an_object_has_its_own_device(make, placed, stand_ins, kind):
    objects = {**NAMED, kind: getattr(stand_ins, kind)()}
    with pytest.raises(e3m.GroundingError, match=f"the {kind} given as an object would stay"):
        e3m.ground(make("good"), "a red box", device="cpu", **objects)
    assert placed == []


def test_the_record_names_no_device_if_both_are_objects(make, ground):
    dataset = make("good")
    ground(dataset, "a red box")
    assert [record.device for record in recorded(dataset)] == [None]


def test_a_device_is_text(make):
    with pytest.raises(e3m.GroundingError, match="device is 0, but it must be a string"):
        e3m.ground(make("good"), "a red box", device=0, **NAMED)


def test_the_models_are_let_go_of_when_the_run_ends(make, placed, monkeypatch, stand_ins):
    made = []

    def load(*_):
        encoder = stand_ins.encoder()
        made.append(weakref.ref(encoder))
        return encoder

    monkeypatch.setattr(worker, "load_encoder", load)
    job = e3m.Job(make("good", "late"), e3m.Request("a red box", encoder="bundled"))
    reports = iter(job)
    next(reports)
    assert made[0]() is not None
    assert len(list(reports)) == 1
    assert made[0]() is None, "though the job is still there"
    assert job.summary.counts == {"ok": 2}


def test_workers_of_a_cluster_look_for_the_device_themselves(make, placed, machine):
    machine()
    dataset = make("good")
    request = e3m.Request("a red box", encoder="bundled", engine="ray", device="cuda")
    with pytest.raises(e3m.GroundingError, match="'cuda', but there is no such device here"):
        RemoteWorker(Order.of(dataset, request)).load(None)
    machine(cuda=1)
    assert RemoteWorker(Order.of(dataset, request)).load(None).device == "cuda"


def test_a_number_of_a_gpu_means_nothing_to_workers_of_a_cluster():
    with pytest.raises(e3m.GroundingError, match="each worker of Ray is given GPUs"):
        e3m.Request("a red box", engine="ray", device="cuda:1")
