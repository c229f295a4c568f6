"""A MongoDB of the benchmark's own, which may be killed and started again."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path


class Server(AbstractContextManager["Server"]):
    """A running MongoDB.

    Args:
        home: folder for its data.

    Attributes:
        address: where it listens.
    """

    def __init__(self, home: Path) -> None:
        spec = importlib.util.find_spec("fiftyone")
        bundled = Path(str(spec and spec.origin)).parent / "db" / "bin" / "mongod"
        mongod = str(bundled) if bundled.is_file() else shutil.which("mongod") or "mongod"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        (home / "database").mkdir()
        self.address = f"mongodb://127.0.0.1:{port}"
        self._command = [mongod, "--dbpath", str(home / "database"), "--port", port]
        self._command += ["--bind_ip", "127.0.0.1", "--nounixsocket", "--logappend"]
        self._command += ["--logpath", str(home / "database" / "log")]

    def __enter__(self) -> Server:
        """Starts it."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *error: object) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait()

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def kill(self) -> None:
        """Ends it with SIGKILL."""
        self._process.kill()
        self._process.wait()
