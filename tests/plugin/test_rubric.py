"""Voxel51's rubric for plugins, its skill `fiftyone-eval-plugin`, as far as a program can check it.

The sections have the rubric's names. What only a reader can judge is left out.
"""

import ast
import json
import re
from pathlib import Path

import fiftyone as fo
import fiftyone.operators as foo
import fiftyone.plugins as fop
import pytest
import yaml
from fiftyone.operators.executor import ExecutionContext, ExecutionError
from fiftyone.operators.store import ExecutionStoreService
from packaging.specifiers import SpecifierSet

import fiftyone_e3m as e3m
from fiftyone_e3m.encoders.offline import SWITCHES
from fiftyone_e3m.plugin import OPERATORS, PANELS
from fiftyone_e3m.plugin.metrics import TUBE_METRICS

PLUGIN = "@e3m/video-grounding"
PACKAGE = Path(e3m.__file__).parent
ROOT = PACKAGE.parent
MANIFEST = yaml.safe_load((ROOT / "fiftyone.yml").read_text())
LISTED = [operator for operator in OPERATORS if not operator().config.unlisted]
"""The operators that people and agents call; FiftyOne calls the others."""

NO_TARGET = {
    "accept_tubes": "asks for the videos, as people must not accept all by accident",
    "correct_event": "one video",
    "correct_tube": "one video",
    "find_object": "one video",
    "follow_edited_events": "asks for the videos, as accept_tubes does",
    "reject_tube": "one video",
    "save_review_views": "views are the dataset's",
    "stop_grounding": "a run is the dataset's",
}
"""Operators that do not take FiftyOne's target view, and why."""

WRITERS = {
    "cache/store.py": "E3M_CACHE_DIR, or the user's cache folder",
    "calibration/kept.py": "E3M_DATA_DIR, or the user's data folder",
    "paths/writing.py": "a folder that SECURITY.md allows",
    "zoo/source.py": "FiftyOne's own folder of models",
}
"""Modules within the reach of operators that write files, and where to."""
FROM_A_TERMINAL = ("cli", "demo", "importers", "protocols")
"""Rooms that no operator reaches."""

WRITING = {
    "fdopen", "imwrite", "makedirs", "mkdir", "mkdtemp", "mkstemp", "rmtree", "symlink_to",
    "unlink", "write_bytes", "write_text",
}  # fmt: skip
NEVER_CALLED = {"__import__", "compile", "eval", "exec", "os.popen", "os.system"}
NEVER_IMPORTED = {
    "aiohttp", "ctypes", "ftplib", "http", "httpx", "marshal", "pickle", "requests", "shelve",
    "smtplib", "subprocess", "telnetlib", "urllib",
}  # fmt: skip
SAFE = {"pickle.UnpicklingError", "socket.gethostname", "urllib.parse.quote"}
NETWORK = {"dataset/holders.py": "the name of the host, for whom a lease belongs to"}
"""Modules that import `socket`, and what for."""
NOT_INPUTS = {"MarkdownView", "Error", "Warning", "Notice", "HeaderView", "Button", "ButtonView"}

RISKS = {
    "accept_tubes": "high",
    "delete_grounding": "dangerous",
    "ground_videos": "high",
    "place_timeline": "low",
    "prepare_for_annotation": "high",
    "preview_grounding": "low",
    "stop_grounding": "low",
}
"""All others are "medium": they write, and lose nothing."""


OURS = {"a man in a suit": "a red box", '"gt"': '"truth"', "detections": "gt", "31": "2", "47": "4"}
"""What stands for the examples of the skills in the dataset of these tests."""


@pytest.fixture(scope="module")
def modules():
    """The syntax of every module that operators reach, by its path in the package."""
    paths = {str(path.relative_to(PACKAGE)): path for path in PACKAGE.rglob("*.py")}
    return {
        name: ast.parse(path.read_text())
        for name, path in paths.items()
        if not name.startswith(FROM_A_TERMINAL)
    }


def calls(tree):
    """What a module calls, such as ``open`` and ``os.replace``; owners only that have a name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield f"{getattr(node.func.value, 'id', '')}.{node.func.attr}"


def imports(tree):
    """Names of the packages that a module imports from outside; of some, single names are safe."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = {f"{node.module}.{alias.name}" for alias in node.names} - SAFE
            yield from {name.partition(".")[0] for name in names}


def name_of(operator):
    return operator().config.name


