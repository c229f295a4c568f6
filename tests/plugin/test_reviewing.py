"""Pins accept, correct and delete as run by the App: form, refusal, result, and affected videos.

Their effects on labels are pinned in tests/review. Here: only chosen videos are changed, errors are
shown before anything runs, and the result is shown.
"""

import fiftyone as fo
import fiftyone.operators as foo
import pytest
from fiftyone.operators import types
from fiftyone.operators.executor import ExecutionContext, ExecutionError

import fiftyone_e3m as e3m

PLUGIN = "@e3m/video-grounding"
RED, BLUE = "a red box", "a blue box"


@pytest.fixture(scope="module")
def library(new_dataset, plugins_dir, tiny_encoder):
    """Two grounded videos with two sentences each, the red box in frames 4 to 6; never changed."""
    dataset = new_dataset(2)
    e3m.ground(dataset, [RED, BLUE], boxes_field="gt", encoder=tiny_encoder)
    for sample in dataset.iter_samples(autosave=True):
        event = sample.e3m_events.detections[0]
        event.support, event.original_support = [4, 6], [4, 6]
        for number, frame in sample.frames.items():
            boxes = frame.e3m.detections if frame.e3m else []
            kept = [box for box in boxes if box.label == BLUE]
            if 4 <= number <= 6:
                place = [number / 20, 0.1, 0.25, 0.3]
                kept.append(fo.Detection(label=RED, bounding_box=place, index=1))
            frame.e3m = fo.Detections(detections=kept)
    yield dataset
    dataset.delete()


@pytest.fixture
def grounded(library):
    """A copy for tests that change it."""
    dataset = library.clone()
    yield dataset
    dataset.delete()


def execute(name, ctx, **params):
    """Runs an operator like FiftyOne's executor and returns the text of its result."""
    params = {"field": "e3m", **params}
    return foo.execute_operator(f"{PLUGIN}/{name}", ctx, params=params).result["text"]


def context(name, dataset, **request):
    params = {"field": "e3m", **request.pop("params", {})}
    request = {"dataset_name": dataset.name, "view": [], "params": params, **request}
    return ExecutionContext(request, foo.executor.Executor(), operator_uri=f"{PLUGIN}/{name}")


def form(name, dataset, **request):
    """The properties of the form, as requested by the App."""
    ctx = context(name, dataset, **request)
    return foo.get_operator(f"{PLUGIN}/{name}").resolve_type(ctx, "inputs").type.properties


def shown(name, dataset, **request):
    """The output in the App: toasts as (text, colour), then the rows of the dialog."""
    operator, ctx = foo.get_operator(f"{PLUGIN}/{name}"), context(name, dataset, **request)
    result = operator.execute(ctx)
    sent = ctx.executor.to_json()["requests"]
    assert "reload_dataset" in str(sent[-1])
    told = [m["params"] for m in sent if "message" in m["params"]]
    toasts = [(params["message"], params["variant"]) for params in told]
    return toasts, result.get("rows", [])


def labels(dataset, path):
    return dataset.values(f"{path}.detections.label")


# Accept


def test_the_selected_videos_are_accepted(grounded):
    ctx = {"dataset": grounded, "selected": [grounded.last().id]}
    text = execute("accept_tubes", ctx, videos="selected", into="mine", queries=[RED])
    assert text == "1 tubes of 1 videos accepted into 'mine'."
    assert labels(grounded, "mine_events") == [None, [RED]]


def test_the_open_video_is_accepted_whatever_is_selected(grounded):
    ctx = {"selected": grounded.values("id"), "current_sample": grounded.first().id}
    assert form("accept_tubes", grounded, **ctx)["videos"].default == "open"
    execute("accept_tubes", {"dataset": grounded, **ctx}, videos="open", into="accepted")
    assert labels(grounded, "accepted_events") == [[RED, BLUE], None]


def test_no_selection_never_means_all_videos(library, grounded):
    properties = form("accept_tubes", library)
    assert properties["videos"].type.values == ["view"]
    assert properties["videos"].default is None
    assert properties["videos"].required
    assert "Select videos in the grid" in properties["problem"].error_message
    assert "view_target" not in properties
    with pytest.raises(ExecutionError, match="No video is chosen"):
        execute("accept_tubes", {"view": library.limit(1)}, into="accepted")
    assert not library.has_frame_field("accepted")
    execute("accept_tubes", {"view": grounded.limit(1)}, videos="view", into="accepted")
    assert labels(grounded, "accepted_events") == [[RED, BLUE], None]


def test_the_form_says_how_many_videos_it_is_about(library):
    ids = library.values("id")
    properties = form("accept_tubes", library, selected=ids)
    assert [c.label for c in properties["videos"].view.choices] == [
        "The 2 selected videos",
        "All 2 videos of the dataset",
    ]
    assert properties["videos"].default == "selected"
    assert properties["into"].default == "accepted"
    assert [c.value for c in properties["queries"].view.choices] == [BLUE, RED]
    assert "problem" not in properties


