"""Shared by the importer tests: a synthetic video, and records in the published formats."""

import json

import fiftyone as fo
import numpy as np
import pytest

from fiftyone_e3m.importers import HCSTVGImporter, VidSTGImporter

N, FPS, SIZE = 40, 2.0, (160, 120)
"""A video of 20 seconds, like all videos of HC-STVG."""


@pytest.fixture(scope="session")
def videos(tmp_path_factory, draw_video):
    """Videos in sub-folders, of 40 frames in 20 seconds unless their names say otherwise."""
    folder = tmp_path_factory.mktemp("videos")
    (folder / "part_1").mkdir()
    scene = [{"red": (16 + i, 16, 64 + i, 64)} for i in range(N)]
    draw_video(folder / "part_1" / "walk.mp4", scene, FPS)
    draw_video(folder / "part_1" / "run.mp4", scene, FPS)
    draw_video(folder / "halfrate.mp4", scene[::2], FPS / 2)
    draw_video(folder / "short.mp4", scene[:30], FPS)
    draw_video(folder / "small.mp4", [{"red": (8, 8, 32, 32)}] * N, FPS, size=(80, 60))
    black = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    draw_video(folder / "black.mp4", [black] * N, FPS)
    lamp = black.copy()
    lamp[40:60, 40:60] = 90
    draw_video(folder / "night.mp4", [black] * 20 + [lamp] * 20, FPS)
    (folder / "text.mp4").write_text("this is no video\n" * 100)
    return folder


@pytest.fixture(scope="session")
def kinds():
    """`kinds(importer)`: the kinds of problems of an import, in order."""
    return lambda importer: [problem.kind for problem in importer.report.problems]


@pytest.fixture(scope="session")
def box_of():
    """`box_of(sample, number, index=0)`: a true box in pixels of 160x120, or None."""
    return _box_of


def _box_of(sample, number, index=0):
    if number not in sample.frames:
        return None
    box = sample.frames[number]["gt"].detections[index].bounding_box
    return [round(value * side, 3) for value, side in zip(box, SIZE * 2, strict=True)]


@pytest.fixture(scope="session")
def supports():
    """`supports(sample)`: the true event of each sentence, 1-based and inclusive."""
    return lambda sample: {event.label: event.support for event in sample.gt_events.detections}


@pytest.fixture
def load():
    """`load(importer)`: its samples, loaded into a temporary dataset."""
    datasets = []

    def samples(importer):
        datasets.append(fo.Dataset.from_importer(importer, progress=False))
        return list(datasets[-1])

    yield samples
    for dataset in datasets:
        dataset.delete()


@pytest.fixture
def hcstvg(tmp_path, videos):
    """`hcstvg({"walk.mp4": {...}})`: an importer of records of v1 with these values changed."""

    def make(changes, **options):
        good = {
            "bbox": [[16, 16, 48, 48]] * 10,
            "st_time": 5.0,
            "ed_time": 10.0,
            "img_num": N,
            "caption": "The red box waits.",
            "width": SIZE[0],
            "height": SIZE[1],
            "st_frame": 11,
        }
        records = {
            name: {**good, **values} if isinstance(values, dict) else values
            for name, values in changes.items()
        }
        for record in records.values():
            if isinstance(record, dict):
                for key in [key for key, value in record.items() if value is ...]:
                    del record[key]
        path = tmp_path / "hcstvg.json"
        path.write_text(json.dumps(records))
        return HCSTVGImporter(path, videos, **options)

    return make


@pytest.fixture(scope="session")
def record():
    """`record(captions=[("a dog", 0)])`: a record of VidSTG; sentences are `(text, target)`."""
    return _record


def _record(vid="walk", segment=(0, N), event=(10, 20), captions=(), questions=(), **values):
    def rows(pairs):
        return [{"description": d, "type": "object", "target_id": t} for d, t in pairs]

    return {
        "vid": vid,
        "fps": FPS,
        "frame_count": N,
        "used_segment": {"begin_fid": segment[0], "end_fid": segment[1]},
        "width": SIZE[0],
        "height": SIZE[1],
        "subject/objects": [{"tid": 0, "category": "dog"}],
        "temporal_gt": {"begin_fid": event[0], "end_fid": event[1]},
        "captions": rows(captions),
        "questions": rows(questions),
        **values,
    }


@pytest.fixture(scope="session")
def trajectories():
    """`trajectories(t0=range(10, 20))`: VidOR's boxes; object 0 has one on these frames."""
    return _trajectories


def _trajectories(n=N, **frames_of):
    return [
        [
            {
                "tid": int(tid[1:]),
                "bbox": {"xmin": 16 + frame, "ymin": 16, "xmax": 64 + frame, "ymax": 64},
                "generated": 0,
                "tracker": "none",
            }
            for tid, frames in frames_of.items()
            if frame in frames
        ]
        for frame in range(n)
    ]


@pytest.fixture
def vidstg(tmp_path, videos):
    """`vidstg(records, walk=trajectories(...))`: an importer of VidSTG."""

    def make(records, **of_videos):
        options = of_videos.pop("options", {})
        folder = tmp_path / "vidor" / "training" / "1010"
        folder.mkdir(parents=True, exist_ok=True)
        for name, found in of_videos.items():
            (folder / f"{name}.json").write_text(json.dumps({"trajectories": found}))
        path = tmp_path / "vidstg.json"
        path.write_text(json.dumps(records))
        return VidSTGImporter(path, videos, tmp_path / "vidor", tmp_path / "segments", **options)

    return make
