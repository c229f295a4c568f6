"""A run in a process of its own, and what happens to it at one moment: a command to the database.

Commands are the moments at which a run can be told apart from outside, and counting them makes a
moment the same each time. Processes are forked from one that has everything imported.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

import fiftyone as fo
import fiftyone.core.odm.database as food
import typer
from pymongo import monitoring

import fiftyone_e3m as e3m
from fiftyone_e3m.cli.running import draw, output_folder

from .memory import load_stand_ins

STAND_INS = load_stand_ins()
QUERIES = ["a red box", "a blue box"]

SIZE, DEADLY = (64, 48), (80, 60)
"""Sizes of the videos, and of one that kills the process which looks at it."""

Fault = Literal["none", "kill", "interrupt", "pause"]
ENDS = {"kill": "killed", "interrupt": "interrupted"}
"""Texts of the outcomes of runs that were ended so."""


@dataclass(frozen=True)
class Order:
    """What a process is to do.

    Attributes:
        dataset: name of the dataset.
        field: name of the tube field.
        overwrite: whether to replace what it holds.
        fault: what happens: SIGKILL, Ctrl-C, or a pause until the parent has done something.
        moment: the number of the command at which it happens, from 1.
        file_bytes: largest file that the process can write, as on a full disk; None for any.
        pictures: folder for a picture of each answer; None for no pictures.
        cache: folder of the cache; None for that of the environment.
    """

    dataset: str
    field: str = "e3m"
    overwrite: bool = False
    fault: Fault = "none"
    moment: int = 0
    file_bytes: int | None = None
    pictures: Path | None = None
    cache: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """What a run in another process came to.

    Attributes:
        text: its summary, or the sentence that it was refused with.
        skipped: number of videos that were done before it.
        done: number of videos that it did.
        refused: whether it was refused.
        commands: number of commands to the database.
    """

    text: str
    skipped: int = 0
    done: int = 0
    refused: bool = False
    commands: int = 0


class Moments(monitoring.CommandListener):
    """Counts commands to the database, and does something at one of them."""

    def __init__(self, moment: int, happens: Callable[[], object]) -> None:
        self.count, self.on = 0, False
        self._moment, self._happens = moment, happens

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Every second moment is before a command is sent."""
        self.count += self.on
        if self._moment % 2:
            self._now()

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """The others are after it was carried out."""
        if not self._moment % 2:
            self._now()

    def _now(self) -> None:
        if self.count >= self._moment > 0:  # another thread may have counted on
            self._moment = 0
            self._happens()

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing."""


class Detector(STAND_INS.FakeDetector):  # type: ignore[name-defined]
    """The tests' stand-in, which one video kills."""

    def detect(self, frames: Any) -> Any:
        """See `Detector.detect` of the package."""
        if frames[0].shape[:2] == DEADLY[::-1]:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().detect(frames)


def ground(order: Order, connection: Connection) -> None:
    """Grounds with stand-ins for the models; sends an `Outcome`."""
    food._disconnect()  # connections do not outlast a fork

    def pause() -> None:
        connection.send("paused")
        connection.recv()

    happens: dict[str, Callable[[], object]] = {
        "none": lambda: None,
        "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "interrupt": lambda: signal.raise_signal(signal.SIGINT),
        "pause": pause,
    }
    signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background ignore it
    moments = Moments(order.moment, happens[order.fault])
    if order.file_bytes is not None:
        for stream in (1, 2):  # they may be files as well
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order.file_bytes, order.file_bytes))
    if order.cache:
        os.environ["E3M_CACHE_DIR"] = str(order.cache)
    monitoring.register(moments)
    dataset = fo.load_dataset(order.dataset)
    moments.on = True
    connection.send(_outcome(dataset, order, moments))


def _outcome(dataset: fo.Dataset, order: Order, moments: Moments) -> Outcome:
    encoder, detector = STAND_INS.FakeEncoder(), Detector()
    encoder.fingerprint, detector.fingerprint = "colours", "rectangles"
    models: dict[str, Any] = {"encoder": encoder, "detector": detector}
    try:
        summary = e3m.ground(
            dataset,
            QUERIES,
            field=order.field,
            overwrite=order.overwrite,
            progress=False,
            **models,
        )
    except KeyboardInterrupt:
        return Outcome(ENDS["interrupt"])
    except e3m.GroundingError as error:
        return Outcome(str(error), refused=True)
    with suppress(typer.Exit):  # a full disk; the reason was printed
        if order.pictures:
            output_folder(order.pictures)
            draw(dataset, summary, order.pictures)
    return Outcome(str(summary), summary.skipped, len(summary.videos), commands=moments.count)
