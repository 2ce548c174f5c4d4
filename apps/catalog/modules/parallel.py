"""Many small questions to one host, a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from itertools import islice
from typing import TypeVar

#: Questions at a time: quicker than one after the other, and no attack.
WORKERS = 5
#: Questions that are on their way at most, so that a failure stops the others soon.
BATCH = 50

Item = TypeVar("Item")
Reply = TypeVar("Reply")


def in_parallel(ask: Callable[[Item], Reply], items: Iterable[Item]) -> Iterator[tuple[Item, Reply]]:
    """Yield each item with the answer to it, in the order of the items. The first error is raised, and ends it.

    ``ask`` is called on other threads, as part of the same run; it touches no database.
    """
    remaining = iter(items)
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="catalog-provider") as pool:
        while batch := list(islice(remaining, BATCH)):
            futures = [pool.submit(copy_context().run, ask, item) for item in batch]
            try:
                for item, future in zip(batch, futures, strict=True):
                    yield item, future.result()
            finally:
                for future in futures:
                    future.cancel()
