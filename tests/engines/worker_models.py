"""Models for workers, which import this module: stand-ins that do harm where a test wants it.

What a worker dies of is in the name of the video's file:

* "killed": once, in the middle of it;
* "late": once, after it was written and before it is reported;
* "poison": each time.
"""

import importlib.util
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from fiftyone_e3m.dataset.writer import Writer
from fiftyone_e3m.engines.worker import Worker


def _stand_ins():
    name = "stand_ins_of_workers"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, Path(__file__).parents[1] / "conftest.py"
        )
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


class Encoder(_stand_ins().FakeEncoder):
    """Knows colours."""


class BusyEncoder(Encoder):
    """Burns CPU in one thread, as long for each picture."""

    def encode_images(self, images):
        ends = time.thread_time() + 0.02 * len(images)
        while time.thread_time() < ends:
            np.linalg.norm(np.arange(1000.0))
        return super().encode_images(images)


class Detector(_stand_ins().FakeDetector):
    """Finds drawn rectangles."""


class DeadlyEncoder(Encoder):
    """Kills its worker; see above. Each of the two that do it once leaves a file behind."""

    def __init__(self, folder):
        super().__init__()
        self.folder = str(folder)

    def __setstate__(self, state):
        self.__dict__.update(state)
        arm(Path(self.folder))


def arm(folder):
    """Makes the worker of this process die at some videos."""

    def die(once):
        if once:
            try:
                (folder / once).touch(exist_ok=False)
            except FileExistsError:
                return
        os.kill(os.getpid(), signal.SIGKILL)

    report, write = Worker.report, Writer.write

    def deadly_report(self, task, *rest):
        if "poison" in task.path:
            with (folder / "poisoned").open("a") as file:
                file.write("x")
            die(None)
        if "killed" in task.path:
            die("killed")
        return report(self, task, *rest)

    def deadly_write(self, sample_id, *rest):
        write(self, sample_id, *rest)
        (path,) = self._dataset.select(sample_id).values("filepath")
        if "late" in path:
            die("late")

    if not hasattr(Worker, "armed"):
        Worker.armed, Worker.report, Writer.write = True, deadly_report, deadly_write
