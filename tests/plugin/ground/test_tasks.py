"""Pins runs that several of FiftyOne's own workers do together.

The workers are separate processes, synchronised without a clock: in each, a zoo detector says when
it has begun the second video, and waits there until the test lets all go on, or until its process
was sent a signal.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import fiftyone.operators as foo
import psutil
import pytest
from fiftyone.operators.delegated import DelegatedOperationService
from fiftyone.operators.executor import ExecutionError, ExecutionResult
from fiftyone.operators.types import Pipeline, PipelineStage

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.claims import claimed_by
from fiftyone_e3m.dataset.shares import Sibling
from fiftyone_e3m.dataset.signals import progress_of
from fiftyone_e3m.plugin.ground.tasks import joined_part

URI = "@e3m/video-grounding/ground_videos"
RED = "a red box"
N = 6
DEADLINE = 180
"""Seconds after which something is considered never to happen."""

ZOO_MODULE = """
import os, signal, time
from pathlib import Path

import fiftyone as fo
import fiftyone.core.models as fom

class MeetingConfig(fom.ModelConfig):
    def __init__(self, d):
        self.folder = self.parse_string(d, "folder")

class Meeting(fom.Model):
    media_type = "image"
    ragged_batches = False

    def __init__(self, config):
        self.folder = Path(config.folder)
        self.videos = -1  # the first call is a trial

    def predict(self, image):
        box = fo.Detection(label="red", bounding_box=[0.2, 0.1, 0.25, 0.3], confidence=0.9)
        return fo.Detections(detections=[box])

    def predict_all(self, images):  # once per video, as each is shorter than a batch
        self.videos += 1
        if self.videos == 2:
            (self.folder / f"begun-{os.getpid()}").touch()
            before = signal.getsignal(signal.SIGTERM)  # another one once it has been called
            while not (self.folder / "go").exists() and signal.getsignal(signal.SIGTERM) is before:
                time.sleep(0.02)
        return [self.predict(image) for image in images]
