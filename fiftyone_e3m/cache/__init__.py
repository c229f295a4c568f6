"""A store of results on disk, and the keys to look them up."""

from .digest import digest
from .store import Arrays, Cache, CacheError, Key, get_or_make

__all__ = ["Arrays", "Cache", "CacheError", "Key", "digest", "get_or_make"]
