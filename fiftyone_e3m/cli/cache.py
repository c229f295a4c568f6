"""The commands `fiftyone-e3m cache`: boxes, shot cuts and features kept on disk."""

from __future__ import annotations

import typer

from ..cache import Cache, CacheError
from .console import console, refuse

app = typer.Typer(
    help="The cache of boxes, shot cuts and features, which makes further sentences fast.",
    no_args_is_help=True,
)


@app.command()
def info() -> None:
    """Shows the location and size of the cache."""
    now = _open().info()
    console.print(f"folder   {now.folder}", soft_wrap=True, highlight=False)
    console.print(f"entries  {now.entries}", highlight=False)
    console.print(
        f"size     {_megabytes(now.size)} of {_megabytes(now.max_bytes)}", highlight=False
    )
    console.print(
        "E3M_CACHE_DIR sets the folder, E3M_CACHE_MB the maximum size. The least recently used "
        "entries are removed first."
    )


@app.command()
def clear() -> None:
    """Empties the cache; later runs fill it again."""
    removed = _open().clear()
    console.print(
        f"Removed {removed.entries} entries, {_megabytes(removed.size)}, from {removed.folder}",
        soft_wrap=True,
        highlight=False,
    )


def _open() -> Cache:
    """The cache; ends the command with a message if it is disabled or invalid."""
    try:
        cache = Cache.default()
    except CacheError as error:
        refuse(str(error))
    if cache is None:
        console.print("The cache is disabled, because E3M_CACHE_MB is 0.")
        raise typer.Exit
    return cache


def _megabytes(n: int) -> str:
    return f"{n / 2**20:.1f} MB"
