"""Pins what the App runs by itself when a dataset is opened."""

import fiftyone as fo
import fiftyone.operators as foo
import pytest

URI = "@e3m/video-grounding/mend_dataset"
ORIGINAL = "e3m_events.detections.original_support"


@pytest.fixture
def opened(plugins_dir):
    """`opened(dataset)`: opens a dataset in the App, as far as this plugin is concerned."""
    assert foo.get_operator(URI).config.on_dataset_open
    return lambda dataset: foo.execute_operator(URI, {"dataset": dataset})


def test_a_correction_by_an_earlier_version_no_longer_stops_the_annotate_tab(dataset, opened):
    dataset.add_sample_field(
        "e3m_events", fo.EmbeddedDocumentField, embedded_doc_type=fo.TemporalDetections
    )
    dataset.add_sample_field(ORIGINAL, fo.FrameSupportField)
    opened(dataset)
    dataset.reload()
    assert "e3m_events" in dataset.generate_label_schemas()


def test_datasets_of_pictures_are_left_alone(opened):
    dataset = fo.Dataset()
    dataset.add_sample(fo.Sample(filepath="/a.jpg"))
    opened(dataset)
    dataset.delete()
