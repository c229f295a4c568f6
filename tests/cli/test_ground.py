"""Pins the command line for users: exit codes, messages, tables, options from `E3MConfig`."""

import re

import fiftyone as fo
import pytest
from typer.testing import CliRunner

from fiftyone_e3m import cli
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.engines import worker


@pytest.fixture
def run(monkeypatch, fake_encoder, fake_detector):
    """Runs the command with models that recognise colours, whatever their names."""
    monkeypatch.setattr(worker, "load_encoder", lambda *_, **__: fake_encoder)
    monkeypatch.setattr(worker, "load_detector", lambda *_, **__: fake_detector)

    def invoke(*arguments):
        result = CliRunner().invoke(cli.app, [str(a) for a in arguments], env={"COLUMNS": "200"})
        return result.exit_code, " ".join(result.output.split())

    return invoke


@pytest.fixture
def clip(draw_video, tmp_path):
    """Two seconds with a red box throughout and a blue one in the second half."""
    still = {"red": (10, 10, 50, 50)}
    frames = [still] * 25 + [{**still, "blue": (90, 40, 140, 90)}] * 25
    return draw_video(tmp_path / "clip.mp4", frames, 25)


def test_a_video_and_a_sentence_give_a_table(run, clip):
    code, output = run("ground", clip, "--query", "the blue box")
    assert code == 0
    assert re.search(r"the blue box │ \d\.\d - 2\.0 s", output)
    assert "1 of 1 videos grounded" in output


def test_boxes_of_a_field_and_a_detector_at_once_are_refused(run, clip):
    arguments = ("ground", clip, "--query", "the blue box", "--boxes-field", "gt")
    code, output = run(*arguments, "--detector", "yolo11n.pt")
    assert code == cli.REFUSED
    assert "both the boxes field 'gt' and the detector 'yolo11n.pt' were given" in output


@pytest.mark.parametrize("given", ["--workers 4", "--address auto"])
def test_options_of_ray_are_refused_where_they_would_not_apply(run, clip, given):
    code, output = run("ground", clip, "--query", "the blue box", *given.split())
    assert code == cli.REFUSED
    assert f"{given} is for Ray. Add --engine ray, or leave it out." in output


def test_without_a_dataset_name_nothing_is_left_behind(run, clip):
    before = fo.list_datasets()
    run("ground", clip, "--query", "the blue box")
    assert fo.list_datasets() == before


def test_a_named_dataset_is_kept_and_a_second_run_refuses(run, clip):
    arguments = ("ground", clip, "--query", "the red box", "--dataset", "kept-by-cli")
    try:
        assert run(*arguments)[0] == 0
        assert fo.load_dataset("kept-by-cli").first().e3m_status == "ok"
        code, output = run(*arguments)
        assert code == cli.REFUSED
        assert "already holds a grounding on 1 of these 1 videos" in output
        assert run(*arguments, "--overwrite")[0] == 0
        assert len(fo.load_dataset("kept-by-cli")) == 1
    finally:
        fo.delete_dataset("kept-by-cli")


