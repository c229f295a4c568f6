"""The published protocols: import, ground, evaluate, in shards; tables beside published rows."""

from .datasets import import_once
from .protocol import check_results, is_grounded, score
from .shards import Shard, ShardResult, merge, missing_shards, read_results
from .table import remarks, tables

__all__ = [
    "Shard",
    "ShardResult",
    "check_results",
    "import_once",
    "is_grounded",
    "merge",
    "missing_shards",
    "read_results",
    "remarks",
    "score",
    "tables",
]
