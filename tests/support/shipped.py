"""The shipped protocols, loaded once in a process."""

from dataclasses import replace
from functools import cache

from whentocall import load
from whentocall.engine.answers import answers_model

NAMES = ("all-targeted-drugs", "neuroblastoma-targeted-therapy")


@cache
def loaded(name):
    """A shipped protocol, its answers model made; without an engine."""
    protocol = load(name)
    protocol.once(answers_model)
    return protocol


def fresh(name):
    """A copy with an engine of its own, so that a test may break it."""
    protocol = loaded(name)
    return replace(protocol, _memo={answers_model: protocol.once(answers_model)})
