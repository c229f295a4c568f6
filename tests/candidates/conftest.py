"""Shared by the tests of detectors that take text: a text encoder at random weights."""

import sys
from importlib import import_module
from types import ModuleType

import pytest

TINY = {
    "embed_dim": 512,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}


@pytest.fixture(scope="module")
def text_encoder():
    """The package `clip` that ultralytics needs, with CLIP's own tokenizer and random weights.

    It is not on the package registries, and its weights are not here. Ultralytics' own text encoder
    runs on it; that of YOLOE, a TorchScript file, is replaced by it.
    """
    import open_clip
    import torch

    def load(size, device=None, download_root=None):
        torch.manual_seed(0)
        return open_clip.CLIP(**TINY), None

    tokenize = open_clip.get_tokenizer("ViT-B-32")
    package = ModuleType("clip")
    package.clip, package.load = package, load
    package.tokenize = lambda texts, truncate=False: tokenize(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "clip", package)
        patch.delitem(sys.modules, "ultralytics.nn.text_model", raising=False)
        text_model = import_module("ultralytics.nn.text_model")
        patch.setattr(text_model, "MobileCLIPTS", lambda device, **_: text_model.CLIP("", device))
        yield
    sys.modules.pop("ultralytics.nn.text_model", None)


@pytest.fixture(scope="session")
def network(tmp_path_factory):
    """`network("yolov8n-world.yaml")`: path of a network that takes text, with random weights.

    It finds boxes everywhere; untrained, it would find nothing.
    """
    folder = tmp_path_factory.mktemp("networks")

    def save(description):
        import torch
        from ultralytics import YOLO

        torch.manual_seed(0)
        model = YOLO(description)
        head = model.model.model[-1]
        for features, contrast in zip(head.cv3, head.cv4, strict=True):
            torch.nn.init.normal_(features[-1].bias)
            torch.nn.init.constant_(contrast.bias, -1)
        model.ckpt = {"train_args": {"imgsz": 64}}
        model.save(folder / f"{description}.pt")
        return str(folder / f"{description}.pt")

    return save


@pytest.fixture(scope="session")
def world(network):
    """Path of a small YOLO-World."""
    return network("yolov8n-world.yaml")
