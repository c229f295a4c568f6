"""Keeps the clients of model hubs from the network for a while."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

SWITCHES = "HF_HUB_OFFLINE", "YOLO_OFFLINE"
"""Read by huggingface_hub, transformers and ultralytics, when they are imported."""


@contextmanager
def offline() -> Iterator[None]:
    """A context in which these clients load what is on disk and ask for nothing else.

    Those that are imported in it stay so until the process ends: it is for commands that only look.
    """
    before = {name: os.environ.get(name) for name in SWITCHES}
    os.environ.update(dict.fromkeys(SWITCHES, "true"))
    from huggingface_hub import constants  # only now, as it reads its switch

    asks = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = asks
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
