"""Shared by all commands: the console, refusals, and the progress bar."""

from __future__ import annotations

import typing

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from ..texts import one_line, printable

if typing.TYPE_CHECKING:
    from ..grounding import Job

NOT_OK, REFUSED = 1, 2
"""Exit codes: some videos were not grounded; the request was refused."""

console = Console()


def say(text: str, style: str | None = None) -> None:
    """Prints text as it is: names and sentences are no markup, and move no cursor."""
    lines = "\n".join(map(printable, text.split("\n")))
    console.print(lines, style=style, highlight=False, markup=False)


def cell(text: str) -> Text:
    """Text in one line, as it is, for a table."""
    return Text(one_line(text))


def refuse(message: str) -> typing.NoReturn:
    """Prints why nothing was done, and ends the command.

    Raises:
        typer.Exit: always, with exit code `REFUSED`.
    """
    say(message, style="red")
    raise typer.Exit(REFUSED)


def run_with_progress(make: typing.Callable[[], Job]) -> Job:
    """Makes a job, which loads its models, and runs it with a progress bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, TimeElapsedColumn(), console=console, transient=True)
    with bar:
        task = bar.add_task("loading models", total=None)
        job = make()
        bar.update(task, description="grounding", total=len(job))
        for _ in job:
            bar.advance(task)
    return job


def open_dataset(name: str) -> typing.Any:
    """The dataset of a name.

    Raises:
        typer.Exit: there is none; what there is was printed.
    """
    import fiftyone as fo

    if not fo.dataset_exists(name):
        available = ", ".join(fo.list_datasets()) or "none"
        refuse(f"There is no dataset '{name}'. Datasets: {available}.")
    return fo.load_dataset(name)
