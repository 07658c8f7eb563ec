"""A mapping file to start from, for the table at hand.

It says what was found and what was not. It guesses no meaning: whatever might be meant stands in a comment,
so that as it is written, the file changes no answer.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from whentocall._text import cut, quote
from whentocall.engine.spelling import plain
from whentocall.engine.temperature import other_unit
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol
from whentocall.tables.mapping_names import alike
from whentocall.tables.mapping_words import DONT_KNOW, readable

MOST_TEXTS = 30
"""How many texts that cannot be read are listed together."""

_LONGEST = 200
_PLAIN = re.compile("[A-Za-z](?:[A-Za-z0-9_ -]*[A-Za-z0-9_])?")
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


def mapping_template(protocol: Protocol, names: Sequence[str], samples: Mapping[str, Sequence[str]]) -> str:
    """The text of a mapping file for a table with these columns.

    Args:
        protocol: whose questions the table answers.
        names: its column names, in order; two may be alike.
        samples: column name to some of its cells' texts, the commonest first.
    """
    there = set(names)
    missing = [one for one in protocol.questions if one not in there]
    spare = [name for name in dict.fromkeys(names) if name not in protocol.questions]
    lines = [
        f"# How the columns of a table answer the questions of {quote(protocol.id)}.",
        "# As it stands, this file changes no answer.",
        f"# {len(protocol.questions) - len(missing)} of {len(protocol.questions)} questions have a column"
        " of their own name.",
        "",
        '# separator: ";"     # what stands between the columns of a CSV',
        "# encoding: cp1252   # of a CSV; else utf-8",
        *_renamings(names),
        "",
        *_words(protocol, there, samples),
        "",
        "columns:",
        *(line for one in protocol.questions.values() if one.id in there for line in _asked(one, samples)),
        *_missing(protocol, missing, spare, samples),
        *_spare(spare),
    ]
    return "\n".join(lines) + "\n"


def _renamings(names: Sequence[str]) -> Iterator[str]:
    """A line to rename columns of a CSV, those first that cannot be told apart by their name."""
    counts = Counter(names)
    twice = [place for place, name in enumerate(names, 1) if counts[name] > 1 or not _can_bewritten(name)]
    if not twice:
        yield "# rename: {2: other}  # the 2nd column of a CSV gets another name"
        return
    yield "# These columns need names of their own, of which no two are alike:"
    yield "# rename:"
    for place in twice[:MOST_TEXTS]:
        yield f"#   {place}: other_{place}   # {quote(names[place - 1])}"


def _words(protocol: Protocol, there: set[str], samples: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The words for all questions: none yet, and the texts of yes-no columns that need a meaning."""
    unread: dict[str, list[str]] = {}
    for one, question in protocol.questions.items():
        if one in there and question.answer.kind == "yes-no":
            for text in _unreadable(question, samples.get(one, ())):
                unread.setdefault(text, []).append(one)
    yield "words:"
    yield "  # the texts that mean yes, and no, to any yes-no question; yes, no, true and false need no words"
    yield "  yes: []"
    yield "  no: []"
    yield "  # the texts that mean don't know, to any question; an empty cell needs no word"
    yield f"  {DONT_KNOW}:"
    for text, where in list(unread.items())[:MOST_TEXTS]:
        more = f" and {len(where) - 3} more" if len(where) > 3 else ""
        yield f"    # - {written(text)}   # say what this means: it stands in {', '.join(where[:3])}{more}"
    yield from _and_more(len(unread), "    # ")


def _asked(question: Question, samples: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """A question that the table asks by its name, and what in its column needs a meaning."""
    yield f"  {question.id}: {question.id}"
    answer = question.answer
    unread = [] if answer.kind == "yes-no" else _unreadable(question, samples.get(question.id, ()))
    if not unread:
        return
    yield "  # Some of its texts, below, cannot be read. Say instead what they mean, or how they are written:"
    example = other_unit(answer.unit)
    if answer.unit:
        yield f"  # {question.id}: {{column: {question.id}, unit: {example}}}"
    elif answer.is_number:
        yield f"  # {question.id}: {{column: {question.id}, words: {{{DONT_KNOW}: []}}}}"
    else:
        options = ", ".join(f"{option}: []" for option in question.options)
        yield f"  # {question.id}: {{column: {question.id}, words: {{{options}, {DONT_KNOW}: []}}}}"
    for text in unread[:MOST_TEXTS]:
        yield f"  #   {written(text)}"
    yield from _and_more(len(unread), "  #   ")


def _missing(
    protocol: Protocol, missing: Sequence[str], spare: Sequence[str], samples: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """The questions without a column, with those whose name looks like theirs."""
    if missing:
        yield "  # No column has the name of these questions, so they count as not asked:"
    for one in missing:
        near = alike((one, protocol.questions[one].short.you), spare)
        if not near:
            yield f"  # {one}:"
        for name in near:
            texts = ", ".join(quote(text) for text in samples.get(name, ())[:3])
            yield f"  # {one}: {written(name)}   # is it this one?{' It has ' + texts if texts else ''}"


def _spare(spare: Sequence[str]) -> Iterator[str]:
    if spare:
        yield "  # Columns that answer no question so far:"
    for name in spare[: 10 * MOST_TEXTS]:
        yield f"  #   {written(name)}"
    yield from _and_more(len(spare), "  #   ", 10 * MOST_TEXTS)


def _and_more(count: int, start: str, most: int = MOST_TEXTS) -> Iterator[str]:
    if count > most:
        yield f"{start}and {count - most} more"


def _unreadable(question: Question, texts: Iterable[str]) -> list[str]:
    stripped = dict.fromkeys(text.strip() for text in texts)
    return [text for text in stripped if not readable(text, question)]


def _can_bewritten(text: str) -> bool:
    """Whether a mapping file may have this text in it."""
    return bool(plain(text)) and len(text) <= _LONGEST and not _HIDDEN.search(text)


def written(text: str) -> str:
    """The text as YAML, on one line; where it cannot stand in a mapping file, how it looks."""
    if not _can_bewritten(text):
        return f"{cut(text)} (cannot be written here)"
    if _PLAIN.fullmatch(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in quoted)
