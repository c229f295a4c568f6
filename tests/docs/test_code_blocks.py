"""Pins that the code of README and docs runs, and that no command or option in them is invented.

The Python blocks of a page run in order, in one namespace, as by somebody who reads the page. What
they need is there: datasets of the names that they use, files, and stand-ins for the models. One
that cannot run says so in a comment above it: ``<!-- not run: the reason -->``.
"""

import json
import re
import shlex
import shutil
from pathlib import Path

import eta.core.video as etav
import fiftyone as fo
import plotly.graph_objects as go
import pytest
import typer

import fiftyone_e3m as e3m
from fiftyone_e3m.cli import app
from fiftyone_e3m.cli.install import install_model
from fiftyone_e3m.engines import one_video, worker

from .pages import PAGES, ROOT, blocks, commands

PYTHON = [b for page in PAGES for b in blocks(page) if b.kind == "python"]
RUN = [b for b in PYTHON if b.reason is None]
MOST_NOT_RUN = 5

SENTENCE = "a man in a suit"
N, FPS, SIZE = 60, 10.0, (160, 120)
MAN, CAR = (0.3, 0.2, 0.1, 0.4), (0.6, 0.5, 0.3, 0.3)


def pixels(box):
    x, y, w, h = box
    return (
        round(x * SIZE[0]),
        round(y * SIZE[1]),
        round((x + w) * SIZE[0]),
        round((y + h) * SIZE[1]),
    )


def detections(label=None, *boxes):
    return fo.Detections(
        detections=[
            fo.Detection(label=label or str(i), bounding_box=list(box), confidence=0.9, index=i)
            for i, box in enumerate(boxes, 1)
        ]
    )


def events(first, last):
    event = fo.TemporalDetection(label=SENTENCE, support=[first, last])
    return fo.TemporalDetections(detections=[event])


@pytest.fixture
def place(tmp_path, monkeypatch, draw_video, stand_ins):
    """A working folder with a video, where models are stand-ins and no window opens."""
    monkeypatch.chdir(tmp_path)
    for module in (worker, one_video):
        monkeypatch.setattr(module, "load_encoder", lambda *_, **__: stand_ins.encoder())
        monkeypatch.setattr(module, "load_detector", lambda *_, **__: stand_ins.detector())
    monkeypatch.setattr(go.Figure, "show", lambda self, *_, **__: None)
    Path("videos").mkdir()
    scene = [{"red": pixels(MAN), "blue": pixels(CAR)}] * N
    draw_video(Path("videos/clip.mp4"), scene, fps=FPS, size=SIZE)
    before = set(fo.list_datasets())
    yield tmp_path
    one_video.release_kept_models()
    for name in set(fo.list_datasets()) - before:
        fo.delete_dataset(name)


@pytest.fixture
def new(place):
    """`new("my-videos")`: a dataset with all that a page may find in one of a user."""

    def make(name, grounded=False):
        dataset = fo.Dataset(name)
        sample = fo.Sample(
            filepath=str(place / "videos" / "clip.mp4"),
            metadata=fo.VideoMetadata(
                frame_rate=FPS,
                total_frame_count=N,
                duration=N / FPS,
                frame_width=SIZE[0],
                frame_height=SIZE[1],
            ),
            sentences=[SENTENCE],
            caption=SENTENCE,
            marks=events(11, 50),
            gt_events=events(1, 30),
        )
        for number in range(1, N + 1):
            sample.frames[number] = fo.Frame(
                detections=detections(None, MAN, CAR), gt=detections(SENTENCE, MAN)
            )
        dataset.add_sample(sample)
        if grounded:
            e3m.ground(dataset, SENTENCE, boxes_field="detections", cache=False, progress=False)
            dataset.reload()
        return dataset

    return make


