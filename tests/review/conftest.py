"""Shared by the review tests: small groundings, written as by a run."""

import fiftyone as fo
import pytest

from fiftyone_e3m.dataset.records import start_run
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.request import Request

N_FRAMES = 20


@pytest.fixture
def dataset():
    """An empty dataset of videos; the files need not exist."""
    dataset = empty_dataset()
    yield dataset
    dataset.delete()


@pytest.fixture(scope="module")
def library():
    """An empty dataset per module; tests do not change what it is filled with."""
    dataset = empty_dataset()
    yield dataset
    dataset.delete()


@pytest.fixture(scope="session")
def new_grounding():
    """`new_grounding(dataset, "e3m", boxes_field="gt")`: declared fields and a run record."""

    def new(dataset, field="e3m", boxes_field=None):
        Fields(field).declare(dataset, several_queries=True)
        return start_run(
            dataset, Request(query="a man", field=field, boxes_field=boxes_field).settings
        )

    return new


@pytest.fixture(scope="session")
def ground_video():
    """`ground_video(dataset, "a.mp4", {"a man": (5, 10)})`: adds a grounded video of 20 frames.

    The tube of the first sentence is a box that moves right by 0.01 per frame, that of the next is
    the same, lower down. Relevance is the frame number over 100; for the second sentence, half of
    that.
    """

    def add(dataset, path, spans, field="e3m"):
        fields = Fields(field)
        sample = fo.Sample(filepath=path)
        instances = [fo.Instance() for _ in spans]
        for n in range(1, N_FRAMES + 1):
            boxes = [
                fo.Detection(
                    label=query,
                    bounding_box=box_at(n, row),
                    confidence=n / 100,
                    index=row + 1,
                    instance=instances[row],
                    source="tracked",
                    keyframe=False,
                )
                for row, (query, (first, last)) in enumerate(spans.items())
                if first <= n <= last
            ]
            asked = [
                fo.Classification(label=query, confidence=n / 100 / (row + 1))
                for row, query in enumerate(spans)
            ]
            frame = fo.Frame()
            frame[fields.relevance] = n / 100
            frame[fields.queries] = fo.Classifications(classifications=asked)
            if boxes:
                frame[fields.tube] = fo.Detections(detections=boxes)
            sample.frames[n] = frame
        events = [
            fo.TemporalDetection(
                label=query,
                support=list(span),
                confidence=0.5,
                original_support=list(span),
                atomic_starts=[1],
            )
            for query, span in spans.items()
        ]
        sample[fields.events] = fo.TemporalDetections(detections=events)
        sample[fields.confidence], sample[fields.status] = 0.5, "ok"
        dataset.add_sample(sample)
        return sample

    return add


@pytest.fixture(scope="session")
def content():
    """`content(dataset, "frames.e3m")`: the content of a field, without label ids."""

    def read(dataset, path):
        return [plain(value) for value in dataset.values(path)]

    return read


def empty_dataset():
    dataset = fo.Dataset()
    dataset.media_type = "video"
    return dataset


def box_at(number, row=0):
    """The box of a sentence of `ground_video` in a frame."""
    return [number / 100, 0.1 + row / 2, 0.2, 0.2]


def plain(value):
    if isinstance(value, list):
        return [plain(element) for element in value]
    if isinstance(value, fo.Label):
        value = value.to_dict()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k != "_id" or "label" not in value}
    return value
