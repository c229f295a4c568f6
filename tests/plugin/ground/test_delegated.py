"""Pins scheduled runs in FiftyOne's own service: results, progress, stop, continuation.

The service is a separate process, synchronised without a clock: a zoo detector waits inside the
third video, at a named pipe, until the test has asked the run to stop.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import fiftyone.operators as foo
import pytest
from fiftyone.operators.delegated import DelegatedOperationService

from fiftyone_e3m.dataset.signals import progress_of

PLUGIN = "@e3m/video-grounding"
DEADLINE = 120
"""Seconds after which the service is considered hung."""

ZOO_MODULE = """
import os

import fiftyone as fo
import fiftyone.core.models as fom

class WaitingConfig(fom.ModelConfig):
    def __init__(self, d):
        self.pipe = self.parse_string(d, "pipe")

class Waiting(fom.Model):
    media_type = "image"
    ragged_batches = False

    def __init__(self, config):
        self.config = config
        self.videos = 0

    def predict(self, image):
        box = fo.Detection(label="red", bounding_box=[0.2, 0.1, 0.25, 0.3], confidence=0.9)
        return fo.Detections(detections=[box])

    def predict_all(self, images):  # once per video, as each is shorter than a batch
        self.videos += 1
        if self.videos == 3 and os.path.exists(self.config.pipe):
            with open(self.config.pipe) as pipe:  # waits for a writer
                pipe.read()  # and until it is done
        return [self.predict(image) for image in images]
"""


@pytest.fixture
def videos(new_dataset):
    """Five videos."""
    dataset = new_dataset(5)
    yield dataset
    dataset.delete()


@pytest.fixture
def pipe(tmp_path, monkeypatch):
    """A named pipe at which the detector ``zoo:waiting`` of a new process waits."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    (tmp_path / "e3m_waiting_zoo.py").write_text(ZOO_MODULE)
    model = {"type": "e3m_waiting_zoo.Waiting", "config": {"pipe": str(path)}}
    entry = {"base_name": "waiting", "default_deployment_config_dict": model}
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"models": [{**entry, "date_added": "2026-01-01 00:00:00"}]}))
    monkeypatch.setenv("FIFTYONE_MODEL_ZOO_MANIFEST_PATHS", str(manifest))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return path


@contextmanager
def service(plugins_dir):
    """`fiftyone delegated launch` in a separate process group; yields its output lines.

    Waiting for it raises a `TimeoutError` after `DEADLINE` seconds.
    """

    def hung(*_):
        raise TimeoutError(f"The service was not done after {DEADLINE} s")

    program = str(Path(sys.executable).with_name("fiftyone"))
    command = [program, "delegated", "launch", "-t", "local"]
    env = {**os.environ, "FIFTYONE_PLUGINS_DIR": str(plugins_dir), "PYTHONUNBUFFERED": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, env=env, start_new_session=True, **pipes) as process:
        alarm = signal.signal(signal.SIGALRM, hung)
        signal.alarm(DEADLINE)
        try:
            yield iter(process.stdout.readline, "")
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, alarm)
            os.killpg(process.pid, signal.SIGKILL)


def schedule(dataset, **params):
    """Id of a scheduled run."""
    ctx = {"dataset": dataset, "request_delegation": True}
    result = foo.execute_operator(f"{PLUGIN}/ground_videos", ctx, params=params)
    assert result.delegated
    return result.result["id"]


def completed(operation_id, lines):
    """The operation, once the service has completed it."""
    log = []
    for line in lines:
        log.append(line)
        if str(operation_id) in line and ("complete" in line or "failed" in line):
            break
    operation = DelegatedOperationService().get(operation_id)
    assert operation.run_state == "completed", "".join(log)
    return operation


def record(dataset):
    """Key and configuration of the only run."""
    dataset.reload()
    (key,) = dataset.list_runs()
    return key, dataset.get_run_info(key).config


def changed(view):
    """The last write time of each sample and frame."""
    return view.values(["last_modified_at", "frames.last_modified_at"])


@pytest.mark.slow
def test_a_scheduled_run_writes_the_results_and_its_progress(dataset, plugins_dir, tiny_encoder):
    scheduled = schedule(dataset, query="a red box", boxes_field="gt", encoder=tiny_encoder)
    assert not dataset.has_frame_field("e3m"), "nothing runs before the service does"
    with service(plugins_dir) as lines:
        operation = completed(scheduled, lines)
    assert (operation.status.progress, operation.status.label) == (1, "2/2 videos")
    _, config = record(dataset)
    assert config.state == "finished"
    assert dataset.values("e3m_status") == ["ok", "ok"]
    assert dataset.count("frames.e3m.detections") > 0


@pytest.mark.slow
def test_a_scheduled_run_is_stopped_from_another_process_and_continued_by_schedule(
    videos, plugins_dir, tiny_encoder, pipe
):
    """The stop cannot be too late: the prefetched third video is not finished before it."""
    asked = {"query": "a red box", "detector": "zoo:waiting", "encoder": tiny_encoder}
    with service(plugins_dir) as lines:
        scheduled = schedule(videos, **asked)
        with pipe.open("w"):  # waits until the detector has begun the third video
            foo.execute_operator(f"{PLUGIN}/stop_grounding", {"dataset": videos})
        operation = completed(scheduled, lines)
        key, config = record(videos)
        n = config.counts["ok"]
        assert n in {1, 2}
        assert operation.status.label.startswith(f"{n}/5 videos, about ")
        assert operation.status.progress == pytest.approx(n / 5)
        assert videos.values("e3m_status") == ["ok"] * n + [None] * (5 - n)
        assert (config.state, config.counts) == ("stopped", {"ok": n})
        told = progress_of(videos, key)
        assert (told.done, told.total) == (n, 5)
        before = changed(videos.limit(n))

        pipe.unlink()  # from now on the detector does not wait
        operation = completed(schedule(videos, start="continue"), lines)
    assert operation.status.label == f"{5 - n}/{5 - n} videos"
    continued, config = record(videos)
    assert continued == key
    assert (config.state, config.continued_after, config.counts) == ("finished", n, {"ok": 5 - n})
    assert videos.values("e3m_status") == ["ok"] * 5
    assert changed(videos.limit(n)) == before, "what was done is not written again"
    assert videos.skip(n).count("frames.e3m.detections") > 0
    assert progress_of(videos, key).done == 5
