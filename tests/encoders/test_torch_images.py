"""Tests how images reach a model: exact values, in the memory layout that suits convolutions."""

import numpy as np
import pytest
import torch

from fiftyone_e3m.encoders import BATCH, batch_of
from fiftyone_e3m.encoders.torch_images import Normaliser, batch_on, layout_on, unit_array

MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def images():
    """Every byte value in every channel; height and width differ."""
    rng = np.random.default_rng(0)
    return rng.permuted(np.arange(2 * 16 * 24 * 3) % 256).astype(np.uint8).reshape(2, 16, 24, 3)


def exact(images):
    return np.moveaxis((images / 255.0 - MEAN) / STD, -1, 1)


def test_each_channel_has_its_own_mean_and_deviation(images):
    x = Normaliser(MEAN, STD, 24, CPU)(images)
    assert x.shape == (2, 3, 16, 24)
    assert x.dtype == torch.float32
    assert np.abs(x.numpy() - exact(images)).max() < 1e-6


def test_the_memory_stays_channels_last(images):
    x = Normaliser(MEAN, STD, 24, CPU)(images)
    assert x.is_contiguous(memory_format=torch.channels_last)


def test_on_mps_the_memory_has_torchs_usual_order():
    assert layout_on(torch.device("mps")) == torch.contiguous_format
    assert layout_on(CPU) == layout_on(CUDA) == torch.channels_last


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_memory_is_pinned_for_cuda_alone(images, device, monkeypatch):
    def pin(tensor):
        raise AssertionError("pinned")

    monkeypatch.setattr(torch.Tensor, "pin_memory", pin)
    Normaliser(MEAN, STD, 24, torch.device(device))(images)
    on_cuda = Normaliser(MEAN, STD, 24, CPU)
    on_cuda._device = CUDA
    with pytest.raises(AssertionError, match="pinned"):
        on_cuda(images)


def test_the_images_are_left_as_they_are_and_need_not_lie_in_one_piece(images):
    before, flipped = images.copy(), images.transpose(0, 2, 1, 3)
    assert np.abs(Normaliser(MEAN, STD, 16, CPU)(flipped).numpy() - exact(flipped)).max() < 1e-6
    assert (images == before).all()


def test_precision_is_lost_only_at_the_end(images):
    x = Normaliser(MEAN, STD, 24, CPU, torch.float16)(images)
    assert x.dtype == torch.float16
    assert (x == torch.from_numpy(exact(images)).to(torch.float16)).float().mean() > 0.99


def test_vectors_of_any_precision_come_back_as_float32_of_length_one():
    x = unit_array(torch.tensor([[3.0, 4.0], [0.0, 2.0]], dtype=torch.bfloat16))
    assert x.dtype == np.float32
    assert x == pytest.approx(np.array([[0.6, 0.8], [0, 1]]))


def test_a_gpu_is_given_larger_batches_than_a_cpu():
    assert batch_on(CPU) == BATCH
    assert batch_on(CUDA) > BATCH


def test_an_encoder_may_say_how_many_images_it_wants(fake_encoder):
    assert batch_of(fake_encoder) == BATCH
    fake_encoder.batch = 3
    assert batch_of(fake_encoder) == 3
