"""Real videos with sentences and tubes, from the folder `shared/` beside the repository."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from fiftyone_e3m.demo import demo_video
from fiftyone_e3m.evaluation.metrics import TimedBoxes

ROOT = Path(os.environ.get("E3M_SHARED", Path(__file__).resolve().parents[2] / "shared"))
DETECTOR = ROOT / "models" / "yolo11n_int8_openvino_model"
TIMED = ("bikes", "camel-dogsjump-swan", "swan-breakdance-camel")
"""Videos for timings: the demo's, and two joined ones."""


def path_of(name: str) -> Path:
    """The file of "bikes", of a joined video or of a clip."""
    if name == "bikes":
        return demo_video()
    kind = "joined" if (ROOT / "data" / "joined" / name).is_dir() else "clips"
    return ROOT / "data" / kind / name / "video.mp4"


def require_shared() -> None:
    """Ends the program where the folder is missing."""
    if not DETECTOR.exists():
        sys.exit(f"No shared data in {ROOT}: set E3M_SHARED to the folder of data/ and models/.")


@dataclass(frozen=True)
class Query:
    """A sentence and the tube it means.

    Attributes:
        sentence: the sentence.
        truth: the tube.
        source: the clip or film that shows the tube; videos made from the same clip share it.
        tags: what makes it hard or easy, e.g. "action" or "distractors:4"; only of the set "real".
    """

    sentence: str
    truth: TimedBoxes
    source: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """A video and its queries.

    Attributes:
        path: the file.
        queries: the sentences that it shows.
        absent: near misses written for this video: the same class, another action or attribute.
    """

    path: Path
    queries: tuple[Query, ...]
    absent: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.path.parent.name


def queries_set(name: str) -> list[Item]:
    """The set "joined", "panned" or "real": events in longer videos."""
    return [_queries_item(path) for path in sorted((ROOT / "data" / name).glob("*/queries.json"))]


def clips_set() -> list[Item]:
    """The single clips whose boxes are exactly those of the object that their sentence means.

    The event is the run of frames with a box.
    """
    items = (_clip_item(path) for path in sorted((ROOT / "data" / "clips").glob("*/boxes.json")))
    return [item for item in items if item.queries]


def long_set(folder: Path) -> list[Item]:
    """All single clips concatenated into one video, which is written to `folder`."""
    width, height, fps = 640, 360, 24.0
    path, begin, queries = folder / "long" / "video.mp4", 0, []
    path.parent.mkdir()
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (width, height))
    for clip in sorted((ROOT / "data" / "clips").glob("*/boxes.json")):
        item, capture = _clip_item(clip), cv2.VideoCapture(str(clip.parent / "video.mp4"))
        scale = width / capture.get(cv2.CAP_PROP_FRAME_WIDTH)
        scale_y = height / capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        queries += [_moved(query, begin, (scale, scale_y)) for query in item.queries]
        while (read := capture.read())[0]:
            writer.write(cv2.resize(read[1], (width, height), interpolation=cv2.INTER_AREA))
            begin += 1
        capture.release()
    writer.release()
    return [Item(path, tuple(queries))]


def _moved(query: Query, by: int, scale: tuple[float, float]) -> Query:
    """A clip's query, for a video that shows the clip later and at another size."""
    truth, corners = query.truth, np.array([*scale, *scale])
    boxes = {t + by: np.asarray(box) * corners for t, box in truth.boxes.items()}
    return replace(query, truth=TimedBoxes(truth.first + by, truth.last + by, boxes))


def _queries_item(path: Path) -> Item:
    record = json.loads(path.read_text())
    queries = []
    for q in record["queries"]:
        first, last = q["span"]
        shown = [shot["clip"] for shot in record["shots"] if shot["first"] <= first <= shot["last"]]
        source = path.parent.name if "absent" in record else shown[0]
        truth = TimedBoxes(first, last, _xyxy(q["boxes"]))
        queries.append(Query(q["sentence"], truth, source, tuple(q.get("tags", ()))))
    return Item(path.parent / "video.mp4", tuple(queries), tuple(record.get("absent", ())))


def _clip_item(path: Path) -> Item:
    queries = []
    for o in json.loads(path.read_text())["objects"]:
        if o["sentence"] and o.get("exact_instance", True):
            boxes = _xyxy(o["boxes"])
            truth = TimedBoxes(min(boxes), max(boxes), boxes)
            queries.append(Query(o["sentence"], truth, path.parent.name))
    return Item(path.parent / "video.mp4", tuple(queries))


def _xyxy(boxes: dict[str, list[float]]) -> dict[int, tuple[float, float, float, float]]:
    return {int(t): (x, y, x + w, y + h) for t, (x, y, w, h) in boxes.items()}
