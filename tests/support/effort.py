"""How many examples a property is tried on: few on every run, always the same; many at random when asked for.

`make test` is quick; `make test-thorough` sets WHENTOCALL_THOROUGH.
"""

import os

from hypothesis import HealthCheck, settings

THOROUGH = bool(os.environ.get("WHENTOCALL_THOROUGH"))
MORE = 40
"""How many times as many examples a thorough run tries."""

_SHARED = {
    "deadline": None,  # machines are shared, and slow now and then
    "suppress_health_check": [
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,  # none of ours holds what an example changes
    ],
}
settings.register_profile("quick", derandomize=True, database=None, max_examples=30, **_SHARED)
settings.register_profile("thorough", print_blob=True, max_examples=30 * MORE, **_SHARED)


def load_profile():
    """Make one of the two the settings of every property that says nothing else."""
    settings.load_profile("thorough" if THOROUGH else "quick")


def examples(number, **more):
    """The settings of a property that a quick run tries on `number` examples."""
    return settings(max_examples=number * MORE if THOROUGH else number, **more)


def some(items, every):
    """Each so-manyth of many alike things to try; all of them on a thorough run."""
    return list(items)[:: 1 if THOROUGH else every]
