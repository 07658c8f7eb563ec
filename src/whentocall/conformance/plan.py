"""Which answers the vectors try: families of people, each for one kind of mistake."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from whentocall._text import capital
from whentocall.conformance.values import other_forms, refused
from whentocall.engine.critical import between_steps
from whentocall.engine.people import People, Said
from whentocall.protocol.conditions import Condition, Term, Test, order_of, questions, terms
from whentocall.protocol.model import Escalation, Question, Rule
from whentocall.protocol.protocol import Protocol

ALONE = "nothing else asked"
WELL = "nothing else to report"

MIXED = 240


@dataclass(frozen=True, slots=True)
class Planned:
    """Answers to be tried.

    Attributes:
        kind: the family.
        name: what they are for, in a sentence.
        answers: in JSON form, as `advise` takes them.
    """

    kind: str
    name: str
    answers: Mapping[str, object]


def plan(protocol: Protocol) -> tuple[Planned, ...]:
    """The answers to be tried, each once, in the same order every time."""
    people = People.of(protocol)
    families = (
        _everybody(people),
        _rules(people),
        _single_answers(people),
        _follow_ups(people),
        _hidden(people),
        _pairs(people),
        _escalations(people),
        _mixed(people),
        _forms(people),
        _refused(people),
    )
    by_answers: dict[str, Planned] = {}
    for planned in chain.from_iterable(families):
        by_answers.setdefault(key(planned.answers), planned)
    return tuple(by_answers.values())


def key(answers: Mapping[str, object]) -> str:
    """The same text for the same answers, in any order; 4 and 4.0 differ."""
    return json.dumps(answers, sort_keys=True)


def _everybody(people: People) -> Iterator[Planned]:
    """The ends: nothing asked, nothing known, nothing to report, everything."""
    everyone = people.protocol.questions
    lowest = {name: people.values[name][0] for name in everyone}
    highest = {name: people.values[name][-1] for name in everyone}
    for name, answers in (
        ("nothing has been asked", {}),
        ("everything is 'don't know'", dict.fromkeys(everyone)),
        (
            "everything that applies has been answered, and there is nothing to report",
            people.nothing_else({}),
        ),
        ("every question has its quietest answer, even those that do not apply", people.rest),
        ("every question has its worst answer", people.worst),
        ("every question has its first answer: no, the lowest number, the first choice", lowest),
        ("every question has its last answer: yes, the highest number, the last choice", highest),
    ):
        yield Planned("everything", _sentence(name), answers)
    openers = {name for question in everyone.values() for name in questions(question.only_if)}
    for state, unknown in (("is not known", dict.fromkeys(openers)), ("has not been asked", {})):
        answers = {name: people.rest[name] for name in everyone if name not in openers} | unknown
        told = f"what leads to other questions {state}"
        yield Planned("everything", _sentence(told), _in_protocol_order(people, answers))


def _rules(people: People) -> Iterator[Planned]:
    """For each way in which a rule comes true: just that, and each way to miss it."""
    for rule in people.protocol.rules:
        yield from _ways(people, "rule", f"'{rule.id}'", rule.when, {})


def _ways(people: People, kind: str, of: str, condition: Condition, base: Said) -> Iterator[Planned]:
    """Each way in which a condition just holds, and each of its comparisons next to its limit or unknown."""
    for term in terms(condition):
        met = people.meets(term, base)
        if met is None:
            continue
        yield from _both(people, kind, f"{of} has just what it needs", met, against=condition)
        for test in _in_order(people, term):
            name = test.question
            for value in (*people.around(test), None):
                told = f"{of} has what it needs, but '{name}' is {_shown(value)}"
                yield from _both(people, kind, told, {**met, name: value}, against=condition)
            rest = {other: value for other, value in met.items() if other != name}
            told = f"{of} has what it needs, but '{name}' has not been asked"
            yield from _both(people, kind, told, rest, left_out=name, against=condition)


def _both(
    people: People,
    kind: str,
    told: str,
    said: Said,
    *,
    left_out: str = "",
    closed: str = "",
    against: Condition | None = None,
) -> Iterator[Planned]:
    """The same answers on a person with nothing else to report, and on one who was asked nothing else.

    On the first, every rule but the one meant is false; on the second, every other comparison is open, so
    that no answer of ours stands in the way.
    """
    out = (left_out,) if left_out else ()
    whole = people.nothing_else(said, left_out=out, closed=(closed,), against=against)
    yield Planned(kind, _sentence(f"{told}; {WELL}"), whole)
    yield Planned(kind, _sentence(f"{told}; {ALONE}"), _in_protocol_order(people, said))


def _in_protocol_order(people: People, answers: Said) -> dict[str, object]:
    return {name: answers[name] for name in people.protocol.questions if name in answers}


def _single_answers(people: People) -> Iterator[Planned]:
    """Every answer to every question: at, below and above each limit, both ends, don't know, not asked."""
    everyone = people.protocol.questions
    for name, question in everyone.items():
        fine = between_steps(question, people.compared[name])
        for value in (*people.values[name], *fine, None):
            yield from _both(people, "answer", f"'{name}' is {_shown(value)}", {name: value})
        told = f"'{name}' has not been asked; {WELL}"
        yield Planned("answer", _sentence(told), people.nothing_else({}, left_out=(name,)))
        for value in dict.fromkeys((people.rest[name], people.worst[name])):
            told = f"'{name}' is {_shown(value)}; everything else is 'don't know'"
            yield Planned("answer", _sentence(told), {**dict.fromkeys(everyone), name: value})


