"""What is known, without a network, of the licence of a detector's code and weights."""

from __future__ import annotations

from .factory import ZOO

ULTRALYTICS = "AGPL-3.0"


def licence_of(spec: str) -> str:
    """The licences of a detector, as a phrase; where they are not known, it says who knows.

    Args:
        spec: the name of a detector, as `check_model` accepts it.
    """
    if spec.startswith(ZOO):
        from .zoo import zoo_entry

        stated = zoo_entry(spec.removeprefix(ZOO)).license
        return f"{stated}, as FiftyOne's zoo says" if stated else "see the model's card"
    return (
        f"ultralytics: {ULTRALYTICS}, also of the weights that it publishes; of other weights, see "
        "where they come from"
    )
