"""The program, the second look and a plain recursion agree, and durable-rules with all of them."""

import importlib.util
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from whentocall import advise
from whentocall.engine.answers import check_answers
from whentocall.engine.combine import combine
from whentocall.engine.reference import Reading
from whentocall.engine.second import second_look, surely_finished
from whentocall.protocol.model import Escalation
from whentocall.protocol.wording import Wording

_spec = importlib.util.spec_from_file_location(
    "plain_reference", Path(__file__).with_name("plain_reference.py")
)
plain = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(plain)

TEXT = Wording(you="It is so.", they="It is so.")


@st.composite
def with_escalations(draw, protocol):
    """A protocol with up to two escalations, some of them for some people only."""
    lines = []
    for number in range(draw(st.integers(0, 2))):
        at_rank = draw(st.integers(1, 4))
        rank = draw(st.integers(at_rank + 1, 5))
        only_if = draw(st.sampled_from([None, *(rule.when for rule in protocol.rules)]))
        escalation = Escalation(
            id=f"random/{number}",
            count=draw(st.integers(1, 3)),
            at_rank=at_rank,
            rank=rank,
            name=f"line{number}",
            when="",
            only_if=only_if,
            to=protocol.levels[rank].id,
            because=TEXT,
            sentences=("A-01",),
        )
        lines.append(escalation)
    return replace(protocol, escalations=tuple(lines), _memo={})


def agree(protocol, answers):
    values = check_answers(protocol, answers).values
    reading, look = Reading(protocol, values), second_look(protocol, values)
    truths = plain.plain_read(protocol, values).rules()

    assert reading.rules() == look.truths == list(truths)
    assert reading.verdict == look.verdict == combine(protocol, truths, reading.condition)
    assert set(reading.contradictory) == look.contradictory
    assert reading.finished is surely_finished(protocol, values)


@given(data=st.data())
@settings(max_examples=120)
def test_the_second_look_agrees_with_the_program(data, tools):
    protocol = data.draw(with_escalations(data.draw(tools.protocols())))
    agree(protocol, data.draw(tools.answers_of(protocol, quiet=False)))


@given(data=st.data())
def test_the_second_look_agrees_on_the_shipped_protocols(data, tools, protocol):
    agree(protocol, data.draw(tools.answers_of(protocol)))


@given(data=st.data())
@settings(max_examples=60)
def test_without_a_fault_no_check_finds_one(data, tools):
    """A false alarm would raise everybody's advice."""
    protocol = data.draw(with_escalations(data.draw(tools.protocols())))
    assert () == advise(protocol, data.draw(tools.answers_of(protocol, quiet=False))).problems
