"""The faults, each with its own dataset and with what must be left after it."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import time
from collections.abc import Callable, Iterator
from itertools import chain
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2
import fiftyone as fo
import fiftyone.core.odm as foo

from .kill_audit import Content, Damage, audit, content
from .kill_run import DEADLY, ENDS, SIZE, STAND_INS, Fault, Order, Outcome, ground
from .kill_server import Server

N_FRAMES, RATE = 10, 10
DEADLINE = 300.0
"""Seconds after which a process is considered hung."""
OUTAGE = 1.0
"""Seconds without a database."""

Result = tuple[str, Damage]
AtPause = Callable[[], object]


class Faults:
    """Runs that something happens to.

    Args:
        home: folder for videos, cache and pictures.
        server: the database.
        n_videos: number of videos of each dataset.
        seed: of the moments.
    """

    def __init__(self, home: Path, server: Server, n_videos: int, seed: int) -> None:
        self._home, self._server, self._random = home, server, random.Random(seed)  # noqa: S311
        self._fork = multiprocessing.get_context("forkserver")
        self._videos = [draw(home / f"{number:02}.mp4", number) for number in range(n_videos)]
        self._expected: Content = {}
        self._moments = 0

    def all(self, n_kills: int) -> Iterator[Result]:
        """One fault after the other: what it was, and what it has done."""
        yield self._nothing()
        yield self._ends("kill", n_kills)
        yield self._ends("interrupt", max(1, n_kills // 5))
        yield self._deadly_video()
        yield self._restarts(max(1, n_kills // 10))
        yield self._full_disk()
        yield self._read_only_cache()
        yield self._damaged_cache()
        yield self._two_at_once()
        yield self._same_field()
        yield self._samples_deleted()
        yield self._fields_deleted()
        yield self._dataset_deleted()

    def _nothing(self) -> Result:
        """The run that the others are compared with."""
        for _ in range(2):  # the first run in a database makes indexes, too
            dataset = self._dataset()
            outcome = self._run(Order(dataset.name))
        dataset.reload()
        self._expected, self._moments = content(dataset), outcome.commands
        damage = audit(dataset, self._expected)
        ok = all(row[0] == "ok" for row in self._expected.values())
        dataset.delete()
        what = f"nothing ({outcome.commands} commands to the database)"
        return what, damage + Damage(losses=0 if ok else 1)

    def _ends(self, fault: Fault, times: int) -> Result:
        """The process ends at a moment, and the same call is made again."""
        damage = Damage()
        for index in range(times):
            moment = self._moment(index, times)
            dataset = self._dataset()
            outcome = self._run(Order(dataset.name, fault=fault, moment=moment))
            damage += Damage(losses=int(outcome.text != ENDS[fault]))  # it did not come
            dataset.reload()
            known = dataset.has_field("e3m_status")
            done = dataset.count("e3m_status") if known else 0
            damage += self._again(dataset, done)
        return f"{times} times {fault}", damage

    def _deadly_video(self) -> Result:
        """One video kills its process: twice, and then it is failed and the others are done."""
        deadly = draw(self._home / "deadly.mp4", 0, DEADLY)
        dataset = self._dataset(self._videos[:1], [deadly], self._videos[1:])
        texts = [self._run(Order(dataset.name)).text for _ in range(3)]
        came = [text == ENDS["kill"] for text in texts] == [True, True, False]
        dataset.reload()
        failed = dataset.values("e3m_status")[1] == "failed"
        dataset.delete_samples(dataset.skip(1).limit(1))
        damage = Damage(losses=(not came) + (not failed))
        return "a video that kills its process", damage + self._audited(dataset)

    def _restarts(self, times: int) -> Result:
        """The database is killed in the middle, and started again."""
        damage = Damage()
        for index in range(times):
            dataset = self._dataset()
            order = Order(dataset.name, fault="pause", moment=self._moment(index, times))
            outcome = self._run(order, self._server.kill, self._start_server)
            if outcome.done < len(self._videos):
                damage += self._again(dataset, outcome.done)
            else:
                damage += self._audited(dataset)
        return f"{times} times MongoDB killed and started again", damage

    def _full_disk(self) -> Result:
        """Neither cache nor pictures can be written; the results are those in the database."""
        dataset, pictures = self._dataset(), self._home / "pictures"
        self._empty_cache()
        outcome = self._run(Order(dataset.name, file_bytes=64, pictures=pictures))
        left = [path for path in (self._home / "cache").rglob("*") if path.is_file()]
        left += [path for path in pictures.rglob("*") if path.is_file()]
        lost = len(self._videos) - outcome.done
        return "full disk", self._audited(dataset) + Damage(losses=lost, strays=len(left))

    def _read_only_cache(self) -> Result:
        """The cache is where nobody can write."""
        dataset = self._dataset()
        outcome = self._run(Order(dataset.name, cache=Path("/proc/e3m")))
        lost = len(self._videos) - outcome.done
        return "read-only cache", self._audited(dataset) + Damage(losses=lost)

    def _damaged_cache(self) -> Result:
        """Entries with other bits, other lengths, and in each other's places."""
        self._empty_cache()
        first = self._dataset()
        self._run(Order(first.name))
        first.delete()
        entries = sorted((self._home / "cache").glob("*.npz"))
        self._random.shuffle(entries)
        for number, path in enumerate(entries[:-1]):
            data = path.read_bytes()
            at = self._random.randrange(len(data))
            if number % 3 == 0:
                path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            elif number % 3 == 1:
                path.write_bytes(data[:at])
            else:
                other = entries[number + 1]
                path.write_bytes(other.read_bytes())
                other.write_bytes(data)
        dataset = self._dataset()
        self._run(Order(dataset.name))
        return f"{len(entries)} cache entries damaged", self._audited(dataset)

    def _two_at_once(self) -> Result:
        """Two runs into different fields of one dataset."""
        dataset, both = self._dataset(), ("e3m", "e3m_b")
        outcomes = self._together([Order(dataset.name, field=field) for field in both])
        lost = sum(outcome.done < len(self._videos) for outcome in outcomes)
        damage = Damage(losses=lost)
        for field in both:
            damage += audit(dataset, self._expected, field, fields=both)
        dataset.delete()
        return "two runs at once, different fields", damage

    def _same_field(self) -> Result:
        """Two runs into one field: the second is refused."""
        dataset = self._dataset()
        outcomes = self._together([Order(dataset.name)] * 2)
        refused = sum(outcome.refused for outcome in outcomes)
        done = sum(outcome.done for outcome in outcomes)
        twice = Damage(duplicates=max(0, done - len(self._videos)), losses=abs(refused - 1))
        return "two runs at once, same field", self._audited(dataset) + twice

    def _samples_deleted(self) -> Result:
        """Samples at the beginning, the middle and the end are deleted in the middle of the run."""
        dataset = self._dataset()
        names = [self._videos[i].name for i in (0, len(self._videos) // 2, -1)]

        def delete() -> None:
            dataset.delete_samples([sample for sample in dataset if sample.filename in names])

        self._run(Order(dataset.name, fault="pause", moment=self._moments // 2), delete)
        return "samples deleted", self._audited(dataset, absent=names)

    def _fields_deleted(self) -> Result:
        """Fields are deleted in the middle: the run ends, and the same call begins again."""
        dataset = self._dataset()

        def delete() -> None:
            dataset.reload()
            dataset.delete_frame_fields(["e3m", "e3m_relevance", "e3m_queries"])
            dataset.delete_sample_fields(["e3m_status", "e3m_events"])

        self._run(Order(dataset.name, fault="pause", moment=self._moments // 2), delete)
        dataset.reload()
        damage = Damage(
            strays=sum(name in dataset.first() for name in ("e3m_status", "e3m_events"))
        )
        return "fields deleted", damage + self._again(dataset, 0)

    def _dataset_deleted(self) -> Result:
        """The dataset is deleted in the middle: nothing is left of it."""
        dataset = self._dataset()
        before = dataset._doc.id

        def delete() -> None:
            dataset.reload()
            dataset.delete()

        order = Order(dataset.name, fault="pause", moment=self._moments // 2)
        outcome = self._run(order, delete)
        database = foo.get_db_conn()
        left = [name for name in database.list_collection_names() if str(before) in name]
        left += list(database.runs.find({"_dataset_id": before}))
        left += list(database.execution_store.find({"dataset_id": before}))
        unsaid = int("was deleted during the run" not in outcome.text)
        return "dataset deleted", Damage(losses=unsaid, strays=len(left))

    def _again(self, dataset: fo.Dataset, done: int) -> Damage:
        """The same call once more: what was done is not done again, and all is there."""
        outcome = self._run(Order(dataset.name))
        twice = max(0, outcome.done - (len(self._videos) - done))
        return self._audited(dataset) + Damage(duplicates=twice)

    def _audited(self, dataset: fo.Dataset, absent: list[str] | None = None) -> Damage:
        damage = audit(dataset, self._expected, absent=absent or [])
        dataset.delete()
        return damage

    def _moment(self, index: int, times: int) -> int:
        """A moment in this part of the run."""
        part = self._moments / times
        return 1 + int((index + self._random.random()) * part)

    def _dataset(self, *videos: list[Path]) -> fo.Dataset:
        """The videos, or others, with a field of the user's."""
        dataset = fo.Dataset(persistent=True)
        paths = chain(*videos or [self._videos])
        samples = [fo.Sample(filepath=str(path), note="mine") for path in paths]
        dataset.add_samples(samples, progress=False)
        return dataset

    def _empty_cache(self) -> None:
        shutil.rmtree(self._home / "cache", ignore_errors=True)

    def _start_server(self) -> None:
        time.sleep(OUTAGE)
        self._server.__enter__()

    def _run(self, order: Order, *at_pause: AtPause) -> Outcome:
        return self._together([order], *at_pause)[0]

    def _together(self, orders: list[Order], *at_pause: AtPause) -> list[Outcome]:
        """Starts a process for each order and waits for all of them."""
        started: list[tuple[Any, Connection]] = []
        for order in orders:
            mine, theirs = self._fork.Pipe()
            process = self._fork.Process(target=ground, args=(order, theirs))
            process.start()
            theirs.close()
            started.append((process, mine))
        return [self._outcome(*each, at_pause) for each in started]

    def _outcome(
        self, process: Any, connection: Connection, at_pause: tuple[AtPause, ...]
    ) -> Outcome:
        outcome = Outcome(ENDS["kill"])
        try:
            while connection.poll(DEADLINE):
                message = connection.recv()
                if isinstance(message, Outcome):
                    outcome = message
                    break
                first, *rest = at_pause
                first()
                connection.send("go on")
                for action in rest:
                    action()
        except EOFError:
            pass  # it was killed
        process.join(DEADLINE)
        if process.is_alive():
            process.kill()
            raise TimeoutError(f"A process did not end within {DEADLINE:.0f} s.")
        return outcome


def draw(path: Path, number: int, size: tuple[int, int] = SIZE) -> Path:
    """A blue box in all frames, and a red one in some, different in each video."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE, size)
    for frame in range(N_FRAMES):
        boxes = {"blue": (2 + frame, 28, 18 + frame, 44)}
        if 2 + number % 3 <= frame < 7:
            boxes["red"] = (10 + number, 4, 26 + number, 20)
        writer.write(cv2.cvtColor(STAND_INS.draw_boxes(boxes, size), cv2.COLOR_RGB2BGR))
    writer.release()
    return path