def test_a_video_that_cannot_be_read_is_named_and_changes_the_exit_code(run, clip, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_text("not a video")
    code, output = run("ground", clip, broken, "--query", "the red box")
    assert code == cli.NOT_OK
    assert "1 of 2 videos grounded" in output
    assert "broken.mp4 is not a video that can be opened" in output


def test_a_file_that_is_no_video_by_its_name_is_refused(run, tmp_path):
    page = tmp_path / "page.txt"
    page.write_text("text")
    code, output = run("ground", page, "--query", "the red box")
    assert code == cli.REFUSED
    assert "Pass files such as clip.mp4" in output


def test_a_file_that_is_missing_is_told_before_a_detector_is_looked_for(tmp_path):
    path = tmp_path / "nofile.mp4"
    options = ["--query", "a red box", "--detector", "no-such-weights.pt"]
    result = CliRunner().invoke(cli.app, ["ground", str(path), *options], env={"COLUMNS": "500"})
    assert result.exit_code == 2
    assert f"{path} does not exist. Correct the path." in result.output
    assert "no-such-weights" not in result.output


def test_an_empty_sentence_is_refused(run, clip):
    code, output = run("ground", clip, "--query", " ")
    assert code == cli.REFUSED
    assert "The query is empty" in output


def test_every_parameter_has_an_option(run):
    _, output = run("ground", "--help")
    for name in E3MConfig.model_fields:
        assert f"--{name.replace('_', '-')}"[:20] in output


def test_options_reach_the_run_record(run, clip):
    name = "options-of-cli"
    options = ("--sample-fps", 10, "--no-context", "--link", "argmax", "--prompts", "crop")
    try:
        run("ground", clip, "--query", "the red box", "--dataset", name, *options)
        dataset = fo.load_dataset(name)
        settings = dataset.get_run_info(dataset.list_runs()[0]).config.settings
        config = E3MConfig.model_validate(settings["config"])
        assert config == E3MConfig(sample_fps=10, context=False, link="argmax", prompts=("crop",))
    finally:
        fo.delete_dataset(name)


def test_the_time_may_come_from_events_of_the_dataset(run, clip):
    name = "events-of-cli"
    mark = fo.TemporalDetection(label="the red box", support=[12, 31])
    sample = fo.Sample(filepath=str(clip), marks=fo.TemporalDetections(detections=[mark]))
    dataset = fo.Dataset(name)
    dataset.add_sample(sample)
    arguments = ("ground", clip, "--query", "the red box", "--dataset", name)
    try:
        code, output = run(*arguments, "--events-field", "nope")
        assert code == cli.REFUSED
        assert "'nope' does not exist. Fields with temporal detections: marks." in output
        assert run(*arguments, "--events-field", "marks", "--events-role", "hard")[0] == cli.REFUSED
        assert run(*arguments, "--events-field", "marks", "--events-role", "window")[0] == 0
        dataset.reload()
        assert dataset.values("e3m_events.detections.support") == [[[12, 31]]]
    finally:
        fo.delete_dataset(name)


@pytest.mark.parametrize(
    "option", [("--beta", "1.5"), ("--link", "magic"), ("--text-template", "a photo")]
)
def test_a_value_out_of_its_range_is_refused_by_the_name_of_its_option(run, clip, option):
    code, output = run("ground", clip, "--query", "the red box", *option)
    assert code == cli.REFUSED
    assert option[0] in output


def test_pictures_are_drawn_for_each_sentence(run, clip, tmp_path):
    folder = tmp_path / "pictures"
    run("ground", clip, "-q", "the red box", "-q", "the blue box", "--pictures", folder)
    assert sorted(path.name for path in folder.iterdir()) == ["clip_1.png", "clip_2.png"]


def test_an_unknown_encoder_is_refused_with_what_there_is(clip):
    arguments = ["ground", str(clip), "--query", "a dog", "--encoder", "nonsense"]
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == cli.REFUSED
    assert "is not understood" in result.output


def test_a_device_that_is_not_there_is_refused(run, clip, machine):
    machine(mps=True)
    code, output = run("ground", clip, "--query", "the blue box", "--device", "cuda:1")
    assert code == cli.REFUSED
    assert "device is 'cuda:1', but there is no such device here. Use mps or cpu." in output
    assert run("ground", clip, "--query", "the blue box", "--device", "mps")[0] == 0


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("", "cuda:0, cuda:1, cpu; models run on cuda"),
        ("cuda:1", "cuda:0, cuda:1, cpu; models run on cuda:1"),
    ],
)
def test_the_doctor_names_the_devices_and_the_chosen_one(machine, monkeypatch, variable, said):
    machine(cuda=2)
    monkeypatch.setenv("E3M_DEVICE", variable)
    result = CliRunner().invoke(cli.app, ["doctor"], env={"COLUMNS": "300"})
    assert f"{said} " in " ".join(result.output.split())
    assert result.exit_code == 0


def test_the_doctor_tells_a_device_that_is_not_there(machine, monkeypatch):
    machine(cuda=2)
    monkeypatch.setenv("E3M_DEVICE", "cuda:7")
    result = CliRunner().invoke(cli.app, ["doctor"], env={"COLUMNS": "300"})
    assert "E3M_DEVICE is 'cuda:7'" in result.output
    assert result.exit_code == cli.NOT_OK


def test_the_doctor_names_all_parts_and_what_to_do():
    result = CliRunner().invoke(cli.app, ["doctor"], env={"COLUMNS": "300"})
    output = " ".join(result.output.split())
    assert result.exit_code == 0, output
    for part in (
        "mongod",
        "FiftyOne App",
        "plugin",
        "bundled",
        "ffprobe",
        "yolo11n.pt",
        "ViT-B-32",
    ):
        assert part in output


def test_the_doctor_says_how_to_link_the_plugin_and_sees_it_afterwards(monkeypatch, tmp_path):
    monkeypatch.setattr(fo.config, "plugins_dir", str(tmp_path))
    doctor = CliRunner().invoke(cli.app, ["doctor"], env={"COLUMNS": "300"})
    assert "fiftyone-e3m install-plugin" in doctor.output
    assert CliRunner().invoke(cli.app, ["install-plugin"]).exit_code == 0
    doctor = CliRunner().invoke(cli.app, ["doctor"], env={"COLUMNS": "300"})
    assert "fiftyone-e3m install-plugin" not in doctor.output


def test_a_tilde_is_the_home_also_where_no_shell_expands_it(run, clip, monkeypatch):
    monkeypatch.setenv("HOME", str(clip.parent))
    pictures = "--pictures=~/pictures"
    code, output = run("ground", f"~/{clip.name}", "--query", "the blue box", pictures)
    assert code == 0, output
    assert list((clip.parent / "pictures").iterdir())
