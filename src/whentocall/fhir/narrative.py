"""The advice as the narrative of a resource: everything a person must read, in FHIR's small XHTML."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator

from whentocall.engine.advice import Advice
from whentocall.fhir.names import Json
from whentocall.interview import texts
from whentocall.interview.narrative import numbers, signed
from whentocall.protocol.protocol import Protocol


def narrative(protocol: Protocol, advice: Advice) -> Json:
    """The `text` of a GuidanceResponse. Every text is escaped; the urgency is in the words alone."""
    return xhtml("".join(_parts(protocol, advice)))


def xhtml(body: str) -> Json:
    """A narrative of this markup, which has been escaped."""
    opening = '<div xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en">'
    return {"status": "generated", "div": f"{opening}{body}</div>"}


def headline(protocol: Protocol, advice: Advice) -> str:
    """How urgent and what to do, in one line."""
    level = protocol.levels[protocol.ranks[advice.level]]
    return f"{level.word.upper()}: {advice.headline}"


def closing(protocol: Protocol, advice: Advice) -> list[str]:
    """The last lines of all advice: what is missing, who has signed it, and what it is not."""
    unfinished = [] if advice.finished else [texts.NOT_FINISHED]
    return [*unfinished, signed(protocol, advice), texts.NOT_A_DIAGNOSIS]


def _parts(protocol: Protocol, advice: Advice) -> Iterator[str]:
    yield f"<p><b>{html.escape(headline(protocol, advice))}</b></p>"
    yield _paragraph(f"{texts.HOW_SOON}: {advice.contact.how_soon}")
    yield from map(_paragraph, numbers(protocol, advice, advice.request.voice))
    yield _list(texts.PROBLEM, dict.fromkeys(problem.text for problem in advice.problems))
    yield _list(texts.FIRST, advice.first, kind="ol")
    yield _list(texts.WHY, (reason.because for reason in advice.reasons))
    yield _list(f"{texts.UNKNOWN}. {texts.UNKNOWN_WHY}", (settle.text for settle in advice.settle))
    yield _list(texts.CONTRADICTION, (line.text for line in advice.contradictions))
    yield from _watch(protocol, advice)
    yield _list(texts.CARE, advice.self_care)
    for line in closing(protocol, advice):
        yield _paragraph(line)


def _watch(protocol: Protocol, advice: Advice) -> Iterator[str]:
    """What to watch for, the most urgent level first; each list has the lead of its level."""
    voice = advice.request.voice
    for level in reversed(protocol.levels):
        roles = [protocol.who(role, voice) for role in protocol.contact_roles(level)]
        or_who = f", or {roles[1]}" if len(roles) > 1 else ""
        lead = level.watch.to(voice) if level.watch else f"{texts.WATCH}: {level.word}"
        filled = protocol.fill(lead, who=roles[0] if roles else "", or_who=or_who)
        yield _list(filled, (watch.text for watch in advice.watch_for if watch.level == level.id))


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def _list(title: str, items: Iterable[str], *, kind: str = "ul") -> str:
    """A list under its title; nothing where it has no items."""
    lines = "".join(f"<li>{html.escape(item)}</li>" for item in items)
    return f"{_paragraph(title)}<{kind}>{lines}</{kind}>" if lines else ""
