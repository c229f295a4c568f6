"""Pins that an argument of the wrong type is refused with a sentence, by every public function."""

import fiftyone as fo
import numpy as np
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.request import GroundingError, Request

SENTENCE = "a red box"


@pytest.fixture(scope="module")
def grounded(tmp_path_factory, draw_video, stand_ins):
    """A grounded video, shared by all tests here, which change nothing."""
    path = draw_video(
        tmp_path_factory.mktemp("arguments") / "a.mp4", [{"red": (8, 8, 32, 32)}] * 10
    )
    dataset = fo.Dataset()
    dataset.add_sample(fo.Sample(filepath=str(path)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("E3M_CACHE_MB", "0")
        e3m.ground(dataset, SENTENCE, encoder=stand_ins.encoder(), detector=stand_ins.detector())
    yield dataset
    dataset.delete()


ODD_QUERIES = [5, 0, True, b"a dog", {"a": "dog"}, [5], [{"a": 1}], [b"a dog"], object()]
HALF = "half \ud800 a character"


def kind(value):
    """The same name in every process, unlike the `repr` of many objects."""
    return type(value).__name__


@pytest.mark.parametrize("value", [*ODD_QUERIES, (s for s in "ab"), HALF, [HALF]], ids=kind)
@pytest.mark.parametrize("name", ["query", "query_field"])
def test_a_query_is_a_string_or_a_list_of_them(name, value):
    with pytest.raises(GroundingError, match=rf"^{name} (is|contains) .*\.$"):
        Request(**{name: value})


def test_queries_may_come_in_any_collection():
    for several in (["a", "b"], ("a", "b"), np.array(["a", "b"]), {"a": 1, "b": 2}.keys()):
        assert Request(several).settings["query"] == ["a", "b"]
    assert Request(["a", None, " "]).queries == ["a"]


@pytest.mark.parametrize(
    "given",
    [
        {"config": None},
        {"config": {"beta": 0.5}},
        {"config": e3m.E3MConfig},
        {"overwrite": "no"},
        {"overwrite": 1},
        {"cache": "off"},
        {"overlap": None},
        {"field": None},
        {"field": 5},
        {"field": ["e3m"]},
        {"boxes_field": 5},
        {"boxes_field": ["gt"]},
        {"events_field": 5},
        {"encoder": HALF},
        {"detector": HALF},
    ],
    ids=kind,
)
def test_ground_refuses_arguments_of_another_type(grounded, given):
    (name,) = given
    with pytest.raises(GroundingError, match=rf"^{name} is .*\.$"):
        e3m.ground(grounded, SENTENCE, **given)
    assert len(grounded.list_runs()) == 1


FUNCTIONS = {
    "ground": lambda samples: e3m.ground(samples, SENTENCE),
    "evaluate": e3m.evaluate,
    "accept_tubes": e3m.accept_tubes,
    "follow_events": e3m.follow_events,
    "prepare_for_annotation": e3m.prepare_for_annotation,
    "delete_grounding": e3m.delete_grounding,
    "calibrate": e3m.calibrate,
    "save_review_views": e3m.save_review_views,
    "correct_event": lambda sample: e3m.correct_event(sample, SENTENCE, 1, 2),
    "restore_event": lambda sample: e3m.restore_event(sample, SENTENCE),
}


@pytest.mark.parametrize("value", [None, 5, "a name", [], {}, object()], ids=kind)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_no_dataset_is_refused(name, value):
    with pytest.raises(GroundingError, match=r"^(samples|sample|dataset) is .*dataset.*\.$"):
        FUNCTIONS[name](value)


def test_a_dataset_that_was_deleted_is_refused():
    dataset = fo.Dataset()
    view = dataset.view()
    dataset.delete()
    for name in FUNCTIONS.keys() - {"correct_event", "restore_event"}:
        with pytest.raises(GroundingError, match=r"deleted"):
            FUNCTIONS[name](dataset)
    with pytest.raises(GroundingError, match=r"deleted"):
        e3m.ground(view, SENTENCE)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("evaluate", {"pred_field": 5}),
        ("evaluate", {"gt_field": None}),
        ("evaluate", {"eval_key": 5}),
        ("evaluate", {"ends": ["inclusive"]}),
        ("accept_tubes", {"field": None}),
        ("accept_tubes", {"into": 5}),
        ("accept_tubes", {"into": None}),
        ("accept_tubes", {"queries": 5}),
        ("accept_tubes", {"queries": [{}]}),
        ("follow_events", {"field": 5}),
        ("follow_events", {"field": None}),
        ("delete_grounding", {"field": 5}),
        ("delete_grounding", {"field": ["e3m"]}),
        ("calibrate", {"truth": None}),
        ("calibrate", {"field": {}}),
        ("save_review_views", {"confident": "high"}),
        ("save_review_views", {"confident": 5}),
        ("save_review_views", {"field": None}),
        ("prepare_for_annotation", {"field": None}),
        ("prepare_for_annotation", {"tolerance": "high"}),
        ("prepare_for_annotation", {"tolerance": None}),
        ("prepare_for_annotation", {"format": ["cvat"], "out": "/tmp"}),
        ("prepare_for_annotation", {"format": "coco", "out": 5}),
        ("prepare_for_annotation", {"format": "coco", "out": "/tmp/\0"}),
        ("prepare_for_annotation", {"format": "coco", "out": "x" * 5000}),
        ("prepare_for_annotation", {"format": "coco", "out": "~nobody-of-that-name/x"}),
        ("prepare_for_annotation", {"overwrite": "no"}),
        ("prepare_for_annotation", {"pictures": "yes"}),
    ],
    ids=str,
)
def test_the_other_functions_refuse_arguments_of_another_type(grounded, name, given):
    function = getattr(e3m, name)
    with pytest.raises(GroundingError, match=r"\.$") as refusal:
        function(grounded, **given)
    assert "Error" not in str(refusal.value)


@pytest.mark.parametrize(
    "given",
    [
        {"query": 5},
        {"query": None},
        {"first": "1"},
        {"first": 1.5},
        {"last": True},
        {"field": 5},
    ],
    ids=str,
)
def test_a_correction_refuses_arguments_of_another_type(grounded, given):
    sound = {"query": SENTENCE, "first": 2, "last": 3, "field": "e3m"}
    (name,) = given
    with pytest.raises(GroundingError, match=rf"^{name} is .*\.$"):
        e3m.correct_event(grounded.first(), **{**sound, **given})
