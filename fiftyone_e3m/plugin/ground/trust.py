"""Which models an operator may load: anybody who reaches the App can call it with any parameter.

Weights may hold program code, and whether a file can be loaded tells whether it is there. Functions
in Python are not restricted, as their caller can run code anyway. SECURITY.md has the threat model.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...candidates import detector_files
from ...encoders import encoder_files
from ...paths import listed_folders
from ...request import GroundingError, Request

WEIGHTS_DIRS = "E3M_WEIGHTS_DIRS"
"""Environment variable: folders of weights that operators may load, separated as in PATH."""


def check_trust(request: Request) -> None:
    """Checks that a request of an operator loads only published weights, or those of the folders.

    It only reads names and resolves links; no weights are opened.

    Raises:
        GroundingError: the request may run foreign code, or names other files.
    """
    if request.trust_remote_code:
        raise GroundingError(
            "This run was started from Python so that program code of a model may run. Continue it "
            "there with the same arguments; an operator never runs such code."
        )
    files = {}
    if isinstance(request.encoder, str):
        files["Encoder", request.encoder] = encoder_files(request.encoder)
    if isinstance(request.detector, str):
        files["Detector", request.detector] = detector_files(request.detector)
    folders = listed_folders(WEIGHTS_DIRS)
    for (kind, name), path in files.items():
        if path is not None and not _lies_in(path, folders):
            listed = ", ".join(map(str, folders)) or "empty"
            raise GroundingError(
                f"{kind} '{name}': the App loads files of weights only from folders that the "
                f"administrator of its server lists in {WEIGHTS_DIRS} (now {listed}). Choose "
                "published weights by their name, have the folder added, or ground from Python."
            )


def _lies_in(path: Path, folders: Sequence[Path]) -> bool:
    try:
        resolved = path.resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a null character
        return False
    return any(resolved.is_relative_to(folder) for folder in folders)
