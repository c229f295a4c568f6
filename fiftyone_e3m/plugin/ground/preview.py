"""The operator that shows the answer for one video before a run over many."""

from __future__ import annotations

import fiftyone.operators as foo
from fiftyone.operators import types

from ...candidates import DetectorError
from ...encoders import EncoderError
from ...preview import preview
from ...request import GroundingError
from ...review.drawing import draw_answer, figure_uri
from ...video import VideoError
from ..shell import Outcome, Shell
from .form import ask_advanced, ask_what, check_models
from .parameters import request_of
from .start import keep_preview
from .trust import check_trust


class PreviewGrounding(Shell):
    """Grounds the first video and shows a picture; writes nothing to the dataset."""

    label = "Preview a grounding on one video"
    description = "Grounds the first selected video and shows the answer. Nothing is written."
    icon = "preview"
    risk = "low"

    def ask(self, ctx: foo.ExecutionContext, inputs: types.Object) -> str | None:
        """Asks for everything that affects an answer."""
        samples = ctx.target_view()
        ask_what(inputs, samples, ctx.params)
        ask_advanced(inputs, ctx.params)
        request = request_of(ctx.params)
        if request.query == []:
            return None  # the form already marks it as required
        check_trust(request)
        try:
            check_models(samples, request)
        except (EncoderError, DetectorError) as error:
            return str(error)
        return None

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Grounds all sentences, draws the first, and lists all in a table.

        Raises:
            GroundingError: the request is invalid; the message says why.
        """
        request = request_of(ctx.params)
        check_trust(request)
        try:
            result = preview(ctx.target_view(), request)
        except (EncoderError, DetectorError, VideoError) as error:
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
        keep_preview(ctx)
        what = "nothing was written. 'Ground videos' now offers these settings."
        text = " ".join([f"{result.video.path.name}: {what}", *result.notes])
        picture = figure_uri(draw_answer(result.timelines[0], result.video))
        return Outcome(text, rows, picture)
