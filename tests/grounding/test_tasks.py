"""Pins that tasks of one run do together what one process does alone; here, they take turns."""

from contextlib import ExitStack, closing

import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.shares import Division, ids_of
from fiftyone_e3m.dataset.signals import progress_of
from fiftyone_e3m.grounding import Job
from fiftyone_e3m.request import Request

RED = "a red box"
NAMES = ("good", "late", "text", "empty", "single")


@pytest.fixture
def request_for(fake_encoder, fake_detector):
    return Request(RED, encoder=fake_encoder, detector=fake_detector, cache=False)


@pytest.fixture
def divided(request_for):
    """`divided(dataset, 2)`: reports of the first task, and the other tasks, which have not begun.

    The first task has done its first video.
    """
    with ExitStack() as ended:

        def begin(dataset, n_tasks):
            shares = []
            job = Job(dataset, request_for, Division(n_tasks, shares.append))
            reports = ended.enter_context(closing(iter(job)))
            next(reports)
            rest = [Job(dataset.select(ids_of(dataset, s)), request_for, s) for s in shares]
            return job, reports, rest

        yield begin


def record(dataset):
    dataset.reload()
    (key,) = dataset.list_runs()
    return key, dataset.get_run_info(key).config


def test_tasks_write_what_one_process_writes(make, ground, divided):
    alone, together = make(*NAMES), make(*NAMES)
    expected = ground(alone, RED, cache=False)
    first, reports, (second, third) = divided(together, 3)
    assert (len(first), len(second), len(third)) == (2, 2, 1)
    others = [iter(second), iter(third)]
    next(others[0])
    next(others[1])
    assert progress_of(together, first.summary.run_key).done == 3
    with pytest.raises(e3m.GroundingError, match="is writing into 'e3m'"):
        ground(together, "a blue box", overwrite=True)
    for rest in (*others, reports):
        list(rest)
    key, config = record(together)
    assert (key, config.state) == (second.summary.run_key, "finished")
    assert config.counts == expected.counts
    paths = ("e3m_status", "e3m_message", "e3m_confidence", "e3m_events.detections.support")
    for path in (*paths, "frames.e3m_relevance", "frames.e3m.detections.bounding_box"):
        assert together.values(path) == alone.values(path), path
    assert [job.summary.skipped for job in (first, second, third)] == [0, 0, 0]


def test_what_a_task_left_is_done_when_the_run_is_continued(make, ground, divided):
    dataset = make(*NAMES)
    _, reports, (second,) = divided(dataset, 2)
    reports.close()  # as by a signal
    assert record(dataset)[1].state == "running", "the second task is still to come"
    list(second)
    key, config = record(dataset)
    assert (config.state, sum(config.counts.values())) == ("stopped", 3)
    summary = ground(dataset, RED, cache=False)
    assert (summary.run_key, summary.skipped, len(summary.videos)) == (key, 3, 2)
    assert record(dataset)[1].state == "finished"
    assert all(dataset.values("e3m_status"))


def test_a_stop_request_reaches_all_tasks(make, divided):
    dataset = make(*["single"] * 6)
    first, reports, (second, third) = divided(dataset, 3)
    begun = iter(second)
    next(begun)
    e3m.request_stop(dataset, first.summary.run_key)
    assert list(reports) == list(begun) == []
    with pytest.raises(e3m.GroundingError, match=r"Task 3 .* was stopped"):
        list(third)
    assert record(dataset)[1].state == "stopped"
    assert dataset.count("e3m_status") == 2


def test_a_run_whose_tasks_cannot_be_queued_is_stopped(make, ground, request_for):
    def fail(share):
        raise ConnectionError("no queue")

    dataset = make("single", "single")
    with pytest.raises(ConnectionError, match="no queue"):
        list(Job(dataset, request_for, Division(2, fail)))
    assert record(dataset)[1].state == "stopped"
    assert len(ground(dataset, RED).videos) == 2
