"""Memory over a million evaluations: python tests/benchmarks/memory.py. Exits 1 if it grows."""

import resource
import sys

from whentocall import load
from whentocall.engine.answers import check_answers
from whentocall.engine.durable import DurableEngine

BLOCK = 100_000
MOST_KB = 4_000


def main() -> int:
    protocol = load("all-targeted-drugs")
    engine = protocol.once(DurableEngine)
    people = [
        check_answers(
            protocol, {"temperature": 35 + step / 10, "dizzy": step % 2 == 0, "shivery": step % 3 == 0}
        )
        for step in range(50)
    ]
    sizes = []
    for _ in range(11):
        for call in range(BLOCK):
            engine.fired(people[call % len(people)].values)
        sizes.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    grown = sizes[-1] - sizes[0]
    sys.stdout.write(f"{grown} kB more after {BLOCK * 10:,} evaluations: {sizes}\n")
    return int(grown > MOST_KB)


if __name__ == "__main__":
    sys.exit(main())
