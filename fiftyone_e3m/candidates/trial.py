"""A detector for a trial run, for which nothing is downloaded."""

from __future__ import annotations

from ..encoders import chosen_device
from .base import Detector
from .factory import ZOO, load_detector


def load_for_trial(spec: str, device: str | None = None) -> tuple[Detector | None, str]:
    """Loads a detector whose weights are here, without the parts that come from other places.

    Args:
        spec: name of a detector, as `check_model` accepts it.
        device: where it runs, see `chosen_device`.

    Returns:
        The detector, or None if it cannot do without such parts; a remark on what was left out, or
        an empty text.

    Raises:
        DeviceError: the device is not there.
        DetectorError: the model cannot be loaded.
    """
    if spec.startswith(ZOO):
        from .zoo import loads_more

        if loads_more(spec.removeprefix(ZOO)):
            return None, "not tried, as parts of it may have to be downloaded when it is loaded"
        return load_detector(spec, device=device), ""
    from .open_vocabulary import takes_text
    from .ultralytics import UltralyticsDetector, open_weights

    model = open_weights(spec)
    untried = "its text encoder, which ultralytics downloads on first use, was not tried"
    detector = UltralyticsDetector.load(model, spec, device=chosen_device(device))
    return detector, untried if takes_text(model) else ""
