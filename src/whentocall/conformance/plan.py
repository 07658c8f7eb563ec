"""Which answers the vectors try: families of people, each for one kind of mistake."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

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

Named = tuple[str, Mapping[str, object]]
"""What answers are for, in a sentence without its capital and full stop, and the answers."""


class Planned(NamedTuple):
    """Answers to try.

    Attributes:
        kind: the family.
        name: what they are for, in a sentence.
        answers: in JSON form, as `advise` takes them.
    """

    kind: str
    name: str
    answers: Mapping[str, object]


def plan(protocol: Protocol) -> tuple[Planned, ...]:
    """The answers to try, each once, in the same order every time."""
    people = People.of(protocol)
    by_answers: dict[str, Planned] = {}
    for kind, family in _FAMILIES.items():
        for name, answers in family(people):
            by_answers.setdefault(key(answers), Planned(kind, f"{capital(name)}.", answers))
    return tuple(by_answers.values())


def key(answers: Mapping[str, object]) -> str:
    """The same text for the same answers, in any order; 4 and 4.0 differ."""
    return json.dumps(answers, sort_keys=True)


def _everybody(people: People) -> Iterator[Named]:
    """The ends: nothing asked, nothing known, nothing to report, everything."""
    everyone = people.protocol.questions
    yield "nothing has been asked", {}
    yield "everything is 'don't know'", dict.fromkeys(everyone)
    yield (
        "everything that applies has been answered, and there is nothing to report",
        people.nothing_else({}),
    )
    yield "every question has its quietest answer, even those that do not apply", people.rest
    yield "every question has its worst answer", people.worst
    lowest, highest = ({name: people.values[name][end] for name in everyone} for end in (0, -1))
    yield "every question has its first answer: no, the lowest number, the first choice", lowest
    yield "every question has its last answer: yes, the highest number, the last choice", highest
    openers = {opener for question in everyone.values() for opener in questions(question.only_if)}
    quiet = _without(people.rest, openers)
    unknown = {name: quiet.get(name) for name in everyone}
    yield "what leads to other questions is not known", unknown
    yield "what leads to other questions has not been asked", quiet


def _rules(people: People) -> Iterator[Named]:
    """For each way in which a rule comes true: just that, and each way to miss it."""
    for rule in people.protocol.rules:
        yield from _ways(people, f"'{rule.id}'", rule.when, {})


def _ways(people: People, subject: str, condition: Condition, base: Said) -> Iterator[Named]:
    """Each way in which a condition just holds, and each of its comparisons next to its limit or unknown."""
    for term in terms(condition):
        met = people.meets(term, base)
        if met is None:
            continue
        yield from _both(people, f"{subject} has just what it needs", met, against=condition)
        for change, said, left_out in _changes(people, term, met):
            name = f"{subject} has what it needs, but {change}"
            yield from _both(people, name, said, left_out=left_out, against=condition)


def _changes(people: People, term: Term, met: Said) -> Iterator[tuple[str, Said, tuple[str, ...]]]:
    """Each comparison at its limit, next to it, not known and not asked: in words, and what is left out."""
    for test in _in_order(people, term):
        question = test.question
        for value in (*people.around(test), None):
            yield f"'{question}' is {_shown(value)}", {**met, question: value}, ()
        yield f"'{question}' has not been asked", _without(met, [question]), (question,)


def _both(
    people: People,
    name: str,
    said: Said,
    *,
    left_out: Collection[str] = (),
    closed: Collection[str] = (),
    against: Condition | None = None,
) -> Iterator[Named]:
    """The same answers on a person with nothing else to report, and on one who was asked nothing else.

    On the first, every rule but the one meant is false; on the second, every other comparison is open, so
    that no answer of ours stands in the way.
    """
    yield (
        f"{name}; {WELL}",
        people.nothing_else(said, left_out=left_out, closed=closed, against=against),
    )
    yield f"{name}; {ALONE}", {name: said[name] for name in people.protocol.questions if name in said}


def _single_answers(people: People) -> Iterator[Named]:
    """Every answer to every question: at, below and above each limit, both ends, don't know, not asked."""
    everyone = people.protocol.questions
    for name, question in everyone.items():
        fine = between_steps(question, people.compared[name])
        for value in (*people.values[name], *fine, None):
            yield from _both(people, f"'{name}' is {_shown(value)}", {name: value})
        yield f"'{name}' has not been asked; {WELL}", people.nothing_else({}, left_out=(name,))
        for value in dict.fromkeys((people.rest[name], people.worst[name])):
            others = f"'{name}' is {_shown(value)}; everything else is 'don't know'"
            yield others, {**dict.fromkeys(everyone), name: value}


