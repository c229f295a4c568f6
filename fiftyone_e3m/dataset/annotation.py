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


def offer(dataset: fo.Dataset, labels: Mapping[str, Iterable[str]]) -> list[str]:
    """Offers fields of boxes and events in the Annotate tab.

    A label schema that somebody else has set stays as it is, and so does a field that somebody has
    hidden there. A schema that was set here gets the labels that it lacks.

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
        schemas, new = dataset.label_schemas, []
        for path, offered in labels.items():
            schema = schemas.get(path, {})
            if dataset.get_field(path) is None or not _is_ours(schema):
                continue
            known = schema.get("classes", [])
            wanted = _schema(dataset, path, list(dict.fromkeys([*known, *offered])))
            if wanted != schema:
                dataset.update_label_schema(path, wanted)
            if not schema:
                new.append(path)
        dataset.activate_label_schemas(new)
    return new


def withdraw(dataset: fo.Dataset, paths: Iterable[str]) -> None:
    """Deletes the label schemas of fields that are about to be deleted.

    FiftyOne 1.22 does not do so for fields of frames, and then refuses every further change of
    fields: they have a schema, but do not exist.
    """
    known = getattr(dataset, "label_schemas", {})
    if found := [path for path in paths if path in known]:
        dataset.delete_label_schemas(found)


def _is_ours(schema: dict[str, Any]) -> bool:
    """Whether nobody else has set a label schema, which is empty if there is none."""
    keys = {"type", "component", "attributes", "classes"}
    return schema.keys() <= keys and all(a in COMPUTED for a in schema.get("attributes", []))


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
