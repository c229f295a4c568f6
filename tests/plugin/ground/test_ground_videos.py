"""Pins the operator in FiftyOne's own executor: immediate execution, and the form.

`fiftyone_e3m.ground` itself is tested elsewhere. Here: the form's parameters reach it, errors are
shown before anything runs, and progress and result are shown.
"""

import re
import weakref

import fiftyone as fo
import fiftyone.operators as foo
import pytest
from fiftyone.operators import types
from fiftyone.operators.executor import ExecutionContext, ExecutionError

from fiftyone_e3m import E3MConfig
from fiftyone_e3m.config import limits
from fiftyone_e3m.engines import worker
from fiftyone_e3m.plugin.ground.parameters import request_of
from fiftyone_e3m.request import GroundingError, Request

URI = "@e3m/video-grounding/ground_videos"


def marked(dataset):
    """The dataset with an event in `marks` of each video."""
    mark = fo.TemporalDetection(label="a red box", support=[3, 8])
    dataset.set_values("marks", [fo.TemporalDetections(detections=[mark])] * len(dataset))
    return dataset


@pytest.fixture(scope="module")
def library(new_dataset):
    """A labelled video that is never grounded."""
    dataset = marked(new_dataset(1))
    yield dataset
    assert dataset.list_runs() == []
    assert not dataset.has_frame_field("e3m")
    dataset.delete()


@pytest.fixture
def execute(plugins_dir, tiny_encoder):
    """Runs the operator with valid parameters, overridden by the given ones."""

    def run(ctx, **params):
        sound = {"query": "a red box", "boxes_field": "gt", "encoder": tiny_encoder}
        return foo.execute_operator(URI, ctx, params={**sound, **params})

    return run


# Immediate execution


def test_a_dataset_is_grounded_with_the_parameters_of_the_form(dataset, execute, tiny_encoder):
    config = {"seed": 3, "classes": ["red"], "prompts": ["crop"], "beta": None}
    result = execute(
        {"dataset": dataset}, query="a red box\n\na blue box", sample_fps=10, config=config
    )
    assert result.error is None
    dataset.reload()
    assert dataset.values("e3m_status") == ["ok", "ok"]
    sample = dataset.first()
    assert [event.label for event in sample.e3m_events.detections] == ["a red box", "a blue box"]
    assert dataset.count("frames.e3m_relevance") == 20
    boxes = [box for frame in sample.frames.values() if frame.e3m for box in frame.e3m.detections]
    assert boxes
    assert all(box.bounding_box[1] < 0.5 for box in boxes), "only the class red, above, takes part"
    (key,) = dataset.list_runs()
    record = dataset.get_run_info(key).config
    assert record.state == "finished"
    assert record.settings["encoder"] == tiny_encoder
    assert record.settings["boxes_field"] == "gt"
    asked = E3MConfig(sample_fps=10, seed=3, classes=["red"], prompts=["crop"])
    assert E3MConfig(**record.settings["config"]) == asked


def test_the_models_of_a_run_are_let_go_of(dataset, execute, monkeypatch):
    loaded, load = [], worker.load_encoder

    def noted(*given):
        encoder = load(*given)
        loaded.append(weakref.ref(encoder))
        return encoder

    monkeypatch.setattr(worker, "load_encoder", noted)
    result = execute({"dataset": dataset})
    assert result.error is None
    assert [encoder() for encoder in loaded] == [None]


def test_the_device_is_asked_for_where_there_is_a_choice(library, form, machine):
    machine()
    assert "device" not in form(library)
    machine(cuda=2)
    device = form(library)["device"]
    assert device.type.values == ["auto", "cuda:0", "cuda:1", "cpu"]
    assert device.default == "auto"


@pytest.mark.parametrize(("given", "device"), [("auto", None), ("", None), ("cuda:1", "cuda:1")])
def test_the_device_reaches_the_request(given, device):
    assert request_of({"query": "a red box", "device": given}).device == device


def test_a_program_may_name_the_device_where_the_form_asks_for_none(
    library, form, execute, machine
):
    machine()
    said = "device is 'cuda:7', but there is no such device here. Use cpu."
    sound = {"query": "a red box", "boxes_field": "gt", "encoder": "bundled"}
    assert form(library, **sound, device="cuda:7")["problem"].error_message == said
    assert "problem" not in form(library, **sound, device="cpu")
    with pytest.raises(ExecutionError, match=re.escape(said)):
        execute({"dataset": library}, device="cuda:7")


def test_only_the_selected_videos_are_grounded(dataset, execute):
    ctx = {"dataset": dataset, "selected": [dataset.last().id]}
    execute(ctx, view_target="SELECTED_SAMPLES")
    dataset.reload()
    assert dataset.values("e3m_status") == [None, "ok"]


def test_only_the_view_is_grounded_with_a_sentence_of_each_video(dataset, execute):
    execute({"view": dataset.limit(1)}, query=None, query_field="caption", field="mine")
    dataset.reload()
    assert dataset.values("mine_status") == ["ok", None]
    assert dataset.values("mine_events.detections.label") == [["a blue box"], None]


