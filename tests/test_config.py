"""Tests that settings are validated on creation, never later, and carry their documentation.

Forms, flags and the run record are generated from the model, so its metadata is behaviour. Values
of tuning parameters are not pinned here.
"""

import math

import pytest
from pydantic import ValidationError

from fiftyone_e3m.config import PRESETS, E3MConfig

FIELDS = E3MConfig.model_fields


def test_every_default_lies_inside_its_own_limits():
    assert E3MConfig.model_validate(E3MConfig().model_dump()) == E3MConfig()


def test_settings_survive_json():
    config = E3MConfig(classes=("person",), prompts=("blur",), beta=0.25, link="argmax", seed=7)
    assert E3MConfig.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize(
    "wrong",
    [
        {"sample_fps": 0},
        {"sample_fps": -1},
        {"max_frames": 0},
        {"conf": 1.01},
        {"max_boxes": 0},
        {"iou_gate": -0.1},
        {"max_age": -1},
        {"blur_sigma": 0},
        {"context_tau": 0},
        {"n_iter": 0},
        {"n_prototypes": 0},
        {"alpha": 1.5},
        {"beta": -0.1},
        {"link_weight": -1},
        {"seconds_per_event": 0},
        {"seed": -1},
        {"prompts": ()},
        {"prompts": ("circle",)},
        {"denoise": "inside"},
        {"link": "greedy"},
        {"events": "sliding"},
        {"max_frames": 2.5},
        {"context": "perhaps"},
        {"contrast": "perhaps"},
        {"label_weight": -1},
        {"size_weight": 11},
        {"pick_weight": -0.1},
        {"not_found_below": 1.1},
    ],
    ids=str,
)
def test_a_value_outside_its_range_is_refused_by_name(wrong):
    (name,) = wrong
    with pytest.raises(ValidationError, match=name):
        E3MConfig(**wrong)


@pytest.mark.parametrize("name", [n for n, field in FIELDS.items() if field.annotation is float])
def test_no_number_may_be_nan(name):
    with pytest.raises(ValidationError, match=name):
        E3MConfig(**{name: math.nan})


def test_an_unknown_parameter_is_refused():
    with pytest.raises(ValidationError, match="betta"):
        E3MConfig(betta=0.5)


def test_a_template_must_hold_the_query():
    assert E3MConfig(text_template="a photo of {query}").text_template == "a photo of {query}"
    with pytest.raises(ValidationError, match="must contain"):
        E3MConfig(text_template="a photo of query")


def test_no_classes_means_all_classes():
    assert E3MConfig(classes=()).classes is None
    assert E3MConfig(classes=["person", "dog"]).classes == ("person", "dog")


def test_settings_cannot_change_under_a_run():
    config = E3MConfig()
    with pytest.raises(ValidationError, match="frozen"):
        config.beta = 0.1


def test_equal_settings_are_the_same_cache_key():
    assert len({E3MConfig(beta=0.5), E3MConfig(beta=0.5), E3MConfig(beta=0.6)}) == 2


@pytest.mark.parametrize("name", FIELDS)
def test_every_parameter_says_what_it_is_and_who_chose_its_default(name):
    field = FIELDS[name]
    assert field.description
    assert field.json_schema_extra["source"]
    assert field.json_schema_extra["group"]
    assert "unit" in field.json_schema_extra


# Presets


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_changes_known_parameters_to_other_values(name):
    default = E3MConfig()
    for parameter, value in PRESETS[name].items():
        assert parameter in FIELDS
        assert value != getattr(default, parameter)
    assert E3MConfig.preset(name).model_dump() == {**default.model_dump(), **PRESETS[name]}


def test_the_default_preset_is_the_default():
    assert E3MConfig.preset("default") == E3MConfig()


def test_the_paper_knows_none_of_what_was_added():
    paper = E3MConfig.preset("paper")
    assert not any([paper.shots, paper.contrast, paper.trim_partial])
    assert paper.label_weight == paper.size_weight == paper.pick_weight == 0
    assert paper.denoise == "others"
    # the components of E3M stay on
    assert paper.propagate
    assert paper.context
    assert paper.prototypes
    assert paper.not_found_below == 0


def test_single_parameters_change_on_top_of_a_preset():
    config = E3MConfig.preset("paper", beta=0.7, contrast=True)
    assert (config.beta, config.contrast, config.label_weight) == (0.7, True, 0)
    with pytest.raises(ValidationError, match="beta"):
        E3MConfig.preset("paper", beta=2)


def test_an_unknown_preset_is_refused_by_name():
    with pytest.raises(ValueError, match="no preset 'papers'"):
        E3MConfig.preset("papers")