def test_clips_stand_for_their_videos(grounded):
    clips = grounded.to_clips("e3m_events")
    ctx = {"view": clips, "selected": [clips.first().id]}
    execute("accept_tubes", ctx, videos="selected", into="accepted")
    assert labels(grounded, "accepted_events") == [[RED, BLUE], None]


def test_what_was_accepted_is_told_and_what_was_not_stands_in_a_table(grounded):
    params = {"videos": "selected", "into": "accepted", "queries": [RED]}
    request = {"selected": grounded.limit(1).values("id"), "params": params}
    assert shown("accept_tubes", grounded, **request)[0] == [
        ("1 tubes of 1 videos accepted into 'accepted'.", "success")
    ]
    toasts, rows = shown("accept_tubes", grounded, **request)
    assert toasts == []
    assert [(row["sentence"], row["not accepted"]) for row in rows] == [
        (RED, "'accepted' already has this sentence; it was not changed.")
    ]


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"into": "e3m"}, "'e3m' belongs to the grounding 'e3m'"),
        ({"into": "copy"}, "FiftyOne itself uses the name 'copy'"),
        ({"into": ""}, "into"),
        ({"queries": ["a cat"]}, "None of these videos has the sentence 'a cat'"),
        ({"field": "nope"}, "no grounding in 'nope'"),
        ({"videos": "open"}, "Invalid enum value|No video is chosen"),
    ],
    ids=str,
)
def test_what_cannot_be_accepted_is_told_before_anything_runs(library, params, sentence):
    ctx = {"dataset": library, "selected": library.values("id")}
    with pytest.raises(ExecutionError, match=sentence):
        execute("accept_tubes", ctx, **{"videos": "selected", "into": "accepted", **params})


# The default of the form applies if nothing is chosen


def test_defaults_of_the_form_count_where_a_script_gives_nothing(grounded):
    ctx = {"dataset": grounded, "current_sample": grounded.first().id}

    def run(name, **params):
        return foo.execute_operator(f"{PLUGIN}/{name}", ctx, params=params).result["text"]

    assert run("accept_tubes", into="mine") == "2 tubes of 1 videos accepted into 'mine'."
    assert run("correct_event", last=5).startswith("'a red box' is now at frames 4 to 5")
    assert "boxes -> " in run("prepare_for_annotation")
    assert run("evaluate_grounding", gt_field="mine").startswith("m_tIoU")
    assert run("delete_grounding", confirm=True).startswith("Deleted: e3m_events")


# Correct


def test_the_form_shows_the_sentences_and_the_present_frames(library):
    properties = form("correct_event", library, current_sample=library.first().id)
    assert properties["query"].view.choices[0].label == "a red box [4, 6]"
    assert properties["query"].default == RED
    assert [properties[name].default for name in ("first", "last")] == [4, 6]
    assert (properties["first"].type.min, properties["last"].type.max) == (1, 10)
    assert "restore" not in properties
    assert "problem" not in properties
    blue = library.first().e3m_events.detections[1].support
    properties = form(
        "correct_event", library, current_sample=library.first().id, params={"query": BLUE}
    )
    assert [properties[name].default for name in ("first", "last")] == blue


def test_the_frames_that_a_panel_fills_in_count(grounded):
    ctx = {"dataset": grounded, "current_sample": grounded.last().id}
    text = execute("correct_event", ctx, query=RED, first=3, last=6)
    assert text.startswith("'a red box' is now at frames 3 to 6 (previously frames 4 to 6).")
    grounded.reload()
    assert grounded.values("e3m_events.detections.support")[0][0] == [4, 6]
    assert grounded.values("e3m_events.detections.support")[1][0] == [3, 6]


def test_a_single_selected_video_is_corrected_and_put_back(grounded):
    request = {"selected": [grounded.first().id]}
    params = {"query": RED, "last": 8}
    (toast,), _ = shown("correct_event", grounded, **request, params=params)
    assert toast[1] == "success", "the boxes of the run cover the new frames"
    properties = form("correct_event", grounded, **request)
    assert properties["restore"].view.description.startswith("Frames 4 to 6")
    properties = form("correct_event", grounded, **request, params={"restore": True})
    assert "first" not in properties
    (toast,), _ = shown(
        "correct_event", grounded, **request, params={"query": RED, "restore": True}
    )
    assert "now at frames 4 to 6 (previously frames 4 to 8)" in toast[0]
    problem = form("correct_event", grounded, **request, params={"restore": True})["problem"]
    assert problem.error_message == "'a red box' was not corrected. Untick the box to restore it."


