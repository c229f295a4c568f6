"""Pins `fiftyone-e3m benchmark` for users: scores, shards, kills, refusals.

Models recognise only colours; videos, database, files and the whole protocol are real.
"""

import json
import re

import fiftyone as fo
import numpy as np
import pytest
import typer

import fiftyone_e3m as e3m
from fiftyone_e3m import cli
from fiftyone_e3m.cli import benchmark as cli_benchmark
from fiftyone_e3m.protocols.shards import ShardResult

OURS = r"fiftyone_e3m, this run │ (\S+) │ (\S+) │ (\S+) │ (\S+) │ n = (\d+)"


def numbers(output):
    """Our row of each table: m_tIoU, m_vIoU, vIoU@0.3, vIoU@0.5, number of sentences."""
    return [tuple(row) for row in re.findall(OURS, output)]


def scores(folder, name):
    """The scores in a result file."""
    return ShardResult.read(folder / "out" / name).scores


def test_hcstvg_gives_the_scores_computed_by_hand_beside_the_published_rows(hcstvg, tmp_path):
    code, output = hcstvg()
    assert code == 0, output
    assert "Imported: 2 of 2 sentences, samples: 2." in output
    assert numbers(output) == [("75.0", "62.5", "50.0", "50.0", "2")]
    assert re.search(r"E3M \(ECCV 2024\) │ - │ 19.1 │ 29.4 │ 10.6 │ arXiv 2509.15178", output)
    assert "HC-STVG v1, test (percent)" in output
    half, whole = scores(tmp_path, "hcstvg-v1-1-of-1.json")
    assert (half.video, half.tiou, half.viou) == ("half", 0.5, pytest.approx(0.25, abs=1e-6))
    assert (half.predicted, half.true) == ((1, 40), (11, 30))
    assert (whole.video, whole.tiou, whole.viou) == ("whole", 1, pytest.approx(1, abs=1e-6))


@pytest.mark.slow
def test_half_open_ends_do_not_count_the_last_frame(hcstvg, tmp_path):
    assert "ends half_open" in hcstvg("--ends", "half_open")[1]
    half, whole = scores(tmp_path, "hcstvg-v1-1-of-1.json")
    assert (half.tiou, whole.tiou) == (pytest.approx(19 / 39), 1)
    assert half.viou == pytest.approx(0.5 * 19 / 39, abs=1e-6)


def test_vidstg_scores_both_kinds_of_sentences_in_their_segments(vidstg, tmp_path):
    code, output = vidstg()
    assert code == 0, output
    assert numbers(output) == [
        ("50.0", "25.0", "0.0", "0.0", "1"),
        ("100.0", "100.0", "100.0", "100.0", "1"),
    ]
    assert output.index("declarative sentences, test") < output.index("interrogative sentences")
    assert re.search(r"E3M \(ECCV 2024\) │ - │ 10.6 │ 12.2 │ 5.4", output)
    assert (tmp_path / "out" / "segments" / "half_8_28.avi").is_file()
    half, whole = scores(tmp_path, "vidstg-1-of-1.json")
    assert (half.kind, half.predicted, half.true) == ("declarative", (1, 20), (11, 20))
    assert (whole.kind, whole.true) == ("interrogative", (1, 20))


@pytest.mark.slow
def test_the_dataset_stays_with_scores_per_video(hcstvg):
    hcstvg("--dataset", "kept-benchmark")
    dataset = fo.load_dataset("kept-benchmark")
    assert dataset.values("e3m_status") == ["ok", "ok"]
    assert dataset.values("e3m_eval_tiou") == [0.5, 1]


@pytest.mark.slow
def test_two_shards_give_what_one_run_gives(hcstvg, run, tmp_path):
    hcstvg()
    whole = scores(tmp_path, "hcstvg-v1-1-of-1.json")
    (tmp_path / "out" / "hcstvg-v1-1-of-1.json").unlink()

    code, output = hcstvg("--shard", "1/2")
    assert code == 0
    assert "Shards still missing: 2/2." in output
    assert numbers(output) == [("50.0", "25.0", "0.0", "0.0", "1")]
    assert run("report", tmp_path / "out")[0] == cli.NOT_OK
    code, output = hcstvg("--shard", "2/2")
    assert "still missing" not in output
    assert numbers(output) == [("75.0", "62.5", "50.0", "50.0", "2")]
    code, again = run("report", tmp_path / "out")
    assert code == 0
    assert numbers(again) == numbers(output)
    parts = [scores(tmp_path, f"hcstvg-v1-{k}-of-2.json") for k in (1, 2)]
    assert parts[0] + parts[1] == whole


