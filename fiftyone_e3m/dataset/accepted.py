"""Which fields hold accepted tubes: all keyframes in them are copies of a grounding's."""

from __future__ import annotations

import fiftyone as fo

MARK = "e3m_accepted"
"""Key in the information that FiftyOne keeps of a field."""


def mark_accepted(dataset: fo.Dataset, field: str) -> None:
    """Notes that the boxes of a frame field were accepted, and that nobody else marked keyframes.

    Args:
        dataset: the dataset.
        field: a frame field of `Detections` without keyframes.
    """
    of_frames = dataset.get_field(f"frames.{field}")
    of_frames.info = {**(of_frames.info or {}), MARK: True}
    of_frames.save()


def accepted_fields(dataset: fo.Dataset) -> set[str]:
    """Names of the frame fields that hold accepted tubes."""
    schema = dataset.get_frame_field_schema(embedded_doc_type=fo.Detections) or {}
    return {name for name, field in schema.items() if (field.info or {}).get(MARK)}
