"""Timing side by side: blocks of an entry alternate with blocks of the floor, in the same process.

Whatever slows the machine down for a while slows both, so their ratio stays. What is counted is processor
time of the process, all its threads together, so that other programs which take turns with this one do not
count; nothing here waits for anything. pyperf, which would be the usual choice, gives every benchmark worker
processes of its own, cannot alternate two of them, and counts time on the wall.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any


@dataclass(frozen=True, slots=True)
class Measured:
    """One process's figures for one entry, each the median of its blocks.

    Attributes:
        ratio: times the floor.
        seconds: per call.
        floor_seconds: the floor, per call.
    """

    ratio: float
    seconds: float
    floor_seconds: float


def per_call(call: Callable[[Any], Any], inputs: Sequence[Any], passes: int) -> float:
    """Seconds of processor time per call, over `passes` through the inputs."""
    start = process_time()
    for _ in range(passes):
        for one in inputs:
            call(one)
    return (process_time() - start) / (passes * len(inputs))


def trial(call: Callable[[Any], Any], inputs: Sequence[Any], *, least: float) -> float:
    """Seconds per call, roughly: the best of a few rounds through some inputs, for about `least` seconds."""
    some, best, start = inputs[:50], math.inf, perf_counter()
    while perf_counter() - start < least or best == math.inf:
        best = min(best, per_call(call, some, 1))
    return best


class Contest:
    """One entry against the floor, over the same sessions, block by block."""

    def __init__(self, call, inputs, floor, sessions, *, block: float) -> None:
        """Blocks take about `block` seconds: a few sessions of a slow entry, all of a quick one's, often."""
        self.call, self.inputs, self.floor, self.sessions = call, inputs, floor, sessions
        own, low = trial(call, inputs, least=block), trial(floor, sessions, least=block)
        self.size = min(len(inputs), max(1, round(block / own)))
        self.passes = max(1, round(block / own / self.size))
        self.floor_passes = max(1, round(block / low / self.size))
        self.next, self.pairs = 0, []

    def play(self) -> None:
        """A block of the floor, and one of the entry over the same sessions."""
        places = [(self.next + step) % len(self.inputs) for step in range(self.size)]
        self.next = (self.next + self.size) % len(self.inputs)
        low = per_call(self.floor, [self.sessions[one] for one in places], self.floor_passes)
        own = per_call(self.call, [self.inputs[one] for one in places], self.passes)
        self.pairs.append((own, low))

    def measured(self) -> Measured:
        """The medians of all blocks so far."""
        return Measured(
            ratio=statistics.median(own / low for own, low in self.pairs),
            seconds=statistics.median(own for own, _ in self.pairs),
            floor_seconds=statistics.median(low for _, low in self.pairs),
        )