@pytest.mark.slow
def test_what_was_done_is_not_done_again(hcstvg, fake_detector):
    first = hcstvg()
    done = len(fake_detector.batches)
    second = hcstvg()
    assert len(fake_detector.batches) == done
    assert numbers(first[1]) == numbers(second[1])
    hcstvg("--overwrite")
    assert len(fake_detector.batches) == 2 * done


@pytest.mark.slow
def test_killed_half_way_it_goes_on_where_it_was(hcstvg, fake_detector, monkeypatch):
    class Killed(BaseException):
        """Unlike the error of a video, it stops the run."""

    detect = fake_detector.detect

    def dies(frames):
        if sum(fake_detector.batches) == 40:  # the first video is done
            raise Killed
        return detect(frames)

    with monkeypatch.context() as patch:
        patch.setattr(fake_detector, "detect", dies, raising=False)
        with pytest.raises(Killed):
            hcstvg()
    assert fo.load_dataset("hcstvg-v1-1-of-1").values("e3m_status") == ["ok", None]
    code, output = hcstvg()
    assert code == 0
    assert sum(fake_detector.batches) == 80, "the first video is not looked at again"
    assert "1 were already done by the interrupted run" in output
    assert numbers(output) == [("75.0", "62.5", "50.0", "50.0", "2")]


@pytest.mark.slow
def test_stopped_on_request_it_gives_no_table_until_it_went_on(hcstvg, fake_detector, monkeypatch):
    def stops(frames):
        dataset = fo.load_dataset("hcstvg-v1-1-of-1")
        e3m.request_stop(dataset, dataset.list_runs()[0])
        return type(fake_detector).detect(fake_detector, frames)

    with monkeypatch.context() as patch:
        patch.setattr(fake_detector, "detect", stops, raising=False)
        code, output = hcstvg()
    assert code == cli.REFUSED
    assert "The run ended early. Run the same command again to continue." in output
    assert numbers(output) == []
    assert numbers(hcstvg()[1]) == [("75.0", "62.5", "50.0", "50.0", "2")]


@pytest.mark.slow
def test_an_import_that_was_killed_begins_again(hcstvg, monkeypatch):
    def dies(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fo.Dataset, "add_importer", dies)
        assert hcstvg()[0] != 0
    assert len(fo.load_dataset("hcstvg-v1-1-of-1")) == 0
    assert numbers(hcstvg()[1]) == [("75.0", "62.5", "50.0", "50.0", "2")]


@pytest.mark.slow
def test_a_limit_is_said(hcstvg):
    code, output = hcstvg("--limit", 1)
    assert code == 0
    assert numbers(output) == [("50.0", "25.0", "0.0", "0.0", "1")]
    assert "Sample limit: 1." in output
    assert "Sentences in our row: 1; in the published rows: 1160 (test split)." in output


@pytest.mark.slow
def test_true_boxes_can_be_chosen_from(hcstvg):
    code, output = hcstvg("--boxes-field", "gt")
    assert code == 0
    assert "Ours: boxes frames.gt, encoder" in output


@pytest.mark.slow
def test_a_changed_parameter_is_said(hcstvg):
    assert "Changed from the defaults: beta=0.5." in hcstvg("--beta", 0.5)[1]


@pytest.mark.slow
def test_left_out_sentences_and_missing_predictions_change_the_exit_code(hcstvg, data, tmp_path):
    records = json.loads((data / "hcstvg.json").read_text())
    records["nowhere.mp4"] = records["half.mp4"]
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps(records))
    code, output = hcstvg("--annotations", path)
    assert code == cli.NOT_OK
    assert "left out, sentences whose video is missing: 1" in output
    assert "Sentences left out of the import, not counted: 1." in output


