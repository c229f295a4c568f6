"""Why a video cannot be read, as sentences."""

from __future__ import annotations

import errno
import re
import stat
from pathlib import Path

REMOTE = re.compile(r"(?:^|/)([a-z][a-z0-9+.-]+):/+(.*)", re.IGNORECASE | re.DOTALL)
"""A remote address; FiftyOne puts the working folder before it and drops a slash."""


class VideoError(Exception):
    """A video cannot be read; the message says why and what to do."""


class TruncatedVideoError(VideoError):
    """Decoding stopped before the announced number of frames.

    Attributes:
        decoded: number of frames that could be decoded.
        announced: number of frames that the file announces.
    """

    def __init__(self, path: Path, decoded: int, announced: int) -> None:
        super().__init__(
            f"{path.name} announces {announced} frames, of which only {decoded} are there: the "
            "file is cut off or damaged. Download or encode it again."
        )
        self.decoded, self.announced = decoded, announced


def check_file(path: Path) -> None:
    """Checks that a file is there and may be read.

    Raises:
        VideoError: it is not, with the reason that the system gives.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise VideoError(f"{path} is a folder. Correct the sample's filepath.")
        if not stat.S_ISREG(mode):
            raise VideoError(f"{path} is not a regular file. Correct the sample's filepath.")
        path.open("rb").close()
    except ValueError as error:  # a NUL or a lone surrogate
        raise VideoError(f"{str(path)!r} cannot be a path: {error}.") from error
    except OSError as error:
        raise VideoError(_reason(path, error)) from error


def _reason(path: Path, error: OSError) -> str:
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        if remote := REMOTE.search(str(path)):
            return (
                f"{remote[1]}://{remote[2]} is a remote address, and only local files can be "
                "read. Download the video and set the sample's filepath to the copy."
            )
        link = f" is a link to {path.readlink()}, which" if path.is_symlink() else ""
        return f"{path}{link} does not exist. Correct the sample's filepath."
    if error.errno == errno.ENAMETOOLONG:
        longest = max(path.parts, key=len)
        return (
            f"The path of {longest[:40]}... is too long for this system: {len(str(path))} "
            f"characters, {len(longest)} in one name. Rename the file and correct the sample's "
            "filepath."
        )
    if error.errno == errno.ELOOP:
        return f"{path} is a link that leads back to itself. Correct the sample's filepath."
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"There is no permission to read {path}: change the permissions of the file or of its "
            "folder."
        )
    return f"{path} cannot be read: {error.strerror}."
