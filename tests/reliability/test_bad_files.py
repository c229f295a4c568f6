"""Pins what comes of every kind of file, in one run over all of them for each way to ground.

The healthy videos before and after them get the tubes that they get alone.
"""

import shutil

import pytest

from .files import FILES, LOCKED

pytestmark = pytest.mark.slow

RED = "a red box"
IDS = [case.what for case in FILES]


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """A file of each kind."""
    return [str(case.make(tmp_path_factory.mktemp("kind"))) for case in FILES]


@pytest.fixture(scope="module")
def dataset(paths, healthy, new_dataset, ground):
    """All kinds between two healthy videos, grounded."""
    dataset = new_dataset([healthy, *paths, healthy])
    ground(dataset)
    return dataset


@pytest.fixture(scope="module")
def grounded(dataset, outcomes):
    """Status and message of each kind, from `ground`."""
    return dict(zip(FILES, outcomes(dataset)[1:-1], strict=True))


@pytest.fixture(scope="module")
def operated(dataset, operate, outcomes):
    """The same from the operator."""
    operate(dataset, query=RED, field="operated")
    return dict(zip(FILES, outcomes(dataset, "operated")[1:-1], strict=True))


@pytest.fixture(scope="module")
def printed(paths, healthy, command):
    """What the command line prints about all kinds that it takes."""
    given = [path for case, path in zip(FILES, paths, strict=True) if case.by_command]
    code, output = command("ground", healthy, *given, "--query", RED)
    assert code == 1
    return output


@pytest.mark.parametrize("case", FILES, ids=IDS)
def test_ground_tells_what_is_wrong_with_a_file(grounded, case):
    case.check(*grounded[case])


@pytest.mark.parametrize("case", FILES, ids=IDS)
def test_the_operator_tells_the_same(grounded, operated, case):
    assert operated[case] == grounded[case]


@pytest.mark.parametrize("case", [c for c in FILES if c.by_command], ids=lambda case: case.what)
def test_the_command_line_prints_the_same(grounded, printed, case):
    _, message = grounded[case]
    assert " ".join((message or "").split()) in printed


def test_the_healthy_videos_beside_them_are_grounded_as_if_they_were_alone(
    dataset, healthy, new_dataset, ground, tube
):
    alone = new_dataset([healthy])
    ground(alone)
    alone.reload()
    expected = tube(alone.first())
    assert expected[0] == "ok"
    assert expected[1]
    assert [tube(dataset.first()), tube(dataset.last())] == [expected] * 2


def test_no_permission_is_told(open_folder, unprivileged, healthy, ground, new_dataset, outcomes):
    beside = shutil.copy(healthy, open_folder)
    dataset = new_dataset([LOCKED.make(open_folder), beside])
    with unprivileged():
        ground(dataset)
    denied, other = outcomes(dataset)
    LOCKED.check(*denied)
    assert other[0] == "ok"