@pytest.mark.slow
def test_videos_that_decode_black_are_told_under_the_table(hcstvg, data, draw_video, tmp_path):
    records = json.loads((data / "hcstvg.json").read_text())
    (tmp_path / "videos").mkdir()
    black = np.zeros((128, 160, 3), np.uint8)
    for name in records:
        draw_video(tmp_path / "videos" / name, [black] * 40, 2.0)
    code, output = hcstvg("--videos", tmp_path / "videos", "--boxes-field", "gt")
    assert code == 0
    assert "Sentences about videos that decode black, which are counted as any others: 2." in output


def test_videos_that_fail_count_zero_and_are_said(hcstvg, fake_detector, monkeypatch):
    def fails(frames):
        raise RuntimeError("no memory")

    monkeypatch.setattr(fake_detector, "detect", fails, raising=False)
    code, output = hcstvg()
    assert code == cli.NOT_OK
    assert numbers(output) == [("0.0", "0.0", "0.0", "0.0", "2")]
    assert "Sentences without a prediction, counted as 0: 2 (2 failed)." in output


def test_a_shard_without_videos_is_no_error(hcstvg):
    code, output = hcstvg("--shard", "3/3")
    assert code == 0
    assert numbers(output) == [("-", "-", "-", "-", "0")]


@pytest.mark.slow
def test_other_settings_do_not_mix_with_results_that_are_there(hcstvg, fake_detector):
    hcstvg("--shard", "1/2")
    done = len(fake_detector.batches)
    for changed in (("--ends", "half_open"), ("--beta", 0.5), ("--limit", 1)):
        code, output = hcstvg("--shard", "2/2", *changed)
        assert code == cli.REFUSED
        assert "and hcstvg-v1-2-of-2.json have different settings" in output
    code, output = hcstvg("--shard", "1/3")
    assert code == cli.REFUSED
    assert "is one of 2 shards" in output
    assert len(fake_detector.batches) == done, "refused before any work"


@pytest.mark.slow
def test_a_dataset_of_someone_else_is_refused(hcstvg, data, tmp_path):
    fo.Dataset("someones", persistent=True)
    code, output = hcstvg("--dataset", "someones")
    assert code == cli.REFUSED
    assert "'someones' exists and was not created by a benchmark" in output
    hcstvg("--dataset", "ours")
    path = tmp_path / "other.json"
    path.write_text((data / "hcstvg.json").read_text() + " ")
    code, output = hcstvg("--dataset", "ours", "--annotations", path, "--out", tmp_path / "new")
    assert code == cli.REFUSED
    assert "was imported with different values of annotations" in output


@pytest.mark.parametrize("shard", ["2", "3/2", "0/2", "a/b"])
def test_what_is_no_shard_is_refused(hcstvg, shard):
    code, output = hcstvg("--shard", shard)
    assert code == cli.REFUSED
    assert "shard" in output


def test_a_missing_file_is_refused(hcstvg, tmp_path):
    code, output = hcstvg("--annotations", tmp_path / "nowhere.json")
    assert code == cli.REFUSED
    assert "cannot be read" in output


def test_a_folder_without_results_is_refused(run, tmp_path):
    code, output = run("report", tmp_path)
    assert code == cli.REFUSED
    assert "There are no benchmark results" in output


def test_a_file_that_is_no_result_is_named(run, tmp_path):
    (tmp_path / "vidstg-1-of-1.json").write_text("{}")
    code, output = run("report", tmp_path)
    assert code == cli.REFUSED
    assert "is named like a benchmark result but is not one" in output


def test_both_commands_have_the_same_options_and_defaults(run):
    own = {"hcstvg": set(), "vidstg": {"--vidor", "--segments"}}
    shown = {}
    for name in own:
        command = typer.main.get_command(cli_benchmark.app).commands[name]
        shown[name] = {p.opts[0]: p.default for p in command.params if p.opts[0] not in own[name]}
    assert shown["hcstvg"] == shown["vidstg"]
    options = {"--annotations", "--videos", "--out", "--dataset", "--field", "--encoder"}
    options |= {"--detector", "--boxes-field", "--overwrite", "--shard", "--limit", "--ends"}
    assert options | {"--preset", "--beta"} <= set(shown["hcstvg"])
    assert "Folder for the results, one file per shard" in run("vidstg", "--help")[1]


def test_both_commands_say_what_they_do(run):
    _, output = run("--help")
    assert {"hcstvg", "vidstg", "report"} <= set(output.split())
    assert cli_benchmark.OUT.name == "e3m-benchmark"
