"""Pins what helps a new user of the App: a short form, a plan, values that are kept, plain words.

A request of the App differs from a program's in that it says how the App is set.
"""

import re

import fiftyone as fo
import fiftyone.operators as foo
import pytest
from fiftyone.operators.executor import ExecutionError
from huggingface_hub import constants

GROUND = "@e3m/video-grounding/ground_videos"
PREVIEW = "@e3m/video-grounding/preview_grounding"
RED, BLUE = "a red box", "a blue box"


@pytest.fixture
def shown(opened):
    """`shown(dataset, ...)`: the properties of the form as the App shows it."""

    def of(dataset, uri=GROUND, **params):
        ctx = opened(uri, dataset, **params)
        return foo.get_operator(uri).resolve_input(ctx).type.properties

    return of


@pytest.fixture
def send(opened):
    """`send(dataset, ...)`: executes a form; returns what the App was sent, by operator."""

    def execute(dataset, uri=GROUND, request=None, **params):
        ctx = opened(uri, dataset, request, **params)
        result = foo.get_operator(uri).execute(ctx)
        if uri == GROUND:  # a generator
            list(result)
        dataset.reload()
        sent = ctx.executor.to_json()["requests"]
        return [(message["operator_uri"], message["params"]) for message in sent]

    return execute


@pytest.fixture
def sound(tiny_encoder):
    """Parameters of a run that works."""
    return {"query": RED, "boxes_source": "field", "boxes_field": "gt", "encoder": tiny_encoder}


def more(properties):
    return properties["more"].type.properties


# The form


def test_sentence_boxes_and_encoder_come_first_and_the_rest_is_folded(dataset, shown):
    properties = shown(dataset)
    assert list(properties) == [
        "query_source",
        "query",
        "boxes_source",
        *(name for name in properties if name in {"boxes_field", "detector"}),
        "encoder",
        "preview",
        "more",
    ]
    view = properties["more"].view.to_json()
    assert (view["name"], view["collapsible"], view["default_expanded"]) == (
        "ObjectView",
        True,
        False,
    )
    assert {"preset", "sample_fps", "advanced", "field", "tasks"} == set(more(properties))


def test_folded_parameters_count_like_all_others(dataset, send, sound):
    folded = {"field": "mine", "sample_fps": 10, "preset": "paper", "config_paper": {"seed": 3}}
    send(dataset, **sound, more=folded)
    (key,) = dataset.list_runs()
    settings = dataset.get_run_info(key).config.settings
    assert dataset.values("mine_status") == ["ok", "ok"]
    assert (settings["config"]["sample_fps"], settings["config"]["seed"]) == (10, 3)
    assert settings["config"]["contrast"] is False


def test_existing_results_are_asked_about_only_where_there_are_any(dataset, shown, send, sound):
    assert not {"overwrite", "only_new"} & set(shown(dataset, **sound))
    send(dataset, **sound)
    assert {"overwrite", "only_new"} <= set(shown(dataset, **sound))
    assert not {"overwrite", "only_new"} & set(shown(dataset, **sound, more={"field": "other"}))


def test_the_preview_opens_for_the_same_videos(dataset, opened, send, sound):
    ctx = opened(GROUND, dataset, {"selected": [dataset.last().id]}, view_target="SELECTED_SAMPLES")
    button = foo.get_operator(GROUND).resolve_input(ctx).type.properties["preview"].view
    assert button.params["view_target"] == "SELECTED_SAMPLES"


# What will happen


def test_what_a_run_will_do_is_told_before_it_starts(dataset, shown, send, sound):
    dataset.set_values("metadata", [fo.VideoMetadata(duration=1.0)] * 2)
    plan = shown(dataset, **sound)["plan"].default
    assert "**2 videos** (2 s long in all)" in plan
    assert "how long it takes is not known yet: a preview with these models tells" in plan
    assert "`frames.e3m`, `frames.e3m_relevance`, `e3m_events`" in plan
    assert "e3m_queries" not in plan
    both = {**sound, "query": f"{RED}\n{BLUE}"}
    assert "`frames.e3m_queries`" in shown(dataset, **both)["plan"].default


@pytest.mark.parametrize("uri", [GROUND, PREVIEW])
def test_a_run_and_a_preview_tell_how_long_the_next_run_takes(dataset, shown, send, sound, uri):
    send(dataset, uri, **sound)
    known = {**sound, "overwrite": True}
    assert re.search(r"2 videos.* in about \d+ s", shown(dataset, **known)["plan"].default)
    other = {**known, "encoder": "bundled"}
    assert "not known" in shown(dataset, **other)["plan"].default, "other models, other times"


