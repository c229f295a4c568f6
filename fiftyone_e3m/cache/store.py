"""A store of small arrays on disk, bounded in size and shared by processes."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import platformdirs
from numpy.typing import NDArray

from .digest import digest

Arrays = Mapping[str, NDArray[Any]]

DEFAULT_MB = 2048
VERSION = 4
"""Raise it whenever entries are computed or laid out differently; others are not read."""
ENTRY, HALF = ".e3m.npz", ".e3m.tmp"
"""Suffixes of the cache's files; other files in the folder belong to the user and stay."""

STALE = 3600.0
"""Seconds after which a half-written file counts as abandoned by its writer."""

logger = logging.getLogger(__name__)


class Key(NamedTuple):
    """Where an entry is kept.

    Attributes:
        group: shared by entries that belong together.
        name: identifies an entry within its group.
    """

    group: str
    name: str


class CacheError(ValueError):
    """The cache is set up wrongly; the message says what to correct."""


@dataclass(frozen=True)
class CacheInfo:
    """What a cache holds.

    Attributes:
        folder: where it is.
        entries: number of entries, each one file.
        size: bytes of all entries.
        max_bytes: most bytes that it may hold.
    """

    folder: Path
    entries: int
    size: int
    max_bytes: int


class Cache:
    """A store of named arrays; when it is full, the least recently used entries go first.

    Each entry is one file, written under another name and then moved, so that neither a killed
    writer nor two writers leave half an entry. Files hold plain arrays (npz without pickle), their
    own key, and a digest of both: damaged, exchanged and foreign ones are noticed, dropped and made
    again. The folder is made for its user alone, and so are its files. A cache that cannot be read
    or written costs time but never fails a run. Nothing stays in memory, as loading an entry takes
    about a millisecond.

    Args:
        folder: where the files are; created when needed.
        max_bytes: most bytes of all files together.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder, self._max_bytes = folder, max_bytes
        self._warned = False

    @classmethod
    def default(cls) -> Cache | None:
        """The user's cache: folder E3M_CACHE_DIR, at most E3M_CACHE_MB megabytes.

        Returns:
            The cache, or None if E3M_CACHE_MB is 0.

        Raises:
            CacheError: E3M_CACHE_MB is not a number of megabytes.
        """
        given = os.environ.get("E3M_CACHE_MB", str(DEFAULT_MB))
        try:
            megabytes = float(given)
            if not 0 <= megabytes < float("inf"):
                raise ValueError
        except ValueError:
            raise CacheError(
                f"E3M_CACHE_MB is '{given}'. Set it to a number of megabytes, 0 for no cache."
            ) from None
        folder = os.environ.get("E3M_CACHE_DIR") or platformdirs.user_cache_dir("fiftyone-e3m")
        return cls(Path(folder).expanduser(), int(megabytes * 2**20)) if megabytes else None

    def get(self, key: Key) -> dict[str, NDArray[Any]] | None:
        """The arrays of an entry; None if it is missing, or damaged and therefore dropped."""
        path = self._path(key)
        entry = self._load(path, key)
        if entry is not None:
            with contextlib.suppress(OSError):  # a read-only folder is fine
                os.utime(path)
        return entry

    def others(self, group: str) -> Iterator[dict[str, NDArray[Any]]]:
        """All entries of a group, most recently used first; reading them here is not a use."""
        files = self._files(f"{group}.", f".{VERSION}{ENTRY}")
        for path in sorted(files, key=lambda path: -files[path].st_mtime):
            name = os.path.basename(path).removeprefix(f"{group}.").split(".")[0]
            if (entry := self._load(path, Key(group, name))) is not None:
                yield entry

    def put(self, key: Key, arrays: Arrays) -> None:
        """Stores an entry, unless it is larger than the whole cache or cannot be written.

        Args:
            key: where to store it.
            arrays: numbers, booleans or strings, by name.

        Raises:
            ValueError: an array holds Python objects.
        """
        if any(array.dtype.hasobject for array in arrays.values()):
            raise ValueError(
                "arrays of Python objects cannot be cached; convert them to a plain type"
            )
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._write(key, arrays)
            self._evict()
        except OSError as error:
            self._warn(f"{error}; results are not kept for the next run.")

    def info(self) -> CacheInfo:
        """What the cache holds now."""
        sizes = [stat.st_size for stat in self._files().values()]
        return CacheInfo(self._folder, len(sizes), sum(sizes), self._max_bytes)

    def clear(self) -> CacheInfo:
        """Removes all entries and returns what the cache held."""
        before = self.info()
        self._drop_stale()
        for path in self._files():
            self._drop(path)
        return before

    def _path(self, key: Key) -> str:
        return os.path.join(self._folder, f"{key.group}.{key.name}.{VERSION}{ENTRY}")

    def _load(self, path: str, key: Key) -> dict[str, NDArray[Any]] | None:
        try:
            with open(path, "rb") as file:
                data = file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            self._warn(f"{error}; the entry was not read.")
            return None
        try:
            return _unpack(data, key)
        except Exception as error:  # a damaged file may raise anything
            logger.warning("%s is damaged (%s). It is dropped and made again.", path, error)
            self._drop(path)
            return None

    def _write(self, key: Key, arrays: Arrays) -> None:
        number, half = tempfile.mkstemp(suffix=HALF, dir=self._folder)
        try:
            with os.fdopen(number, "wb") as file:
                seal = digest(*key, list(arrays), list(arrays.values()))
                np.savez(file, np.array([seal, *arrays]), *arrays.values())
            if os.path.getsize(half) <= self._max_bytes:
                os.replace(half, self._path(key))
        finally:
            self._drop(half)

    def _evict(self) -> None:
        self._drop_stale()
        files = self._files()
        size = sum(stat.st_size for stat in files.values())
        if size <= self._max_bytes:
            return
        for path in sorted(files, key=lambda path: files[path].st_mtime):
            self._drop(path)
            size -= files[path].st_size
            if size <= self._max_bytes:
                break

    def _drop_stale(self) -> None:
        """Removes half-written files that their writers have abandoned."""
        for path, stat in self._files(suffix=HALF).items():
            if time.time() - stat.st_mtime > STALE:
                self._drop(path)

    def _files(self, prefix: str = "", suffix: str = ENTRY) -> dict[str, os.stat_result]:
        """Paths and their stats; other processes may remove files meanwhile.

        Paths are plain strings, as making thousands of `Path` takes longer than reading the stats.
        """
        stats = {}
        with contextlib.suppress(OSError), os.scandir(self._folder) as files:
            for file in files:
                if file.name.startswith(prefix) and file.name.endswith(suffix):
                    with contextlib.suppress(OSError):
                        stats[file.path] = file.stat()
        return stats

    def _drop(self, path: str) -> None:
        try:
            os.unlink(path)
        except FileNotFoundError:
            return  # moved into place, or removed by another process
        except OSError as error:
            self._warn(f"{error}; the file was not removed.")

    def _warn(self, problem: str) -> None:
        """Warns once: the same folder would fail again for every video."""
        if not self._warned:
            self._warned = True
            logger.warning(
                "The cache %s cannot be used: %s Set E3M_CACHE_DIR to a writable folder, or "
                "E3M_CACHE_MB=0 for no cache.",
                self._folder,
                problem,
            )


def get_or_make(
    cache: Cache | None,
    key: Key | None,
    make: Callable[[], Arrays],
    worth_keeping: Callable[[], bool] = lambda: True,
) -> Arrays:
    """The arrays of an entry: from the cache, or else made now and then stored.

    Args:
        cache: where to look; None makes the arrays each time.
        key: the key of the entry; None neither looks nor stores.
        make: makes the arrays.
        worth_keeping: called after `make`: whether to store what it made.
    """
    if cache is None or key is None:
        return make()
    entry = cache.get(key)
    if entry is not None:
        return entry
    made = make()
    if worth_keeping():
        cache.put(key, made)
    return made


def _unpack(data: bytes, key: Key) -> dict[str, NDArray[Any]]:
    """The arrays of a file; the first array holds the digest of key and arrays, and their names.

    Raises:
        ValueError: the file holds something else than the entry of this key.
    """
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        seal, *names = file["arr_0"].tolist()
        arrays = {name: file[f"arr_{number}"] for number, name in enumerate(names, 1)}
    if seal != digest(*key, names, list(arrays.values())):
        raise ValueError("it is not what was kept under its name")
    return arrays
