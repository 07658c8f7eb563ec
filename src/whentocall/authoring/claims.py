"""Claims about the files: every sentence is used, every question is read, every symptom counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from whentocall.authoring.citations import citations
from whentocall.authoring.findings import about_question, asked_in, note
from whentocall.engine.advise import advise
from whentocall.engine.critical import all_conditions
from whentocall.engine.people import People
from whentocall.engine.spelling import Given
from whentocall.errors import Finding
from whentocall.protocol.conditions import questions
from whentocall.protocol.folders import HEAD, SOURCES
from whentocall.protocol.protocol import Protocol


def claim_findings(protocol: Protocol) -> Iterator[Finding]:
    """Everything that breaks one of the claims."""
    yield from _sentences(protocol)
    yield from _unread_questions(protocol)
    yield from _reported_is_never_nothing(protocol)


def state_notes(protocol: Protocol, today: date) -> Iterator[Finding]:
    """What is worth knowing but not a fault: missed review dates, drafts, and missing signatures."""
    file, line = protocol.folder / HEAD, protocol.head.line
    if protocol.head.review_due < today:
        message = f"the review of '{protocol.id}' was due on {protocol.head.review_due}"
        yield note(file, line, message, "review-due", protocol.id)
    for document, source in protocol.sources.items():
        if source.review_due is not None and source.review_due < today:
            message = f"the review of the document '{document}' was due on {source.review_due}"
            where = protocol.folder.parent / SOURCES / f"{document}.yaml"
            yield note(where, source.line, message, "source-review-due", document)
    yield from undecided(protocol)
    for card in protocol.cards:
        now = protocol.card_sha256[card.id]
        for signature in protocol.signatures:
            if signature.cards.get(card.id, now) != now:
                message = f"this card has changed since {signature.name} signed it on {signature.date}"
                yield note(card.file, card.line, message, "changed-since-signed", card.id)
    if not protocol.signed_off:
        message = f"no clinician has signed '{protocol.id}' as it is now"
        yield note(file, line, message, "unsigned", protocol.id)


TO_DECIDE = "To be decided by a clinician"
"""How `new-card` starts the interpretation of a rule, until somebody decides it."""


def undecided(protocol: Protocol) -> Iterator[Finding]:
    """Rules that nobody has changed since `new-card` wrote them."""
    for rule in protocol.rules:
        if (rule.interpretation or "").startswith(TO_DECIDE):
            message = (
                f"the rule '{rule.name}' is still a draft: decide its sentences and level, then "
                "rewrite or remove its 'interpretation'"
            )
            yield note(rule.card.file, rule.line, message, "undecided", rule.id)


def _sentences(protocol: Protocol) -> Iterator[Finding]:
    """Every sentence is used or set aside; every contact sentence is reached at its level or higher."""
    ranks: dict[str, list[int]] = {}
    for citation in citations(protocol):
        for cited in citation.sentences:
            ranks.setdefault(cited, []).append(citation.rank)
    for document, source in protocol.sources.items():
        file = str(protocol.folder.parent / SOURCES / f"{document}.yaml")
        for sentence in source.sentences.values():
            if sentence.id not in ranks and sentence.set_aside is None:
                message = (
                    f"nothing cites '{sentence.id}': cite it in a card of {protocol.id}, or give a reason "
                    "under 'set_aside'"
                )
                yield Finding(file, sentence.line, message, "sentence-unaccounted", sentence.id)
            if sentence.id in ranks and sentence.set_aside is not None:
                message = f"'{sentence.id}' is set aside here, but also cited by a card: keep one of the two"
                yield Finding(file, sentence.line, message, "sentence-used-and-aside", sentence.id)
            if protocol.ranks.get(sentence.contact or "", 0) > max(ranks.get(sentence.id, ()), default=0):
                message = (
                    f"'{sentence.id}' tells people to contact somebody ('{sentence.contact}'), but no rule "
                    "that cites it reaches that level"
                )
                yield Finding(file, sentence.line, message, "contact-not-reached", sentence.id)


def _unread_questions(protocol: Protocol) -> Iterator[Finding]:
    read = {name for condition in all_conditions(protocol) for name in questions(condition)}
    for card, question in asked_in(protocol):
        if question.id not in read and not question.context:
            message = (
                f"no rule uses the answer to '{question.id}': use it, or mark the question 'context: yes'"
            )
            yield about_question(card, question, message, "unread-question")


def _reported_is_never_nothing(protocol: Protocol) -> Iterator[Finding]:
    """A "yes" to any first question gives more than "nothing to report"."""
    people, nothing = protocol.once(People.of), protocol.levels[0].id
    opening = [
        question.id
        for question in protocol.questions.values()
        if question.only_if is None and not question.context
    ]
    quiet: dict[str, Given] = {name: people.rest[name] for name in opening}
    for card, question in asked_in(protocol):
        if question.id not in opening or question.answer.kind != "yes-no":
            continue
        person = {**quiet, question.id: True}
        if advise(protocol, person, watch=False).level == nothing:
            message = f"in {protocol.id}, a 'yes' to '{question.id}' alone gives '{nothing}'"
            suggestion = f"add a rule for it, at '{protocol.levels[1].id}' or higher"
            yield about_question(card, question, message, "reported-but-nothing", suggestion, person)
