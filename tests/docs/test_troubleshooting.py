"""Pins that each message quoted in docs/troubleshooting.md is one that the code says.

Each is produced as a user would: a request is refused, or a video of a run gets a message. `…` in a
quotation stands for names and numbers.
"""

import html
import re
from pathlib import Path
from types import SimpleNamespace

import fiftyone as fo
import huggingface_hub.constants
import pytest
from pymongo.errors import ConnectionFailure

import fiftyone_e3m as e3m
from fiftyone_e3m.candidates import check_detector, factory, load_detector
from fiftyone_e3m.cli import doctor
from fiftyone_e3m.dataset import outages
from fiftyone_e3m.dataset.claims import Claim
from fiftyone_e3m.encoders import factory as encoder_factory
from fiftyone_e3m.encoders import load_encoder, reading
from fiftyone_e3m.paths.outputs import check_output
from fiftyone_e3m.plugin.ground.trust import check_trust
from fiftyone_e3m.request import Request

PAGE = Path(__file__).parents[2] / "docs" / "troubleshooting.md"
QUOTED = re.compile(r"^### (.+)\n\n((?:> .*\n)+)", re.MULTILINE)
REST = "…"
N = 12
RED = "a red box"
HERE = (30, 20, 90, 80)


def quotations():
    """Each quoted message of the page, by its heading."""
    found = QUOTED.findall(PAGE.read_text())
    return {
        heading: html.unescape(" ".join(line[2:] for line in quoted.splitlines()))
        for heading, quoted in found
    }


class World:
    """What is needed to produce messages: videos, stand-ins and a folder."""

    def __init__(self, folder, draw_video, film, draw, stand_ins, monkeypatch):
        self.folder, self.patch = folder, monkeypatch
        self.draw_video, self.film, self.draw, self.stand_ins = draw_video, film, draw, stand_ins

    def video(self, name="clip.mp4", boxes=True):
        frames = [{"red": HERE} if boxes else {}] * N
        codec = "mp4v" if name.endswith(".mp4") else "MJPG"
        return self.draw_video(self.folder / name, frames, codec=codec)

    def dataset(self, path=None, **fields):
        dataset = fo.Dataset()
        sample = fo.Sample(filepath=str(path or self.video()))
        for name, value in fields.items():
            sample[name] = value
        dataset.add_sample(sample)
        return dataset

    def ground(self, dataset, query=RED, **options):
        if "boxes_field" not in options:
            options.setdefault("detector", self.stand_ins.detector())
        options = {"encoder": self.stand_ins.encoder(), "cache": False, **options}
        return e3m.ground(dataset, query, progress=False, **options)

    def message(self, dataset, *args, **options):
        """The message that the video gets."""
        (report,) = self.ground(dataset, *args, **options).videos
        return report.message

    def boxes(self, box, confidence=0.9, label="red"):
        dataset = self.dataset()
        boxes = [fo.Detection(label=label, bounding_box=box, confidence=confidence)]
        frames = {n: fo.Frame(boxes=fo.Detections(detections=boxes)) for n in range(1, N + 1)}
        sample = dataset.first()
        sample.frames.update(frames)
        sample.save()
        return dataset


