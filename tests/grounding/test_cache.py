"""Pins that cached results are not computed again, and that no answer depends on the cache.

The stand-ins have fingerprints here, so that boxes and features can be kept on disk.
"""

import pytest

from fiftyone_e3m.cache import Cache
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.preview import preview
from fiftyone_e3m.request import Request

RED, BLUE = "a red box", "a blue box"


pytestmark = pytest.mark.usefixtures("known_encoder", "known_detector")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A cache for this test only."""
    monkeypatch.setenv("E3M_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def work(fake_encoder, fake_detector):
    """`work()`: frames and pictures that the models have processed since the last call."""

    def counts():
        seen = sum(fake_detector.batches), fake_encoder.n_images
        fake_detector.batches.clear()
        fake_encoder.batches.clear()
        return seen

    return counts


@pytest.fixture
def answers():
    """`answers(dataset, field)`: all written values, without ids and field name."""

    def read(dataset, field="e3m"):
        dataset.reload()
        box = f"frames.{field}.detections"
        names = ["label", "index", "confidence", "bounding_box"]
        return dataset.values(
            [f"{field}_confidence", f"{field}_message", f"frames.{field}_relevance"]
            + [f"{field}_events.detections.support"]
            + [f"{box}.{name}" for name in names]
        )

    return read


def test_another_sentence_costs_no_model_anything(make, ground, work, answers):
    dataset = make("good", "late")
    ground(dataset, RED, field="red")
    assert min(work()) > 0
    ground(dataset, BLUE, field="blue")
    ground(dataset, [RED, BLUE], field="both")
    ground(dataset, RED, field="again")
    assert work() == (0, 0)
    assert answers(dataset, "again") == answers(dataset, "red")


@pytest.mark.slow
@pytest.mark.parametrize("cache", [True, False])
@pytest.mark.parametrize("overlap", [True, False])
def test_answers_do_not_depend_on_cache_and_overlap(make, ground, answers, cache, overlap):
    names = "good", "cut", "late", "clipped", "empty", "text", "single"
    plain = make(*names)
    ground(plain, [RED, BLUE], cache=False, overlap=False)
    for _ in range(2):  # the second time from the cache
        dataset = make(*names)
        ground(dataset, [RED, BLUE], cache=cache, overlap=overlap)
        assert answers(dataset) == answers(plain)
        assert dataset.values("e3m_status") == plain.values("e3m_status")


def test_without_a_cache_nothing_is_kept(make, ground, folder, monkeypatch):
    dataset = make("good")
    ground(dataset, RED, cache=False)
    monkeypatch.setenv("E3M_CACHE_MB", "0")
    ground(dataset, RED, field="again")
    assert not folder.exists()


def test_a_preview_is_the_beginning_of_the_work(make, ground, work, fake_encoder, fake_detector):
    dataset = make("good", "late")
    preview(dataset, Request(RED, encoder=fake_encoder, detector=fake_detector))
    first = work()
    ground(dataset.limit(1), BLUE)
    assert work() == (0, 0)
    assert min(first) > 0


def test_boxes_of_a_field_share_the_frames(make, ground, work, label):
    dataset = make("good")
    label(dataset, "gt")
    ground(dataset, RED, field="detected")
    _, pictures = work()
    ground(dataset, RED, field="labelled", boxes_field="gt")
    frames, more = work()
    assert frames == 0
    assert more < pictures


def test_damaged_files_are_made_again(make, ground, work, folder, answers, caplog):
    dataset = make("good")
    ground(dataset, RED)
    first = work()
    files = sorted(folder.iterdir())
    for path in files:
        path.write_bytes(path.read_bytes()[:-30])
    ground(dataset, RED, field="again")
    assert work() == first
    told = [record.message for record in caplog.records if "is damaged" in record.message]
    assert 2 <= len(told) <= len(files)
    assert answers(dataset, "again") == answers(dataset)
    ground(dataset, RED, field="third")
    assert work() == (0, 0)


def test_a_cache_that_cannot_be_written_costs_no_run(make, ground, folder, caplog):
    folder.write_text("this is a file, not a folder")
    dataset = make("good", "late")
    summary = ground(dataset, RED)
    assert summary.counts == {"ok": 2}
    (warning,) = [r.message for r in caplog.records if "cache" in r.message]
    assert str(folder) in warning
    assert "E3M_CACHE_DIR" in warning


@pytest.mark.slow
def test_a_full_cache_forgets_what_was_not_used(make, ground, folder, monkeypatch):
    dataset = make("good", "late")
    ground(dataset, RED)
    size = Cache(folder, 0).info().size
    monkeypatch.setenv("E3M_CACHE_MB", str(0.7 * size / 2**20))
    ground(dataset, RED, field="again", config=E3MConfig(crop_pad=0.3))
    assert Cache(folder, 0).info().size <= 0.7 * size
