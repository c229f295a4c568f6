"""Pins what comes of every kind of boxes and of sentences, in one run over all of each."""

import math

import fiftyone as fo
import pytest

from fiftyone_e3m.texts import one_line

from .boxes import BOXES
from .sentences import SENTENCES

RED = "a red box"


def what(case):
    return case.what


@pytest.fixture(scope="module")
def boxed(new_dataset, healthy):
    """A healthy video with each kind of boxes, grounded among them."""
    dataset = new_dataset([healthy] * len(BOXES))
    labels = {i: c.detections() for i, c in zip(dataset.values("id"), BOXES, strict=True)}
    labels = {i: frames for i, frames in labels.items() if frames}
    dataset.set_values("frames.given", labels, key_field="id")
    return dataset


@pytest.fixture(scope="module")
def of_boxes(boxed, ground, operate, outcomes):
    """Status and message of each kind of boxes, by way."""
    ground(boxed, boxes_field="given")
    operate(boxed, query=RED, boxes_field="given", field="operated")
    ways = {"ground()": outcomes(boxed), "operator": outcomes(boxed, "operated")}
    return {way: dict(zip(map(what, BOXES), rows, strict=True)) for way, rows in ways.items()}


@pytest.mark.parametrize("case", BOXES, ids=what)
@pytest.mark.parametrize("way", ["ground()", "operator"])
def test_boxes_are_used_or_it_is_said_why_not(of_boxes, case, way):
    case.check(*of_boxes[way][case.what])


def test_no_tube_has_an_odd_box(boxed, of_boxes):
    boxed.reload()
    rows = boxed.values("frames[].e3m.detections[].bounding_box")
    assert rows
    for x, y, w, h in rows:
        assert math.isfinite(x + y + w + h)
        assert min(x, y) >= 0
        assert max(x + w, y + h) <= 1.001


@pytest.fixture(scope="module")
def asked(new_dataset, healthy):
    """A healthy video with each kind of sentence, in a list of anything."""
    dataset = new_dataset([healthy] * len(SENTENCES))
    dataset.add_sample_field("asked", fo.ListField)
    values = {i: c.value for i, c in zip(dataset.values("id"), SENTENCES, strict=True)}
    dataset.set_values("asked", values, key_field="id")
    return dataset


@pytest.fixture(scope="module")
def of_sentences(asked, ground, operate, outcomes):
    """Status and message of each kind of sentence, by way."""
    ground(asked, None, query_field="asked")
    operate(asked, query_field=["asked"], field="operated")
    ways = {"ground()": outcomes(asked), "operator": outcomes(asked, "operated")}
    return {way: dict(zip(map(what, SENTENCES), rows, strict=True)) for way, rows in ways.items()}


@pytest.mark.parametrize("case", SENTENCES, ids=what)
@pytest.mark.parametrize("way", ["ground()", "operator"])
def test_sentences_are_grounded_as_they_are_or_it_is_said_that_there_is_none(
    of_sentences, case, way
):
    case.check(*of_sentences[way][case.what])


def test_events_have_the_sentence_as_label(asked, of_sentences):
    asked.reload()
    for case, labels in zip(SENTENCES, asked.values("e3m_events.detections.label"), strict=True):
        assert (labels or []) == (case.value if case.labels is None else case.labels), case.what


def test_the_command_line_takes_every_kind_of_sentence(command, healthy):
    texts = [t for c in SENTENCES if c.outcome == "ok" for t in c.value if t and len(t) < 200]
    sentences = [text.replace("\0", "") for text in texts]  # no argument can hold a NUL
    given = [part for text in sentences for part in ("--query", text)]
    code, output = command("ground", healthy, *given)
    assert code == 0
    for text in sentences:
        assert one_line(text) in output
    assert "\x1b" not in output