def test_a_grounded_dataset_is_refused_until_overwriting_is_asked_for(dataset, execute):
    execute({"dataset": dataset})
    with pytest.raises(ExecutionError, match="'e3m' already holds a grounding on 2 of these 2"):
        execute({"dataset": dataset}, query="a blue box")
    assert len(dataset.list_runs()) == 1
    execute({"dataset": dataset}, query="a blue box", overwrite=True)
    dataset.reload()
    assert dataset.values("e3m_events.detections.label") == [["a blue box"]] * 2


@pytest.mark.parametrize(
    ("role", "expected"), [({}, "window"), ({"events_role": "prior"}, "prior")], ids=str
)
def test_the_time_may_come_from_events_of_the_dataset(dataset, execute, role, expected):
    execute({"dataset": marked(dataset)}, events_field="marks", **role)
    dataset.reload()
    assert dataset.values("e3m_status") == ["ok", "ok"]
    settings = dataset.get_run_info(dataset.list_runs()[0]).config.settings
    assert (settings["events_field"], settings["events_role"]) == ("marks", expected)
    if expected == "window":
        assert dataset.values("e3m_events.detections.support") == [[[3, 8]]] * 2


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"query": ""}, "query"),
        ({"query": None}, "query"),
        ({"query": " \n "}, "The query is empty"),
        ({"query": None, "query_field": "nope"}, "no sample field 'nope'.* caption"),
        ({"boxes_field": "nope"}, "'frames.nope' does not exist.* detections: gt"),
        ({"events_field": "nope"}, "'nope' does not exist.* temporal detections: marks"),
        ({"events_field": "marks", "events_role": "nope"}, "nope"),
        (
            {"boxes_field": None, "detector": "/nowhere/yolo.pt"},
            "'/nowhere/yolo.pt': the App loads files of weights only from folders",
        ),
        ({"encoder": "nope"}, "Encoder 'nope' is not understood"),
        ({"encoder": "local-dir:/nowhere"}, "only from folders that the administrator"),
        ({"field": "a b"}, "'a b' cannot be the name of a field"),
        ({"field": "gt"}, "would replace the boxes in 'frames.gt'"),
        ({"sample_fps": 0}, "sample_fps = 0: Input should be greater than"),
        ({"sample_fps": 61}, "sample_fps"),
        ({"config": {"beta": 1.5}}, "beta"),
        ({"config": {"n_iter": 0}}, "n_iter"),
        ({"config": {"text_template": "a photo"}}, "must contain {query}"),
        ({"config": {"nope": 1}}, "nope = 1: Extra inputs are not permitted"),
    ],
    ids=str,
)
def test_what_is_wrong_is_told_before_anything_runs(library, execute, params, sentence):
    with pytest.raises(ExecutionError, match=sentence):
        execute({"dataset": library}, **params)


def test_a_bad_video_does_not_fail_the_operator(dataset, execute, tmp_path):
    (tmp_path / "text.mp4").write_text("no video")
    dataset.set_values("filepath", [dataset.first().filepath, str(tmp_path / "text.mp4")])
    assert execute({"dataset": dataset}).error is None
    dataset.reload()
    assert dataset.values("e3m_status") == ["ok", "unreadable"]


def test_progress_result_and_reload_reach_the_app(dataset, plugins_dir, tiny_encoder):
    params = {"query": "a red box", "boxes_field": "gt", "encoder": tiny_encoder}
    request = {"dataset_name": dataset.name, "params": params}
    ctx = ExecutionContext(request, executor=foo.executor.Executor(), operator_uri=URI)
    sent = [message.body for message in foo.get_operator(URI).execute(ctx)]
    progress = [m.params for m in sent if m.operator_uri == "set_progress"]
    assert [(p["progress"], p["label"]) for p in progress] == [
        (0, "loading models"),
        (0, "0/2 videos: clip.mp4"),
        (0.5, progress[2]["label"]),
        (1, "2/2 videos"),
    ]
    notice, reload, docked = sent[-3:]
    assert "2 of 2 videos grounded" in notice.params["message"]
    assert notice.params["variant"] == "success"
    assert reload.operator_uri == "reload_dataset"
    assert docked.operator_uri == "@e3m/video-grounding/dock_timeline"


# The form


def test_every_parameter_of_the_configuration_is_on_the_form(library, form):
    properties = form(library, advanced=True)
    config = properties["config"].type.properties
    for name, field in E3MConfig.model_fields.items():
        prop = properties[name] if name == "sample_fps" else config[name]
        assert prop.view.description == field.description or prop.description == field.description
        is_list = isinstance(prop.type, types.List)
        assert prop.default == (list(field.default or []) if is_list else field.default)
        if isinstance(prop.type, types.Number):
            assert (prop.type.min, prop.type.max) == limits(name)
    assert config["seed"].type.int
    assert config["link"].type.values == ["object", "viterbi", "argmax"]
    assert isinstance(config["context"].type, types.Boolean)
    assert {p.type.__class__ for n, p in config.items() if n.startswith("heading_")} == {types.Void}


def test_advanced_settings_are_folded_away(library, form):
    assert "config" not in form(library)
    assert "sample_fps" in form(library)


