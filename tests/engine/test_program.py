"""The meaning traced into a program: it does what was traced, row by row, and no fault in it goes unseen."""

import ast
import random
import re
from itertools import product
from pathlib import Path

import pytest

from whentocall import advise
from whentocall.engine.answers import check_answers
from whentocall.engine.program import Program, Trace, written
from whentocall.engine.reference import EVERY_ROW, Reading

PAGE = Path(__file__).parents[2] / "docs" / "program.md"
PEOPLE = [
    {},
    {"temperature": 37.4, "headache": True, "muscle_aches": None},
    {"temperature": 36.9, "took_fever_medicine": True, "chest_pain": False},
    {"diarrhoea": False, "loose_stools": 5, "dizzy": True},
    {"temperature": None, "took_fever_medicine": None, "diarrhoea": True, "loose_stools": 3},
]


@pytest.fixture
def symbols():
    trace = Trace()
    return [trace.input("q", name) for name in "abcd"]


# the trace


def test_an_operation_is_noted_once(symbols):
    a, b, *_ = symbols

    assert (a & b).place == (b & a).place
    assert (a | b).place == (b | a).place
    assert (~(a & b)).place == (~(b & a)).place


def test_what_can_be_simpler_is(symbols):
    a, b, *_ = symbols

    for simpler in (a & a, a | a, ~~a, a & (a | b), a | (a & b)):
        assert a.place == simpler.place
    assert (a & b).place == (a & (a & b)).place
    assert (a | b).place == (a | (a | b)).place


def test_the_function_does_what_was_traced():
    """Random operations, 64 rows at a time, beside the same operations done at once."""
    rnd = random.Random(1)
    ones = (1 << 64) - 1
    for _ in range(50):
        trace = Trace()
        symbols = [trace.input(question, what) for question in "pq" for what in range(3)]
        values = [rnd.getrandbits(64) for _ in symbols]
        told = {symbol.place: value for symbol, value in zip(symbols, values, strict=True)}
        for _ in range(40):
            one, other = (rnd.randrange(len(symbols)) for _ in range(2))
            made, value = rnd.choice(
                [
                    (symbols[one] & symbols[other], values[one] & values[other]),
                    (symbols[one] | symbols[other], values[one] | values[other]),
                    (~symbols[one], ones ^ values[one]),
                ]
            )
            symbols.append(made)
            values.append(value)
        inputs, source = written(trace, [symbols[-5:], [True, False]])
        space = {}
        exec(source, space)
        given = [
            [told[trace.input(question, what).place] for what in own] for question, own in inputs.items()
        ]

        assert [values[-5:], [ones, 0]] == space["run"](given, ones)


def test_what_no_result_rests_on_is_left_out(symbols):
    a, b, c, d = symbols
    _ = c & d
    inputs, source = written(a.trace, [[a & b]])

    assert {"q": ["a", "b"]} == inputs
    assert 1 == source.count("&")


# rows


def test_rows_do_not_touch_each_other(shipped):
    """Everybody in one run, three rows each, as in a run of their own."""
    people = [
        {one: given for one, given in answers.items() if one in shipped.questions} for answers in PEOPLE
    ]
    readings = [Reading(shipped, check_answers(shipped, answers).values) for answers in people]
    inputs = [reading._plan.inputs(reading.values) for reading in readings]
    program = shipped.once(Program)
    joined = [
        [sum(bits << 3 * place for place, bits in enumerate(rows)) for rows in zip(*told, strict=True)]
        for told in zip(*inputs, strict=True)
    ]
    results = program.run(joined, (1 << 3 * len(people)) - 1)

    for place, reading in enumerate(readings):
        for alone, together in zip(reading._results, results, strict=True):
            assert [bits & EVERY_ROW for bits in alone] == [
                bits >> 3 * place & EVERY_ROW for bits in together
            ]


# the example in the documentation


