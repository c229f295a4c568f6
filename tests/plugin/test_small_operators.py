"""Pins stop, save views and preview as run by the App: form, refusal, result.

Their effects are pinned in tests/dataset, tests/review and tests/test_preview.
"""

import base64

import fiftyone as fo
import fiftyone.operators as foo
import pytest
from fiftyone.operators.executor import ExecutionContext, ExecutionError

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.records import finish_run, start_run
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.dataset.signals import note_progress, stop_requested
from fiftyone_e3m.plugin import OPERATORS
from fiftyone_e3m.plugin.shell import Shell
from fiftyone_e3m.results import GroundingSummary

PLUGIN = "@e3m/video-grounding"
RED, BLUE = "a red box", "a blue box"


def context(name, dataset, **request):
    request = {"dataset_name": dataset.name, "view": [], "params": {}, **request}
    return ExecutionContext(request, foo.executor.Executor(), operator_uri=f"{PLUGIN}/{name}")


@pytest.fixture
def form(plugins_dir):
    """`form("stop_grounding", dataset, params={...})`: the properties of a form."""

    def resolve(name, dataset, **request):
        ctx = context(name, dataset, **request)
        return foo.get_operator(f"{PLUGIN}/{name}").resolve_type(ctx, "inputs").type.properties

    return resolve


@pytest.fixture
def execute(plugins_dir):
    """Runs an operator like FiftyOne's executor and returns its result."""

    def run(name, ctx, **params):
        return foo.execute_operator(f"{PLUGIN}/{name}", ctx, params=params).result

    return run


@pytest.fixture
def running(dataset):
    """A dataset with an active run, and its key."""
    Fields("e3m").declare(dataset, several_queries=False)
    return dataset, start_run(dataset, e3m.Request(query=RED, boxes_field="gt").settings)


# Stop


def test_the_run_that_goes_on_is_stopped(running, form, execute):
    dataset, key = running
    note_progress(dataset, key, 1, 2)
    text = form("stop_grounding", dataset)["run"].default
    assert text.startswith(f"`{key}`: 1 of 2 videos done, last update 20")
    assert execute("stop_grounding", {"dataset": dataset})["text"] == (
        f"'{key}' stops before its next video."
    )
    assert stop_requested(dataset, key)


def test_where_no_run_goes_on_there_is_nothing_to_stop(running, dataset, form, execute):
    _, key = running
    finish_run(dataset, GroundingSummary(key, "e3m", "bundled", "frames.gt"))
    sentence = f"No grounding run is active in '{dataset.name}'."
    assert form("stop_grounding", dataset)["problem"].error_message == sentence
    with pytest.raises(ExecutionError, match="No grounding run is active"):
        execute("stop_grounding", {"dataset": dataset})
    assert not stop_requested(dataset, key)


# Save views


@pytest.fixture
def graded(running):
    """Two grounded videos, one more confident than the other."""
    dataset, _ = running
    dataset.set_values("e3m_confidence", [0.4, 0.8])
    dataset.set_values("e3m_status", ["ok", "ok"])
    event = fo.TemporalDetection(label=RED, support=[1, 3])
    events = [fo.TemporalDetections(detections=[event.copy()]) for _ in dataset]
    dataset.set_values("e3m_events", events)
    return dataset


def test_the_form_says_what_each_view_would_hold(graded, form):
    text = form("save_review_views", graded)["preview"].default
    assert "**e3m confident**: 1 videos, confidence of at least 0.5" in text
    assert "disagrees" not in text, "nobody evaluated it"
    text = form("save_review_views", graded, params={"confident": 0})["preview"].default
    assert "**e3m confident**: 2 videos, confidence of at least 0" in text
    assert graded.list_saved_views() == []


def test_views_are_saved_with_the_chosen_threshold(graded, execute):
    text = execute("save_review_views", {"dataset": graded}, field="e3m", confident=0.9)["text"]
    states = "e3m accepted, e3m corrected, e3m rejected"
    assert text == f"Saved views: e3m confident, e3m to review, e3m no boxes, {states}."
    graded.reload()
    assert len(graded.load_saved_view("e3m to review")) == 2


def test_without_a_choice_it_is_the_grounding_that_the_form_offers_first(dataset, form, execute):
    for field in ("zebras", "cats"):
        Fields(field).declare(dataset, several_queries=False)
        start_run(dataset, e3m.Request(query=RED, field=field, boxes_field="gt").settings)
    assert form("save_review_views", dataset)["field"].default == "cats"
    text = execute("save_review_views", {"dataset": dataset})["text"]
    assert text.startswith("Saved views: cats confident")


