"""Everything that is measured: the same rules in our engine and in each peer's own language.

A peer may be used in several ways (a dict or its JSON, one expression or many, a list or a text as its
result). Each factory gives all that are worth trying, and the quickest one that is right is measured, so
that no peer is slow by our ignorance. Only factories import the peers, so that those not installed are
left out.
"""

# ruff: noqa: PLC0415  a peer is imported by its own factory, so that one not installed is left out

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import workload as work

from whentocall import advise, load
from whentocall.engine.answers import check_answers
from whentocall.engine.durable import DurableEngine

# One character per rule, for results that are a text: ideographs, as there are 20,000 in a row.
FIRST_LETTER = 0x4E00


@dataclass(frozen=True, slots=True)
class Way:
    """One way of using an engine.

    Attributes:
        name: which way it is.
        call: what is timed: an input to whatever the engine gives, rules and highest level included.
        inputs: the input for each session.
        result: what `call` gave as the places of the rules that fired and the highest level; not timed.
            None where a call does something else, and `right` tells whether it was right.
        right: for calls whose result is no such pair: session and result to whether it is right.
    """

    name: str
    call: Callable[[Any], Any]
    inputs: Iterable[Any]
    result: Callable[[Any], work.Result] = lambda found: (frozenset(found[0]), int(found[1]))
    right: Callable[[work.Answers, Any], bool] | None = None


def ours(workload: work.Workload) -> dict[str, list[Way]]:
    """Our engine alone, our checking alone, and our whole call."""
    with tempfile.TemporaryDirectory() as folder:
        protocol = load(work.write_protocol(workload, Path(folder)))
    sessions, engine = workload.sessions, protocol.once(DurableEngine)
    checked = [check_answers(protocol, one).values for one in sessions]
    ranks = {place: rule.rank for place, rule in enumerate(protocol.rules)}
    places = {rule.id: place for place, rule in enumerate(protocol.rules)}

    def alone(values):
        fired = engine.fired(values)
        return fired, max(map(ranks.__getitem__, fired), default=0)

    def of_advice(advice):
        if advice.problems:
            raise AssertionError(advice.problems)
        return frozenset(places[one.rule] for one in advice.reasons), protocol.ranks[advice.level]

    def quiet(answers):
        return advise(protocol, answers, watch=False)

    def whole(answers):
        return advise(protocol, answers, watch=True)

    def checking(answers):
        return check_answers(protocol, answers)

    return {
        "whentocall: engine alone": [Way("checked answers", alone, checked)],
        "whentocall: engine alone, unchecked, as the peers are": [Way("plain dict", alone, sessions)],
        "whentocall: checking the answers": [
            Way("plain dict", checking, sessions, right=lambda one, found: dict(found.values) == one)
        ],
        "whentocall: advise, watch=False": [Way("plain dict", quiet, sessions, of_advice)],
        "whentocall: advise, watch=True": [Way("plain dict", whole, sessions, of_advice)],
    }


def from_list(workload: work.Workload) -> Callable[[Iterable[object]], tuple[list[int], int]]:
    """The result from one truth per rule."""
    levels = workload.levels

    def result(truths):
        fired = [place for place, truth in enumerate(truths) if truth]
        return fired, max([levels[one] for one in fired], default=0)

    return result


def from_text(workload: work.Workload) -> Callable[[str], tuple[list[int], int]]:
    """The result from a text with a character for each rule that fires."""
    levels = workload.levels

    def result(text):
        fired = [ord(letter) - FIRST_LETTER for letter in text]
        return fired, max([levels[one] for one in fired], default=0)

    return result


def from_names(workload: work.Workload, start: int) -> Callable[[Iterable[str]], tuple[list[int], int]]:
    """The result from names of rules, each a few letters and the rule's place."""
    levels = workload.levels

    def result(names):
        fired = [int(name[start:]) for name in names]
        return fired, max([levels[one] for one in fired], default=0)

    return result


def letters(conditions: Iterable[str], pattern: str) -> list[str]:
    return [pattern.format(one, chr(FIRST_LETTER + place)) for place, one in enumerate(conditions)]


def zen_expression(workload: work.Workload) -> list[Way]:
    import zen

    conditions = [work.infix(rule.when, field="{}", both=" and ", either=" or ") for rule in workload.rules]
    of_list, of_text = from_list(workload), from_text(workload)
    as_list = zen.compile_expression(f"[{', '.join(conditions)}]")
    ways = [Way("to a list", lambda one: of_list(as_list.evaluate(one)), workload.sessions)]
    if len(conditions) < 200:  # its parser recurses
        parts = letters(conditions, "(({}) ? '{}' : '')")
        as_text = zen.compile_expression(" + ".join(parts))
        ways.append(Way("to a text", lambda one: of_text(as_text.evaluate(one)), workload.sessions))
    return ways


