"""Engines: which processes ground the videos of a run."""

from __future__ import annotations

from .base import Engine
from .ending import ended_by_signal
from .factory import start_engine
from .one_video import OneVideo
from .tasks import Task, tasks_of
from .worker import Models, Worker

__all__ = [
    "Engine",
    "Models",
    "OneVideo",
    "Task",
    "Worker",
    "ended_by_signal",
    "start_engine",
    "tasks_of",
]