def _follow_ups(people: People) -> Iterator[Planned]:
    """Every follow-up with every answer, where it applies, where it does not, and where that is open."""
    for name, question in people.protocol.questions.items():
        for term in terms(question.only_if) if question.only_if else ():
            met = people.meets(term)
            if met is None:
                continue
            states = {f"'{name}' applies": met}
            for test in _in_order(people, term):
                for value in (*people.around(test), None):
                    states[f"'{test.question}' is {_shown(value)}"] = {**met, test.question: value}
                left = {other: value for other, value in met.items() if other != test.question}
                states[f"'{test.question}' has not been asked"] = left
            for state, said in states.items():
                yield from _followed(people, question, state, said)


def _followed(people: People, question: Question, state: str, said: Said) -> Iterator[Planned]:
    name, asked_of = question.id, question.only_if
    not_asked = [opener for opener in questions(asked_of) if opener not in said and "asked" in state]
    for value in (*people.values[name], None):
        told = f"{state}, and '{name}' is {_shown(value)}"
        with_answer = {**said, name: value}
        left_out = not_asked[0] if not_asked else ""
        yield from _both(
            people, "follow-up", told, with_answer, left_out=left_out, closed=name, against=asked_of
        )
    told = f"{state}, and '{name}' has not been asked"
    yield from _both(people, "follow-up", told, said, left_out=name, closed=name, against=asked_of)


def _hidden(people: People) -> Iterator[Planned]:
    """Every answer that another one may make worthless: hidden, not hidden, and not known whether."""
    for name, question in people.protocol.questions.items():
        mask = question.not_reassuring_if
        if mask is None:
            continue
        for value in people.values[name]:
            yield from _ways(people, "hidden", f"what hides '{name}' ({_shown(value)})", mask, {name: value})
        for term in terms(mask):
            met = people.meets(term)
            if met is not None:
                told = f"'{name}' is hidden, and"
                unknown = {**met, name: None}
                yield from _both(people, "hidden", f"{told} not known", unknown, against=mask)
                yield from _both(people, "hidden", f"{told} not asked", met, left_out=name, against=mask)


def _pairs(people: People) -> Iterator[Planned]:
    """Each rule with one of another card at every level, before it or after it: the highest wins."""
    rules = people.protocol.rules
    by_rank: dict[int, list[int]] = {}
    for place, rule in enumerate(rules):
        by_rank.setdefault(rule.rank, []).append(place)
    for place, rule in enumerate(rules):
        for places in by_rank.values():
            after = [
                *(there for there in places if there > place),
                *(there for there in places if there < place),
            ]
            for other in (rules[there] for there in after if rules[there].card.id != rule.card.id):
                ways = (people.meets(mine | its) for mine in rule.terms for its in other.terms)
                said = next((way for way in ways if way is not None), None)
                if said is not None:
                    told = f"'{rule.id}' and '{other.id}' hold together"
                    yield Planned("together", _sentence(f"{told}; {WELL}"), people.nothing_else(said))
                    break


def _escalations(people: People) -> Iterator[Planned]:
    """For each line of escalation: just enough cards with each rule among them, one too few, for whom not."""
    for line in people.protocol.escalations:
        only_if = line.only_if
        ways = [people.meets(term) for term in terms(only_if)] if only_if else [{}]
        for allowed in ways:
            if allowed is not None:
                yield from _escalated(people, line, allowed)