def zen_table(workload: work.Workload) -> list[Way]:
    """The decision table behind a loader, which is how zen is quickest: it answers in the same thread."""
    import zen

    ways = []
    of_names = from_names(workload, 1)
    for name, content in _tables(workload).items():
        loader = {"type": "static", "content": {"table": content}}
        evaluate = zen.ZenEngine({"loader": loader}).evaluate

        def call(one, evaluate=evaluate):
            return of_names({row["rule"] for row in evaluate("table", one)["result"]})

        ways.append(Way(name, call, workload.sessions))
    return ways


def zen_decision(workload: work.Workload) -> list[Way]:
    """The decision table by `create_decision`: each call goes through other threads."""
    import zen

    ways = []
    of_names = from_names(workload, 1)
    for name, content in _tables(workload).items():
        evaluate = zen.ZenEngine().create_decision(json.dumps(content)).evaluate

        def call(one, evaluate=evaluate):
            return of_names({row["rule"] for row in evaluate(one)["result"]})

        ways.append(Way(name, call, workload.sessions))
    return ways


def _tables(workload: work.Workload) -> dict[str, dict[str, object]]:
    """The rules as a graph with one decision table, in two forms."""
    questions = [one for block in workload.questions for one in block]
    cells, whole = [], []
    for place, rule in enumerate(workload.rules):
        for number, term in enumerate(work.terms(rule.when)):
            row = {"_id": f"{place}-{number}", "out": f"'r{place}'"}
            cells.append(row | {one.question: _cell(one) for one in term})
        condition = work.infix(rule.when, field="{}", both=" and ", either=" or ")
        whole.append({"_id": str(place), "out": f"'r{place}'", "free": condition})
    forms = {"a column for all": _graph([{"id": "free", "name": "free"}], whole)}
    if len(questions) < 200:  # beyond, the table would have millions of cells
        columns = [{"id": one, "name": one, "field": one} for one in questions]
        empty = dict.fromkeys(questions, "")
        forms["a column per question"] = _graph(columns, [empty | row for row in cells])
    return forms


def _graph(columns: list[dict[str, str]], rows: list[dict[str, str]]) -> dict[str, object]:
    table = {"hitPolicy": "collect", "inputs": columns, "rules": rows}
    table["outputs"] = [{"id": "out", "name": "rule", "field": "rule"}]
    nodes = [
        {"id": "i", "type": "inputNode", "name": "in"},
        {"id": "t", "type": "decisionTableNode", "name": "table", "content": table},
        {"id": "o", "type": "outputNode", "name": "out"},
    ]
    edges = [{"id": "1", "sourceId": "i", "targetId": "t"}, {"id": "2", "sourceId": "t", "targetId": "o"}]
    return {"nodes": nodes, "edges": edges}


def _cell(test: work.Test) -> str:
    return "true" if test.op == "yes" else f"{test.op} {test.value}"


def rule_engine(workload: work.Workload) -> list[Way]:
    import rule_engine

    conditions = [work.infix(rule.when, field="{}", both=" and ", either=" or ") for rule in workload.rules]
    matches = [rule_engine.Rule(one).matches for one in conditions]
    of_list = from_list(workload)
    return [Way("a rule each", lambda one: of_list([match(one) for match in matches]), workload.sessions)]


def _decimal(test: work.Test) -> str:
    return repr(float(test.value)) if test.question.startswith("temperature") else repr(test.value)


def _cel(workload: work.Workload) -> list[str]:
    style = {"field": "{}", "both": " && ", "either": " || ", "number": _decimal}
    return [work.infix(rule.when, **style) for rule in workload.rules]


def cel_rust(workload: work.Workload) -> list[Way]:
    import cel

    of_list, of_text = from_list(workload), from_text(workload)
    conditions, sessions = _cel(workload), workload.sessions
    as_list = cel.compile(f"[{', '.join(conditions)}]")
    singles = [cel.compile(one) for one in conditions]

    def each(one):
        context = cel.Context(one)
        return of_list([single.execute(context) for single in singles])

    ways = [
        Way("to a list", lambda one: of_list(as_list.execute(one)), sessions),
        Way("an expression each", each, sessions),
    ]
    if len(conditions) < 200:
        as_text = cel.compile(" + ".join(letters(conditions, "(({}) ? '{}' : '')")))
        ways.append(Way("to a text", lambda one: of_text(as_text.execute(one)), sessions))
    return ways