def test_the_example_is_the_program(write_protocol, rule_line):
    asked = "you: Is it so?, they: Is it so?, short: It, answer: yes or no"
    mask = f"fever: {{not_reassuring_if: {{medicine: yes}}, {asked}}}"
    protocol = write_protocol(
        f"ask:\n  medicine: {{{asked}}}\n  {mask}\nrules:\n{rule_line('fever', '{fever: yes}')}"
    )
    program, space = protocol.once(Program), {}
    exec(re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[1], space)

    for medicine, fever in product((True, False, None, "not asked"), repeat=2):
        given = {"medicine": medicine, "fever": fever}
        reading = Reading(protocol, {one: answer for one, answer in given.items() if answer != "not asked"})
        inputs = reading._plan.inputs(reading.values)
        results = program.run(inputs, EVERY_ROW)
        assert space["run"](inputs, EVERY_ROW) == (results.level, results.sure, results.possible)


# faults


@pytest.fixture
def everything(write_protocol, yes_no, rule_line):
    """A mask, a follow-up, and an escalation with a condition of its own."""
    asked = "you: How many?, they: How many?, short: How many, answer: 'whole number, 0 to 9'"
    count = f"  n: {{only_if: {{a: yes}}, not_reassuring_if: {{m: yes}}, {asked}}}\n"
    one = f"ask:\n{yes_no('a', 'm')}{count}rules:\n{rule_line('many', '{n: at least 4}', 'amber')}"
    other = f"ask:\n{yes_no('b', 'c')}rules:\n{rule_line('two', '{b: yes, c: yes}', 'amber')}"
    head = (
        "when_unsettled: amber\n"
        "escalate:\n"
        "  - {name: both, when: at least 2 cards at amber, only_if: {m: no}, to: red, "
        "because: It is so., sentences: [T-1]}"
    )
    return write_protocol(one, other, head=head)


def faulty(source, every=1):
    """The program's function with one operation wrong: another, a part of it alone, or a constant."""
    tree = ast.parse(source)
    operations = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp)]
    swapped = {ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd}
    for place, node in enumerate(operations):
        op, left, right = node.op, node.left, node.right
        wrong = [(swapped[type(op)](), left, right), (ast.BitOr(), left, left), (ast.BitOr(), right, right)]
        wrong += [(ast.BitXor(), left, left), (ast.BitOr(), left, ast.Name("ones", ast.Load()))]
        for number, (node.op, node.left, node.right) in enumerate(wrong):
            if (place + number) % every == 0:
                space = {}
                exec(compile(ast.fix_missing_locations(tree), "<faulty>", "exec"), space)
                yield space["run"]
        node.op, node.left, node.right = op, left, right


def test_no_wrong_operation_lowers_or_is_silent(everything, safe):
    people = [
        {},
        {"a": False, "m": False, "b": False, "c": False},
        {"a": False, "n": 5, "m": False, "b": True, "c": True},
        {"a": True, "n": 1, "m": True, "b": None, "c": True},
        {"a": True, "n": 5, "m": False, "b": True, "c": True},
        {"a": None, "m": None, "c": True},
    ]
    clean = [advise(everything, answers) for answers in people]
    assert {"red", "amber", "green"} == {advice.level for advice in clean}
    program = everything.once(Program)
    tried = noticed = 0
    for run in faulty(program.source):
        program._run = run
        advised = [advise(everything, answers) for answers in people]
        for right, advice in zip(clean, advised, strict=True):
            safe(everything, right, advice, least="amber")
        tried += 1
        noticed += any(advice.problems for advice in advised)
    assert tried < noticed * 3  # the others change nothing for these people, or only what to settle


def test_no_wrong_operation_of_a_large_program_lowers_or_is_silent(shipped, safe):
    """A sample, as there are thousands of faults."""
    people = [answers for answers in PEOPLE if answers.keys() <= shipped.questions.keys()]
    people.append({one.id: False for one in shipped.questions.values() if one.answer.kind == "yes-no"})
    clean = [advise(shipped, answers) for answers in people]
    program = shipped.once(Program)
    for run in faulty(program.source, every=37):
        program._run = run
        for answers, right in zip(people, clean, strict=True):
            safe(shipped, right, advise(shipped, answers))


def test_nobodys_answers_are_kept(all_targeted):
    """What is kept of a person is which comparisons hold, in lines that anybody may get."""
    reading = Reading(all_targeted, {"temperature": 38.4321})
    advice = advise(all_targeted, {"temperature": 38.4321, "headache": True})

    assert "38.4321" in advice.to_json()
    kept = {key: value for key, value in vars(reading._plan).items() if key != "program"}
    assert "38.4321" not in repr(kept) + repr(vars(all_targeted.once(Program)))
