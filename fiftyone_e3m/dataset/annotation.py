"""Label schemas of tubes and events: what FiftyOne's Annotate tab offers for editing.

Only label and box, or label and first and last frame, are offered. What a run computed stays as it
is: the tab shows it read-only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import fiftyone as fo

from .labels import SENTENCE
from .schema import ORIGINAL_SUPPORT
from .stored import changing_schema

FEW = 5
"""Most labels that are offered as radio buttons, as FiftyOne does; more are a menu."""
MANY = 1000
"""Most labels that are offered at all, as FiftyOne does; otherwise they are typed."""
COMPUTED = [
    {"name": name, "type": kind, "component": "text", "read_only": True}
    for name, kind in ((SENTENCE, "str"), ("source", "str"), (ORIGINAL_SUPPORT, "list<int>"))
]
"""Attributes that are shown but cannot be edited."""
NOTE = "@e3m/video-grounding/label-schemas"
"""Key of our note among the plugins in `app_config`: the label schemas as they were set here."""


def offer(dataset: fo.Dataset, labels: Mapping[str, Iterable[str]]) -> list[str]:
    """Offers fields of boxes and events in the Annotate tab.

    A label schema that somebody else has set stays as it is, and so does a field that somebody has
    hidden there. A schema that was set here, and not changed since, gets the labels that it lacks.

    Args:
        dataset: a video dataset.
        labels: what the labels may be, by the path of the field. Paths that do not exist are left
            out.

    Returns:
        Paths that are offered now, and were not before; none with a FiftyOne that has no such tab.

    Raises:
        GroundingError: another process does not end its change of the fields.
    """
    if not hasattr(dataset, "update_label_schema"):
        return []
    with changing_schema(dataset):
        schemas, noted, new = dataset.label_schemas, _noted(dataset), []
        for path, offered in labels.items():
            schema = schemas.get(path, {})
            if dataset.get_field(path) is None:
                continue
            known = schema.get("classes", [])
            if schema and schema != noted.get(path, _schema(dataset, path, known)):
                continue
            wanted = _schema(dataset, path, list(dict.fromkeys([*known, *offered])))
            if wanted != schema:
                dataset.update_label_schema(path, wanted)
            noted[path] = wanted
            if not schema:
                new.append(path)
        dataset.activate_label_schemas(new)
        if noted != _noted(dataset):
            notes = [{"path": path, "schema": schema} for path, schema in noted.items()]
            dataset.app_config.plugins[NOTE] = {"set": notes}  # a path cannot be a key: it has dots
            dataset.save()
    return new


def withdraw(dataset: fo.Dataset, paths: Iterable[str]) -> None:
    """Deletes the label schemas of fields that are about to be deleted.

    FiftyOne 1.22 does not do so for fields of frames, and then refuses every further change of
    fields: they have a schema, but do not exist.
    """
    known = getattr(dataset, "label_schemas", {})
    if found := [path for path in paths if path in known]:
        dataset.delete_label_schemas(found)


def _noted(dataset: fo.Dataset) -> dict[str, dict[str, Any]]:
    """The label schemas as they were last set here, by path; earlier versions noted none."""
    note = dataset.app_config.plugins.get(NOTE, {"set": []})
    return {each["path"]: each["schema"] for each in note["set"]}


def _schema(dataset: fo.Dataset, path: str, classes: list[str]) -> dict[str, Any]:
    kind = dataset.get_field(path).document_type
    labels = f"{path}.{kind._LABEL_LIST_FIELD}"
    schema = {
        "type": kind.__name__.lower(),
        "component": "text",
        "attributes": [a for a in COMPUTED if dataset.has_field(f"{labels}.{a['name']}")],
    }
    if 0 < len(classes) <= MANY:
        schema["component"] = "radio" if len(classes) <= FEW else "dropdown"
        schema["classes"] = classes
    return schema
