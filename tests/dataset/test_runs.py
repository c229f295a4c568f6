"""Pins the run record: what a run can be repeated from, and when a run is taken up again."""

import importlib.metadata
import json

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.runs import (
    finish_run,
    grounding_fields,
    interrupted_run,
    runs_of,
    start_run,
)
from fiftyone_e3m.request import Request
from fiftyone_e3m.results import GroundingSummary, VideoReport

IDS = ["a", "b", "c"]


def settings(field="e3m", **changes):
    config = e3m.E3MConfig(classes=("person",))
    request = {"query": "a man", "field": field, "encoder": "bundled", "config": config}
    return Request(**{**request, **changes}).settings


@pytest.fixture
def dataset():
    dataset = fo.Dataset()
    yield dataset
    dataset.delete()


def summary(key, *videos, **values):
    return GroundingSummary(
        run_key=key, field="e3m", encoder="bundled", boxes="x", videos=[*videos], **values
    )


def config_of(dataset, key):
    """As another process would read it."""
    dataset.reload()
    return dataset.get_run_info(key).config


def test_a_new_record_holds_the_request_and_the_versions(dataset):
    key = start_run(dataset, settings(), IDS)
    config = config_of(dataset, key)
    assert (config.state, config.n_videos) == ("running", 3)
    assert config.settings == json.loads(json.dumps(settings()))
    assert config.versions["fiftyone_e3m"] == e3m.__version__
    for package in ("fiftyone", "torch", "open_clip_torch"):
        assert config.versions[package] == importlib.metadata.version(package)


def test_the_configuration_can_be_made_again_from_the_record(dataset):
    key = start_run(dataset, settings(), IDS)
    read = config_of(dataset, key).settings
    assert e3m.E3MConfig(**read["config"]) == e3m.E3MConfig(classes=("person",))
    assert settings(**{**read, "config": e3m.E3MConfig(**read["config"])}) == settings()


def test_a_finished_record_holds_counts_times_and_problems(dataset):
    key = start_run(dataset, settings(), IDS)
    good = VideoReport("a", "a.mp4", "ok")
    bad = VideoReport("b", "b.mp4", "failed", "It broke.")
    notice = "Knows no actions."
    finish_run(dataset, summary(key, good, bad, skipped=1, seconds=1.234, notices=[notice]))
    config = config_of(dataset, key)
    assert config.state == "finished"
    assert config.counts == {"ok": 1, "failed": 1}
    assert (config.seconds, config.continued_after) == (1.23, 1)
    assert config.problems == [{"filepath": "b.mp4", "status": "failed", "message": "It broke."}]
    assert config.notices == [notice]
    assert config.settings["query"] == ["a man"]


def test_runs_of_the_same_second_have_records_of_their_own(dataset):
    keys = [start_run(dataset, settings(), IDS) for _ in range(4)]
    assert len(set(keys)) == 4
    assert set(dataset.list_runs()) == set(keys)


def test_the_fields_that_runs_wrote_are_known(dataset):
    assert grounding_fields(dataset) == set()
    first = start_run(dataset, settings("e3m"), IDS)
    start_run(dataset, settings("second"), IDS)
    dataset.register_run("foreign", dataset.init_run(method="something/else"))
    assert grounding_fields(dataset) == {"e3m", "second"}
    assert [key for key, _ in runs_of(dataset, "e3m")] == [first]


def test_a_running_run_that_asked_the_same_is_taken_up(dataset):
    assert interrupted_run(dataset, settings(), IDS) is None
    key = start_run(dataset, settings(), IDS)
    assert interrupted_run(dataset, settings(), IDS) == key
    assert interrupted_run(dataset, settings(), ["c", "a", "b"]) == key, "order does not matter"


def test_a_finished_run_is_not_taken_up(dataset):
    finish_run(dataset, summary(start_run(dataset, settings(), IDS)))
    assert interrupted_run(dataset, settings(), IDS) is None


def test_a_run_that_asked_something_else_is_not_taken_up(dataset):
    start_run(dataset, settings(), IDS)
    for changes in (
        {"query": "a woman"},
        {"query": None, "query_field": "caption"},
        {"boxes_field": "gt"},
        {"detector": "yolo11s.pt"},
        {"encoder": "local-dir:x"},
        {"config": e3m.E3MConfig(classes=("person",), seed=1)},
        {"field": "second"},
    ):
        assert interrupted_run(dataset, settings(**changes), IDS) is None, changes


def test_a_run_over_other_videos_is_not_taken_up(dataset):
    start_run(dataset, settings(), IDS)
    for ids in (["a", "b"], ["a", "b", "c", "d"], ["a", "b", "d"], []):
        assert interrupted_run(dataset, settings(), ids) is None, ids


def test_only_the_latest_run_is_taken_up(dataset):
    start_run(dataset, settings(), IDS)
    finish_run(dataset, summary(start_run(dataset, settings(query="a woman"), IDS)))
    assert interrupted_run(dataset, settings(), IDS) is None
    start_run(dataset, settings("second"), IDS)
    assert interrupted_run(dataset, settings("second"), IDS)
