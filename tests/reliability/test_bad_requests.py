"""Pins that requests that make no sense are refused with a sentence, and nothing is written."""

import fiftyone as fo
import pytest
from fiftyone.operators.executor import ExecutionError

from fiftyone_e3m import cli
from fiftyone_e3m.request import GroundingError

from .datasets import DATASETS
from .requests import REQUESTS
from .table import REFUSED


def what(case):
    return case.what


@pytest.fixture(scope="module")
def dataset(new_dataset, healthy):
    """A healthy video with fields of other types; no request here changes it."""
    dataset = new_dataset([healthy], number=[5], caption=["a red box"])
    line = fo.Polylines(polylines=[fo.Polyline(points=[[(0, 0), (1, 1)]])])
    point = fo.Keypoints(keypoints=[fo.Keypoint(points=[(0, 0)])])
    box = fo.Detection(label="box", bounding_box=[0, 0, 1, 1])
    sample = dataset.first()
    sample.frames[1] = fo.Frame(lines=line, points=point, single=box)
    sample.save()
    return dataset


@pytest.fixture
def untouched(dataset):
    """Checks at the end that the dataset is as it was."""
    before = [sample.to_dict(include_frames=True) for sample in dataset]
    yield
    dataset.reload()
    assert [sample.to_dict(include_frames=True) for sample in dataset] == before
    assert dataset.list_runs() == []


@pytest.mark.parametrize("case", [c for c in REQUESTS if c.given], ids=what)
def test_ground_refuses(dataset, ground, untouched, case):
    with pytest.raises(GroundingError) as refusal:
        ground(dataset, **{"query": "a red box", **case.given()})
    case.check(REFUSED, str(refusal.value))


@pytest.mark.parametrize("case", [c for c in REQUESTS if c.params], ids=what)
def test_the_operator_refuses(dataset, operate, untouched, case):
    params = {"query": "a red box", **case.params}
    with pytest.raises((ExecutionError, GroundingError)) as refusal:
        operate(dataset, **params)
    case.check(REFUSED, str(refusal.value))


@pytest.mark.parametrize("case", [c for c in REQUESTS if c.options], ids=what)
def test_the_command_line_refuses(command, healthy, case):
    query = [] if "--query" in case.options else ["--query", "a red box"]
    code, output = command("ground", healthy, *query, *case.options)
    assert code == cli.REFUSED
    case.check(REFUSED, output)


@pytest.fixture
def made():
    """Datasets that are deleted at the end."""
    datasets = []
    yield datasets
    for dataset in datasets:
        dataset.delete()


def check_datasets(case, run, made, outcomes):
    """A run over a kind of dataset is refused, or grounds its video."""
    if case.outcome == REFUSED:
        with pytest.raises((GroundingError, ExecutionError)) as refusal:
            run()
        case.check(REFUSED, str(refusal.value))
    else:
        run()
        found = outcomes(made[-1])
        assert [status or "" for status, _ in found] == [case.outcome]
        case.check(case.outcome, found[0][1])


@pytest.mark.parametrize("case", DATASETS, ids=what)
def test_ground_takes_videos_and_refuses_all_else(ground, healthy, outcomes, made, case):
    samples = case.make(healthy, made)
    check_datasets(case, lambda: ground(samples), made, outcomes)


@pytest.mark.parametrize("case", [c for c in DATASETS if c.in_app], ids=what)
def test_so_does_the_operator(operate, healthy, outcomes, made, case):
    samples = case.make(healthy, made)
    check_datasets(case, lambda: operate(samples, query="a red box"), made, outcomes)
