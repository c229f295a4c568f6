"""Pins the signals between a run and other processes: per run and dataset, until cleared."""

from datetime import datetime

import fiftyone as fo
import pytest

from fiftyone_e3m.dataset.signals import (
    clear_stop,
    note_progress,
    progress_of,
    request_stop,
    stop_requested,
)


@pytest.fixture
def datasets():
    made = [fo.Dataset(), fo.Dataset()]
    yield made
    for dataset in made:
        dataset.delete()


def test_a_stop_is_for_one_run_of_one_dataset_until_it_is_cleared(datasets):
    dataset, other = datasets
    assert not stop_requested(dataset, "a")
    request_stop(dataset, "a")
    request_stop(dataset, "a")
    assert stop_requested(dataset, "a")
    assert not stop_requested(dataset, "b")
    assert not stop_requested(other, "a")
    clear_stop(dataset, "a")
    assert not stop_requested(dataset, "a")
    clear_stop(dataset, "a")  # no error if there is nothing to clear


def test_progress_is_the_last_one_noted_with_its_time(datasets):
    dataset, other = datasets
    assert progress_of(dataset, "a") is None
    note_progress(dataset, "a", 1, 3)
    note_progress(dataset, "a", 2, 3)
    progress = progress_of(dataset, "a")
    assert (progress.done, progress.total) == (2, 3)
    assert datetime.fromisoformat(progress.at).utcoffset().total_seconds() == 0
    assert progress_of(dataset, "b") is None
    assert progress_of(other, "a") is None


def test_a_run_hears_of_it_though_the_dataset_was_renamed_meanwhile(datasets):
    dataset, _ = datasets
    request_stop(dataset, "a")
    dataset.name = f"{dataset.name}-renamed"
    assert stop_requested(dataset, "a")
