"""Pins that a batch that does not fit into memory is halved until it does, once and for all."""

import pytest

from fiftyone_e3m.encoders import Ration


class Model:
    """Doubles numbers; fits `room` of them at a time."""

    def __init__(self, room, error):
        self.room, self.error, self.given = room, error, []

    def __call__(self, items):
        self.given.append(len(items))
        if len(items) > self.room:
            raise self.error
        return [2 * item for item in items]


ERRORS = {
    "NumPy": MemoryError("Unable to allocate 5 GiB"),
    "CUDA": RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    "MPS": RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
    "CPU": RuntimeError("DefaultCPUAllocator: can't allocate memory"),
    "cuDNN": RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
}


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
def test_all_items_are_served_in_order(error):
    model = Model(3, error)
    served = Ration.of(model).serve(model, range(11))
    assert [value for part in served for value in part] == [2 * i for i in range(11)]
    assert model.given == [11, 5, 2, 2, 2, 2, 2, 1]


def test_a_later_batch_does_not_fail_again():
    model = Model(4, MemoryError())
    Ration.of(model).serve(model, range(8))
    model.given.clear()
    Ration.of(model).serve(model, range(8))
    assert model.given == [4, 4]
    other = Model(4, MemoryError())
    assert Ration.of(other).size is None, "each model has its own"


def test_as_long_as_all_fits_a_batch_is_one_call():
    model = Model(99, MemoryError())
    assert len(Ration.of(model).serve(model, range(64))) == 1


def test_what_does_not_fit_alone_is_an_error():
    model = Model(0, MemoryError("not even one"))
    with pytest.raises(MemoryError, match="not even one"):
        Ration.of(model).serve(model, range(8))


def test_other_errors_are_not_tried_again():
    model = Model(0, RuntimeError("shapes do not match"))
    with pytest.raises(RuntimeError, match="shapes"):
        Ration.of(model).serve(model, range(8))
    assert model.given == [8]
