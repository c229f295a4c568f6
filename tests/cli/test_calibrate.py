"""Pins `fiftyone-e3m calibrate` for users: what it prints, and exit codes."""

import fiftyone as fo
import pytest
from typer.testing import CliRunner

import fiftyone_e3m as e3m
from fiftyone_e3m import cli
from fiftyone_e3m.calibration import KeptCalibrations

pytestmark = pytest.mark.slow

RED = [f"a red box, number {n}" for n in range(20)]


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("E3M_DATA_DIR", str(tmp_path / "data"))
    return KeptCalibrations.default()


@pytest.fixture
def dataset(draw_video, tmp_path, known_encoder, fake_detector):
    """A drawn video, grounded with twenty sentences, of which fifteen are accepted."""
    clip = draw_video(tmp_path / "clip.mp4", [{"red": (10, 10, 50, 50)}] * 20)
    dataset = fo.Dataset("reviewed-for-cli")
    dataset.add_sample(fo.Sample(filepath=str(clip)))
    models = {"encoder": known_encoder, "detector": fake_detector}
    e3m.ground(dataset, RED, field="mine", progress=False, **models)
    e3m.accept_tubes(dataset, "mine", into="gt", queries=RED[:15])
    yield dataset
    dataset.delete()


def run(*arguments):
    result = CliRunner().invoke(cli.app, ["calibrate", *arguments], env={"COLUMNS": "1000"})
    return result.exit_code, " ".join(result.output.split())


def test_it_prints_the_report_and_keeps_the_calibration(dataset, kept):
    for query in RED[15:]:
        e3m.correct_event(dataset.first(), query, first=1, last=2, field="mine")
    code, output = run("reviewed-for-cli", "--field", "mine", "--truth", "gt")
    assert code == 0, output
    assert output.startswith("colours: 15 of 20 reviewed events were right, a share of 0.75. Their")
    assert f"Kept in {kept.path}. Later runs use it" in output
    assert kept.read().keys() == {"colours, version 1"}
    doctor = CliRunner().invoke(cli.app, ["doctor"], env={"COLUMNS": "300"}).output
    assert f"colours, in {kept.path}" in " ".join(doctor.split())


def test_what_is_missing_is_said_and_the_exit_code_tells(dataset, kept):
    code, output = run("reviewed-for-cli", "--field", "mine", "--truth", "gt")
    assert code == cli.REFUSED
    assert "colours was not calibrated. 15 right and 0 wrong events are too few" in output
    assert not kept.path.exists()
    code, output = run("reviewed-for-cli")
    assert code == cli.REFUSED
    assert output == "There is no grounding in 'e3m'. Groundings: mine."


def test_a_dataset_that_does_not_exist_is_named():
    code, output = run("no-such-dataset")
    assert code == cli.REFUSED
    assert "There is no dataset 'no-such-dataset'. Datasets:" in output


def test_the_doctor_tells_a_damaged_file(kept):
    kept.path.parent.mkdir()
    kept.path.write_text("{")
    doctor = CliRunner().invoke(cli.app, ["doctor"], env={"COLUMNS": "300"}).output
    assert "are damaged" in doctor
