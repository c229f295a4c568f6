"""Pins the operator `prepare_for_annotation` through FiftyOne's executor: result, refusals, form.

Keyframes and files are pinned in tests/handover. Here: the user's choices reach the library, the
result is shown, and errors are sentences, already in the form where possible.
"""

from pathlib import Path

import fiftyone.operators as foo
import pytest
from fiftyone.operators.executor import ExecutionError

import fiftyone_e3m as e3m

URI = "@e3m/video-grounding/prepare_for_annotation"


@pytest.fixture(autouse=True)
def outputs(monkeypatch, tmp_path):
    """The administrator allows operators to write below this folder."""
    monkeypatch.setenv("E3M_OUTPUT_DIRS", str(tmp_path))
    (tmp_path / "file").write_text("mine")
    return tmp_path


@pytest.fixture(scope="module")
def untouched(new_dataset, stand_ins):
    """Two grounded videos of a moving red box."""
    dataset = new_dataset(2)
    e3m.ground(dataset, "a red box", boxes_field="gt", encoder=stand_ins.encoder())
    yield dataset
    dataset.delete()


@pytest.fixture
def grounded(untouched):
    """A copy of them."""
    dataset = untouched.clone()
    yield dataset
    dataset.delete()


@pytest.fixture
def execute(plugins_dir):
    """Runs the operator with valid parameters, overridden by the given ones."""

    def run(ctx, **params):
        sound = {"field": "e3m", "tolerance": 0.9, "format": "marks"}
        return foo.execute_operator(URI, ctx, params={**sound, **params})

    return run


def n_keyframes(dataset):
    dataset.reload()
    return dataset.count_values("frames.e3m.detections.keyframe").get(True, 0)


# The result


def test_keyframes_are_marked_and_shown_by_video_and_sentence(grounded, execute):
    n = grounded.count("frames.e3m.detections")
    result = execute({"dataset": grounded}).result
    marked = n_keyframes(grounded)
    assert 4 <= marked < n
    assert f"2 tubes in 2 videos: {n} boxes -> {marked} keyframes" in result["text"]
    first, _ = result["rows"]
    assert first["video"] == "clip.mp4"
    assert first["sentence"] == "a red box"
    assert (first["boxes"], first["keyframes"]) == (str(n // 2), str(marked // 2))
    assert float(first["smallest_IoU"]) >= 0.9


def test_a_higher_tolerance_arrives(grounded, execute):
    execute({"dataset": grounded}, tolerance=0.5)
    few = n_keyframes(grounded)
    execute({"dataset": grounded}, tolerance=1)
    assert n_keyframes(grounded) >= few


def test_only_the_selected_videos_are_prepared(grounded, execute):
    ctx = {"dataset": grounded, "selected": [grounded.last().id]}
    text = execute(ctx, view_target="SELECTED_SAMPLES").result["text"]
    assert "1 tube in 1 video" in text


@pytest.mark.parametrize(
    ("name", "file"),
    [("cvat", "labels/clip-2.xml"), ("coco", "labels.json"), ("mot", "clip-2/gt/gt.txt")],
)
def test_files_are_written_and_replaced_only_when_asked(grounded, execute, tmp_path, name, file):
    result = execute({"dataset": grounded}, format=name, out=f" {tmp_path} ").result
    assert (tmp_path / file).is_file()
    assert f"in {tmp_path}" in result["text"]
    with pytest.raises(ExecutionError, match=r"already has .*overwrite"):
        execute({"dataset": grounded}, format=name, out=str(tmp_path))
    execute({"dataset": grounded}, format=name, out=str(tmp_path), overwrite=True)


def test_a_folder_is_not_looked_at_where_no_files_are_written(grounded, execute):
    assert execute({"dataset": grounded}, out="/nowhere").error is None


def test_what_could_not_be_prepared_is_told(grounded, execute, tmp_path):
    grounded.set_values("filepath", [grounded.first().filepath, str(tmp_path / "gone.mp4")])
    grounded.set_values("metadata", [None, None])
    result = execute({"dataset": grounded}, format="mot", out=str(tmp_path)).result
    assert "gone.mp4 does not exist" in result["text"]
    assert (tmp_path / "clip" / "gt" / "gt.txt").is_file()


# Refusals


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"field": "nope"}, "no grounding in 'nope'. Groundings: e3m"),
        ({"tolerance": 1.5}, "tolerance"),
        ({"tolerance": -0.5}, "tolerance"),
        ({"format": "yolo"}, "format"),
        ({"format": "cvat"}, "out"),
        ({"format": "cvat", "out": "{outputs}/nowhere"}, "nowhere' does not exist. Create"),
        ({"format": "cvat", "out": "{outputs}/file"}, "is a file, not a folder"),
        ({"format": "cvat", "out": "/etc"}, "may not write to '/etc'"),
        ({"format": "cvat", "out": "{outputs}/../.."}, "may not write to"),
        ({"tolerance": "high"}, "tolerance is 'high', but"),
        ({"format": ["cvat"]}, "format is"),
        ({"format": "coco", "out": 5}, "out is 5, but"),
        ({"overwrite": "no"}, "overwrite is 'no', but it must be True or False"),
    ],
    ids=str,
)
def test_what_is_wrong_is_told_before_anything_is_marked(
    grounded, execute, outputs, params, sentence
):
    if isinstance(params.get("out"), str):
        params = {**params, "out": params["out"].format(outputs=outputs)}
    before = n_keyframes(grounded)
    with pytest.raises(ExecutionError, match=sentence):
        execute({"dataset": grounded}, **params)
    assert n_keyframes(grounded) == before