def schema_of(operator, dataset, **params):
    """The inputs of an operator by name, without what only shows something."""
    request = {"dataset_name": dataset.name, "params": params}
    context = ExecutionContext(request, operator_uri=f"{PLUGIN}/{name_of(operator)}")
    return dict(inputs(operator().resolve_input(context).type))


def inputs(schema):
    """The inputs of a form, with those of its folded part."""
    for name, prop in schema.properties.items():
        if type(prop.type).__name__ == "Object":
            yield from inputs(prop.type)
        elif type(prop.view).__name__ not in NOT_INPUTS:
            yield name, prop


@pytest.fixture(scope="module")
def grounded(new_dataset, stand_ins):
    """Two grounded videos, with truth for one of the sentences."""
    dataset = new_dataset(2)
    models = {"encoder": stand_ins.encoder(), "detector": stand_ins.detector()}
    e3m.ground(dataset, ["a red box", "a blue box"], progress=False, **models)
    e3m.accept_tubes(dataset, into="truth")
    yield dataset
    dataset.delete()


# Manifest and structure


def test_the_manifest_says_who_what_and_for_which_fiftyone():
    assert re.fullmatch(r"@[\w-]+/[\w-]+", MANIFEST["name"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", MANIFEST["version"])
    assert MANIFEST["version"] == e3m.__version__
    assert SpecifierSet(MANIFEST["fiftyone"]["version"]).contains(fo.__version__)
    assert {"author", "description", "license"} <= set(MANIFEST)
    assert "secrets" not in MANIFEST, "no operator needs a key"


def test_what_the_manifest_names_is_there():
    assert (ROOT / MANIFEST["py_entry"]).is_file()
    assert (ROOT / MANIFEST["js_bundle"]).is_file()
    assert (ROOT / "requirements.txt").is_file()
    assert set(MANIFEST["operators"]) == {name_of(operator) for operator in OPERATORS}
    assert set(MANIFEST["panels"]) == {name_of(panel) for panel in PANELS}


def test_the_skills_are_found_where_fiftyone_looks(plugins_dir):
    skills = {skill.name: skill for skill in fop.list_skills(plugin=PLUGIN)}
    assert set(skills) == set(MANIFEST["skills"])
    for skill in skills.values():
        assert len(skill.description) > 50
        assert skill.category


def test_the_icons_of_both_themes_are_in_the_plugin(plugins_dir):
    icons = {
        icon
        for operator in OPERATORS
        for icon in (operator().config.light_icon, operator().config.dark_icon)
        if icon
    }
    assert len(icons) == 2
    for icon in icons:
        assert (plugins_dir / PLUGIN / icon.lstrip("/")).read_text().startswith("<svg")


# Security and trust


def test_no_code_is_run_that_is_not_in_the_plugin(modules):
    for name, tree in modules.items():
        assert not set(calls(tree)) & NEVER_CALLED, name


def test_nothing_is_sent_anywhere_and_no_command_is_run(modules):
    for name, tree in modules.items():
        assert not set(imports(tree)) & NEVER_IMPORTED, name
    assert {name for name, tree in modules.items() if "socket" in imports(tree)} == set(NETWORK)


def test_files_are_written_by_known_modules_only(modules):
    writers = {
        name
        for name, tree in modules.items()
        if {call.rpartition(".")[2] for call in calls(tree)} & WRITING
    }
    assert writers == set(WRITERS)


SWITCHING = "encoders/offline.py"
"""Sets switches for a while, and then to what they were: tests/cli/test_doctor.py."""


def test_only_documented_variables_of_the_environment_are_read_each_by_its_name(modules):
    documented = (ROOT / "SECURITY.md").read_text()
    assert all(f"`{switch}`" in documented for switch in SWITCHES)
    for name, tree in modules.items():
        if name == SWITCHING:
            continue
        uses = [node for node in ast.walk(tree) if getattr(node, "attr", None) == "environ"]
        read = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and getattr(getattr(node.func, "value", None), "attr", None) == "environ"
        ]
        assert len(uses) == len(read), f"{name} does more than read single variables"
        for call in read:
            variable = call.args[0]
            if isinstance(variable, ast.Constant):
                assert f"`{variable.value}`" in documented, f"{variable.value} in {name}"


# Registration


def test_names_are_taken_by_no_operator_of_fiftyone(plugins_dir):
    theirs = {operator.name for operator in foo.list_operators(builtin=True)}
    assert not theirs & set(MANIFEST["operators"] + MANIFEST["panels"])


def test_nothing_runs_when_the_app_starts_and_little_when_a_dataset_is_opened():
    configs = [operator().config for operator in (*OPERATORS, *PANELS)]
    assert not [config.name for config in configs if config.on_startup]
    opening = [config.name for config in configs if getattr(config, "on_dataset_open", False)]
    assert opening == ["mend_dataset", "place_timeline"]


# Schemas and contracts


@pytest.mark.parametrize("operator", LISTED, ids=name_of)
def test_every_input_has_a_type_a_label_and_a_description(operator, grounded):
    params = {"sample_id": grounded.first().id, "advanced": True, "format": "coco"}
    for name, prop in schema_of(operator, grounded, **params).items():
        view = prop.view
        choices = getattr(view, "choices", None)  # each has a label of its own
        assert view.label, name
        assert view.description or view.caption or choices, f"{name} has no description"


@pytest.mark.parametrize("operator", LISTED, ids=name_of)
@pytest.mark.parametrize("params", [{}, {"field": 3, "query": 4, "sample_id": [], "videos": {}}])
def test_a_bad_call_is_answered_with_a_sentence(operator, params, plugins_dir):
    dataset = fo.Dataset()
    dataset.media_type = "video"
    uri = f"{PLUGIN}/{name_of(operator)}"
    with pytest.raises(ExecutionError) as caught:
        foo.execute_operator(uri, {"dataset": dataset}, params=params)
    assert not re.search(r"Traceback|KeyError|AttributeError|TypeError", str(caught.value))
    dataset.delete()


# Risk


def test_the_risk_of_every_operator_is_declared():
    for operator in OPERATORS:
        config = operator().config
        usual = "low" if operator in TUBE_METRICS else "medium"
        assert config.risk_level.value == RISKS.get(config.name, usual), config.name


def test_what_cannot_be_undone_must_be_confirmed(grounded, plugins_dir):
    with pytest.raises(ExecutionError, match="Tick this to delete"):
        foo.execute_operator(f"{PLUGIN}/delete_grounding", {"dataset": grounded}, params={})
    assert grounded.has_field("e3m_events")


# FiftyOne's conventions


@pytest.mark.parametrize("operator", LISTED, ids=name_of)
def test_operators_work_on_the_target_view(operator, grounded):
    name = name_of(operator)
    request = {"dataset_name": grounded.name, "params": {"sample_id": grounded.first().id}}
    context = ExecutionContext(request, operator_uri=f"{PLUGIN}/{name}")
    operator().resolve_input(context)
    asked = getattr(context, "_view_target_resolved", False)
    assert asked or name in NO_TARGET
    assert not (asked and name in NO_TARGET), "it is no exception any longer"


def test_stores_are_of_the_dataset_and_named_after_the_plugin(dataset, plugins_dir, tiny_encoder):
    params = {"query": "a red box", "boxes_field": "gt", "encoder": tiny_encoder}
    for operator in ("preview_grounding", "ground_videos"):
        foo.execute_operator(f"{PLUGIN}/{operator}", {"dataset": dataset}, params=params)
    stores = ExecutionStoreService(dataset_id=dataset._doc.id)
    assert all(name.startswith("e3m") for name in stores.list_stores())
    for name in stores.list_stores():
        for key in stores.list_keys(name):
            assert key not in {"cache", "config", "data", "results", "state"}, key
    assert not [name for name in ExecutionStoreService().list_stores() if name.startswith("e3m")]


# Discoverability


def test_labels_and_descriptions_tell_operators_apart():
    configs = [operator().config for operator in LISTED]
    for config in configs:
        assert len(config.description.split()) >= 6, config.name
    assert len({config.label for config in configs}) == len(configs)
    assert len({config.description for config in configs}) == len(configs)


@pytest.mark.parametrize("skill", MANIFEST["skills"])
def test_the_calls_in_a_skill_can_be_made(skill, grounded):
    text = (ROOT / "skills" / skill / "SKILL.md").read_text()
    operators = {name_of(operator): operator for operator in OPERATORS}
    named = re.findall(r"`@e3m/video-grounding/(\w+)`", text)
    assert set(named) <= set(operators)
    made = re.findall(r"`@e3m/video-grounding/(\w+)`[^{`]*`({.*?})`", text)
    assert made
    for name, given in made:
        for example, ours in {**OURS, "<id>": grounded.first().id}.items():
            given = given.replace(example, ours)
        params = json.loads(given)
        assert set(params) <= set(schema_of(operators[name], grounded, **params)), name