def _follow_ups(people: People) -> Iterator[Named]:
    """Every follow-up with every answer, where it applies, where it does not, and where that is open."""
    for question in people.protocol.questions.values():
        for term in terms(question.only_if) if question.only_if else ():
            met = people.meets(term)
            if met is not None:
                yield from _followed(people, question, f"'{question.id}' applies", met, ())
                for state, said, left_out in _changes(people, term, met):
                    # with several openers it is the first, though `state` may name another
                    openers = [opener for opener in questions(question.only_if) if opener not in said]
                    yield from _followed(people, question, state, said, openers[:1] if left_out else ())


def _followed(
    people: People, question: Question, state: str, said: Said, left_out: Collection[str]
) -> Iterator[Named]:
    name, opened_by = question.id, question.only_if
    for value in (*people.values[name], None):
        answered = f"{state}, and '{name}' is {_shown(value)}"
        with_answer = {**said, name: value}
        yield from _both(people, answered, with_answer, left_out=left_out, closed=(name,), against=opened_by)
    not_asked = f"{state}, and '{name}' has not been asked"
    yield from _both(people, not_asked, said, left_out=(name,), closed=(name,), against=opened_by)


def _hidden(people: People) -> Iterator[Named]:
    """Every answer that another one may make worthless: hidden, not hidden, and not known whether."""
    for name, question in people.protocol.questions.items():
        mask = question.not_reassuring_if
        if mask is None:
            continue
        for value in people.values[name]:
            yield from _ways(people, f"what hides '{name}' ({_shown(value)})", mask, {name: value})
        for met in filter(None, map(people.meets, terms(mask))):
            unknown = {**met, name: None}
            yield from _both(people, f"'{name}' is hidden, and not known", unknown, against=mask)
            yield from _both(
                people, f"'{name}' is hidden, and not asked", met, left_out=(name,), against=mask
            )


def _pairs(people: People) -> Iterator[Named]:
    """Each rule with one of another card at every level, before it or after it: the highest wins."""
    rules = people.protocol.rules
    ranks = dict.fromkeys(rule.rank for rule in rules)
    for place, rule in enumerate(rules):
        for rank in ranks:
            for other in (*rules[place + 1 :], *rules[:place]):
                if other.rank != rank or other.card.id == rule.card.id:
                    continue
                ways = (people.meets(mine | its) for mine in rule.terms for its in other.terms)
                said = next((way for way in ways if way is not None), None)
                if said is not None:
                    yield f"'{rule.id}' and '{other.id}' hold together; {WELL}", people.nothing_else(said)
                    break


def _escalations(people: People) -> Iterator[Named]:
    """For each escalation: just enough cards with each rule among them, one too few, for whom not."""
    for escalation in people.protocol.escalations:
        only_if = escalation.only_if
        for allowed in [people.meets(term) for term in terms(only_if)] if only_if else [{}]:
            if allowed is not None:
                yield from _escalated(people, escalation, allowed)


