"""Pins the output of an evaluation: scores per sample, a record, JSON, a printed report.

The scores of a key must be those of its last evaluation, and must not replace user data.
"""

import json
import re

import fiftyone as fo
import pytest
from typer.testing import CliRunner

import fiftyone_e3m as e3m
from fiftyone_e3m import cli
from fiftyone_e3m.evaluation.results import LISTED


@pytest.fixture
def run(two):
    """`run("--ends", "half_open")`: exit code and output of the command on the two videos."""

    def invoke(*arguments, dataset=two.name):
        call = ["evaluate", dataset, *map(str, arguments)]
        result = CliRunner().invoke(cli.app, call, env={"COLUMNS": "200"})
        return result.exit_code, " ".join(result.output.split())

    return invoke


def read(dataset, *fields):
    """The results as another process would read them."""
    dataset.reload()
    return [dataset.values(field) for field in fields]


def test_without_a_key_nothing_is_written(two):
    before = set(two.get_field_schema())
    e3m.evaluate(two)
    assert set(two.get_field_schema()) == before
    assert two.list_runs() == []


def test_each_video_gets_the_mean_over_its_sentences(dataset, add, events):
    found = {"a man": (1, 4), "a dog": (1, 4)}
    true = {"a man": (1, 4), "a dog": (1, 8), "a cat": (1, 2)}
    add(dataset, "three", e3m_events=events(found), gt_events=events(true))
    add(dataset, "boxes", pred=[1, 2], gt=[1, 2])
    add(dataset, "none", e3m_events=events(found))
    e3m.evaluate(dataset, eval_key="mine")
    in_time, in_both = read(dataset, "mine_tiou", "mine_viou")
    assert in_time == [pytest.approx((1 + 0.5 + 0) / 3), 1, None]
    assert in_both == [None, pytest.approx(0.5), None]
    assert dataset.sort_by("mine_tiou", reverse=True).first().filepath == "/videos/boxes.mp4"


def test_the_results_can_be_loaded_again(two):
    results = e3m.evaluate(two, eval_key="mine", ends="half_open")
    two.reload()
    two.clear_cache()
    assert e3m.load_evaluation(two, "mine") == results
    with pytest.raises(e3m.GroundingError, match=r"no evaluation 'nope' in .*: mine"):
        e3m.load_evaluation(two, "nope")


def test_an_evaluation_that_was_interrupted_cannot_be_loaded(two):
    two.register_run("mine", two.init_run(method="e3m/evaluate"))
    with pytest.raises(e3m.GroundingError, match=r"'mine' was interrupted.* Evaluate again"):
        e3m.load_evaluation(two, "mine")


def test_nothing_is_kept_on_groups_as_only_one_slice_would_get_its_scores():
    dataset = fo.Dataset()
    dataset.add_group_field("group", default="left")
    man = fo.Detections(detections=[fo.Detection(label="a man", bounding_box=[0, 0, 1, 1])])
    group = fo.Group()
    for name in ("left", "right"):
        sample = fo.Sample(filepath=f"/videos/{name}.mp4", group=group.element(name))
        sample.frames[1] = fo.Frame(e3m=man, gt=man.copy())
        dataset.add_sample(sample)
    view = dataset.select_group_slices(media_type="video")
    assert len(e3m.evaluate(view).pairs) == 2
    with pytest.raises(e3m.GroundingError, match=r"which holds groups.*\.clone\(\) makes one"):
        e3m.evaluate(view, eval_key="mine")
    assert dataset.list_runs() == []
    dataset.delete()


def test_the_record_holds_settings_means_and_counts(two):
    results = e3m.evaluate(two.limit(1), eval_key="mine", ends="half_open")
    two.reload()
    config = two.get_run_info("mine").config
    assert config.method == "e3m/evaluate"
    assert config.settings == {"pred_field": "e3m", "gt_field": "gt", "ends": "half_open"}
    assert config.metrics == results.metrics()
    assert two.load_run_view("mine").values("id") == two.limit(1).values("id")


def test_the_same_key_again_replaces_all_that_it_wrote(two):
    e3m.evaluate(two, eval_key="mine")
    assert read(two, "mine_tiou") == [[pytest.approx(3 / 9), 0]]
    e3m.evaluate(two.skip(1), eval_key="mine")
    assert read(two, "mine_tiou", "mine_viou") == [[None, 0], [None, 0]]
    assert two.list_runs() == ["mine"]
    assert len(e3m.load_evaluation(two, "mine").pairs) == 1


@pytest.mark.parametrize("field", ["mine_viou", "mine_tiou"])
def test_a_field_of_the_users_is_not_replaced(two, field):
    two.set_values(field, [0.5, 0.6])
    with pytest.raises(e3m.GroundingError, match=f"already has {field}, which no evaluation"):
        e3m.evaluate(two, eval_key="mine")
    assert read(two, field) == [[0.5, 0.6]]
    assert two.list_runs() == []


def test_the_key_of_another_run_is_not_taken(two):
    two.register_run("mine", two.init_run(method="something/else"))
    with pytest.raises(e3m.GroundingError, match="'mine' is the key of another run"):
        e3m.evaluate(two, eval_key="mine")
    assert two.get_run_info("mine").config.method == "something/else"


def test_json_has_everything(two):
    results = e3m.evaluate(two)
    read_again = json.loads(results.to_json())
    assert read_again["metrics"] == results.metrics()
    assert read_again["pairs"][0]["predicted"] == [1, 6]
    assert e3m.EvaluationResults.from_dict(read_again) == results


def test_a_long_list_is_cut_and_says_so(dataset, add):
    for number in range(LISTED + 3):
        add(dataset, f"clip{number}", gt=[1])
    report = str(e3m.evaluate(dataset))
    assert f"{LISTED + 3} true tubes without a prediction, counted as 0:" in report
    assert "clip19.mp4" in report
    assert "clip20.mp4" not in report
    assert report.endswith("and 3 more")


# The command


def test_the_command_prints_the_report(run):
    code, output = run()
    assert code == 0
    assert "m_tIoU 0.167 m_vIoU 0.083 vIoU@0.3 0.000 vIoU@0.5 0.000 (2 pairs)" in output
    assert "lost.mp4: 'a man' (unreadable)" in output


def test_the_options_of_the_command_count(run, two, tmp_path):
    file = tmp_path / "scores.json"
    code, output = run("--ends", "half_open", "--eval-key", "mine", "--json", file)
    assert code == 0
    assert "ends half_open" in output
    assert json.loads(file.read_text())["metrics"]["m_tIoU"] == pytest.approx(2 / 8 / 2)
    assert read(two, "mine_tiou") == [[pytest.approx(2 / 8), 0]]
    code, output = run("--pred-field", "e3m_events", "--gt-field", "frames.gt")
    assert re.search(r"e3m_events against frames\.gt", output)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--gt-field", "nope"], "There are no tubes in 'nope'"),
        (["--eval-key", "a b"], "'a b' cannot be an evaluation key"),
        (["--json", "/nowhere/scores.json"], "There is no folder '/nowhere'"),
    ],
)
def test_the_command_refuses_with_a_sentence(run, arguments, sentence):
    code, output = run(*arguments)
    assert code == cli.REFUSED
    assert sentence in output


def test_the_command_names_the_datasets_that_there_are(run, two):
    code, output = run(dataset="nope")
    assert code == cli.REFUSED
    assert "There is no dataset 'nope'" in output
    assert two.name in output
    assert "nope" not in fo.list_datasets()