def refusal(call):
    """The sentence with which a call is refused."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is not the point
        call()
    return str(caught.value)


def without_packages(world, module):
    world.patch.setattr(module, "find_spec", lambda name: None)


def no_ultralytics(world):
    without_packages(world, factory)
    return refusal(lambda: check_detector("yolo11n.pt"))


def no_bundled(world):
    without_packages(world, encoder_factory)
    return refusal(lambda: load_encoder("bundled"))


def offline_encoder(world):
    world.patch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(world.folder))
    return refusal(lambda: load_encoder("ViT-B-32/laion2b_s34b_b79k"))


def siglip(world):
    """The name of an encoder whose sentences transformers reads; its weights are not read."""
    path = world.folder / "siglip.pt"
    path.write_text("not read")
    return f"ViT-B-16-SigLIP/{path}"


def no_transformers(world):
    without_packages(world, reading)
    return refusal(lambda: load_encoder(siglip(world)))


def offline_tokenizer(world):
    world.patch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(world.folder))
    return refusal(lambda: load_encoder(siglip(world)))


def offline_detector(world):
    world.patch.chdir(world.folder)
    return refusal(lambda: load_detector("yolo11n.pt"))


def hostile_detector(world):
    import torch

    path = world.folder / "best.pt"
    torch.save({"model": Surprise()}, path)
    return refusal(lambda: load_detector(str(path)))


class Surprise:
    """What a pickle may hold: a call of any function."""

    def __reduce__(self):
        return print, ("surprise",)


def untrusted(world):
    path = str(world.folder / "best.pt")
    return refusal(lambda: check_trust(Request(RED, detector=path)))


def already_there(world):
    dataset = world.dataset()
    world.ground(dataset)
    return refusal(lambda: world.ground(dataset))


def not_ours(world):
    dataset = world.dataset()
    dataset.add_sample_field("e3m_confidence", fo.FloatField)
    dataset.set_values("e3m_confidence", [0.5])
    return refusal(lambda: world.ground(dataset))


def in_use(world):
    dataset = world.dataset()
    with Claim(dataset, "e3m") as claim:
        claim.name("a_run")
        return refusal(lambda: world.ground(dataset))


def both_sources(world):
    dataset = world.boxes([0.2, 0.2, 0.4, 0.4])
    detector = world.stand_ins.detector()
    return refusal(lambda: world.ground(dataset, boxes_field="boxes", detector=detector))


def clips(world):
    dataset = world.dataset()
    world.ground(dataset)
    view = dataset.to_clips("e3m_events")
    return refusal(lambda: world.ground(view, field="again"))


def cut_off(world):
    whole = world.draw_video(world.folder / "whole.avi", [{"red": HERE}] * 40, codec="MJPG")
    path = world.folder / "cut.avi"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return world.message(world.dataset(path))


def no_video(world):
    path = world.folder / "text.mp4"
    path.write_text("this is no video\n" * 100)
    return world.message(world.dataset(path))


def late(world):
    times = [1 + i / 10 for i in range(N)]
    images = [world.draw({"red": HERE})] * N
    return world.message(world.dataset(world.film(world.folder / "late.mp4", images, times)))


def in_pixels(world):
    return world.message(world.boxes([30, 20, 60, 60]), boxes_field="boxes")


def unsure_boxes(world):
    return world.message(world.boxes([0.2, 0.2, 0.4, 0.4], 0.05), boxes_field="boxes")


def uncalibrated(world):
    encoder = world.stand_ins.encoder()
    encoder.fingerprint = "colours"
    return world.ground(world.dataset(), encoder=encoder).notices[0]


def outage(world):
    world.patch.setattr(outages, "PATIENCE", 0)
    world.patch.setattr(outages, "GLANCE", 0)

    def dead(*_):
        raise ConnectionFailure("connection refused")

    world.patch.setattr(outages.foo, "get_db_conn", lambda: SimpleNamespace(command=dead))
    return refusal(lambda: outages._wait(ConnectionFailure("connection refused")))


def alike(world):
    return world.message(world.dataset())


def greyed_out(world):
    world.patch.setattr(fo.config, "allow_legacy_orchestrators", False, raising=False)
    return doctor._scheduling().detail


def bad_cache(world):
    world.patch.setenv("E3M_CACHE_MB", "lots")
    return refusal(lambda: world.ground(world.dataset(), cache=True))


def outside(world):
    world.patch.setenv("E3M_OUTPUT_DIRS", str(world.folder))
    return refusal(lambda: check_output(Path("/nowhere"), []))


def long_sentence(world):
    return world.message(world.dataset(), " ".join([RED] * 9))


def no_class(world):
    dataset = world.boxes([0.2, 0.2, 0.4, 0.4], label="cup")
    return world.message(dataset, "a brown coin", boxes_field="boxes")


def no_sentence(world):
    return world.message(world.dataset(caption=""), None, query_field="caption")


def missing(world):
    return world.message(world.dataset(world.folder / "gone.mp4"))


def no_boxes(world):
    return world.message(world.dataset(world.video(boxes=False)))


MADE_BY = {
    "The weights of the encoder cannot be downloaded": offline_encoder,
    "A package that reads sentences is not installed": no_transformers,
    "The tokenizer or the text tower cannot be downloaded": offline_tokenizer,
    "The weights of the detector cannot be downloaded": offline_detector,
    "ultralytics is not installed": no_ultralytics,
    "The bundled encoder is not complete": no_bundled,
    "The App does not load a file of weights": untrusted,
    "Weights hold program code": hostile_detector,
    "Confidence is not calibrated": uncalibrated,
    "No box was found": no_boxes,
    "No box can be used": unsure_boxes,
    "Boxes are in another unit": in_pixels,
    "Two sources of boxes": both_sources,
    "The field holds a grounding": already_there,
    "The field holds something else": not_ours,
    "Another run is writing": in_use,
    "Clips, frames or images": clips,
    "There is no sentence": no_sentence,
    "The sentence is too long": long_sentence,
    "No class for the subject": no_class,
    "All frames fit equally well": alike,
    "The file is not there": missing,
    "The file is no video": no_video,
    "The file is cut off": cut_off,
    "Frames are numbered by time": late,
    "Operators may not write there": outside,
    "The cache": bad_cache,
    "Schedule is greyed out": greyed_out,
    "The database does not answer": outage,
}
"""What produces the message below each heading of the page."""
NEED_ULTRALYTICS = {offline_detector, hostile_detector}
NEED_TRANSFORMERS = {offline_tokenizer}


@pytest.fixture
def world(tmp_path, draw_video, film, draw, stand_ins, monkeypatch):
    before = set(fo.list_datasets())
    monkeypatch.delenv("E3M_WEIGHTS_DIRS", raising=False)
    yield World(tmp_path, draw_video, film, draw, stand_ins, monkeypatch)
    monkeypatch.undo()
    for name in set(fo.list_datasets()) - before:
        fo.delete_dataset(name)


def test_each_message_has_a_cause_and_a_way_out():
    page = PAGE.read_text()
    assert list(quotations()) == re.findall(r"^### (.+)", page, re.MULTILINE)
    for section in page.split("\n### ")[1:]:
        assert section.count("\n**Cause.** ") == section.count("\n**Way out.** ") == 1, section


def test_each_message_can_be_produced():
    assert set(quotations()) == set(MADE_BY)


@pytest.mark.parametrize("heading", MADE_BY)
def test_a_quoted_message_is_what_the_code_says(world, heading):
    make, quoted = MADE_BY[heading], quotations()[heading]
    if make in NEED_ULTRALYTICS:
        pytest.importorskip("ultralytics")
    if make in NEED_TRANSFORMERS:
        pytest.importorskip("transformers")
    said = make(world)
    pattern = ".+?".join(map(re.escape, quoted.split(REST)))
    assert re.search(pattern, said, re.DOTALL), f"the page: {quoted}\nthe code: {said}"
