"""Pins what the App runs by itself when a dataset is opened."""

import fiftyone as fo
import fiftyone.operators as foo
import pytest
from fiftyone.operators.executor import ExecutionContext

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.records import start_run
from fiftyone_e3m.dataset.schema import Fields

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


def test_the_timeline_is_placed_where_something_was_grounded(dataset, plugins_dir):
    def triggered():
        request = {"dataset_name": dataset.name, "params": {}}
        uri = URI.replace("mend_dataset", "place_timeline")
        ctx = ExecutionContext(request, executor=foo.executor.Executor(), operator_uri=uri)
        assert foo.get_operator(uri).config.on_dataset_open
        foo.get_operator(uri).execute(ctx)
        return [request["operator_uri"] for request in ctx.executor.to_json()["requests"]]

    assert triggered() == []
    Fields("e3m").declare(dataset, several_queries=False)
    start_run(dataset, e3m.Request(query="a man").settings)
    assert triggered() == ["@e3m/video-grounding/dock_timeline"]
