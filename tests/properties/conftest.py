"""Each shipped protocol, and answers and protocols at random."""

import pytest

from support import random_protocols
from support.shipped import NAMES, loaded


@pytest.fixture(scope="session", params=NAMES)
def protocol(request):
    """Each shipped protocol."""
    return loaded(request.param)


@pytest.fixture(scope="session")
def tools():
    """The module `support.random_protocols`."""
    return random_protocols
