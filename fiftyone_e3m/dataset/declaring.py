"""Adding fields to a dataset's schema, in as few writes as FiftyOne allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import fiftyone as fo
import fiftyone.core.odm as foo

from ..request import FRAMES

Kind: TypeAlias = type | tuple[type, type]
"""Of a field: a label class, a class of fields, or `fo.ListField` and the class of its elements."""


def add_fields(dataset: fo.Dataset, kinds: Mapping[str, Kind]) -> None:
    """Adds fields to the schema of a dataset, unless they exist.

    FiftyOne adds those of a mapping level by level, and reads and writes all of the dataset's
    document for each level, but for each field where they are added alone. It knows such mappings
    from `get_dynamic_field_schema`, and takes any.

    Args:
        dataset: a video dataset.
        kinds: the kind of each field, by path.

    Raises:
        ValueError: FiftyOne's, if a field exists with another type, or the dataset has no frames to
            add one to. What comes before it was added: frame fields first.
    """
    of_samples: dict[str, fo.Field] = {}
    of_frames: dict[str, fo.Field] = {}
    for path, kind in kinds.items():
        fields = of_frames if path.startswith(FRAMES) else of_samples
        fields[path.removeprefix(FRAMES)] = _field(path, kind)
    if of_frames:
        dataset.add_dynamic_frame_fields(of_frames)
    if of_samples:
        dataset.add_dynamic_sample_fields(of_samples)


def within(path: str, attributes: Mapping[str, Kind]) -> dict[str, Kind]:
    """The paths of attributes of labels.

    Args:
        path: of a field of `Detections` or `TemporalDetections`.
        attributes: the kind of each, by name.

    Example:
        >>> within("frames.e3m", {"source": fo.StringField})
        {'frames.e3m.detections.source': <class 'fiftyone.core.fields.StringField'>}
    """
    return {f"{path}.detections.{name}": kind for name, kind in attributes.items()}


def _field(path: str, kind: Kind) -> fo.Field:
    name = path.rpartition(".")[2]
    if isinstance(kind, tuple):
        ftype, subfield = kind
        return foo.create_field(name, ftype, subfield=subfield)
    if issubclass(kind, fo.Field):
        return foo.create_field(name, kind)
    return foo.create_field(name, fo.EmbeddedDocumentField, embedded_doc_type=kind)
