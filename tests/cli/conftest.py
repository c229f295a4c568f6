"""Shared by the benchmark tests: two synthetic videos with records of both datasets.

In ``half``, a red box stands still in all 40 frames, and the record describes its upper half in
frames 11 to 30: a tube of the whole video has tIoU 20/40 and vIoU 20 * 0.5 / 40. In ``whole``, the
record describes exactly that tube. Boxes are aligned with codec blocks, so that they are exact.
"""

import json

import fiftyone as fo
import pytest
from typer.testing import CliRunner

from fiftyone_e3m import cli
from fiftyone_e3m.engines import worker

N, FPS, SIZE = 40, 2.0, (160, 128)
BOX = (16, 32, 64, 96)
UPPER, ALL = [16, 32, 48, 32], [16, 32, 48, 64]


@pytest.fixture(scope="session")
def data(tmp_path_factory, draw_video):
    """A folder with ``videos``, ``hcstvg.json``, ``vidstg.json`` and ``vidor``."""
    folder = tmp_path_factory.mktemp("benchmark")
    for name in ("videos", "vidor"):
        (folder / name).mkdir()
    records = {}
    for name, first, last, box in (("half", 11, 30, UPPER), ("whole", 1, N, ALL)):
        draw_video(folder / "videos" / f"{name}.mp4", [{"red": BOX}] * N, FPS, size=SIZE)
        n = last - first + 1
        records[f"{name}.mp4"] = {
            "bbox": [box] * n,
            "st_time": (first - 1) / FPS,
            "ed_time": last / FPS,
            "img_num": N,
            "caption": "The red box stands.",
            "width": SIZE[0],
            "height": SIZE[1],
            "st_frame": first,
        }
    (folder / "hcstvg.json").write_text(json.dumps(records))
    (folder / "vidstg.json").write_text(json.dumps([_record("half"), _record("whole")]))
    for name, height in (("half", 32), ("whole", 64)):
        box = {"xmin": 16, "ymin": 32, "xmax": 64, "ymax": 32 + height}
        found = {"trajectories": [[{"tid": 0, "bbox": box}]] * N}
        (folder / "vidor" / f"{name}.json").write_text(json.dumps(found))
    return folder


def _record(name):
    """Frames 8 to 28 are the segment; the event is its second half, or all of it."""

    def rows(*sentences):
        return [{"description": s, "type": "object", "target_id": 0} for s in sentences]

    return {
        "vid": name,
        "fps": FPS,
        "frame_count": N,
        "width": SIZE[0],
        "height": SIZE[1],
        "used_segment": {"begin_fid": 8, "end_fid": 28},
        "temporal_gt": {"begin_fid": 18 if name == "half" else 8, "end_fid": 28},
        "captions": rows("a red box stands.") if name == "half" else [],
        "questions": rows("what is red?") if name == "whole" else [],
    }


@pytest.fixture
def run(monkeypatch, fake_encoder, fake_detector):
    """`run("hcstvg", ...)`: code and output of `fiftyone-e3m benchmark`, stand-in models."""
    monkeypatch.setattr(worker, "load_encoder", lambda *_, **__: fake_encoder)
    monkeypatch.setattr(worker, "load_detector", lambda *_, **__: fake_detector)
    before = set(fo.list_datasets())

    def invoke(*arguments):
        arguments = ["benchmark", *(str(a) for a in arguments)]
        result = CliRunner().invoke(cli.app, arguments, env={"COLUMNS": "220"})
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, " ".join(result.output.split())

    yield invoke
    for name in set(fo.list_datasets()) - before:
        fo.delete_dataset(name)


@pytest.fixture
def hcstvg(run, data, tmp_path):
    """`hcstvg(...)`: the benchmark on the two videos, into ``tmp_path / "out"``."""

    def invoke(*arguments):
        files = ("--annotations", data / "hcstvg.json", "--videos", data / "videos")
        return run("hcstvg", *files, "--out", tmp_path / "out", *arguments)

    return invoke


@pytest.fixture
def vidstg(run, data, tmp_path):
    """`vidstg(...)`: the same for VidSTG."""

    def invoke(*arguments):
        files = ("--annotations", data / "vidstg.json", "--videos", data / "videos")
        options = ("--vidor", data / "vidor", "--out", tmp_path / "out")
        return run("vidstg", *files, *options, *arguments)

    return invoke
