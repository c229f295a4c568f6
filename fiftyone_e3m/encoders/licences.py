"""What is known, without a network, of the licence of an encoder's code and weights."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, metadata

from .names import BUNDLED, BUNDLED_WEIGHTS
from .weights import published_by

NOT_STATED = "none stated"


def licence_of(spec: str) -> str:
    """The licences of an encoder, as a phrase; where they are not known, it says who knows.

    Args:
        spec: the name of an encoder, as `check_encoder` accepts it.
    """
    if spec == BUNDLED:
        names = BUNDLED_WEIGHTS.values()
        return "; ".join(f"{name}: {stated_licence(name)}" for name in names)
    repository = published_by(spec)
    whose = f"see the model's card, {repository}" if repository else "see where they come from"
    return f"open_clip: {stated_licence('open_clip_torch')}; weights: {whose}"


def stated_licence(package: str) -> str:
    """The licence that an installed package states.

    Example:
        >>> stated_licence("open_clip_torch"), stated_licence("no such package")
        ('MIT', 'none stated')
    """
    try:
        about = metadata(package)
    except PackageNotFoundError:
        return NOT_STATED
    keys = ("License-Expression", "License")
    stated = [about[key].strip() for key in keys if key in about and about[key] != "UNKNOWN"]
    return next(filter(None, stated), NOT_STATED).splitlines()[0]