def cel_cpp(workload: work.Workload) -> list[Way]:
    from cel_expr_python import cel

    def type_of(question):
        if question.startswith(work.YES_NO):
            return cel.Type.BOOL
        return cel.Type.DOUBLE if question.startswith("temperature") else cel.Type.INT

    questions = [one for block in workload.questions for one in block]
    env = cel.NewEnv(variables={one: type_of(one) for one in questions})
    as_list = env.compile(f"[{', '.join(_cel(workload))}]")
    of_list = from_list(workload)
    call = lambda one: of_list(as_list.eval(data=one).plain_value())  # noqa: E731
    return [Way("to a list", call, workload.sessions)]


def json_logic(workload: work.Workload) -> list[Way]:
    import datalogic_py

    def logic(condition):
        if isinstance(condition, work.Join):
            op = "and" if condition.op == "all" else "or"
            return {op: [logic(one) for one in condition.of]}
        read = {"var": condition.question}
        return read if condition.op == "yes" else {condition.op: [read, condition.value]}

    session = (engine := datalogic_py.Engine()).session()
    of_list, of_text = from_list(workload), from_text(workload)
    parts = [logic(rule.when) for rule in workload.rules]
    texts = [{"if": [part, chr(FIRST_LETTER + place), ""]} for place, part in enumerate(parts)]
    as_list, as_text = engine.compile(parts), engine.compile({"cat": texts})
    return [
        Way("to a list", lambda one: of_list(session.evaluate(as_list, one)), workload.sessions),
        Way("to a text", lambda one: of_text(session.evaluate(as_text, one)), workload.sessions),
    ]


def opa(workload: work.Workload) -> list[Way]:
    import regorus

    lines = ["package b", "import rego.v1"]
    for place, rule in enumerate(workload.rules):
        for term in work.terms(rule.when):
            tests = [f"input.{work.infix(one, field='{}', both='', either='')}" for one in term]
            lines.append(f'fired contains "r{place}" if {{ {"; ".join(tests)} }}')
    policy, rule = "\n".join(lines), "data.b.fired"
    of_names = from_names(workload, 1)
    engine = regorus.Engine()
    engine.add_policy("b.rego", policy)
    machine = regorus.Rvm()
    machine.load_program(regorus.Program.compile_from_modules("{}", [("b.rego", policy)], [rule]))
    machine.set_data_json("{}")

    def interpreted(one):
        engine.set_input(one)
        return of_names(engine.eval_rule(rule))

    def compiled(one):
        machine.set_input_json(json.dumps(one))
        return of_names(json.loads(machine.execute()))

    return [
        Way("interpreted", interpreted, workload.sessions),
        Way("compiled", compiled, workload.sessions),
    ]


def cedar(workload: work.Workload) -> list[Way]:
    """Cedar has whole numbers only, so temperatures are given, and compared, in tenths."""
    import cedarpy

    def tenths(test):
        return str(round(test.value * (10 if test.question.startswith("temperature") else 1)))

    style = {"field": "context.{}", "both": " && ", "either": " || ", "number": tenths}
    conditions = [work.infix(rule.when, **style) for rule in workload.rules]
    text = "\n".join(f"permit(principal, action, resource) when {{ {one} }};" for one in conditions)
    policies, entities = cedarpy.PolicySet.from_str(text), cedarpy.Entities.from_json_str("[]")
    hot = [one for block in workload.questions for one in block if one.startswith("temperature")]
    request = {"principal": 'User::"a"', "action": 'Action::"b"', "resource": 'Thing::"c"'}
    of_names = from_names(workload, len("policy"))

    def call(one):
        context = one | {name: round(one[name] * 10) for name in hot}
        found = cedarpy.is_authorized(request | {"context": context}, policies, entities)
        return of_names(found.diagnostics.reasons)

    return [Way("a policy each", call, workload.sessions)]


THREADED = "zen-engine, decision table (create_decision)"
"""Its threads are still busy after each call: it is measured in processes of its own."""

PEERS: Mapping[str, tuple[str, Callable[[work.Workload], list[Way]]]] = {
    "JSON Logic (datalogic-py)": ("datalogic-py", json_logic),
    "zen-engine, one compiled expression": ("zen-engine", zen_expression),
    "CEL in Rust (common-expression-language)": ("common-expression-language", cel_rust),
    "CEL in C++ (cel-expr-python)": ("cel-expr-python", cel_cpp),
    "OPA's Rego (gordon-to-regorus)": ("gordon-to-regorus", opa),
    "rule-engine": ("rule-engine", rule_engine),
    "Cedar (cedarpy)": ("cedarpy", cedar),
    "zen-engine, decision table (loader)": ("zen-engine", zen_table),
    THREADED: ("zen-engine", zen_decision),
}
"""What it is called in the tables, the package that it comes from, and its ways of use."""
