"""Tests that working ahead changes only the time, and leaves no thread behind."""

import threading
from contextlib import closing

import pytest

from fiftyone_e3m.prefetch import ahead

DEPTHS = pytest.mark.parametrize("depth", [0, 1, 3, 100])


def threads():
    return [t for t in threading.enumerate() if t.name.startswith("e3m-ahead")]


@DEPTHS
def test_items_come_in_order(depth):
    assert list(ahead(range(20), depth)) == list(range(20))
    assert list(ahead([], depth)) == []
    assert not threads()


@DEPTHS
def test_an_error_comes_where_its_item_would_have_come(depth):
    def items():
        yield 1
        yield 2
        raise ValueError("the third is broken")

    upcoming = ahead(items(), depth)
    assert [next(upcoming), next(upcoming)] == [1, 2]
    with pytest.raises(ValueError, match="the third is broken"):
        next(upcoming)
    assert not threads()


@pytest.mark.parametrize("depth", [1, 3])
def test_never_more_than_depth_items_wait(depth):
    made = []
    produced = threading.Semaphore(0)

    def items():
        for number in range(10):
            made.append(number)
            produced.release()
            yield number

    with closing(ahead(items(), depth)) as upcoming:
        for used in range(5):
            assert next(upcoming) == used
            for _ in range(1 if used else depth + 1):
                assert produced.acquire(timeout=10)
            assert len(made) == used + 1 + depth


@DEPTHS
def test_leaving_early_closes_the_source_and_its_thread(depth):
    closed = threading.Event()

    def items():
        try:
            yield from range(10**9)
        finally:
            closed.set()

    for _ in ahead(items(), depth):
        break
    assert closed.is_set()
    assert not threads()


def test_who_leaves_can_cut_short_the_item_in_the_making():
    begun, cut = threading.Event(), threading.Event()

    def items():
        yield 1
        begun.set()
        assert cut.wait(timeout=10)
        yield 2

    with closing(ahead(items(), 1, on_leave=cut.set)) as upcoming:
        assert next(upcoming) == 1
        assert begun.wait(timeout=10)
    assert cut.is_set()
    assert not threads()
