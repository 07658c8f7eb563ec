"""Protocols, loaded once; and a face that answers from a script."""

from collections.abc import Mapping

import pytest

from whentocall.interview.faces import Stopped
from whentocall.interview.flow import AskedQuestion
from whentocall.interview.render import Page


@pytest.fixture(scope="session")
def all_drugs(all_targeted):
    """The protocol on targeted drugs for ALL."""
    return all_targeted


@pytest.fixture(scope="session")
def temperature():
    """A question about a temperature in °C."""
    return AskedQuestion("temperature", "What is it?", "Temperature", "", "temperature", 30, 45, "°C")


@pytest.fixture(scope="session")
def count():
    """A question for a whole number."""
    return AskedQuestion("count", "How many?", "Count", "", "whole-number", 0, 60)


@pytest.fixture(scope="session")
def days():
    """A question for a number of days."""
    return AskedQuestion("days", "How long?", "Days", "", "days", 0, 365)


class ScriptedFace:
    """A face whose replies stand in a list; at its end the person stops.

    A reply is a mapping (ticks: the questions that are not "no"), a choice's id, a number, None, a
    `Reply`, or an exception to raise.
    """

    def __init__(self, *replies, width=80):
        self.replies = list(replies)
        self.page = Page(width)
        self.shown = []
        self.asked = []

    @property
    def text(self):
        """Everything shown, line breaks aside."""
        return " ".join(" ".join(self.shown).split())

    def show(self, lines):
        self.shown += [line.text for line in lines]

    def choose(self, text, choices, *, help_, back):
        assert help_ is not None
        reply = self._next(text, back)
        assert not isinstance(reply, str) or reply in dict(choices), (text, reply)
        return reply

    def tick(self, ask, *, back):
        reply = self._next(ask.title, back)
        if not isinstance(reply, Mapping):
            return reply
        ids = [question.id for question in ask.questions]
        assert set(reply) <= set(ids), (ask.title, reply)
        return {id_: reply.get(id_, False) for id_ in ids}

    def number(self, question, *, back):
        return self._next(question.text, back)

    def _next(self, asked, back):
        self.asked.append((asked, back))
        if not self.replies:
            raise Stopped
        reply = self.replies.pop(0)
        if isinstance(reply, BaseException):
            raise reply
        return reply


@pytest.fixture
def scripted():
    """`scripted({}, 36.8, "no")` is a face that replies that."""
    return ScriptedFace
