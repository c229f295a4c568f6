"""One video of a request: its file, its boxes, and the models that it is grounded with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
from fiftyone.core.collections import SampleCollection

from ..boxes import Boxes
from ..calibration import Applied
from ..candidates import BoxSource, Detector, Survey, TextDetector, admitted, load_detector
from ..dataset.reading import read_boxes, read_queries
from ..e3m import Tracks, Window
from ..encoders import Encoder, load_encoder
from ..pipeline import Pipeline, tracks_of
from ..request import Request
from ..results import Answer
from ..sentences import detector_prompts
from ..video import Video
from .keeper import Keeper


@dataclass(eq=False)
class OneVideo:
    """One video of a checked request; files are opened and models loaded when they are needed.

    The models that were used last stay loaded for a while, see `Keeper`.

    Args:
        samples: a video dataset or a view of one; its label filters apply.
        sample_id: the video.
        path: its file.
        request: what to do.

    Attributes:
        seconds: how long the last grounding took, without the loading of models.
    """

    samples: SampleCollection
    sample_id: str
    path: str
    request: Request
    seconds: float = field(default=0.0, init=False)

    @cached_property
    def video(self) -> Video:
        """The file.

        Raises:
            VideoError: it cannot be opened.
        """
        return Video.open(self.path)

    @cached_property
    def boxes(self) -> BoxSource:
        """Where the boxes come from.

        Raises:
            DetectorError: the detector cannot be loaded.
        """
        request = self.request
        if request.boxes_field:
            return partial(read_boxes, self.samples, self.sample_id, str(request.frame_boxes))
        if isinstance(request.detector, str):
            return _DETECTOR.get(request.detector, request.trust_remote_code, request.device)
        return load_detector(request.detector)

    @cached_property
    def prompts(self) -> tuple[str, ...]:
        """What a detector that takes text is asked for: the subjects of all its sentences."""
        if not isinstance(self.boxes, TextDetector):
            return ()
        # not of the view, whose filters may leave nothing of the video
        (queries,) = read_queries(self.samples._dataset.select(self.sample_id), self.request)
        return detector_prompts(queries, self.request.config.classes or ())

    def ground(
        self, queries: Sequence[str], windows: Sequence[Window | None] = ()
    ) -> tuple[list[Answer], list[str]]:
        """Grounds sentences in the video, some of its own or all; see `Pipeline.run`.

        A detector that takes text is asked for the same things whichever they are.

        Returns:
            One answer per sentence; what the user should know of the models, and notes.

        Raises:
            EncoderError: the encoder cannot be loaded.
            DetectorError: the detector cannot be loaded.
            VideoError: the video cannot be decoded.
        """
        request, cache = self.request, self.request.open_cache()
        if isinstance(request.encoder, str):
            encoder = _ENCODER.get(request.encoder, request.trust_remote_code, request.device)
        else:
            encoder = load_encoder(request.encoder)
        applied = Applied.of(encoder, request.config.contrast, cache is not None)
        pipeline = Pipeline(
            encoder, request.config, cache, request.overlap, calibration=applied.calibration
        )
        video, boxes, started = self.video, self.boxes, time.monotonic()
        prompts = detector_prompts(queries, self.prompts)  # a field may have been edited since
        answers, notes = pipeline.run(video, boxes, queries, windows, prompts)
        self.seconds = time.monotonic() - started
        return answers, [*filter(None, [encoder.notice]), *applied.notices, *notes]

    def candidates(self, frame: int) -> Boxes:
        """The candidates of one frame, 0-based, in pixels.

        Raises:
            DetectorError: the detector cannot be loaded.
            VideoError: the video cannot be decoded.
        """
        alone = self.request.config.model_copy(update={"shots": False})  # so no other is decoded
        cache, overlap, span = self.request.open_cache(), self.request.overlap, (frame, frame)
        survey = Survey.of(
            self.video, self.boxes, alone, cache, overlap, span=span, prompts=self.prompts
        )
        (found,), _ = admitted(survey, self.request.config)
        return found

    def tracks(self, frame: int) -> tuple[Tracks, Survey]:
        """The tracks of the video, with a frame (0-based) among those that are looked at.

        Raises:
            DetectorError: the detector cannot be loaded.
            VideoError: the video cannot be decoded.
        """
        config, cache, overlap = (
            self.request.config,
            self.request.open_cache(),
            self.request.overlap,
        )
        survey = Survey.of(self.video, self.boxes, config, cache, overlap, prompts=self.prompts)
        survey = survey.with_frames(np.array([frame]), cache, overlap)
        return tracks_of(survey, config)[0], survey


def release_kept_models() -> None:
    """Makes room for other models: lets go of those that stay loaded."""
    _ENCODER.drop()
    _DETECTOR.drop()


def _encoder(name: str, trusted: bool, device: str | None) -> Encoder:
    return load_encoder(name, trusted, device)


def _detector(name: str, trusted: bool, device: str | None) -> Detector:
    return load_detector(name, trusted, device)


_ENCODER, _DETECTOR = Keeper(_encoder), Keeper(_detector)
