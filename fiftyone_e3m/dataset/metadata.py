"""What a dataset says of a video file, compared with the file."""

from __future__ import annotations

import fiftyone as fo

from ..video import Video

OFF = 0.5
"""Frames by which a frame rate may be off at the end of a video before it counts as different."""


def differences(metadata: fo.VideoMetadata | None, video: Video) -> list[str]:
    """What the metadata say otherwise than the file, such as "320x120 instead of 160x120".

    FiftyOne's `compute_metadata` gives the size before rotation, and counts pictures that an edit
    list hides.
    """
    if not isinstance(metadata, fo.VideoMetadata):
        return []
    size, count = (metadata.frame_width, metadata.frame_height), metadata.total_frame_count
    said = []
    if all(size) and size != (video.width, video.height):
        said.append(f"{size[0]}x{size[1]} instead of {video.width}x{video.height}")
    if count and count != video.frame_count:
        said.append(f"{count} instead of {video.frame_count} frames")
    if rate := _other_rate(metadata, video):
        said.append(rate)
    return said


def metadata_notes(dataset: fo.Dataset, sample_id: str, video: Video) -> list[str]:
    """Sentences on metadata of a sample that make FiftyOne's player show other frames."""
    stored = dataset.select(sample_id).values("metadata")
    rates = [_other_rate(data, video) for data in stored if isinstance(data, fo.VideoMetadata)]
    return [
        f"The sample's metadata say {said}, and FiftyOne's player goes by them: it shows other "
        "frames than those that the boxes belong to. Correct metadata.frame_rate."
        for said in rates
        if said
    ]


def _other_rate(metadata: fo.VideoMetadata, video: Video) -> str | None:
    """What the metadata say of the frame rate, if that is not the file's."""
    rate = metadata.frame_rate
    if not rate or abs(rate - video.frame_rate) * video.duration < OFF:
        return None
    return f"{rate:.6g} instead of {video.frame_rate:.6g} frames per second"
