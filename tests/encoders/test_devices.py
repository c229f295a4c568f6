"""Pins where models run. Only the availability of GPUs is mocked: none is here."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Waiting

import pytest
import torch

from fiftyone_e3m.encoders import DeviceError, chosen_device, devices, load_encoder, release
from fiftyone_e3m.encoders.bundled import BundledEncoder
from fiftyone_e3m.encoders.devices import using
from fiftyone_e3m.encoders.open_clip import OpenClipEncoder

TWO, MAC, PLAIN = {"cuda": 2}, {"mps": True}, {}


@pytest.mark.parametrize(
    ("parts", "there", "usual"),
    [
        (TWO, ["cuda:0", "cuda:1", "cpu"], "cuda"),
        (MAC, ["mps", "cpu"], "mps"),
        (PLAIN, ["cpu"], "cpu"),
    ],
)
def test_a_gpu_is_used_where_there_is_one(machine, parts, there, usual):
    machine(**parts)
    assert devices() == there
    assert str(chosen_device()) == usual


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "cuda:1", "cpu"])
def test_what_is_asked_for_comes_before_the_variable_and_that_before_the_usual(
    machine, monkeypatch, name
):
    machine(**TWO)
    monkeypatch.setenv("E3M_DEVICE", f" {name} ")
    assert str(chosen_device()) == name
    monkeypatch.setenv("E3M_DEVICE", "cuda:7")
    assert str(chosen_device(name)) == name
    monkeypatch.setenv("E3M_DEVICE", "")
    assert str(chosen_device()) == "cuda"


@pytest.mark.parametrize("name", ["cuda:7", "cuda:2", "gpu", "CPU", "mps", ""])
def test_what_is_not_there_is_refused_by_name_with_what_is(machine, monkeypatch, name):
    machine(**TWO)
    with pytest.raises(DeviceError) as error:
        chosen_device(name)
    assert str(error.value) == (
        f"device is '{name}', but there is no such device here. Use cuda:0 or cuda:1 or cpu."
    )
    monkeypatch.setenv("E3M_DEVICE", name or "none")
    with pytest.raises(DeviceError, match=f"^E3M_DEVICE is '{name or 'none'}', but"):
        chosen_device()


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_gpu_that_is_not_there_is_refused(machine, name):
    machine(**PLAIN)
    with pytest.raises(DeviceError, match=r"no such device here. Use cpu\.$"):
        chosen_device(name)


def test_an_encoder_is_loaded_onto_its_device(machine, monkeypatch, fake_encoder):
    two, put = machine(**TWO), []
    monkeypatch.setattr(BundledEncoder, "load", lambda at: put.append((str(at), two.current[-1])))
    monkeypatch.setattr(
        OpenClipEncoder, "load", lambda spec, at, trust: put.append((str(at), two.current[-1]))
    )
    load_encoder("bundled", device="cuda:1")
    load_encoder("ViT-B-32/openai", device="cuda:1")
    load_encoder("ViT-B-32/openai", device="cpu")
    assert put == [("cuda:1", "cuda:1"), ("cuda:1", "cuda:1"), ("cpu", "outside")]
    assert two.current == ["outside"]
    assert load_encoder(fake_encoder, device="cuda:7") is fake_encoder


def test_two_threads_never_use_mps_at_once():
    """Torch would end the process."""

    def use():
        with using(torch.device("mps")):
            return "used"

    with ThreadPoolExecutor(1) as other:
        with using(torch.device("mps")):
            assert use() == "used", "the same thread may"
            waiting = other.submit(use)
            with pytest.raises(Waiting):
                waiting.result(timeout=0.1)
        assert waiting.result(timeout=60) == "used"


class Circular:
    """Refers to itself, as some models do."""

    def __init__(self):
        self.me = self


def test_memory_of_a_gpu_is_given_back_without_waiting_for_the_collector(machine, monkeypatch):
    emptied = []
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: emptied.append(model() is None))
    machine(**TWO)
    gc.disable()
    try:
        model = weakref.ref(Circular())
        release()
    finally:
        gc.enable()
    assert emptied == [True]
