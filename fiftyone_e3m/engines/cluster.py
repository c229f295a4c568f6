"""The Ray cluster of an engine: joining or starting it, and what can be sent there."""

from __future__ import annotations

from typing import Any

from ..request import GroundingError, Request


def imported() -> Any:
    """The module of Ray.

    Raises:
        GroundingError: it is not installed.
    """
    try:
        import ray
    except ModuleNotFoundError:
        raise GroundingError('engine="ray" needs Ray: pip install ray.') from None
    return ray


def check_sendable(request: Request) -> None:
    """Checks that workers can be sent the models of a request.

    Raises:
        GroundingError: one cannot be pickled.
    """
    ray = imported()
    for kind in ("encoder", "detector"):
        try:
            ray.cloudpickle.dumps(getattr(request, kind))
        except Exception as error:
            raise GroundingError(
                f"The {kind} cannot be sent to workers ({type(error).__name__}: {error}). Give "
                "its name instead of an object, or make it picklable."
            ) from error


def connect(address: str | None) -> bool:
    """Joins a running cluster, or starts one on this machine, unless that was done already.

    Args:
        address: of the cluster; None starts one.

    Returns:
        Whether this call did it.

    Raises:
        GroundingError: no cluster answers there, or none can be started.
    """
    ray = imported()
    if ray.is_initialized():
        return False
    try:
        ray.init(address=address, log_to_driver=False, include_dashboard=False)
    except Exception as error:  # Ray raises its own, Python's and those of gRPC
        why = f"({type(error).__name__}: {error})"
        raise GroundingError(
            f"No Ray cluster answers at '{address}' {why}. Start one with `ray start --head`, "
            "correct the address, or leave it out to work on this machine."
            if address
            else f"Ray cannot be started on this machine {why}. Use the engine 'local'."
        ) from error
    return True
