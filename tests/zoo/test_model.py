"""Pins that FiftyOne's own route, a zoo model and `apply_model`, gives what `ground` gives."""

import fiftyone as fo
import fiftyone.zoo as foz
import pytest

import fiftyone_e3m as e3m

pytestmark = pytest.mark.slow

NAME = "e3m-video-grounding"
OURS = ("_id", "_dataset_id", "_sample_id", "created_at", "last_modified_at", "instance")
"""What differs between any two datasets: identities and times."""


@pytest.fixture
def load(zoo_model_dir, fake_encoder, fake_detector):
    """`load(sample_fps=2)`: the zoo model, with stand-in models."""

    def model(**arguments):
        models = {"encoder": fake_encoder, "detector": fake_detector}
        return foz.load_zoo_model(NAME, cache=False, **{**models, **arguments})

    return model


@pytest.fixture
def ground(fake_encoder, fake_detector):
    """`e3m.ground` with the same stand-in models."""

    def run(samples, **options):
        models = {"encoder": fake_encoder, "detector": fake_detector, "progress": False}
        return e3m.ground(samples, **{**models, **options})

    return run


def plain(value):
    """A value without identities and times."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items() if key not in OURS}
    return [plain(part) for part in value] if isinstance(value, list) else value


def contents(dataset):
    """All samples and frames as plain values, and the types of all fields."""
    schemas = dataset.get_field_schema(), dataset.get_frame_field_schema()
    types = [{name: str(field) for name, field in schema.items()} for schema in schemas]
    return types, [plain(sample.to_dict(include_frames=True)) for sample in dataset]


def record(dataset):
    """What the only run record says of its request and its outcome."""
    (key,) = dataset.list_runs()
    config = dataset.get_run_info(key).config
    assert dataset.load_run_view(key).values("id") == dataset.values("id")
    return config.state, config.settings, config.counts, config.calibration


def test_apply_model_writes_what_ground_writes(make, load, ground):
    by_us, by_fiftyone = make(), make()
    ground(by_us, query_field="caption")
    by_fiftyone.apply_model(load(), label_field="e3m", prompt_field="caption", skip_failures=False)
    assert contents(by_fiftyone) == contents(by_us)
    assert record(by_fiftyone) == record(by_us)
    assert by_fiftyone.values("e3m_status") == ["ok", "ok", "ok"]
    assert by_fiftyone.first().frames[2].e3m.detections[0].label == "a red box"


def test_the_fields_and_settings_that_are_named_are_used(make, load, ground):
    by_us, by_fiftyone = make(), make()
    asked = {"query": "a blue box", "detector": None}
    ground(by_us, **asked, boxes_field="found", field="blue", config=paper(2))
    model = load(**asked, preset="paper", sample_fps=2)
    by_fiftyone.apply_model(model, label_field="frames.blue", boxes_field="found")
    assert contents(by_fiftyone) == contents(by_us)
    assert record(by_fiftyone) == record(by_us)


def paper(sample_fps):
    return e3m.E3MConfig.preset("paper", sample_fps=sample_fps)


def test_only_the_samples_of_the_view_are_grounded_and_later_the_others(make, load):
    dataset, model = make(), load()
    some = dataset.sort_by("filepath", reverse=True).limit(2)
    some.apply_model(model, label_field="e3m", prompt_field="caption")
    assert dataset.exists("e3m_status").values("id") == sorted(some.values("id"))
    assert [video.sample_id for video in model.summary.videos] == some.values("id")
    rest = dataset.exists("e3m_status", False)
    rest.apply_model(model, label_field="e3m", prompt_field="caption")
    assert [len(dataset.exists("e3m_status")), len(dataset.list_runs())] == [3, 2]


def test_a_video_that_fiftyone_cannot_open_has_a_status_that_says_so(make, load, tmp_path):
    dataset = make("early", "late", "never")
    gone = [str(tmp_path / "gone.mp4"), dataset.values("filepath")[1], str(tmp_path / "lost.mp4")]
    dataset.set_values("filepath", gone)
    dataset.apply_model(load(), label_field="e3m", prompt_field="caption")
    assert dataset.values("e3m_status") == ["unreadable", "ok", "unreadable"]
    assert "gone.mp4 does not exist" in dataset.first().e3m_message
    (key,) = dataset.list_runs()
    assert dataset.get_run_info(key).config.state == "finished"


def test_a_run_that_was_interrupted_goes_on(make, load, fake_detector):
    dataset, model = make(), load()

    def interrupt(bar):
        if bar.iteration == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dataset.apply_model(model, "e3m", prompt_field="caption", progress=interrupt)
    (key,) = dataset.list_runs()
    assert dataset.get_run_info(key).config.state == "stopped"
    done = len(dataset.exists("e3m_status"))
    assert 0 < done < 3
    dataset.apply_model(model, label_field="e3m", prompt_field="caption")
    assert model.summary.skipped == done
    assert dataset.list_runs() == [key]
    assert dataset.get_run_info(key).config.state == "finished"


def test_what_is_there_is_not_overwritten_unasked(make, load):
    dataset = make("early")
    dataset.apply_model(load(), label_field="e3m", prompt_field="caption")
    before = contents(dataset)
    with pytest.raises(e3m.GroundingError, match="already holds a grounding"):
        dataset.apply_model(load(), label_field="e3m", prompt_field="caption")
    assert contents(dataset) == before
    dataset.apply_model(load(overwrite=True), label_field="e3m", prompt_field="caption")
    assert len(dataset.list_runs()) == 2


@pytest.mark.parametrize(
    ("arguments", "applied", "sentence"),
    [
        ({}, {}, "no sentence to ground"),
        ({"query": "x"}, {"prompt_field": "caption"}, "both were"),
        ({}, {"prompt_field": "caption", "boxes_field": "found"}, "Leave out one of them"),
        ({}, {"prompts": "caption"}, "takes only prompt_field, boxes_field, events_field"),
        ({}, {"prompt_field": "caption", "confidence_thresh": 0.4}, "not_found_below=0.4"),
        ({}, {"prompt_field": "caption", "classes": ["red"]}, "restrict the candidate boxes"),
        ({"detector": "/no/yolo.pt"}, {"prompt_field": "caption"}, "no such file"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_told_and_nothing_is_written(
    make, load, arguments, applied, sentence
):
    dataset = make("early")
    before = contents(dataset)
    with pytest.raises((e3m.GroundingError, e3m.DetectorError), match=sentence):
        dataset.apply_model(load(**arguments), label_field="e3m", **applied)
    assert contents(dataset) == before
    assert dataset.list_runs() == []


def test_it_grounds_samples_not_files(load, clips):
    with pytest.raises(e3m.GroundingError, match=r"Call dataset\.apply_model"):
        load().predict(clips["early"])


def test_clips_are_refused(make, load):
    dataset = make("early")
    dataset.first()["shots"] = fo.TemporalDetections(
        detections=[fo.TemporalDetection(label="a", support=[1, 5])]
    )
    sample = dataset.first()
    sample["shots"] = fo.TemporalDetections(
        detections=[fo.TemporalDetection(label="a", support=[1, 5])]
    )
    sample.save()
    with pytest.raises(e3m.GroundingError, match="Grounding needs whole videos"):
        dataset.to_clips("shots").apply_model(load(query="x"), label_field="e3m")