def _escalated(people: People, line: Escalation, allowed: Said) -> Iterator[Planned]:
    of, only_if, first = f"'{line.id}'", line.only_if, True
    for rule in people.protocol.rules:
        tried = ((term, _with_partners(people, line, rule, term, allowed)) for term in rule.terms)
        term, answers = next((pair for pair in tried if pair[1] is not None), (rule.terms[0], None))
        if answers is None:
            continue
        partners, together = answers
        yield from _both(people, "escalation", f"{of} counts '{rule.id}'", together)
        yield from _both(people, "escalation", f"{of} lacks one card", partners)
        for test in _in_order(people, term):
            told = f"{of} lacks one card, '{test.question}' is not known"
            yield from _both(people, "escalation", told, {**together, test.question: None})
        if only_if and first and rule.rank >= line.at_rank:
            first = False
            others = {name: value for name, value in together.items() if name not in allowed}
            yield from _ways(people, "escalation", of, only_if, others)


def _with_partners(
    people: People, line: Escalation, first: Rule, term: Term, allowed: Said
) -> tuple[Said, Said] | None:
    """Answers of one card fewer than the line counts, and the same with `term`; each at its lowest level."""
    together, partners = people.meets(term, allowed), allowed
    if together is None:
        return None
    cards = {first.card.id}
    for rule in sorted(people.protocol.rules, key=lambda rule: rule.rank):
        if len(cards) == line.count:
            break
        if rule.rank < line.at_rank or rule.card.id in cards:
            continue
        for other in rule.terms:
            more, alone = people.meets(other, together), people.meets(other, partners)
            if more is not None and alone is not None:
                together, partners = more, alone
                cards.add(rule.card.id)
                break
    return (partners, together) if len(cards) == line.count else None


def _mixed(people: People) -> Iterator[Planned]:
    """People of all sorts, for what nobody has thought of: known, not known and not asked, by turns.

    Chosen by a hash, so that they are the same everywhere and always.
    """
    for number in range(MIXED):
        answers: dict[str, object] = {}
        for name in people.protocol.questions:
            drawn = hashlib.sha256(f"{number} {name}".encode()).digest()
            # How much is known, and how much of that is quiet, differs from person to person.
            known, quiet = drawn[0] < 90 + 33 * (number % 6), drawn[1] < (40, 120, 200, 240, 250)[number % 5]
            choice = people.values[name][int.from_bytes(drawn[4:8]) % len(people.values[name])]
            if known:
                answers[name] = people.rest[name] if quiet else choice
            elif drawn[2] < 128:
                answers[name] = None
        yield Planned("mixed", f"Person {number + 1} of {MIXED}, answers of all sorts.", answers)


def _forms(people: People) -> Iterator[Planned]:
    """The same numbers in other forms, alone and on a person with nothing else to report."""
    for name, question in people.protocol.questions.items():
        for form in other_forms(question, people.compared[name]):
            told = f"'{name}' is said as {_shown(form)}"
            yield Planned("form", _sentence(f"{told}; {ALONE}"), {name: form})
            whole = {**people.nothing_else({name: people.rest[name]}), name: form}
            yield Planned("form", _sentence(f"{told}; {WELL}"), whole)


def _refused(people: People) -> Iterator[Planned]:
    """What must be refused, never guessed: alone, beside the worst of answers, and two at once."""
    everyone = people.protocol.questions
    seen: set[str] = set()
    for one, question in everyone.items():
        forms = refused(question, people.compared[one])
        # All of them once for each kind of question; the likeliest mistakes for every one.
        short = question.answer.kind == "yes-no" and question.answer.kind in seen
        seen.add(question.answer.kind)
        for form in (1, "1") if short else forms:
            yield Planned("refused", _sentence(f"'{one}' is said as {_shown(form)}"), {one: form})
        beside = {**people.worst, one: forms[0]}
        name = f"'{one}' is said as {_shown(forms[0])}, beside the worst answers to everything else"
        yield Planned("refused", _sentence(name), beside)
    first = next(iter(everyone))
    for name in ("", f"{first}_", first.upper(), f" {first}", "no_such_question"):
        if name not in everyone:
            told = _sentence(f"there is no question {_shown(name)}")
            yield Planned("refused", told, {name: True})
            yield Planned("refused", _sentence(f"{told[:-1]}, and its answer is not known"), {name: None})
            yield Planned("refused", _sentence(f"{told[:-1]}, and another is refused"), {name: 1, first: []})


def _in_order(people: People, term: Term) -> list[Test]:
    """The comparisons of a term, in the protocol's order."""
    order = list(people.protocol.questions)
    return sorted(term, key=lambda test: (order.index(test.question), order_of(test)))


def _shown(value: object) -> str:
    return "not known" if value is None else json.dumps(value, ensure_ascii=False)


def _sentence(text: str) -> str:
    return f"{capital(text)}."
