"""Pins the operator `evaluate_grounding` through FiftyOne's executor: result, refusals, form.

The scores are pinned in tests/evaluation. Here: the user's choices reach the library, the worst
pairs are shown first, and errors are sentences.
"""

import fiftyone as fo
import fiftyone.operators as foo
import pytest
from fiftyone.operators.executor import ExecutionContext, ExecutionError

from fiftyone_e3m.dataset.records import start_run
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.plugin.evaluating import ROWS
from fiftyone_e3m.request import Request

URI = "@e3m/video-grounding/evaluate_grounding"
SOUND = {"field": "e3m", "gt_field": "gt", "eval_key": "eval", "ends": "inclusive"}


def events(label, first, last):
    found = [fo.TemporalDetection(label=label, support=[first, last])]
    return fo.TemporalDetections(detections=found)


def add(dataset, name, found, true, label="a dog"):
    """A video with a predicted and a true event; None for no event."""
    values = {"e3m_events": found, "gt_events": true}
    labels = {key: events(label, *span) for key, span in values.items() if span}
    dataset.add_sample(fo.Sample(filepath=f"/videos/{name}.mp4", e3m_status="ok", **labels))


def ground(dataset, field="e3m", **request):
    """Makes a field look grounded: schema and run record."""
    Fields(field).declare(dataset, several_queries=False)
    start_run(dataset, Request(query="a dog", field=field, **request).settings)


@pytest.fixture
def dataset():
    dataset = fo.Dataset()
    dataset.media_type = "video"
    dataset.add_frame_field("candidates", fo.EmbeddedDocumentField, embedded_doc_type=fo.Detections)
    dataset.add_sample_field(
        "gt_events", fo.EmbeddedDocumentField, embedded_doc_type=fo.TemporalDetections
    )
    yield dataset
    dataset.delete()


@pytest.fixture
def grounded(dataset):
    """Three videos: predicted exactly, predicted in part, not predicted."""
    ground(dataset, boxes_field="candidates")
    add(dataset, "exact", (1, 8), (1, 8))
    add(dataset, "lost", None, (2, 3))
    add(dataset, "part", (1, 8), (5, 12))
    return dataset


@pytest.fixture
def execute(plugins_dir):
    """Runs the operator with valid parameters, overridden by the given ones."""

    def run(ctx, **params):
        sound = {**SOUND, "gt_field": "gt_events"}
        return foo.execute_operator(URI, ctx, params={**sound, **params})

    return run


def test_the_result_is_a_sentence_and_a_table_worst_first(grounded, execute):
    result = execute({"dataset": grounded})
    assert result.error is None
    assert result.result["text"].startswith(
        "m_tIoU 0.444 over 3 pairs, 1 of them without a prediction (counted as 0). "
        "Of 3 pairs: 1 at the right time, 1 at the wrong time, 1 not predicted. "
        "The ground truth has no boxes"
    )
    rows = result.result["rows"]
    assert [row["video"] for row in rows] == ["lost.mp4", "part.mp4", "exact.mp4"]
    assert rows[0]["found_frames"] == "not asked for or not found"
    assert rows[1] == {
        "video": "part.mp4",
        "sentence": "a dog",
        "found_frames": "1 - 8",
        "true_frames": "5 - 12",
        "tIoU": "0.33",
        "vIoU": "-",
    }


def test_the_scores_are_kept_under_the_key(grounded, execute):
    execute({"dataset": grounded}, eval_key="mine", ends="half_open")
    grounded.reload()
    assert grounded.values("mine_tiou") == [1, 0, pytest.approx(3 / 11)]
    assert grounded.get_run_info("mine").config.settings["ends"] == "half_open"


def test_without_a_choice_the_oldest_ground_truth_counts(grounded, plugins_dir):
    result = foo.execute_operator(URI, {"dataset": grounded}, params={}).result
    assert [row["video"] for row in result["rows"]] == ["lost.mp4", "part.mp4", "exact.mp4"]


def test_only_the_target_is_evaluated(grounded, execute):
    result = execute({"view": grounded.limit(1)})
    assert [row["video"] for row in result.result["rows"]] == ["exact.mp4"]
    selected = [grounded.last().id]
    result = execute({"dataset": grounded, "selected": selected}, view_target="SELECTED_SAMPLES")
    assert [row["video"] for row in result.result["rows"]] == ["part.mp4"]
    grounded.reload()
    assert grounded.values("eval_tiou") == [None, None, pytest.approx(1 / 3)]


def test_a_long_table_is_cut_and_says_so(grounded, execute):
    for number in range(ROWS):
        add(grounded, f"clip{number}", (1, 2), (1, 2))
    result = execute({"dataset": grounded})
    assert len(result.result["rows"]) == ROWS
    assert f"The {ROWS} worst of {ROWS + 3} pairs are shown." in result.result["text"]


def test_what_does_not_count_is_told(grounded, execute):
    add(grounded, "more", (1, 2), None)
    add(grounded, "odd", (1, 2), (1, 2))
    sample = grounded.last()
    sample.gt_events.detections += events("a dog", 5, 6).detections
    sample.save()
    text = execute({"dataset": grounded}).result["text"]
    assert "Predictions without ground truth, not counted: 1." in text
    assert "odd.mp4: further events of a sentence, merged with the first in gt_events: 1" in text


