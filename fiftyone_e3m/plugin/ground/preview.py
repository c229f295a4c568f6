"""The operator that shows the answer for one video before a run over many."""

from __future__ import annotations

import fiftyone.operators as foo
from fiftyone.operators import types

from ...dataset.rates import note_pace
from ...preview import preview
from ...request import GroundingError
from ...review.drawing import draw_answer, figure_uri
from ...video import VideoError
from ..given import given_params
from ..shell import Outcome, Shell
from .asking import ask_more, ask_what, shown_params
from .form import check_models
from .last_values import keep_values, last_values
from .parameters import request_of
from .trust import check_trust


class PreviewGrounding(Shell):
    """Grounds the first video and shows a picture; writes nothing to the dataset."""

    label = "Preview a grounding on one video"
    description = "Grounds the first selected video and shows the answer. Nothing is written."
    icon = "preview"
    risk = "low"

    def ask(self, ctx: foo.ExecutionContext, inputs: types.Object) -> str | None:
        """Asks for everything that affects an answer."""
        samples, last = ctx.target_view(), last_values(ctx)
        params = shown_params(ctx, last)
        ask_what(inputs, samples, params, last)
        ask_more(inputs, samples, params, last)
        request = request_of(given_params(ctx.params))
        if request.query == []:
            return None  # the form already marks it as required
        check_trust(request)
        check_models(samples, request)
        return None

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Grounds all sentences, draws the first, and lists all in a table.

        Raises:
            GroundingError: the request is invalid, or the video cannot be read.
            EncoderError: the encoder cannot be loaded.
            DetectorError: the detector cannot be loaded.
        """
        request = request_of(given_params(ctx.params))
        check_trust(request)
        try:
            result = preview(ctx.target_view(), request)
        except VideoError as error:
            raise GroundingError(str(error)) from error
        rows = [
            {
                "sentence": t.query,
                "event": "{:.1f} - {:.1f} s".format(*t.ends(t.event)),
                "confidence": f"{t.confidence:.2f}",
                "frames_with_a_box": str(len(t.boxes)),
            }
            for t in result.timelines
        ]
        keep_values(ctx)
        note_pace(ctx.dataset, request, result.seconds, [result.video.duration])
        what = "nothing was written. 'Ground videos' now opens with these settings."
        text = " ".join([f"{result.video.path.name}: {what}", *result.notes])
        picture = figure_uri(draw_answer(result.timelines[0], result.video))
        return Outcome(text, rows, picture)
