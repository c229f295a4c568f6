"""Tests that cache keys are equal for equal values, and only for these."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiftyone_e3m.cache import digest

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
NESTED = st.recursive(PLAIN | st.binary(), lambda inner: st.lists(inner, max_size=3), max_leaves=8)


@given(NESTED, NESTED)
def test_equal_keys_are_equal_values(one, other):
    assert (digest(one) == digest(other)) == (repr(one) == repr(other))


def test_what_looks_alike_has_different_keys():
    values = ["1", 1, 1.0, True, b"1", [1], [[1]], ["1", ""], ["", "1"], None, "None"]
    values += [{"1": 1}, ["mapping", ("1", 1)], [("1", 1)]]
    arrays_ = [np.array([1]), np.array([1.0]), np.array([[1]]), np.array([1], np.int32)]
    keys = [digest(value) for value in [*values, *arrays_]]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 32 for key in keys)


def test_a_name_that_is_no_unicode_has_a_key():
    assert digest(os.fsdecode(b"\xff.pt")) != digest(os.fsdecode(b"\xfe.pt"))


def test_an_order_of_names_does_not_count():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_a_slice_of_an_array_is_what_it_shows():
    whole = np.arange(12).reshape(3, 4)
    assert digest(whole[:, 1]) == digest(whole[:, 1].copy())


@pytest.mark.parametrize(
    "part", [object(), {1, 2}, np.array([{}], object)], ids=["object", "set", "array"]
)
def test_anything_else_has_no_key(part):
    with pytest.raises(TypeError, match="digest"):
        digest(part)
