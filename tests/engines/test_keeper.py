"""Pins how long the models of previews and corrections stay loaded."""

import weakref

import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.engines import keeper, one_video
from fiftyone_e3m.engines.keeper import PATIENCE, Keeper


class Model:
    def __init__(self, name):
        self.name = name


class Clock:
    """Stands in for `threading.Timer`; time passes when a test says so."""

    running = ()

    def __init__(self, seconds, ring):
        self.seconds, self.ring, self.daemon = seconds, ring, False

    def start(self):
        assert self.daemon, "or Python could not end"
        Clock.running = (*Clock.running, self)

    def cancel(self):
        Clock.running = tuple(clock for clock in Clock.running if clock is not self)


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(Clock, "running", ())
    monkeypatch.setattr(keeper, "Timer", Clock)
    return Clock


@pytest.fixture
def loaded():
    return []


@pytest.fixture
def models(clock, loaded):
    def load(name):
        loaded.append(weakref.ref(model := Model(name)))
        return model

    return Keeper(load)


def test_the_same_model_is_loaded_once(models, loaded):
    assert models.get("a") is models.get("a")
    assert len(loaded) == 1


def test_another_model_takes_its_place_before_it_is_loaded(clock, loaded):
    def load(name):
        assert not any(model() for model in loaded), "two do not fit"
        loaded.append(weakref.ref(model := Model(name)))
        return model

    models = Keeper(load)
    models.get("a")
    assert models.get("b").name == "b"
    assert models.get("a").name == "a"
    assert len(loaded) == 3


def test_a_model_that_nobody_wants_for_a_while_is_let_go_of(models, loaded, clock):
    models.get("a")
    models.get("a")
    (alarm,) = clock.running
    assert alarm.seconds == PATIENCE
    assert loaded[0]() is not None
    alarm.ring()
    assert loaded[0]() is None
    assert models.get("a").name == "a"


def test_a_model_that_cannot_be_loaded_is_not_kept(clock):
    def load(name):
        raise ValueError(name)

    models = Keeper(load)
    for _ in range(2):
        with pytest.raises(ValueError, match="a"):
            models.get("a")
    assert clock.running == ()


def test_a_run_takes_the_place_of_kept_models(
    models, loaded, monkeypatch, make, fake_encoder, fake_detector
):
    monkeypatch.setattr(one_video, "_ENCODER", models)
    models.get("a")
    e3m.Job(make("v"), e3m.Request("a red box", encoder=fake_encoder, detector=fake_detector))
    assert loaded[0]() is None
