"""Claims about the files: sentences accounted for, questions read, nothing reported for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from whentocall.authoring.cases import nothing_to_report
from whentocall.authoring.coverage import all_conditions
from whentocall.authoring.people import person_json
from whentocall.engine.advise import advise
from whentocall.engine.spelling import Given
from whentocall.errors import Finding
from whentocall.protocol.conditions import questions, tests
from whentocall.protocol.loading import HEAD, SOURCES
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol


def claim_findings(protocol: Protocol) -> Iterator[Finding]:
    """Everything that the files leave open."""
    yield from _sentences(protocol)
    yield from _unread_questions(protocol)
    yield from _reported_is_never_nothing(protocol)


def state_notes(protocol: Protocol, today: date) -> Iterator[Finding]:
    """What is no fault but should be known: review dates past, and no signature."""
    file = str(protocol.folder / HEAD)
    if protocol.head.review_due < today:
        message = f"the review of '{protocol.id}' was due on {protocol.head.review_due}"
        yield Finding(file, protocol.head.line, message, "review-due", protocol.id, severity="note")
    for document, source in protocol.sources.items():
        if source.review_due is not None and source.review_due < today:
            message = f"the review of the document '{document}' was due on {source.review_due}"
            where = str(protocol.folder.parent / SOURCES / f"{document}.yaml")
            yield Finding(where, source.line, message, "source-review-due", document, severity="note")
    yield from undecided(protocol)
    for card in protocol.cards:
        for one in protocol.signatures:
            if one.cards.get(card.id, protocol.card_sha256[card.id]) != protocol.card_sha256[card.id]:
                message = f"this card has changed since {one.name} signed it on {one.date}"
                yield Finding(
                    card.file, card.card.line, message, "changed-since-signed", card.id, severity="note"
                )
    if not protocol.signed_off:
        message = f"no clinician has signed '{protocol.id}' as it is now"
        yield Finding(file, protocol.head.line, message, "unsigned", protocol.id, severity="note")


TO_DECIDE = "To be decided by a clinician"
"""How the interpretation of a rule starts that `new-card` wrote and nobody has looked at yet."""


def undecided(protocol: Protocol) -> Iterator[Finding]:
    """The rules that still stand as they were scaffolded."""
    for rule in protocol.rules:
        if (rule.rule.interpretation or "").startswith(TO_DECIDE):
            message = (
                f"the rule '{rule.rule.id}' is as it was started: decide its sentences and level, and "
                "rewrite or remove its 'interpretation'"
            )
            yield Finding(rule.card.file, rule.rule.line, message, "undecided", rule.id, severity="note")


def _sentences(protocol: Protocol) -> Iterator[Finding]:
    """Every sentence is used or set aside; every contact sentence is reached at its level or higher."""
    used = used_sentences(protocol)
    for document, source in protocol.sources.items():
        file = str(protocol.folder.parent / SOURCES / f"{document}.yaml")
        for sentence in source.sentences.values():
            if sentence.id not in used and sentence.set_aside is None:
                message = (
                    f"nothing uses '{sentence.id}': cite it in a card of {protocol.id}, or give the reason "
                    "under 'set_aside'"
                )
                yield Finding(file, sentence.line, message, "sentence-unaccounted", sentence.id)
            if sentence.id in used and sentence.set_aside is not None:
                message = f"'{sentence.id}' is set aside here, but a card uses it: remove one of the two"
                yield Finding(file, sentence.line, message, "sentence-used-and-aside", sentence.id)
            wanted = protocol.ranks.get(sentence.contact or "", 0)
            ranks = [rule.rank for rule in protocol.rules if sentence.id in rule.rule.sentences]
            ranks += [one.rank for one in protocol.escalations if sentence.id in one.line.sentences]
            if wanted > max(ranks, default=0):
                message = (
                    f"'{sentence.id}' asks people to contact somebody ('{sentence.contact}'), but no rule "
                    "that cites it reaches that level"
                )
                yield Finding(file, sentence.line, message, "contact-not-reached", sentence.id)


def used_sentences(protocol: Protocol) -> frozenset[str]:
    """The ids of the sentences that something cites."""
    used: set[str] = set()
    for card in (placed.card for placed in protocol.cards):
        for sentences in (
            *(question.sentences for question in card.ask.values()),
            *(rule.sentences for rule in card.rules.values()),
            *(line.sentences for line in card.self_care),
        ):
            used.update(sentences)
    for escalation in protocol.escalations:
        used.update(escalation.line.sentences)
    return frozenset(used)


def _unread_questions(protocol: Protocol) -> Iterator[Finding]:
    read = {one for condition in all_conditions(protocol) for one in questions(condition)}
    for card in protocol.cards:
        for question in card.card.ask.values():
            if question.id not in read and not question.context:
                message = f"no rule reads '{question.id}': use it in one, or mark it 'context: yes'"
                yield Finding(card.file, question.line, message, "unread-question", question.id)


def _reported_is_never_nothing(protocol: Protocol) -> Iterator[Finding]:
    """A "yes" to any opening question gives more than "nothing to report"."""
    opening = [one for one in protocol.questions.values() if one.only_if is None and not one.context]
    nothing: dict[str, Given] = {one.id: _nothing(protocol, one) for one in opening}
    for card in protocol.cards:
        for question in card.card.ask.values():
            if question not in opening or question.answer.kind != "yes-no":
                continue
            person = {**nothing, question.id: True}
            if advise(protocol, person, watch=False).level == protocol.levels[0].id:
                message = (
                    f"in {protocol.id}, a 'yes' to '{question.id}' alone gives '{protocol.levels[0].id}'"
                )
                yield Finding(
                    card.file,
                    question.line,
                    message,
                    "reported-but-nothing",
                    question.id,
                    person_json(person),
                    "add a rule that at least tells the team",
                )


def _nothing(protocol: Protocol, question: Question) -> Given:
    """The answer that reports nothing; for a choice, the one that no rule reads."""
    if question.usual is None and question.options:
        read = {test.value for condition in all_conditions(protocol) for test in tests(condition)}
        return next((one for one in question.options if one not in read), None)
    if question.usual is None and question.answer.kind != "yes-no":
        return None
    return nothing_to_report(question)
