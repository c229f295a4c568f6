"""Works ahead: the next items are made in a thread while the current one is used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TypeVar

T = TypeVar("T")
_END = object()


def ahead(
    items: Iterable[T], depth: int, on_leave: Callable[[], object] = lambda: None
) -> Generator[T]:
    """Iterates in a separate thread, in order, never more than `depth` items ahead.

    An error in `items` is raised in place of its item. To stop early, close the generator: that
    waits for the item being made, and leaves no thread behind.

    Args:
        items: what to iterate over; only one thread at a time runs it.
        depth: items that may wait; 0 makes each item on request, without a thread.
        on_leave: called before that wait, so that the caller can cut it short.

    Example:
        >>> list(ahead(range(4), depth=2))
        [0, 1, 2, 3]
    """
    if depth == 0:
        yield from items
        return
    iterator = (item for item in items)
    worker = ThreadPoolExecutor(1, thread_name_prefix="e3m-ahead")
    with closing(iterator):
        try:
            waiting = deque(worker.submit(next, iterator, _END) for _ in range(depth))
            while (item := waiting.popleft().result()) is not _END:
                waiting.append(worker.submit(next, iterator, _END))
                yield item  # type: ignore[misc]
        finally:
            on_leave()
            worker.shutdown(cancel_futures=True)
