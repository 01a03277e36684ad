"""Reads landed artifacts: parsed, corrected and hashed, in this process or in several (`REE_WORKERS`).

What is read does not depend on the number of processes: outcomes come in the order of the artifacts, and one process
alone judges and loads them.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import UTC
from itertools import accumulate
from logging.handlers import QueueHandler
from multiprocessing.connection import wait
from queue import SimpleQueue

from sources.model.artifact import SourceError
from sources.model.source import Source
from sources.reading.tables import log_added_fields
from sources.reading.vocabulary import OwnLabels, own_labels, use_own_labels
from warehouse.ingest import load
from warehouse.ingest.days import require_possible_days
from warehouse.ingest.unforeseen import UNFORESEEN, refusal_of
from warehouse.storage.landing import Landed

CORRECT_IT = "look whether the file is damaged, and correct or remove it."

Outcome = list[load.Loadable] | str
"""The tables of an artifact; or, where it cannot be read, the sentence that refuses it."""

_AHEAD = 8
"""Artifacts a worker that are read before they are asked for: memory does not grow with those that wait."""
_BYTES_AHEAD = 12_000_000
"""Bytes of these artifacts, beside one for each worker. 12 MB of compressed customs records are half a million."""

_LOGGER = "ree"
_THREADS = "POLARS_MAX_THREADS"


def read_all(source: Source, waiting: Sequence[Landed], workers: int) -> Iterator[tuple[Landed, Outcome]]:
    """Read artifacts of one publisher, in their order. One that cannot be read leaves the others.

    With several `workers`, each is a process that reads one artifact at a time with one thread. One artifact alone is
    read in this process.
    """
    if min(workers, len(waiting)) > 1:
        yield from _read_by_workers(source, list(waiting), workers)
        return
    for item in waiting:
        yield item, _read(source, item)


def _read(source: Source, item: Landed) -> Outcome:
    try:
        require_possible_days(item.artifact, item.landed_at.astimezone(UTC).date())
        return _parse(source, item)
    except UNFORESEEN as error:
        return str(refusal_of(item.artifact, error, "cannot be read", CORRECT_IT))


def _parse(source: Source, item: Landed) -> list[load.Loadable]:
    """The tables of an artifact, each with its corrections and the own labels that it was read by."""
    own = own_labels()
    own.used.clear()
    parsed = source.parse(item.artifact)
    by_own_labels = [
        f"own label of vocabulary '{name}': {label!r} is {' '.join(filter(None, own.entries[code, name][label]))}"
        for code, name, label in sorted(own.used)
    ]
    tables = [load.correct(source, item.artifact, table) for table in parsed]
    return [load.Loadable.of(item, table, [*corrections, *by_own_labels]) for table, corrections in tables]


def _read_by_workers(source: Source, left: list[Landed], workers: int) -> Iterator[tuple[Landed, Outcome]]:
    """Read artifacts in processes of their own.

    A process that is ended from outside, as for want of memory, takes the others with it. Then the first artifact that
    was not read is read alone, so that only one that ends its process again is refused.
    """
    while left:
        n_read = 0
        with _pool(source, workers) as pool:
            in_hand: deque[Future[_Answer]] = deque()
            for item in left:
                several = left[n_read : n_read + workers * _AHEAD]
                ahead = several[: n_ahead([one.bytes for one in several], workers)]
                try:
                    in_hand.extend(_submit(pool, ahead[len(in_hand) :]))
                    outcome = _answer(item, in_hand.popleft())
                except BrokenProcessPool:
                    break
                yield item, outcome
                n_read += 1
        left = left[n_read:]
        if left:
            yield left[0], _read_alone(source, left.pop(0))


def n_ahead(sizes: Sequence[int], workers: int) -> int:
    """How many of the next artifacts are read or wait: one for each worker, and more that are small.

    `sizes` are their bytes, in their order: `n_ahead([9_000_000, 2_000_000, 2_000_000], workers=1)` is 2.
    """
    return max(workers, bisect_right(list(accumulate(sizes)), _BYTES_AHEAD))


def _read_alone(source: Source, item: Landed) -> Outcome:
    with _pool(source, 1) as pool:
        try:
            return _answer(item, *_submit(pool, [item]))
        except BrokenProcessPool:
            problem = "cannot be read: the process that read it was ended, by the system if memory was short."
            return str(SourceError(item.artifact, problem, "read with fewer REE_WORKERS or more memory."))


@contextmanager
def _pool(source: Source, workers: int) -> Iterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(
        workers,
        # a copy of this process would have its open files, and locks that its other threads held
        multiprocessing.get_context("spawn"),
        _start_worker,
        (source, OwnLabels(own_labels().entries), logging.getLogger(_LOGGER).getEffectiveLevel()),
    )
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, items: Sequence[Landed]) -> list[Future[_Answer]]:
    """Start the workers, which find their number of threads in the environment."""
    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = "1"
    try:
        return [pool.submit(_read_in_worker, item) for item in items]
    finally:
        if before is None:
            del os.environ[_THREADS]
        else:
            os.environ[_THREADS] = before


def _answer(item: Landed, future: Future[_Answer]) -> Outcome:
    """What a worker read; what it logged is logged here, a field that is new to several workers once."""
    outcome, said = future.result()
    for record in said:
        if added := getattr(record, "added_fields", None):
            log_added_fields(item.artifact, added)
        else:
            logging.getLogger(record.name).handle(record)
    return outcome


_Answer = tuple[Outcome, list[logging.LogRecord]]


class _Worker:
    """What a process of the pool is started with, and what it logs."""

    source: Source
    own: OwnLabels
    said: SimpleQueue[logging.LogRecord]


def _start_worker(source: Source, own: OwnLabels, level: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends its workers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _Worker.source, _Worker.own, _Worker.said = source, own, SimpleQueue()
    logger = logging.getLogger(_LOGGER)
    logger.setLevel(level)
    logger.propagate = False
    logger.addHandler(QueueHandler(_Worker.said))


def _end_with_parent() -> None:
    """A parent that is killed ends no worker: it would wait for artifacts for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _read_in_worker(item: Landed) -> _Answer:
    with use_own_labels(_Worker.own):
        outcome = _read(_Worker.source, item)
    return outcome, [_Worker.said.get() for _ in range(_Worker.said.qsize())]
