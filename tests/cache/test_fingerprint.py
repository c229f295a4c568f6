"""Tests when two models count as the same: no model may be given another's cached results.

A fingerprint that misses a change silently serves wrong features from disk; one that reports a
change where there is none only costs time. Both are tested, the first more strictly.
"""

import copy
import shutil

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from fiftyone_e3m.cache.fingerprint import ROW, file_fingerprint, module_fingerprint

WIDTH = 64
ROWS = 3 * 2 * ROW // WIDTH  # so that a weight folds into about three rows of words and a remainder


def network(seed=0):
    """Weights of several rows of words, of less than one row, a scalar, and an empty one."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(WIDTH, ROWS), nn.BatchNorm1d(ROWS), nn.Conv2d(3, 4, 3))
    model.register_buffer("empty", torch.zeros(0, 5))
    return model


def changed(place, index):
    model = network()
    with torch.no_grad():
        values = model.state_dict()[place].view(-1)
        values[index % len(values)] += 1
    return model


def test_the_same_weights_are_the_same():
    assert module_fingerprint(network()) == module_fingerprint(copy.deepcopy(network()))


def test_other_random_weights_are_others():
    assert module_fingerprint(network(0)) != module_fingerprint(network(1))


@given(
    place=st.sampled_from([name for name, x in network().state_dict().items() if x.numel()]),
    index=st.integers(0, 10**6),
)
def test_any_single_value_counts(place, index):
    assert module_fingerprint(changed(place, index)) != module_fingerprint(network())


@given(st.lists(st.integers(0, ROWS - 1), min_size=2, max_size=2, unique=True))
def test_two_swapped_neurons_count(rows):
    model = network()
    with torch.no_grad():
        weight = model[0].weight
        weight[rows] = weight[rows[::-1]]
    assert module_fingerprint(model) != module_fingerprint(network())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_precision_counts(dtype):
    assert module_fingerprint(network().to(dtype)) != module_fingerprint(network())


def test_order_in_memory_does_not_count():
    turned = network().to(memory_format=torch.channels_last)
    assert module_fingerprint(turned) == module_fingerprint(network())


def test_another_layer_with_the_same_weights_counts():
    one, other = nn.Sequential(nn.GELU()), nn.Sequential(nn.GELU(approximate="tanh"))
    assert module_fingerprint(one) != module_fingerprint(other)


def test_a_setting_that_no_weight_shows_counts():
    torch.manual_seed(0)
    one = nn.MultiheadAttention(8, 2)
    other = nn.MultiheadAttention(8, 4)
    other.load_state_dict(one.state_dict())
    assert module_fingerprint(one) != module_fingerprint(other)


def test_where_the_weights_came_from_does_not_count():
    one, other = network(), network()
    one.pt_path, other.pt_path = "a/weights.pt", "b/weights.pt"
    assert module_fingerprint(one) == module_fingerprint(other)


@pytest.fixture
def export(tmp_path):
    folder = tmp_path / "export"
    (folder / "sub").mkdir(parents=True)
    (folder / "model.xml").write_text("layers")
    (folder / "sub" / "model.bin").write_bytes(b"\1\2\3")
    return folder


def test_a_copied_folder_is_the_same(export):
    copied = shutil.copytree(export, export.parent / "copy")
    assert file_fingerprint(copied) == file_fingerprint(export)


@pytest.mark.parametrize("change", ["content", "name", "added", "moved"])
def test_a_changed_folder_is_another(export, change):
    before = file_fingerprint(export)
    weights = export / "sub" / "model.bin"
    if change == "content":
        weights.write_bytes(b"\1\2\4")
    elif change == "name":
        weights.rename(weights.with_suffix(".old"))
    elif change == "added":
        (export / "metadata.yaml").touch()
    else:
        weights.rename(export / "model.bin")
    assert file_fingerprint(export) != before


def test_a_file_is_known_by_its_content(tmp_path):
    for name, content in {"a.onnx": b"1", "b.onnx": b"1", "c.onnx": b"2"}.items():
        (tmp_path / name).write_bytes(content)
    a, b, c = (file_fingerprint(tmp_path / f"{name}.onnx") for name in "abc")
    assert a == b != c
