"""Pins that docs/method.md tells what the run in its picture did, with the bundled encoder."""

import pytest

from docs.method import PICTURE, STEPS, figure, frames, trace
from fiftyone_e3m.encoders import EncoderError, factory

PAGE = PICTURE.parents[1] / "method.md"


@pytest.fixture(scope="module")
def run():
    try:
        factory.check_encoder("bundled")
    except EncoderError as error:
        pytest.skip(str(error))
    return trace()


@pytest.mark.slow
def test_the_page_has_the_answer_of_each_iteration_and_the_truth(run):
    lines = [
        f"iteration {number}: frames {frames(answer)[0]} to {frames(answer)[1]}\n"
        for number, answer in enumerate(run.answers, 1)
    ]
    page = PAGE.read_text()
    assert f"```\n{''.join(lines)}```" in page, "run: python -m docs.method"
    assert f"People see the bicycle in frames {run.truth[0]} to {run.truth[1]}." in page
    assert run.last.grounding.converged


@pytest.mark.slow
def test_the_picture_has_all_steps(run, tmp_path):
    drawn = figure(run)
    drawn.savefig(tmp_path / "method.jpg")
    assert [part.get_suptitle() for part in drawn.subfigs] == list(STEPS)
    assert all(part.axes for part in drawn.subfigs)
    assert PICTURE.is_file()
