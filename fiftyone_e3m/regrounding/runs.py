"""How a video was grounded, from its run record: the same again, for one sentence."""

from __future__ import annotations

from dataclasses import replace

import fiftyone as fo

from ..candidates import Detector
from ..dataset.runs import run_of_each
from ..encoders import Encoder
from ..engines import OneVideo
from ..request import GroundingError, Request


def request_of(sample: fo.Sample, field: str) -> Request:
    """The request that a video was grounded with; nothing is loaded, and no code is trusted.

    Args:
        sample: the dataset's own sample.
        field: name of the tube field.

    Raises:
        GroundingError: no run record tells.
    """
    return _recorded(sample, field)[1]


def video_of(
    sample: fo.Sample,
    field: str,
    encoder: str | Encoder | None = None,
    detector: str | Detector | None = None,
    trust_remote_code: bool = False,
    device: str | None = None,
) -> OneVideo:
    """The video with the boxes and models of its run; the label filters of the run's view apply.

    Args:
        sample: the dataset's own sample.
        field: name of the tube field.
        encoder: used instead of that of the run; needed if the run was given an object.
        detector: likewise.
        trust_remote_code: run program code that weights bring along, see `ground`.
        device: where models given by name run, see `ground`; that of the run does not count.

    Raises:
        GroundingError: no run record tells how it was grounded, its boxes or what its view filtered
            were deleted, or the device is not there.
    """
    key, request = _recorded(sample, field)
    request = replace(
        request,
        encoder=request.encoder if encoder is None else encoder,
        detector=request.detector if detector is None else detector,
        trust_remote_code=trust_remote_code,
        device=device,
    )
    request.check_device()
    name = request.frame_boxes
    if name is not None and not sample.dataset.has_frame_field(name):
        raise GroundingError(
            f"'frames.{name}', which the boxes of '{field}' were chosen from, was deleted. Ground "
            "the video again."
        )
    try:
        view = sample.dataset.load_run_view(key)
    except ValueError as error:
        raise GroundingError(
            f"The view that '{field}' of {sample.filepath} was found in cannot be had any more: "
            f"{error}. Ground the video again."
        ) from error
    return OneVideo(view, sample.id, sample.filepath, request)


def _recorded(sample: fo.Sample, field: str) -> tuple[str, Request]:
    """The key of the run that grounded a video, and its request."""
    run = run_of_each(sample.dataset, field, [sample.id]).get(sample.id)
    if run is None:
        raise GroundingError(
            f"No run record tells how '{field}' of {sample.filepath} was found, so it cannot be "
            "found anew. Ground the video again."
        )
    key, config = run
    return key, Request.from_settings({**config.settings, "trust_remote_code": False})
