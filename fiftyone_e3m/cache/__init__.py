"""What was worked out once, kept on disk, and the keys under which it is found again."""

from .digest import digest
from .store import Arrays, Cache, CacheError, Key, get_or_make

__all__ = ["Arrays", "Cache", "CacheError", "Key", "digest", "get_or_make"]
