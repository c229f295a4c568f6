"""The commands `fiftyone-e3m cache`: what was seen once and is kept on disk."""

from __future__ import annotations

import typer

from ..cache import Cache, CacheError
from .console import console, refuse

app = typer.Typer(
    help="Boxes, cuts and features of videos, kept so that another sentence costs next to nothing.",
    no_args_is_help=True,
)


@app.command()
def info() -> None:
    """Says where the cache is and how full."""
    now = _open().info()
    console.print(f"folder   {now.folder}", soft_wrap=True, highlight=False)
    console.print(f"entries  {now.entries}", highlight=False)
    console.print(
        f"size     {_megabytes(now.size)} of {_megabytes(now.max_bytes)}", highlight=False
    )
    console.print(
        "E3M_CACHE_DIR sets another folder, E3M_CACHE_MB another size; what was not used for "
        "longest goes first."
    )


@app.command()
def clear() -> None:
    """Removes all that is kept; the next runs make it again."""
    gone = _open().clear()
    console.print(
        f"Removed {gone.entries} entries, {_megabytes(gone.size)}, from {gone.folder}",
        soft_wrap=True,
        highlight=False,
    )


def _open() -> Cache:
    """The cache; says so and ends the command where there is none."""
    try:
        cache = Cache.default()
    except CacheError as error:
        refuse(str(error))
    if cache is None:
        console.print("There is no cache, as E3M_CACHE_MB is 0.")
        raise typer.Exit
    return cache


def _megabytes(n: int) -> str:
    return f"{n / 2**20:.1f} MB"
