"""Shared by the evaluation tests: datasets of labelled videos that need not exist."""

import fiftyone as fo
import pytest

from fiftyone_e3m.dataset.schema import Fields

ALL, HALF = [0.2, 0.2, 0.4, 0.4], [0.2, 0.2, 0.4, 0.2]
"""Boxes with an IoU of one half."""


@pytest.fixture(scope="session")
def events():
    """`events({"a dog": (1, 4)})`: an event per sentence."""

    def make(spans):
        found = [fo.TemporalDetection(label=k, support=list(v)) for k, v in spans.items()]
        return fo.TemporalDetections(detections=found)

    return make


@pytest.fixture(scope="session")
def add():
    """`add(dataset, "name", pred=[1, 2], gt=[1])`: a video; boxes of "a man" on these frames.

    Predicted boxes cover the lower or upper half of the true ones. Other values are set on the
    sample.
    """

    def make(dataset, name, pred=(), gt=(), **values):
        sample = fo.Sample(filepath=f"/videos/{name}.mp4", **values)
        for number in sorted({*pred, *gt}):
            frame = sample.frames[number] = fo.Frame()
            for field, numbers, box in (("e3m", pred, HALF), ("gt", gt, ALL)):
                if number in numbers:
                    found = [fo.Detection(label="a man", bounding_box=box)]
                    frame[field] = fo.Detections(detections=found)
        dataset.add_sample(sample)
        return sample.id

    return make


@pytest.fixture
def dataset():
    """A dataset without videos, with all fields of a grounding and of ground truth."""
    dataset = fo.Dataset()
    dataset.media_type = "video"
    Fields("e3m").declare(dataset, several_queries=False)
    kind = {"ftype": fo.EmbeddedDocumentField}
    dataset.add_frame_field("gt", embedded_doc_type=fo.Detections, **kind)
    dataset.add_sample_field("gt_events", embedded_doc_type=fo.TemporalDetections, **kind)
    yield dataset
    dataset.delete()


@pytest.fixture
def two(dataset, add):
    """A partly correct video, tIoU 3/9 and vIoU 1.5/9, and one that could not be read."""
    add(dataset, "found", pred=range(1, 7), gt=range(4, 10), e3m_status="ok")
    add(dataset, "lost", gt=range(1, 4), e3m_status="unreadable")
    return dataset
