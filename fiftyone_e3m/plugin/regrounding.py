"""Operators that ground a sentence of one video again: another object, or another span."""

from __future__ import annotations

from typing import Any

import fiftyone as fo
import fiftyone.operators as foo
from fiftyone.operators import types

from ..regrounding import choices_at, correct_tube, find_object, request_of
from ..request import GroundingError
from ..review.correcting import Correction
from ..review.grounded import readable_grounding
from ..video import VideoError
from .given import given_flag, given_number
from .ground.trust import check_trust
from .inputs import ask_choice, ask_grounding, chosen_grounding
from .sentence import ask_sentence, chosen_event
from .shell import Outcome, Shell
from .targets import ask_video, one_video


class CorrectTube(Shell):
    """Lets the tube of a sentence follow another object."""

    label = "Correct the object of a tube"
    description = (
        "The tube follows the object that you choose in one frame; the event stays. The original "
        "is kept and can be restored."
    )
    icon = "ads_click"

    def ask(self, ctx: foo.ExecutionContext, inputs: types.Object) -> str | None:
        """Asks for the sentence, a frame of its event, and the object in it."""
        field = ask_grounding(ctx, inputs)
        sample = ask_video(ctx, inputs)
        readable_grounding(ctx.dataset, field)
        first, last = ask_sentence(ctx, inputs, sample, field).support
        inputs.int(
            "frame",
            min=first,
            max=last,
            label="Frame",
            description=f"A frame of the event, {first} to {last}.",
            default=first,
        )
        if ctx.params.get("box") is not None:
            return None
        request = request_of(sample, field)
        check_trust(request)
        if request.boxes_field is None:  # a detector takes seconds to load
            inputs.bool(
                "look",
                label="List the objects in this frame",
                description="Runs the detector on it, which takes some seconds to load.",
                default=False,
            )
            if not given_flag(ctx.params, "look"):
                return None
        frame = given_number(ctx.params, "frame", first, last, first)
        choices = _choices(sample, frame, field)
        ask_choice(inputs, "track", "Object", choices)
        return None if choices else "There is no object in this frame. Choose another frame."

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Links the tube anew."""
        sample, field = one_video(ctx), chosen_grounding(ctx)
        event, frame = chosen_event(ctx, sample, field), ctx.params.get("frame")
        box, track = ctx.params.get("box"), _number(ctx.params.get("track"))
        frame = event.support[0] if frame is None else frame
        check_trust(request_of(sample, field))
        try:
            return _outcome(correct_tube(sample, event.label, frame, box, track, field))
        except VideoError as error:
            raise GroundingError(str(error)) from error


class FindObject(Shell):
    """Looks for the object of a sentence in the span of its event."""

    label = "Find the object in the span of an event"
    description = (
        "Grounds a sentence again within its first and last frame, as corrected. The original tube "
        "is kept and can be restored."
    )
    icon = "search"

    def ask(self, ctx: foo.ExecutionContext, inputs: types.Object) -> str | None:
        """Asks for the sentence."""
        field = ask_grounding(ctx, inputs)
        sample = ask_video(ctx, inputs)
        readable_grounding(ctx.dataset, field)
        ask_sentence(ctx, inputs, sample, field)
        check_trust(request_of(sample, field))
        return None

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Grounds the sentence again."""
        sample, field = one_video(ctx), chosen_grounding(ctx)
        event = chosen_event(ctx, sample, field)
        check_trust(request_of(sample, field))
        try:
            return _outcome(find_object(sample, event.label, field))
        except VideoError as error:
            raise GroundingError(str(error)) from error


def _choices(sample: fo.Sample, frame: int, field: str) -> dict[str, str]:
    """The tracks in view in a frame, as text by number: menus of the App hold text.

    Raises:
        GroundingError: they cannot be had.
    """
    try:
        return {str(choice.track): str(choice) for choice in choices_at(sample, frame, field)}
    except VideoError as error:
        raise GroundingError(str(error)) from error


def _number(track: Any) -> Any:
    """The number of a track that a menu holds as text."""
    return int(track) if isinstance(track, str) and track.isdecimal() else track


def _outcome(done: Correction) -> Outcome:
    return Outcome(done.headline, variant="warning" if done.remarks else "success")
