"""Pins that a killed run loses no finished work.

The run is a separate process. It is killed while its encoder waits inside the third video, so the
kill comes neither too early nor too late.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import fiftyone_e3m as e3m

RED, BLUE = "a red box", "a blue box"
DEADLINE = 120
"""Seconds after which a subprocess is considered hung."""

CHILD = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("stand_ins", sys.argv[1])
stand_ins = importlib.util.module_from_spec(spec)
spec.loader.exec_module(stand_ins)
import fiftyone as fo
import fiftyone_e3m as e3m

class Blocks(stand_ins.FakeEncoder):
    done = 0

    def encode_images(self, images):
        if self.done == 2:
            print("the third video has begun", flush=True)
            sys.stdin.read()
        return super().encode_images(images)

def note(done, total, report):
    encoder.done = done

dataset = fo.load_dataset(sys.argv[2])
encoder, detector = Blocks(), stand_ins.FakeDetector()
options = json.loads(sys.argv[3])
options["config"] = e3m.E3MConfig(**options["config"])
e3m.ground(dataset, encoder=encoder, detector=detector, progress=note, **options)
"""


def kill_during_third_video(dataset, **options):
    """Grounds in another process."""
    stand_ins = str(Path(__file__).parents[1] / "conftest.py")
    command = [sys.executable, "-c", CHILD, stand_ins, dataset.name, json.dumps(options)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as child:
        alarm = signal.signal(signal.SIGALRM, lambda *_: child.kill())
        signal.alarm(DEADLINE)
        try:
            lines = iter(child.stdout.readline, "")
            assert any("the third video has begun" in line for line in lines)
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, alarm)
            os.kill(child.pid, signal.SIGKILL)
    dataset.reload()


@pytest.mark.slow
@pytest.mark.parametrize("overwrite", [False, True])
def test_after_a_kill_only_the_rest_is_grounded(make, ground, fake_detector, overwrite, content):
    dataset = make("good", "late", "good", "text")
    config = e3m.E3MConfig(sample_fps=2.5)  # 8 frames: one call of the detector
    if overwrite:
        ground(dataset, BLUE, config=config)
        fake_detector.batches.clear()
    options = {"query": RED, "config": config, "overwrite": overwrite}
    kill_during_third_video(dataset, **{**options, "config": config.model_dump()})
    assert dataset.values("e3m_status") == ["ok", "ok", None, None]
    assert dataset.values("e3m_events.detections.label") == [[RED], [RED], None, None]
    running = [k for k in dataset.list_runs() if dataset.get_run_info(k).config.state == "running"]
    done = [content(sample) for sample in dataset.limit(2)]

    summary = ground(dataset, **options)
    dataset.reload()
    assert fake_detector.batches == [8], "the text file is not even looked at"
    assert (summary.skipped, len(summary.videos)) == (2, 2)
    assert [summary.run_key] == running
    assert dataset.values("e3m_status") == ["ok", "ok", "ok", "unreadable"]
    assert [content(sample) for sample in dataset.limit(2)] == done
    record = dataset.get_run_info(summary.run_key).config
    assert (record.state, record.continued_after) == ("finished", 2)
    labels = dataset.values("frames.e3m.detections.label", unwind=True)
    assert {name for name in labels if name} == {RED}, "nothing of the old answer is left"