def test_boxes_that_only_repeat_are_a_warning(grounded):
    grounded.clear_frame_field("gt")
    params = {"query": RED, "last": 7}
    request = {"current_sample": grounded.first().id, "params": params}
    ((text, colour),), _ = shown("correct_event", grounded, **request)
    assert text.endswith("1 of the new boxes only repeat the adjacent box: check them.")
    assert colour == "warning"


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"first": 7}, "first frame, 7, comes after the last, 6"),
        ({}, "Give the first frame"),
        ({"first": 4, "last": 6}, "already at frames 4 to 6"),
        ({"restore": True}, "'a red box' was not corrected"),
        ({"field": "nope"}, "no grounding in 'nope'"),
    ],
    ids=str,
)
def test_what_cannot_be_corrected_is_told(library, params, sentence):
    ctx = {"dataset": library, "current_sample": library.first().id}
    with pytest.raises(ExecutionError, match=sentence):
        execute("correct_event", ctx, **{"query": RED, **params})
    assert not library.has_frame_field("e3m_original")


@pytest.mark.parametrize("n", [0, 2])
def test_exactly_one_video_is_corrected(library, n):
    request = {"selected": library.values("id")[:n]}
    problem = form("correct_event", library, **request)["problem"].error_message
    assert problem == f"Open a video, or select exactly one; {n} are selected."
    with pytest.raises(ExecutionError, match=f"{n} are selected"):
        execute("correct_event", {"dataset": library, **request})


def test_the_tube_of_a_dragged_event_follows(grounded):
    sample = grounded.first()
    sample.e3m_events.detections[0].support = [5, 8]
    sample.save()
    ((text, colour),), _ = shown("follow_edited_events", grounded, current_sample=sample.id)
    assert text.startswith("1 tubes of 1 videos follow their event. 2 frames gained a box, 1 lost")
    assert colour == "success", "there are candidates to follow"
    grounded.reload()
    event = grounded.first().e3m_events.detections[0]
    assert (event.support, event.original_support) == ([5, 8], [4, 6])
    ((text, colour),), _ = shown("follow_edited_events", grounded, current_sample=sample.id)
    assert text.startswith("No event was moved since its tube was made. The Annotate tab saves")
    assert colour == "info"


def test_tubes_follow_in_chosen_videos_only(library):
    assert "problem" in form("follow_edited_events", library)
    with pytest.raises(ExecutionError, match="No video is chosen"):
        execute("follow_edited_events", {"dataset": library})


def test_what_the_form_does_not_offer_is_refused_with_a_sentence(library):
    for name, value, sentence in (
        ("last", 11, "Frame 11 is not in"),
        ("query", "a cat", "no event for 'a cat'. Sentences: 'a red box'"),
    ):
        params = {"query": RED, name: value}
        request = {"current_sample": library.first().id}
        problem = form("correct_event", library, **request, params=params)["problem"]
        assert sentence in problem.error_message
        with pytest.raises(ExecutionError, match=sentence):
            execute("correct_event", {"dataset": library, **request}, **params)


def test_a_video_without_events_is_told(grounded):
    grounded.add_sample(fo.Sample(filepath="/c.mp4"))
    problem = form("correct_event", grounded, current_sample=grounded.last().id)["problem"]
    assert "c.mp4 has no event in 'e3m'" in problem.error_message


# Delete


def test_the_form_says_what_will_go_and_wants_it_confirmed(library):
    properties = form("delete_grounding", library)
    text = properties["warning"].view.description
    assert "frames.e3m, frames.e3m_relevance" in text
    assert text.endswith("of 2 videos, and 1 run records.")
    assert properties["confirm"].invalid
    assert not form("delete_grounding", library, params={"confirm": True})["confirm"].invalid
    request = {"selected": [library.first().id], "view_target": "SELECTED_SAMPLES"}
    text = form("delete_grounding", library, **request)["warning"].view.description
    assert "on 1 videos; other videos keep theirs" in text


def test_nothing_is_deleted_unconfirmed(library):
    for confirm in (None, False):
        with pytest.raises(ExecutionError, match="Tick this to delete the grounding"):
            execute("delete_grounding", {"dataset": library}, confirm=confirm)
    with pytest.raises(ExecutionError, match="no grounding in 'gt'"):
        execute("delete_grounding", {"dataset": library}, field="gt", confirm=True)
    assert library.count("e3m_status") == 2


def test_a_grounding_is_deleted_from_the_selection_then_from_all(grounded):
    ctx = {"dataset": grounded, "selected": [grounded.first().id]}
    execute("delete_grounding", ctx, confirm=True, view_target="SELECTED_SAMPLES")
    grounded.reload()
    assert grounded.values("e3m_status") == [None, "ok"]
    ((text, colour),), _ = shown("delete_grounding", grounded, params={"confirm": True})
    assert (text[:21], colour) == ("Deleted: e3m_events, ", "success")
    grounded.reload()
    assert not grounded.has_frame_field("e3m")
    assert grounded.list_runs() == []
    assert "has been grounded yet" in form("delete_grounding", grounded)["problem"].error_message


def test_buttons_stand_where_a_video_is_looked_at(plugins_dir):
    for name in ("accept_tubes", "correct_event"):
        placement = foo.get_operator(f"{PLUGIN}/{name}").resolve_placement(None)
        assert placement.place is types.Places.SAMPLES_VIEWER_ACTIONS
        assert placement.view.prompt
    assert foo.get_operator(f"{PLUGIN}/delete_grounding").resolve_placement(None) is None