def test_text_fields_and_box_fields_of_the_dataset_are_offered(library, form):
    properties = form(library, query_source="field", boxes_source="field")
    assert [choice.value for choice in properties["query_field"].view.choices] == ["caption"]
    assert "query" not in properties
    assert properties["boxes_field"].type.values == ["gt"]
    properties = form(library, boxes_source="detector")
    assert "query" in properties
    assert properties["detector"].default == "yolo11n.pt"
    assert "boxes_field" not in properties


def test_boxes_that_look_like_truth_are_offered_but_not_preselected(library, new_dataset, form):
    properties = form(library)
    assert properties["boxes_source"].default == "detector"
    assert "boxes_field" not in properties
    assert form(library, boxes_source="field")["boxes_field"].default is None
    dataset = new_dataset(1)
    for name in ("truth_2", "evaluated", "sam"):
        dataset.clone_frame_field("gt", name)
    dataset.evaluate_detections("frames.sam", gt_field="frames.evaluated", eval_key="eval")
    properties = form(dataset)
    assert properties["boxes_source"].default == "field"
    assert properties["boxes_field"].default == "sam"
    assert properties["boxes_field"].type.values == ["sam", "gt", "truth_2", "evaluated"]


def test_only_events_of_the_dataset_are_offered(library, form):
    properties = form(library)
    assert properties["events_source"].default == "found"
    assert not {"events_field", "events_role"} & set(properties)
    for params in ({"events_source": "field"}, {"events_field": "marks"}):
        properties = form(library, **params)
        assert properties["events_field"].type.values == ["marks"]
        assert properties["events_field"].default == "marks"
        assert properties["events_role"].type.values == ["window", "prior"]
        assert properties["events_role"].default == "window"


def test_events_that_the_run_would_replace_are_not_offered(dataset, execute, form):
    execute({"dataset": marked(dataset)})
    dataset.reload()
    assert form(dataset, events_source="field")["events_field"].type.values == ["marks"]
    properties = form(dataset, events_source="field", field="again")
    assert properties["events_field"].type.values == ["marks", "e3m_events"]
    given = {"query": "a man", "events_source": "field", "events_field": "e3m_events"}
    problem = form(dataset, **given, overwrite=True)["problem"]
    assert "would replace the events in 'e3m_events'" in problem.error_message


def test_what_a_run_has_written_is_not_offered(dataset, execute, form):
    execute({"dataset": dataset})
    dataset.reload()
    properties = form(dataset, query_source="field", boxes_source="field")
    assert [choice.value for choice in properties["query_field"].view.choices] == ["caption"]
    assert properties["boxes_field"].type.values == ["gt"]


def test_without_such_fields_there_is_no_choice(plugins_dir, form, clip):
    dataset = fo.Dataset()
    dataset.add_sample(fo.Sample(filepath=str(clip)))
    properties = form(dataset)
    assert {"query", "detector"} <= set(properties)
    choices = {"query_source", "query_field", "boxes_source", "boxes_field", "events_source"}
    assert not choices & set(properties)
    dataset.delete()


def test_the_form_tells_what_is_wrong_and_cannot_be_sent(library, form):
    problem = form(library, query="a man", field="a b")["problem"]
    assert problem.invalid
    assert "'a b' cannot be the name of a field" in problem.error_message
    assert "problem" not in form(library, query="a man", encoder="bundled")
    assert "problem" not in form(library), "an empty form is not an error yet"


def test_a_button_stands_above_the_grid(library, plugins_dir):
    ctx = ExecutionContext({"dataset_name": library.name}, operator_uri=URI)
    placement = foo.get_operator(URI).resolve_placement(ctx)
    assert placement.place is types.Places.SAMPLES_GRID_SECONDARY_ACTIONS
    assert placement.view.prompt


def test_of_two_alternatives_the_chosen_one_counts():
    both = {"query": "a man", "query_field": "caption", "boxes_field": "gt", "detector": "x.pt"}
    both["events_field"] = "marks"
    typed = request_of({**both, "query_source": "typed", "boxes_source": "detector"})
    assert (typed.query, typed.query_field) == (["a man"], None)
    assert (typed.boxes_field, typed.detector) == (None, "x.pt")
    field = request_of({**both, "query_source": "field", "boxes_source": "field"})
    assert (field.query, field.query_field) == (None, "caption")
    assert (field.boxes_field, field.detector) == ("gt", None)
    with pytest.raises(GroundingError, match=r"'gt' and the detector 'x\.pt' were given"):
        request_of(both)
    both = {**both, "boxes_source": "field"}
    assert request_of({**both, "events_source": "found"}).events_field is None
    assert request_of({**both, "events_source": "field"}).events_field == "marks"
    assert request_of(both).events_field == "marks"


def test_missing_parameters_are_those_of_ground():
    request = request_of({"query": "a man", "config": {"heading_em": None}})
    assert request == Request(query=["a man"])
    assert request.field == "e3m"
    with pytest.raises(GroundingError, match="alpha = 2"):
        request_of({"query": "a man", "config": {"alpha": 2}})
