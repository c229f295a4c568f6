"""Pins that tasks of one run do together what one process does alone; here, they take turns."""

from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.shares import Division, Sibling, ids_of
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


# Tasks of an operation that FiftyOne itself has divided


@pytest.fixture
def sibling(request_for):
    """`sibling(view, "a")`: a task of one parent operation; it sees these videos alone."""

    def begin(view, name, **changes):
        return Job(view, replace(request_for, **changes), Sibling("parent", name))

    return begin


def test_tasks_that_fiftyone_has_made_write_what_one_process_writes(make, ground, sibling):
    alone, together = make(*NAMES), make(*NAMES)
    expected = ground(alone, RED, cache=False)
    first, second = sibling(together.limit(2), "a"), sibling(together.skip(2), "b")
    reports = iter(first), iter(second)
    for each in reports:
        next(each)
    key, config = record(together)
    assert (config.state, config.n_videos) == ("running", 5)
    told = progress_of(together, key)
    assert (told.done, told.total) == (2, 5)
    with pytest.raises(e3m.GroundingError, match="is writing into 'e3m'"):
        ground(together, "a blue box", overwrite=True)
    list(reports[1])
    assert record(together)[1].state == "running"
    list(reports[0])
    again, config = record(together)
    assert (again, config.state, config.counts) == (key, "finished", expected.counts)
    assert together.load_run_view(key).values("id") != []
    for path in ("e3m_status", "e3m_confidence", "frames.e3m.detections.bounding_box"):
        assert together.values(path) == alone.values(path), path


def test_a_task_that_comes_late_opens_the_run_again(make, sibling):
    dataset = make("single", "single", "single")
    list(sibling(dataset.limit(1), "a"))
    assert record(dataset)[1].state == "finished", "as far as any task knows"
    late = iter(sibling(dataset.skip(1), "b"))
    next(late)
    assert record(dataset)[1].state == "running"
    list(late)
    assert record(dataset)[1].counts == {"one_frame": 3}


def test_a_task_that_is_run_again_does_the_rest_of_its_videos(make, sibling):
    dataset = make("single", "single", "single", "single")
    others = iter(sibling(dataset.skip(3), "b"))
    with closing(iter(sibling(dataset.limit(3), "a"))) as ended:
        next(ended)
    again = sibling(dataset.limit(3), "a")
    assert len(again) == 2
    list(again)
    list(others)
    _, config = record(dataset)
    assert (config.state, config.counts) == ("finished", {"one_frame": 4})


def test_a_task_replaces_old_answers_of_its_own_videos_alone(make, ground, sibling):
    dataset = make("good", "good", "good")
    ground(dataset, "a blue box")
    with pytest.raises(e3m.GroundingError, match="already holds a grounding on 1 of these 1"):
        sibling(dataset.limit(1), "a")
    list(sibling(dataset.limit(1), "a", overwrite=True))
    assert dataset.values("e3m_events.detections.label") == [[RED], *[["a blue box"]] * 2]
    with closing(iter(sibling(dataset.skip(1), "b", overwrite=True))) as ended:
        next(ended)
    assert dataset.values("e3m_events.detections.label") == [[RED], [RED], None]
    dataset.reload()
    _, key = sorted(dataset.list_runs())
    assert dataset.get_run_info(key).config.state == "stopped"


def test_a_task_that_comes_after_the_stop_does_nothing(make, sibling):
    dataset = make("single", "single", "single")
    reports = iter(sibling(dataset.limit(2), "a"))
    next(reports)
    e3m.request_stop(dataset, dataset.list_runs()[0])
    assert list(reports) == []
    assert record(dataset)[1].state == "stopped"
    with pytest.raises(e3m.GroundingError, match="was asked to stop before this task began"):
        sibling(dataset.skip(2), "b")
    assert dataset.count("e3m_status") == 1
