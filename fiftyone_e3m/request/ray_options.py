"""How a run is spread over a Ray cluster."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import GroundingError


@dataclass(frozen=True)
class RayOptions:
    """Options of ``engine="ray"``.

    Attributes:
        address: of a running cluster, such as ``"auto"`` or ``"ray://host:10001"``; None starts one
            on this machine.
        num_workers: processes, each with its own models; None takes as many as the cluster has
            GPUs, or else CPUs, for.
        num_gpus: GPUs of each worker, which may be a part of one; None takes 1 where the cluster
            has GPUs, else 0.
        num_cpus: CPUs of each worker.
        max_in_flight: most videos that a worker was given and has not finished.
        max_retries: how often a video is tried again that a worker died of.

    Raises:
        GroundingError: a number is out of range.
    """

    address: str | None = None
    num_workers: int | None = None
    num_gpus: float | None = None
    num_cpus: float = 1
    max_in_flight: int = 2
    max_retries: int = 1

    def __post_init__(self) -> None:
        for name, least in (
            ("num_workers", 1),
            ("num_gpus", 0),
            ("num_cpus", 0),
            ("max_in_flight", 1),
            ("max_retries", 0),
        ):
            value = getattr(self, name)
            if value is not None and value < least:
                raise GroundingError(f"{name} is {value}, but it must be {least} or more.")
