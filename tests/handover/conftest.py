"""Shared by the hand-over tests: videos with tubes whose keyframes are known."""

import fiftyone as fo
import pytest

N = 20


def bend(frame):
    """A 40x24 box in 160x120 that changes direction at frame 10: keyframes at 1, 10 and 20."""
    x = min(frame, 20 - frame) * 3 / 80
    return [x, 0.25, 0.25, 0.2]


@pytest.fixture(scope="session")
def clip(tmp_path_factory, draw_video):
    """A video of two seconds, 160 x 120."""
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    return draw_video(path, [{"red": (8, 8, 40, 40)}] * N)


@pytest.fixture
def tube_sample():
    """`tube_sample(path, {"a sentence": {frame: box}})`: a sample with its tubes in `frames.gt`."""

    def new(path, tubes, field="gt"):
        sample = fo.Sample(filepath=str(path), media_type="video")  # whatever its name
        for index, (sentence, boxes) in enumerate(tubes.items(), 1):
            for frame, box in boxes.items():
                found = sample.frames[frame].get_field(field) if frame in sample.frames else None
                detection = fo.Detection(label=sentence, bounding_box=box, index=index)
                found = [*(found.detections if found else []), detection]
                sample.frames[frame] = fo.Frame(**{field: fo.Detections(detections=found)})
        return sample

    return new


@pytest.fixture
def dataset(clip, tube_sample):
    """Two videos: one with a turning box and a still box with a gap; one without boxes."""
    turning = {frame: bend(frame) for frame in range(1, N + 1)}
    still = {frame: [0.5, 0.5, 0.2, 0.2] for frame in (3, 4, 5, 6, 10, 11, 12)}
    dataset = fo.Dataset()
    full = tube_sample(clip, {"it turns": turning, 'it says "<&"': still})
    dataset.add_samples([full, fo.Sample(filepath=str(clip.with_name("other.mp4")))])
    yield dataset
    dataset.delete()