def test_only_the_videos_that_are_left_are_counted(dataset, shown, send, sound):
    send(dataset, request={"view": dataset.limit(1)._serialize()}, **sound)
    assert "**1 video**" in shown(dataset, **sound, only_new=True)["plan"].default


def test_weights_that_are_missing_are_named_before_the_run(dataset, shown, tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    params = {"query": RED, "boxes_source": "detector", "detector": "yolo11n.pt"}
    plan = shown(dataset, **params)["plan"].default
    assert "**Not on this machine**: ViT-B-32/laion2b_s34b_b79k (605 MB" in plan
    assert "**Not on this machine**: yolo11n.pt (5 MB" in plan
    (tmp_path / "yolo11n.pt").touch()
    assert "Not on this machine" not in shown(dataset, **params, encoder="bundled")["plan"].default


def test_progress_names_the_video_and_the_time_left(dataset, send, sound):
    sent = send(dataset, **sound)
    labels = [params["label"] for name, params in sent if name == "set_progress"]
    assert labels[:2] == ["loading models", "0/2 videos: clip.mp4"]
    assert labels[2].startswith("1/2 videos, about ")
    assert labels[2].endswith(" s left: clip.mp4")
    assert labels[3] == "2/2 videos"


# Values that are kept


def test_the_form_opens_with_the_values_of_the_last_run(dataset, new_dataset, shown, send, sound):
    send(dataset, **sound, more={"field": "mine", "sample_fps": 3}, view_target="DATASET")
    properties = shown(dataset)
    assert properties["query"].default == RED
    assert properties["boxes_field"].default == "gt"
    assert properties["encoder"].default == sound["encoder"]
    assert more(properties)["field"].default == "mine"
    assert more(properties)["sample_fps"].default == 3
    assert shown(dataset, PREVIEW)["query"].default == RED
    other = new_dataset(1)
    assert shown(other)["query"].default is None, "another dataset has values of its own"
    other.delete()


def test_what_is_dangerous_to_repeat_is_not_kept(dataset, shown, send, sound):
    send(dataset, **sound)
    send(dataset, **sound, overwrite=True)
    assert shown(dataset)["overwrite"].default is False


def test_a_program_gets_the_documented_defaults(dataset, send, form_of, sound):
    send(dataset, **sound, more={"field": "mine"})
    assert form_of(GROUND, dataset)["query"].default is None
    with pytest.raises(ExecutionError, match="query"):
        foo.execute_operator(GROUND, {"dataset": dataset}, params={})


def test_a_field_that_was_deleted_is_not_offered_again(dataset, shown, send, sound):
    dataset.clone_frame_field("gt", "boxes")
    send(dataset, **{**sound, "boxes_field": "boxes"})
    dataset.delete_frame_field("boxes")
    properties = shown(dataset, boxes_source="field")
    assert properties["boxes_field"].type.values == ["gt"]
    assert properties["boxes_field"].default is None, "what looks like truth is not preselected"


def test_a_preview_leaves_its_values_to_the_run(dataset, shown, send, sound):
    send(dataset, PREVIEW, **sound, more={"sample_fps": 10, "config": {"seed": 7}})
    assert not dataset.has_field("e3m_events")
    properties = shown(dataset)
    assert properties["query"].default == RED
    assert more(properties)["sample_fps"].default == 10
    assert more(properties)["config"].type.properties["seed"].default == 7


# Refusals


def test_a_refusal_while_running_is_a_toast_and_no_error(
    dataset, send, sound, tmp_path, monkeypatch
):
    monkeypatch.setenv("E3M_WEIGHTS_DIRS", str(tmp_path))
    (tmp_path / "weights.pt").write_text("no weights")
    broken = {**sound, "encoder": f"ViT-B-32/{tmp_path}/weights.pt"}
    for uri in (GROUND, PREVIEW):
        sent = send(dataset, uri, **broken)
        ((_, toast),) = [message for message in sent if message[0] == "notify"]
        assert toast["variant"] == "error"
        assert "could not be loaded" in toast["message"]
    assert dataset.list_runs() == []


def test_a_refusal_before_the_models_shows_no_progress(dataset, send, sound):
    sent = send(dataset, **{**sound, "boxes_field": "nope"})
    assert [name for name, _ in sent] == ["notify"]
    assert "'frames.nope' does not exist" in sent[0][1]["message"]


def test_the_app_is_told_in_its_own_words_and_python_in_its(dataset, shown, send, sound):
    send(dataset, **sound)
    asked = {**sound, "query": BLUE}
    problem = shown(dataset, **asked)["problem"].error_message
    assert "Tick 'Overwrite' to replace it, or 'Only videos not yet grounded'" in problem
    assert "=True" not in problem
    with pytest.raises(ExecutionError, match="Pass overwrite=True to replace it"):
        foo.execute_operator(GROUND, {"dataset": dataset}, params=asked)
