"""Pins that review does not add fields in the moment in which another process does.

FiftyOne writes all fields back when it adds one: of two processes in the same moment, one loses.
"""

import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset import stored
from fiftyone_e3m.dataset.leases import Lease

MAN = "a man"
WRITERS = {
    "accept": lambda dataset: e3m.accept_tubes(dataset),
    "correct": lambda dataset: e3m.correct_event(dataset.first(), MAN, last=9),
    "evaluate": lambda dataset: e3m.evaluate(dataset, "e3m", "true", eval_key="one"),
    "prepare": lambda dataset: e3m.prepare_for_annotation(dataset),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_fields_are_added_when_no_other_process_adds_any(
    dataset, new_grounding, ground_video, write, monkeypatch
):
    new_grounding(dataset)
    ground_video(dataset, "/a.mp4", {MAN: (5, 6)})
    e3m.accept_tubes(dataset, into="true")
    other, before = Lease(dataset, "schema"), dataset.get_field_schema(flat=True).keys()
    assert other.take("schema") is None
    monkeypatch.setattr(stored, "PATIENCE", 0)
    with pytest.raises(e3m.GroundingError, match=r"are being changed by process \d+ .* Try again"):
        write(dataset)
    assert dataset.get_field_schema(flat=True).keys() == before
    other.release()
    write(dataset)