def test_views_that_cannot_be_saved_are_refused(graded, new_dataset, form, execute):
    graded.save_view("e3m confident", graded.limit(1))
    with pytest.raises(ExecutionError, match="a saved view 'e3m confident' of another origin"):
        execute("save_review_views", {"dataset": graded}, field="e3m")
    with pytest.raises(ExecutionError, match="There is no grounding in 'nope'"):
        execute("save_review_views", {"dataset": graded}, field="nope")
    bare = new_dataset(1)
    problem = form("save_review_views", bare)["problem"]
    assert "Nothing in" in problem.error_message
    with pytest.raises(ExecutionError, match="has been grounded yet"):
        execute("save_review_views", {"dataset": bare})
    bare.delete()


# Preview


@pytest.fixture
def sound(tiny_encoder):
    """Valid parameters."""
    return {"query": f"{RED}\n{BLUE}", "boxes_field": "gt", "encoder": tiny_encoder}


def test_a_preview_shows_a_picture_and_a_row_for_each_sentence(dataset, plugins_dir, sound):
    operator = foo.get_operator(f"{PLUGIN}/preview_grounding")
    ctx = context("preview_grounding", dataset, params=sound)
    result = operator.execute(ctx)
    assert result["text"].startswith("clip.mp4: nothing was written.")
    kind, _, content = result["picture"].partition(";base64,")
    assert kind == "data:image/png"
    assert base64.b64decode(content).startswith(b"\x89PNG")
    assert [row["sentence"] for row in result["rows"]] == [RED, BLUE]
    assert set(result["rows"][0]) == {"sentence", "event", "confidence", "frames_with_a_box"}
    request = {"dataset_name": dataset.name, "results": result}
    shown = operator.resolve_output(ExecutionContext(request))
    assert shown is None or {"text_shown", "picture", "rows"} <= set(shown.type.properties)


def test_a_preview_writes_nothing_to_the_dataset(dataset, execute, sound):
    dataset.save_view("mine", dataset.limit(1))
    before = everything(dataset)
    execute("preview_grounding", {"dataset": dataset}, **sound)
    assert everything(dataset) == before


def everything(dataset):
    dataset.reload()
    document = dataset._doc.to_dict()
    document.pop("last_loaded_at")
    samples = [sample.to_dict(include_frames=True) for sample in dataset.iter_samples()]
    return document, dataset.list_runs(), dataset.list_saved_views(), samples


def test_the_selected_video_is_previewed(dataset, execute, sound, tmp_path):
    dataset.set_values("filepath", [str(tmp_path / "gone.mp4"), dataset.first().filepath])
    with pytest.raises(ExecutionError, match=r"gone\.mp4 does not exist"):
        execute("preview_grounding", {"dataset": dataset}, **sound)
    ctx = {"dataset": dataset, "selected": [dataset.last().id]}
    result = execute("preview_grounding", ctx, view_target="SELECTED_SAMPLES", **sound)
    assert "clip.mp4" in result["text"]


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"query": ""}, "query"),
        ({"query": None, "query_field": ["nope"]}, "no sample field 'nope'"),
        ({"boxes_field": "nope"}, r"'frames\.nope' does not exist"),
        ({"encoder": "nope"}, "Encoder 'nope' is not understood"),
        ({"boxes_field": None, "detector": "/no/yolo.pt"}, r"'/no/yolo\.pt': the App loads files"),
        ({"config": {"beta": 2}}, "beta"),
    ],
    ids=str,
)
def test_what_cannot_be_previewed_is_told(dataset, execute, form, sound, params, sentence):
    with pytest.raises(ExecutionError, match=sentence):
        execute("preview_grounding", {"dataset": dataset}, **{**sound, **params})


def test_the_form_of_a_preview_asks_for_nothing_that_is_written(dataset, form):
    properties = form("preview_grounding", dataset, params={"boxes_source": "field"})
    folded = set(properties["more"].type.properties)
    assert {"query", "boxes_field", "encoder"} <= set(properties)
    assert {"sample_fps", "advanced"} <= folded
    assert not {"field", "overwrite", "start", "only_new", "problem"} & (set(properties) | folded)
    problem = form("preview_grounding", dataset, params={"query": "x", "encoder": "nope"})
    assert "Encoder 'nope'" in problem["problem"].error_message


def test_a_dataset_without_videos_is_refused(form, execute):
    empty = fo.Dataset()
    params = {"query": RED, "encoder": "bundled"}
    assert "holds nothing" in (
        form("preview_grounding", empty, params=params)["problem"].error_message
    )
    with pytest.raises(ExecutionError, match="holds nothing"):
        execute("preview_grounding", {"dataset": empty}, **params)
    empty.delete()


# What all of them share


@pytest.mark.parametrize("shell", [s for s in OPERATORS if issubclass(s, Shell)])
def test_after_a_refusal_there_is_no_dialog_and_no_second_error(shell, plugins_dir):
    dataset = fo.Dataset()
    ctx = context(shell.operator_name(), dataset, results=None)
    assert shell().resolve_output(ctx) is None
    dataset.delete()


def test_what_is_wrong_stands_on_top_of_the_form(form):
    dataset = fo.Dataset()
    dataset.media_type = "video"
    assert next(iter(form("stop_grounding", dataset))) == "problem"
    dataset.delete()
