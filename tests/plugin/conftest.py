"""What the tests of the plugin share: a plugin folder, a small encoder, labelled videos."""

import json
from pathlib import Path

import fiftyone as fo
import pytest

from fiftyone_e3m.install import install_plugin

N = 10
TINY = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 64, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}


@pytest.fixture(scope="session")
def plugins_dir(tmp_path_factory):
    """A plugin folder into which `install-plugin` has linked the checkout."""
    folder, before = tmp_path_factory.mktemp("plugins"), fo.config.plugins_dir
    install_plugin(folder)
    fo.config.plugins_dir = str(folder)
    yield folder
    fo.config.plugins_dir = before


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory):
    """Name of an open_clip model with random weights: an operator takes names only."""
    import open_clip
    import torch

    folder = tmp_path_factory.mktemp("tiny")
    config = {"model_cfg": TINY, "preprocess_cfg": {}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    torch.manual_seed(0)
    torch.save(open_clip.CLIP(**TINY).state_dict(), folder / "open_clip_pytorch_model.bin")
    return f"local-dir:{folder}"


@pytest.fixture(scope="session")
def clip(tmp_path_factory, draw_video):
    """A video of a second: a red box moves above a blue one."""
    frames = [{"blue": (10, 70, 40, 100), "red": (8 * i, 10, 8 * i + 40, 50)} for i in range(N)]
    return draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", frames)


@pytest.fixture(scope="session")
def new_dataset(clip):
    """`new_dataset(2)`: a dataset of the clip, with boxes in `frames.gt` and a caption."""

    def new(n):
        dataset = fo.Dataset(persistent=True)  # survives the exit of a subprocess
        for _ in range(n):
            sample = fo.Sample(filepath=str(clip), caption="a blue box")
            for i in range(N):
                boxes = {"red": [i / 20, 0.1, 0.25, 0.3], "blue": [0.1, 0.6, 0.2, 0.25]}
                found = [fo.Detection(label=k, bounding_box=v) for k, v in boxes.items()]
                sample.frames[i + 1] = fo.Frame(gt=fo.Detections(detections=found))
            dataset.add_sample(sample)
        return dataset

    return new


@pytest.fixture
def dataset(new_dataset):
    """Two labelled videos."""
    dataset = new_dataset(2)
    yield dataset
    dataset.delete()


@pytest.fixture(scope="session")
def repository():
    """The root of the checkout."""
    return Path(__file__).parents[2]
