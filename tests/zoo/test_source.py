"""Pins the model as a source of FiftyOne's zoo, in a folder; `tests/plugin` has the download."""

from pathlib import Path

import fiftyone.zoo as foz
import pytest
from fiftyone.operators.executor import ExecutionContext

import fiftyone_e3m as e3m
from fiftyone_e3m.cli.install import MODEL_ENTRY, install_model

NAME = "e3m-video-grounding"
ROOT = Path(e3m.__file__).parents[1]


def test_the_zoo_lists_the_model_and_checks_its_requirements(zoo_model_dir):
    assert NAME in foz.list_zoo_models()
    model = foz.get_zoo_model(NAME)
    model.ensure_requirements(error_level=0)
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    assert model.requirements.packages == [line for line in lines if line[0] != "#"]


def test_loading_is_quick_and_tells_what_is_wrong(zoo_model_dir):
    with pytest.raises(e3m.EncoderError, match="Encoder 'nope' is not understood"):
        foz.load_zoo_model(NAME, encoder="nope")
    with pytest.raises(e3m.GroundingError, match="beta"):
        foz.load_zoo_model(NAME, beta=2)
    with pytest.raises(e3m.GroundingError, match="device is 'gpu', but there is no such"):
        foz.load_zoo_model(NAME, device="gpu")
    assert foz.load_zoo_model(NAME, device="cpu").media_type == "video"


def test_a_source_that_was_downloaded_is_kept(tmp_path):
    folder = install_model(tmp_path)
    assert install_model(tmp_path) == folder
    assert (folder / "__init__.py").read_text() == MODEL_ENTRY
    (folder / "__init__.py").write_text("downloaded = True")
    install_model(tmp_path)
    assert (folder / "__init__.py").read_text() == "downloaded = True"


@pytest.fixture
def ctx(make):
    """The context of an operator on a dataset, as FiftyOne's *Apply zoo model* has one."""
    return ExecutionContext({"dataset_name": make("early").name})


def test_the_form_of_the_app_offers_the_fields(zoo_model_dir, ctx):
    asked = foz.get_zoo_model(NAME).resolve_input(ctx).type.properties
    assert list(asked) == ["prompt_field", "query", "boxes_field", "detector", "encoder"]
    offered = {name: [c.value for c in asked[name].view.choices] for name in list(asked)[:3:2]}
    assert offered == {"prompt_field": ["caption"], "boxes_field": ["found"]}
    assert not any(prop.required for prop in asked.values())


def test_what_the_app_sends_is_what_load_model_takes(zoo_model_dir, ctx):
    params = {"prompt_field": "caption", "query": "", "boxes_field": None, "encoder": "bundled"}
    foz.get_zoo_model(NAME).parse_parameters(ctx, params)
    assert params == {"prompt_field": "caption", "encoder": "bundled"}
    model = foz.load_zoo_model(NAME, cache=False, **params)
    assert model.needs_fields == {"prompt_field": "caption"}
    assert model.config.encoder == "bundled"


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"encoder": "local-dir:/srv/model"}, "the App loads files of weights only from folders"),
        ({"detector": "/srv/yolo.pt"}, "the App loads files of weights only from folders"),
        ({"trust_remote_code": True}, "an operator never runs such code"),
    ],
    ids=str,
)
def test_the_app_loads_no_model_that_an_operator_may_not(zoo_model_dir, ctx, params, sentence):
    with pytest.raises(e3m.GroundingError, match=sentence):
        foz.get_zoo_model(NAME).parse_parameters(ctx, params)