def output(dataset, results, **params):
    """The properties of the result dialog, or None if none is shown."""
    request = {"dataset_name": dataset.name, "params": params, "results": results}
    ctx = ExecutionContext(request, operator_uri=URI)
    shown = foo.get_operator(URI).resolve_output(ctx)
    return shown and shown.type.properties


def test_the_dialog_shows_text_plot_and_table(grounded, execute):
    shown = output(
        grounded, execute({"dataset": grounded}, eval_key="mine").result, eval_key="mine"
    )
    assert list(shown)[:3] == ["text_shown", "plot", "rows"]
    columns = [column.label for column in shown["rows"].view.columns]
    assert columns == ["video", "sentence", "found frames", "true frames", "tIoU", "vIoU"]
    bars = [trace["name"] for trace in shown["plot"].view.to_json()["data"]]
    assert bars == ["at the right time: 1", "at the wrong time: 1", "not predicted: 1"]


def test_the_plot_shows_all_pairs_not_only_those_of_the_table(grounded, execute):
    for number in range(ROWS):
        add(grounded, f"clip{number}", (1, 2), (1, 2))
    shown = output(grounded, execute({"dataset": grounded}).result)
    assert shown["plot"].view.to_json()["data"][0]["name"] == f"at the right time: {ROWS + 1}"


def test_after_a_refusal_there_is_no_dialog(grounded, plugins_dir):
    assert output(grounded, None) is None


def test_the_run_is_in_the_list_of_the_model_evaluation_panel(grounded, execute):
    execute({"dataset": grounded}, eval_key="mine")
    grounded.reload()
    grounded.clear_cache()
    assert grounded.list_evaluations(type="detection") == ["mine"]
    metrics = grounded.load_evaluation_results("mine").metrics()
    assert metrics["m_tIoU"] == pytest.approx((1 + 1 / 3) / 3)


# Refusals


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"field": "nope"}, "There is no grounding in 'nope'"),
        ({"gt_field": "nope"}, "There are no tubes in 'nope'"),
        ({"gt_field": "e3m_status"}, "There are no tubes in 'e3m_status': it holds neither"),
        ({"gt_field": "e3m"}, "would be compared with itself"),
        ({"eval_key": "my eval"}, "'my eval' cannot be an evaluation key"),
        ({"eval_key": "label"}, r"already has e3m_events\.detections\.label"),
        ({"eval_key": "theirs"}, "already has theirs_tiou, which no evaluation 'theirs' wrote"),
        ({"ends": "open"}, "'open' is not a convention"),
        ({"gt_field": "candidates"}, r"no ground truth in frames\.candidates"),
    ],
    ids=str,
)
def test_what_is_wrong_is_told(grounded, execute, params, sentence):
    grounded.set_values("theirs_tiou", [0.1, 0.2, 0.3])
    with pytest.raises(ExecutionError, match=sentence):
        execute({"dataset": grounded}, **params)
    assert not grounded.has_run("eval")


def test_sentences_that_never_meet_are_told(dataset, execute):
    ground(dataset)
    add(dataset, "found", (1, 2), None, "a dog")
    add(dataset, "true", None, (1, 2), "dog")
    with pytest.raises(ExecutionError, match=r"No sentence is in both .*'a dog'.*'dog'"):
        execute({"dataset": dataset})


def test_before_any_grounding_there_is_nothing_to_evaluate(dataset, execute, form):
    sentence = "has been grounded yet"
    with pytest.raises(ExecutionError, match=sentence):
        execute({"dataset": dataset})
    assert sentence in form(dataset)["problem"].error_message


def test_without_any_field_of_labels_there_is_nothing_to_compare_with(plugins_dir, form):
    dataset = fo.Dataset()
    dataset.media_type = "video"
    ground(dataset)
    assert "has no ground truth" in form(dataset)["problem"].error_message
    dataset.delete()


def test_boxes_that_a_grounding_chose_from_are_no_ground_truth_yet(grounded, form):
    grounded.delete_sample_field("gt_events")
    problem = form(grounded)["problem"].error_message
    assert "no ground truth yet" in problem
    assert "frames.candidates" in problem
    assert "problem" not in form(grounded, gt_field="candidates"), "unless somebody says so"


# The form


def test_groundings_and_ground_truths_are_offered(grounded, form):
    ground(grounded, "second")
    properties = form(grounded)
    assert properties["field"].type.values == ["e3m", "second"]
    assert properties["gt_field"].type.values == ["gt_events", "candidates"]
    assert properties["gt_field"].default == "gt_events", "candidates are the last guess"
    assert properties["eval_key"].default == "eval"
    assert "<key>_viou" in properties["eval_key"].view.description
    assert properties["ends"].type.values == ["inclusive", "half_open"]
    assert properties["ends"].default == "inclusive"
    assert "problem" not in properties, "an untouched form is sound"


def test_the_form_tells_what_is_wrong_and_cannot_be_sent(grounded, form):
    properties = form(grounded, eval_key="my eval")
    assert properties["problem"].invalid
    assert "cannot be an evaluation key" in properties["problem"].error_message
    assert "eval_key" in properties, "so that it can be put right"


def test_events_that_a_grounding_took_times_from_are_a_late_guess(dataset, form):
    dataset.add_sample_field(
        "later_events", fo.EmbeddedDocumentField, embedded_doc_type=fo.TemporalDetections
    )
    add(dataset, "exact", (1, 8), (1, 8))
    ground(dataset, boxes_field="candidates", events_field="gt_events")
    gt_field = form(dataset)["gt_field"]
    assert gt_field.type.values == ["later_events", "candidates", "gt_events"]