"""


def until(happened):
    """What `happened` returns, once that is true."""
    deadline = time.monotonic() + DEADLINE
    while not (found := happened()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)
    return found


@pytest.fixture
def videos(new_dataset):
    dataset = new_dataset(N)
    yield dataset
    dataset.delete()


@pytest.fixture
def meeting(tmp_path, monkeypatch):
    """Where workers with the detector ``zoo:meeting`` meet, see `ZOO_MODULE`."""
    (tmp_path / "e3m_meeting_zoo.py").write_text(ZOO_MODULE)
    model = {"type": "e3m_meeting_zoo.Meeting", "config": {"folder": str(tmp_path)}}
    entry = {"base_name": "meeting", "default_deployment_config_dict": model}
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"models": [{**entry, "date_added": "2026-01-01 00:00:00"}]}))
    monkeypatch.setenv("FIFTYONE_MODEL_ZOO_MANIFEST_PATHS", str(manifest))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    yield tmp_path
    (tmp_path / "go").touch()


def begun(meeting):
    """The workers that have begun their second video."""
    return {int(path.name.removeprefix("begun-")) for path in meeting.glob("begun-*")}


@pytest.fixture
def launch(plugins_dir, meeting):
    """`launch("-m")`: a `fiftyone delegated launch` of its own, with options."""
    program = str(Path(sys.executable).with_name("fiftyone"))
    env = {**os.environ, "FIFTYONE_PLUGINS_DIR": str(plugins_dir), "PYTHONUNBUFFERED": "1"}
    with ExitStack() as ended:

        def start(*options):
            log = ended.enter_context((meeting / f"log-{time.monotonic_ns()}").open("w"))
            command = [program, "delegated", "launch", "-t", "local", *options]
            process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
            ended.callback(_kill, process)
            return process

        yield start


def _kill(process):
    """Kills a worker with all its processes."""
    if process.poll() is None:
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
    process.wait()


@pytest.fixture
def schedule(plugins_dir, tiny_encoder):
    """`schedule(dataset, tasks=2)`: schedules a run; the id of its operation."""

    def run(dataset, **params):
        models = {"detector": "zoo:meeting", "encoder": tiny_encoder}
        asked = {"start": "continue"} if "start" in params else {"query": RED, **models}
        ctx = {"dataset": dataset, "request_delegation": True}
        result = foo.execute_operator(URI, ctx, params={**asked, **params})
        assert result.delegated
        return result.result["id"]

    return run


def operations(dataset, state=None):
    """The operations of a dataset, by id."""
    found = DelegatedOperationService().list_operations(dataset_id=dataset._doc.id, run_state=state)
    return {operation.id: operation for operation in found}


def record(dataset):
    """Key and configuration of the only run."""
    dataset.reload()
    (key,) = dataset.list_runs()
    return key, dataset.get_run_info(key).config


@pytest.mark.slow
def test_two_workers_do_one_run_at_once_and_nobody_else_writes_into_its_field(
    videos, new_dataset, launch, schedule, meeting
):
    schedule(videos, tasks=2)
    workers = launch(), launch()
    until(lambda: len(begun(meeting)) == 2)
    assert begun(meeting) == {worker.pid for worker in workers}
    key, config = record(videos)
    assert config.state == "running"
    assert {m.pid for m in claimed_by(videos, "e3m").members.values()} == begun(meeting)
    with pytest.raises(e3m.GroundingError, match=f"The run '{key}' is writing into 'e3m'"):
        e3m.ground(videos, "a blue box", encoder="bundled", boxes_field="gt", overwrite=True)
    (meeting / "go").touch()
    until(lambda: len(operations(videos, "completed")) == 2)
    assert {op.status.label for op in operations(videos).values()} == {f"{N // 2}/{N // 2} videos"}
    key, config = record(videos)
    assert (config.state, config.counts, len(config.shares)) == ("finished", {"ok": N}, 2)
    assert videos.values("e3m_status") == ["ok"] * N
    told = progress_of(videos, key)
    assert (told.done, told.total) == (N, N)
    assert claimed_by(videos, "e3m") is None

    alone = new_dataset(N)
    schedule(alone)
    until(lambda: operations(alone, "completed"))
    alone.reload()
    for path in ("e3m_events.detections.support", "frames.e3m.detections.bounding_box"):
        assert alone.values(path) == videos.values(path)
    alone.delete()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["SIGTERM", "monitor"])
def test_the_record_is_true_after_the_end_of_one_worker(videos, launch, schedule, meeting, how):
    """FiftyOne's monitor ends the process of an operation that was marked as failed."""
    first = schedule(videos, tasks=2)
    ended = launch(*(["-m", "--monitor-interval", "1"] if how == "monitor" else []))
    (doomed,) = until(lambda: begun(meeting))
    until(lambda: operations(videos, "queued"))
    launch()
    until(lambda: len(begun(meeting)) == 2)
    (survivor,) = begun(meeting) - {doomed}
    videos.reload()
    until(lambda: videos.count("e3m_status") == 2)

    if how == "monitor":
        error = ExecutionResult(error="somebody marked it as failed")
        DelegatedOperationService().set_failed(first, result=error)
    else:
        ended.send_signal(signal.SIGTERM)
    until(lambda: {m.pid for m in claimed_by(videos, "e3m").members.values()} == {survivor})
    if how == "monitor":
        until(lambda: not psutil.pid_exists(doomed))
    else:
        assert ended.wait(DEADLINE) == 128 + signal.SIGTERM
    key, config = record(videos)
    assert config.state == "running", "the other worker goes on"
    assert config.counts == {"ok": 1}

    (meeting / "go").touch()
    until(lambda: operations(videos, "completed"))
    _, config = record(videos)
    assert (config.state, config.counts) == ("stopped", {"ok": 1 + N // 2})
    assert videos.count("e3m_status") == 1 + N // 2
    assert claimed_by(videos, "e3m") is None

    continued = schedule(videos, start="continue")
    until(lambda: continued in operations(videos, "completed"))
    again, config = record(videos)
    assert (again, config.state) == (key, "finished")
    assert config.continued_after == 1 + N // 2
    assert videos.values("e3m_status") == ["ok"] * N


@pytest.mark.slow
def test_a_scheduled_run_of_one_task_is_stopped_by_the_end_of_its_worker(
    videos, launch, schedule, meeting
):
    schedule(videos)
    worker = launch()
    until(lambda: begun(meeting))
    videos.reload()
    until(lambda: videos.count("e3m_status") == 1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(DEADLINE) == 128 + signal.SIGTERM
    _, config = record(videos)
    assert (config.state, config.counts) == ("stopped", {"ok": 1})
    assert claimed_by(videos, "e3m") is None


@pytest.mark.slow
def test_one_worker_does_the_tasks_one_after_the_other(videos, launch, schedule, meeting):
    (meeting / "go").touch()
    schedule(videos, tasks=3)
    launch()
    until(lambda: len(operations(videos, "completed")) == 3)
    _, config = record(videos)
    assert (config.state, config.counts) == ("finished", {"ok": N})


@pytest.mark.slow
def test_workers_do_what_fiftyone_itself_has_divided(videos, launch, schedule, meeting):
    """Its Enterprise edition does so: each operation has the parent's id, and a view of its own."""
    queue = DelegatedOperationService()._repo
    parent = queue.get(schedule(videos))
    queue.update_run_state(parent.id, "running")  # as if it had been divided
    for view in (videos.limit(N // 2), videos.skip(N // 2)):
        given = {**parent.context.request_params, "view": view._serialize()}
        queue.queue_operation(
            operator=URI,
            label="task",
            delegation_target=None,
            context={"request_params": given},
            parent_id=parent.id,
        )
    workers = launch(), launch()
    until(lambda: len(begun(meeting)) == 2)
    assert begun(meeting) == {worker.pid for worker in workers}
    assert {m.pid for m in claimed_by(videos, "e3m").members.values()} == begun(meeting)
    (meeting / "go").touch()
    until(lambda: len(operations(videos, "completed")) == 2)
    _, config = record(videos)
    assert (config.state, config.counts) == ("finished", {"ok": N})
    assert config.parent == str(parent.id)


# In this process


def test_a_run_does_not_wait_for_a_task_that_cannot_begin(
    dataset, plugins_dir, tiny_encoder, monkeypatch
):
    params = {"query": RED, "boxes_field": "gt", "encoder": tiny_encoder, "tasks": 2}
    foo.execute_operator(URI, {"dataset": dataset, "request_delegation": True}, params=params)
    work(dataset)
    _, config = record(dataset)
    assert (config.state, config.counts) == ("running", {"ok": 1})
    monkeypatch.setenv("E3M_WEIGHTS_DIRS", "")
    work(dataset)
    (failed,) = operations(dataset, "failed").values()
    assert "the App loads files of weights only from folders" in failed.result.error
    assert record(dataset)[1].state == "stopped"


def test_the_stages_of_a_pipeline_are_runs_of_their_own(dataset, plugins_dir, opened):
    queue = DelegatedOperationService()
    given = {"request_params": {"dataset_name": dataset.name, "params": {}}}
    stages = Pipeline([PipelineStage(operator_uri=URI)])
    common = {"operator": URI, "label": "stage", "delegation_target": None, "context": given}
    parent = queue._repo.queue_operation(**common, pipeline=stages)
    stage = queue._repo.queue_operation(**common, parent_id=parent.id)
    assert joined_part(opened(URI, dataset, {"delegated": True, "run_doc": stage.id})) is None
    divided = queue._repo.queue_operation(**common)
    task = queue._repo.queue_operation(**common, parent_id=divided.id)
    part = joined_part(opened(URI, dataset, {"delegated": True, "run_doc": task.id}))
    assert part == Sibling(str(divided.id), str(task.id))
    dataset_of = {"dataset_id": dataset._doc.id}
    for operation in queue.list_operations(**dataset_of):
        queue._repo.delete_operation(operation.id)


def work(dataset):
    """Does the only operation that is queued, as a worker does."""
    (operation,) = operations(dataset, "queued").values()
    DelegatedOperationService().execute_operation(operation)


def test_several_tasks_have_to_be_scheduled(dataset, plugins_dir, tiny_encoder):
    params = {"query": RED, "boxes_field": "gt", "encoder": tiny_encoder, "tasks": 2}
    with pytest.raises(ExecutionError, match=r"2 tasks .* has to be scheduled"):
        foo.execute_operator(URI, {"dataset": dataset}, params=params)
    assert dataset.list_runs() == []


@pytest.mark.parametrize("tasks", [0, 65, "two", True, 1.5])
def test_a_number_of_tasks_that_is_none_is_refused(dataset, plugins_dir, tiny_encoder, tasks):
    params = {"query": RED, "boxes_field": "gt", "encoder": tiny_encoder, "tasks": tasks}
    with pytest.raises(ExecutionError, match="tasks"):
        foo.execute_operator(URI, {"dataset": dataset}, params=params)
    assert dataset.list_runs() == []


@pytest.mark.parametrize(
    ("share", "sentence"),
    [
        ({"run": "e3m"}, "share is set for tasks that a run has queued"),
        ({"run": "e3m_x", "token": "t", "name": "1"}, "The run 'e3m_x' was deleted"),
    ],
)
def test_a_task_of_no_run_is_refused(dataset, plugins_dir, share, sentence):
    with pytest.raises(ExecutionError, match=sentence):
        foo.execute_operator(URI, {"dataset": dataset}, params={"share": share})


def test_the_form_asks_for_tasks_and_does_not_keep_the_answer(dataset, opened, tiny_encoder):
    ctx = opened(URI, dataset, query=RED, boxes_field="gt", encoder=tiny_encoder)
    folded = foo.get_operator(URI).resolve_input(ctx).type.properties["more"].type.properties
    assert folded["tasks"].default == 1