def annotations():
    """The files of HC-STVG."""
    shutil.copytree("videos", "HC-STVG/videos")
    x1, y1, x2, y2 = pixels(MAN)
    record = {
        "bbox": [[x1, y1, x2 - x1, y2 - y1]] * 20,
        "st_time": 1.0,
        "ed_time": 3.0,
        "img_num": N,
        "caption": "A man in a suit stands.",
        "width": SIZE[0],
        "height": SIZE[1],
        "st_frame": 11,
    }
    Path("test.json").write_text(json.dumps({"clip.mp4": record}))


class UnreadReader:
    """FiftyOne's reader of videos where there is no ffmpeg: the model reads them itself."""

    def __init__(self, path, frames=None):
        self.path = path

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


@pytest.fixture
def given(new, monkeypatch, plugins_dir):
    """`given("app.md")`: makes what a page finds; the names that its first block may use."""

    def readme():
        new("my-videos")
        return {}

    def app_page():
        return {"e3m": e3m, "dataset": (dataset := new("my-videos")), "sample": dataset.first()}

    def evaluation():
        dataset = new("videos", grounded=True)
        return {"sample": dataset.first()}

    def benchmarks():
        annotations()
        return {"fo": fo, "e3m": e3m}

    def zoo():
        new("my-videos")
        install_model(Path(fo.config.model_zoo_dir))
        if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
            monkeypatch.setattr(etav, "FFmpegVideoReader", UnreadReader)
        return {}

    def grounded():
        new("my-videos", grounded=True)
        return {}

    made = {
        "README.md": readme,
        "app.md": app_page,
        "benchmarks.md": benchmarks,
        "evaluation.md": evaluation,
        "handover.md": grounded,
        "long-videos.md": readme,
        "times.md": readme,
        "zoo.md": zoo,
    }
    return lambda page: made.get(page, dict)()


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted({b.page for b in RUN}), ids=lambda page: page.name)
def test_every_python_block_runs(page, given):
    namespace = {"__name__": "__main__", **given(page.name)}
    for block in [b for b in RUN if b.page == page]:
        code = compile("\n" * (block.line - 1) + block.code, str(page), "exec")
        exec(code, namespace)


def test_no_block_is_missed():
    marked = sum(page.read_text().count("<!-- not run:") for page in PAGES)
    fences = sum(len(re.findall(r"^```python", page.read_text(), re.MULTILINE)) for page in PAGES)
    assert len(RUN) + marked == fences
    assert len(RUN) >= 15


def test_few_blocks_cannot_run_and_say_why():
    left_out = [block for block in PYTHON if block.reason]
    for block in left_out:
        print(f"{block} is not run: {block.reason}")
    print(f"{len(RUN)} Python blocks run, {len(left_out)} do not.")
    assert len(left_out) <= MOST_NOT_RUN


COMMANDS = [(page, command) for page in PAGES for command in commands(page)]


@pytest.mark.parametrize(
    "command", sorted({command for _, command in COMMANDS}), ids=lambda command: command[:60]
)
def test_every_command_and_option_is_one_of_the_tool(command):
    tool, words = typer.main.get_command(app), shlex.split(command)[1:]
    while hasattr(tool, "commands"):
        assert words[0] in tool.commands
        tool = tool.commands[words.pop(0)]
    if "..." in words:
        known = {option for p in tool.params for option in (*p.opts, *p.secondary_opts)}
        assert {word for word in words if word.startswith("-")} <= known
    else:
        tool.make_context(tool.name, words)  # raises where something is wrong


def test_the_commands_are_found():
    assert len(COMMANDS) > 20


def test_every_make_target_is_one():
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = {t for page in PAGES for t in re.findall(r"\bmake ([a-z][\w-]+)", code_of(page))}
    assert named
    assert named <= set(targets)


def code_of(page):
    """What is set as code on a page, in blocks and in the text."""
    spans = re.findall(r"`([^`\n]+)`", page.read_text())
    return "\n".join([*spans, *(b.code for b in blocks(page) if not b.kind)])
