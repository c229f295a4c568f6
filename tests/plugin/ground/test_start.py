"""Pins the starting points of `ground_videos`, through FiftyOne's executor and form.

A new run, a stopped run, or new videos only; and sentences from several fields.
"""

import fiftyone as fo
import fiftyone.operators as foo
import pytest
from fiftyone.operators.executor import ExecutionError

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.signals import request_stop

URI = "@e3m/video-grounding/ground_videos"
RED, BLUE = "a red box", "a blue box"


@pytest.fixture
def ground(plugins_dir):
    """`ground(dataset, query=...)`: runs the operator with these parameters alone."""

    def run(ctx, **params):
        if isinstance(ctx, fo.Dataset):
            ctx = {"dataset": ctx}
        result = foo.execute_operator(URI, ctx, params=params)
        ctx.get("dataset", ctx.get("view"))._dataset.reload()
        return result

    return run


@pytest.fixture
def stopped(new_dataset, tiny_encoder):
    """A run that stopped after the first of three videos, over a view of their red boxes alone."""
    dataset = new_dataset(3)

    def stop(done, total, report):
        request_stop(dataset, dataset.list_runs()[0])

    view = dataset.filter_labels("frames.gt", fo.ViewField("label") == "red")
    config = e3m.E3MConfig(sample_fps=10, seed=3)
    models = {"boxes_field": "gt", "encoder": tiny_encoder}
    e3m.ground(view, [RED, BLUE], config=config, progress=stop, **models)
    dataset.reload()
    yield dataset
    dataset.delete()


def labels(properties):
    return {choice.value: choice.label for choice in properties["start"].view.choices}


def statuses(dataset, field="e3m"):
    return dataset.values(f"{field}_status")


# Continue


def test_a_stopped_run_is_offered_first_with_what_it_asked_and_how_far_it_is(stopped, form):
    properties = form(stopped)
    (key,) = stopped.list_runs()
    assert labels(properties) == {
        "continue": f"Continue '{key}': {RED}, {BLUE}; 1 of 3 videos done, stopped",
        "new": "Start a new run",
    }
    assert properties["start"].default == "continue"
    assert not {"query", "field", "encoder", "preview"} & set(properties), "they are settled"
    assert "problem" not in form(stopped, start="continue")
    assert "query" in form(stopped, start="new")


def test_continuing_grounds_the_rest_with_the_settings_and_the_view_of_the_run(stopped, ground):
    assert statuses(stopped) == ["ok", None, None]
    first = stopped.first().last_modified_at
    ground(stopped, start="continue", query="ignored", field="elsewhere")
    assert statuses(stopped) == ["ok", "ok", "ok"]
    assert stopped.first().last_modified_at == first, "what was done is not done again"
    (key,) = stopped.list_runs()
    record = stopped.get_run_info(key).config
    assert (record.state, record.settings["config"]["seed"]) == ("finished", 3)
    assert stopped.values("e3m_events.detections.label") == [[RED, BLUE]] * 3
    tubes = [frame.e3m for sample in stopped for frame in sample.frames.values() if frame.e3m]
    boxes = [detection.bounding_box for tube in tubes for detection in tube.detections]
    assert boxes
    assert all(box[1] < 0.5 for box in boxes), "the view held the red boxes, above, alone"
    assert not stopped.has_field("elsewhere_events")


def test_a_new_run_ignores_the_stopped_one(stopped, ground, tiny_encoder):
    ground(stopped, start="new", query=RED, field="mine", encoder=tiny_encoder, boxes_field="gt")
    assert statuses(stopped, "mine") == ["ok"] * 3
    assert statuses(stopped) == ["ok", None, None]
    assert len(stopped.list_runs()) == 2


def test_after_a_finished_run_there_is_nothing_to_continue(stopped, ground, form):
    ground(stopped, start="continue")
    assert "start" not in form(stopped)
    with pytest.raises(ExecutionError, match="There is no run to continue in"):
        ground(stopped, start="continue")
    properties = form(stopped, start="continue")  # as sent by a panel that was not refreshed
    assert properties["problem"].error_message.startswith("There is no run to continue")
    assert "query" not in properties, "no field can mend that"


# Only new videos


def test_only_videos_without_a_grounding_are_grounded(dataset, ground, form, tiny_encoder):
    params = {"encoder": tiny_encoder, "boxes_field": "gt"}
    assert "only_new" not in form(dataset, query=RED)
    ground({"view": dataset.limit(1)}, query=RED, **params)
    assert "only_new" in form(dataset, query=BLUE)
    assert "already holds a grounding on 1 of these 2" in (
        form(dataset, query=BLUE, **params)["problem"].error_message
    )
    assert "problem" not in form(dataset, query=BLUE, only_new=True, **params)
    ground(dataset, query=BLUE, only_new=True, **params)
    assert dataset.values("e3m_events.detections.label") == [[RED], [BLUE]]
    with pytest.raises(
        ExecutionError, match="All of these 2 videos already have a grounding in 'e3m'"
    ):
        ground(dataset, query=BLUE, only_new=True, **params)


# Several fields


def test_sentences_come_from_several_fields(dataset, ground, form, tiny_encoder):
    dataset.set_values("title", [RED, None])
    params = {"query_field": ["caption", "title"], "encoder": tiny_encoder, "boxes_field": "gt"}
    choices = form(dataset, query_source="field")["query_field"].view.choices
    assert [choice.value for choice in choices] == ["caption", "title"]
    ground(dataset, query_source="field", **params)
    assert dataset.values("e3m_events.detections.label") == [[BLUE, RED], [BLUE]]
    (key,) = dataset.list_runs()
    assert dataset.get_run_info(key).config.settings["query_field"] == ["caption", "title"]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["caption", "nope"], "no sample field 'nope' to take queries from. Fields with text: cap"),
        (["metadata"], "The query field 'metadata' holds EmbeddedDocumentField"),
        ([], "query_field|The query is empty|No query field"),
    ],
    ids=str,
)
def test_wrong_fields_are_told_before_anything_runs(dataset, ground, tiny_encoder, names, sentence):
    params = {"query_source": "field", "encoder": tiny_encoder, "boxes_field": "gt"}
    with pytest.raises(ExecutionError, match=sentence):
        ground(dataset, query_field=names, **params)
    assert dataset.list_runs() == []


def test_what_a_correction_kept_is_not_offered_as_boxes(dataset, ground, form, tiny_encoder):
    ground(dataset, query=RED, encoder=tiny_encoder, boxes_field="gt")
    sample = dataset.first()
    first, last = sample.e3m_events.detections[0].support
    e3m.correct_event(sample, RED, first, last - 1 if last > first else last + 1)
    assert dataset.has_frame_field("e3m_original")
    assert form(dataset, boxes_source="field")["boxes_field"].type.values == ["gt"]