def _escalated(people: People, escalation: Escalation, allowed: Said) -> Iterator[Named]:
    name, only_if = f"'{escalation.id}'", escalation.only_if
    for rule in people.protocol.rules:
        tried = ((term, _with_partners(people, escalation, rule, term, allowed)) for term in rule.terms)
        term, answers = next((pair for pair in tried if pair[1] is not None), (rule.terms[0], None))
        if answers is None:
            continue
        partners, together = answers
        yield from _both(people, f"{name} counts '{rule.id}'", together)
        yield from _both(people, f"{name} lacks one card", partners)
        for test in _in_order(people, term):
            unknown = f"{name} lacks one card, '{test.question}' is not known"
            yield from _both(people, unknown, {**together, test.question: None})
        if only_if and rule.rank >= escalation.at_rank:
            yield from _ways(people, name, only_if, _without(together, allowed))
            only_if = None  # once is enough


def _with_partners(
    people: People, escalation: Escalation, first: Rule, term: Term, allowed: Said
) -> tuple[Said, Said] | None:
    """Answers of one card fewer than are counted, and the same with `term`; each at its lowest level."""
    together, partners = people.meets(term, allowed), allowed
    if together is None:
        return None
    cards = {first.card.id}
    for rule in sorted(people.protocol.rules, key=lambda rule: rule.rank):
        if len(cards) == escalation.count:
            break
        if rule.rank < escalation.at_rank or rule.card.id in cards:
            continue
        for other in rule.terms:
            more, alone = people.meets(other, together), people.meets(other, partners)
            if more is not None and alone is not None:
                together, partners = more, alone
                cards.add(rule.card.id)
                break
    return (partners, together) if len(cards) == escalation.count else None


def _mixed(people: People) -> Iterator[Named]:
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
        yield f"person {number + 1} of {MIXED}, answers of all sorts", answers


def _forms(people: People) -> Iterator[Named]:
    """The same numbers in other forms, alone and on a person with nothing else to report."""
    for name, question in people.protocol.questions.items():
        for form in other_forms(question, people.compared[name]):
            said = f"'{name}' is said as {_shown(form)}"
            yield f"{said}; {ALONE}", {name: form}
            yield f"{said}; {WELL}", {**people.nothing_else({name: people.rest[name]}), name: form}


def _refused(people: People) -> Iterator[Named]:
    """What must be refused, never guessed: alone, beside the worst of answers, and two at once."""
    everyone = people.protocol.questions
    kinds: set[str] = set()
    for name, question in everyone.items():
        forms = refused(question, people.compared[name])
        # All of them once for each kind of question; the likeliest mistakes for every one.
        short = question.answer.kind == "yes-no" and "yes-no" in kinds
        kinds.add(question.answer.kind)
        for form in (1, "1") if short else forms:
            yield f"'{name}' is said as {_shown(form)}", {name: form}
        beside = f"'{name}' is said as {_shown(forms[0])}, beside the worst answers to everything else"
        yield beside, {**people.worst, name: forms[0]}
    first = next(iter(everyone))
    for name in ("", f"{first}_", first.upper(), f" {first}", "no_such_question"):
        if name not in everyone:
            missing = f"there is no question {_shown(name)}"
            yield missing, {name: True}
            yield f"{missing}, and its answer is not known", {name: None}
            yield f"{missing}, and another is refused", {name: 1, first: []}


_FAMILIES: Mapping[str, Callable[[People], Iterator[Named]]] = MappingProxyType(
    {
        "everything": _everybody,
        "rule": _rules,
        "answer": _single_answers,
        "follow-up": _follow_ups,
        "hidden": _hidden,
        "together": _pairs,
        "escalation": _escalations,
        "mixed": _mixed,
        "form": _forms,
        "refused": _refused,
    }
)


def _in_order(people: People, term: Term) -> list[Test]:
    """The comparisons of a term, in the protocol's order."""
    order = list(people.protocol.questions)
    return sorted(term, key=lambda test: (order.index(test.question), order_of(test)))


def _without(said: Said, questions: Collection[str]) -> Said:
    return {name: value for name, value in said.items() if name not in questions}


def _shown(value: object) -> str:
    return "not known" if value is None else json.dumps(value, ensure_ascii=False)
