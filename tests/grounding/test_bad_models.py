"""Pins that what a model returns is checked: a sentence names the model, and nothing bad is kept.

A NaN in the dataset makes every later view of it wrong; one in the cache does so for every run.
"""

import re
import uuid

import numpy as np
import pytest

from fiftyone_e3m.boxes import Boxes

RED = "a red box"


class Spoilt:
    """An encoder whose pictures or sentences go through a function."""

    def __init__(self, encoder, images=None, texts=None):
        self._encoder, self._images, self._texts = encoder, images, texts
        self.name, self.notice, self.image_size = "spoilt", None, encoder.image_size
        self.fingerprint = None

    def encode_images(self, images):
        features = self._encoder.encode_images(images)
        return self._images(features) if self._images else features

    def encode_texts(self, texts):
        features = self._encoder.encode_texts(texts)
        return self._texts(features) if self._texts else features

    def exceeds_context(self, text):
        return False


class Wrong:
    """A detector whose boxes, of a chunk of frames, go through a function."""

    name = "wrong"

    def __init__(self, detector, change):
        self._detector, self._change = detector, change

    def detect(self, frames):
        return self._change(self._detector.detect(frames))


def fails_with(dataset, kind, name, message):
    dataset.reload()
    assert dataset.values("e3m_status") == ["failed"]
    (told,) = dataset.values("e3m_message")
    assert told.startswith(f"{kind} '{name}' returned "), told
    assert message in told
    assert dataset.values("e3m_events") == [None]
    assert not [f for f in dataset.first().frames.values() if f["e3m"]]


def nan_row(features):
    features = features.copy()
    features[-1] = np.nan
    return features


@pytest.mark.parametrize("what", ["images", "texts"])
def test_vectors_that_mean_nothing_fail_by_name_and_are_not_kept(make, ground, fake_encoder, what):
    spoilt = Spoilt(fake_encoder, **{what: nan_row})
    spoilt.fingerprint = fake_encoder.fingerprint = f"colours {uuid.uuid4()}"
    dataset = make("good")
    ground(dataset, RED, encoder=spoilt)
    fails_with(dataset, "Encoder", "spoilt", "NaN or infinite numbers for 1 of")
    ground(dataset, RED, overwrite=True)
    dataset.reload()
    assert dataset.values("e3m_status") == ["ok"], "of the cache of this encoder nothing is bad"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_boxes_that_mean_nothing_fail_by_name_and_are_not_kept(make, ground, fake_detector, value):
    wrong = Wrong(fake_detector, lambda chunk: [*chunk[1:], Boxes.of([0, 0, 9, value], [1], ["x"])])
    wrong.fingerprint = fake_detector.fingerprint = f"rectangles {uuid.uuid4()}"
    dataset = make("good")
    ground(dataset, RED, detector=wrong)
    fails_with(dataset, "Detector", "wrong", "1 of 1 boxes of a frame")
    ground(dataset, RED, overwrite=True)
    dataset.reload()
    assert dataset.values("e3m_status") == ["ok"]


def test_the_other_videos_of_the_run_are_grounded(make, ground, fake_encoder):
    calls = []

    def third(features):
        calls.append(len(features))
        return features * (np.nan if len(calls) == 1 else 1)

    dataset = make("good", "good")
    ground(dataset, RED, encoder=Spoilt(fake_encoder, images=third), cache=False)
    dataset.reload()
    assert dataset.values("e3m_status") == ["failed", "ok"]


# Boxes that cannot be used


def told(make, ground, **options):
    dataset = make("good")
    ground(dataset, RED, **options)
    dataset.reload()
    assert dataset.values("e3m_status") == ["no_boxes"]
    message = dataset.first().e3m_message
    assert "so only the time of the event is known" in message
    return message


def test_boxes_below_conf_are_told_with_the_best_score(make, ground, fake_detector):
    import fiftyone_e3m as e3m

    detector = Wrong(
        fake_detector, lambda chunk: [Boxes(b.xyxy, b.scores * 0 + 0.125, b.labels) for b in chunk]
    )
    message = told(make, ground, detector=detector, config=e3m.E3MConfig(conf=0.25, low_conf=1))
    assert "No box can be used, of " in message
    assert "below conf 0.25 (the best has 0.12)" in message


def test_boxes_of_other_classes_are_told(make, ground):
    import fiftyone_e3m as e3m

    message = told(make, ground, config=e3m.E3MConfig(classes=["person"]))
    assert "of other classes than asked for" in message
    assert "'red'" in message


@pytest.mark.parametrize("scale", [(160, 120), (100, 100)])
def test_boxes_of_a_field_in_pixels_or_percent_are_told(make, ground, truth, scale):
    import fiftyone as fo

    dataset = make("good")
    width, height = scale
    sample = dataset.first()
    for number in range(1, truth.n + 1):
        box = [0.3 * width, 0.2 * height, 0.25 * width, 0.5 * height]
        found = fo.Detections(detections=[fo.Detection(label="red", bounding_box=box)])
        sample.frames[number] = fo.Frame(gt=found)
    sample.save()
    ground(dataset, RED, boxes_field="gt")
    dataset.reload()
    message = dataset.first().e3m_message
    assert "The boxes seem to be in pixels or percent" in message
    assert re.search(r"No box can be used, of (\d+) that were found: \1 outside of", message)


def test_boxes_of_a_detector_in_shares_of_the_picture_are_told(make, ground, fake_detector):
    detector = Wrong(
        fake_detector, lambda chunk: [Boxes(b.xyxy / 160, b.scores, b.labels) for b in chunk]
    )
    assert "shares of the picture, 0..1; they must be in pixels" in told(
        make, ground, detector=detector
    )


def test_a_video_where_nothing_is_found_says_just_that(make, ground, fake_detector):
    detector = Wrong(fake_detector, lambda chunk: [Boxes.none() for _ in chunk])
    message = told(make, ground, detector=detector)
    assert "No box was found in any of the" in message
    assert "No box can be used" not in message