def test_videos_without_tubes_are_refused(grounded, execute):
    grounded.clear_frame_field("e3m")
    with pytest.raises(ExecutionError, match=r"no box in 'frames.e3m' of these 2 videos"):
        execute({"dataset": grounded})


def test_without_a_setting_files_go_beside_the_media_or_into_the_home(
    grounded, execute, monkeypatch, tmp_path
):
    monkeypatch.delenv("E3M_OUTPUT_DIRS")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    beside = Path(grounded.first().filepath).parent / "out"
    for folder in (beside, tmp_path / "home" / "mine", tmp_path / "home" / ".ssh"):
        folder.mkdir(parents=True)
    (tmp_path / "home" / "away").symlink_to("/etc")
    execute({"dataset": grounded}, format="coco", out=str(beside))
    execute({"dataset": grounded}, format="coco", out="~/mine")
    for refused in ("~/.ssh", "~/away", str(tmp_path), str(beside / ".." / "..")):
        with pytest.raises(ExecutionError, match="may not write to"):
            execute({"dataset": grounded}, format="coco", out=refused)
    assert [path.name for path in beside.iterdir()] == ["labels.json"]


def test_pictures_are_written_when_asked_for(grounded, execute, tmp_path):
    execute({"dataset": grounded}, format="coco", out=str(tmp_path), pictures=True)
    assert list((tmp_path / "data" / "clip").glob("frame_*.jpg"))


# The form


def test_the_form_asks_for_a_folder_only_where_files_are_written(grounded, form):
    properties = form(grounded)
    assert properties["field"].type.values == ["e3m"]
    assert properties["tolerance"].default == 0.9
    assert (properties["tolerance"].type.min, properties["tolerance"].type.max) == (0, 1)
    assert properties["format"].type.values == ["marks", "cvat", "label_studio", "coco", "mot"]
    assert not {"out", "problem"} & set(properties)
    properties = form(grounded, format="mot")
    assert {"out", "overwrite"} <= set(properties)
    assert "problem" not in properties, "an empty folder is not an error yet"


def test_the_form_tells_what_is_wrong_and_cannot_be_sent(grounded, form, tmp_path):
    problem = form(grounded, format="mot", out=str(tmp_path / "nowhere"))["problem"]
    assert problem.invalid
    assert "nowhere' does not exist" in problem.error_message
    (tmp_path / "labels.json").write_text("mine")
    taken = {"format": "coco", "out": str(tmp_path)}
    assert "already has labels.json" in form(grounded, **taken)["problem"].error_message
    assert "problem" not in form(grounded, **taken, overwrite=True)


def test_a_folder_that_is_not_allowed_can_be_typed_again(grounded, form):
    properties = form(grounded, format="cvat", out="/etc")
    assert "problem" in properties
    assert {"out", "overwrite"} <= set(properties)


def test_the_form_says_that_nothing_has_been_grounded(dataset, form):
    assert "Run 'Ground videos' first" in form(dataset)["problem"].error_message


def test_the_form_says_that_there_are_no_tubes(grounded, form):
    grounded.clear_frame_field("e3m")
    assert "no box in 'frames.e3m'" in form(grounded)["problem"].error_message
