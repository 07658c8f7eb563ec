"""What the cells of a table may say: the `words` of a mapping file, from text to the answer that it means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from whentocall.embed.table.columns import BLANKS
from whentocall.engine.answers import convert_temperature
from whentocall.errors import Finding, TableError
from whentocall.protocol.conditions import Value
from whentocall.protocol.kinds import number
from whentocall.protocol.models import Question
from whentocall.protocol.shown import hint, quote
from whentocall.protocol.values import Block, Items, Text, line_of

Words = Mapping[str, Value | None]
"""What a cell may say, to the answer that it means; None is "don't know"."""

DONT_KNOW = "don't know"
YES_NO: Mapping[str, bool] = {"yes": True, "no": False}

_NUMBER = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,15})?")
_WHOLE = re.compile(r"-?[0-9]{1,15}(?:[.,]0{1,2})?")  # never three, which could be thousands
_TEMPERATURE = re.compile(rf"(?P<number>{_NUMBER.pattern})[{BLANKS}]*(?P<unit>°?[CF])?")


class Found:
    """What is wrong in a mapping file, all of it."""

    def __init__(self, file: str, findings: Iterable[Finding] = ()) -> None:
        self.file = file
        self.findings = list(findings)

    def add(self, value: object, message: str, code: str) -> None:
        """Something is wrong with a value as it was read, or on a line of the file."""
        line = value if isinstance(value, int) else line_of(value)
        self.findings.append(Finding(self.file, line, message, code))

    def refuse(self) -> None:
        """Raise what was found, if anything was.

        Raises:
            TableError: with one line per finding, in the order of the file.
        """
        if self.findings:
            raise TableError("\n".join(map(str, sorted(set(self.findings)))))


def words_for_all(value: object, found: Found) -> dict[str, Value | None]:
    """The words said once for every question: to yes, no (of yes-no questions) and don't know (of all)."""
    means: dict[str, Value | None] = {**YES_NO, DONT_KNOW: None}
    return _by_word(_answers(value, found, means, "yes, no or don't know"), found)


def words_for_one(value: object, found: Found, question: Question) -> dict[str, Value | None]:
    """The words said for one question's own column."""
    of = quote(question.id)
    means: dict[str, Value | None] = {}
    if question.answer.kind == "yes-no":
        means.update(YES_NO)
    elif question.answer.kind == "one-of":
        means.update({str(option): str(option) for option in question.options})
    elif isinstance(value, Block):
        means.update(_numbers(value, question))
    means[DONT_KNOW] = None
    words = _by_word(_answers(value, found, means, _wanted(question)), found)
    for word, answer in words.items():
        reads = _reads(word, question)
        if answer is not None and reads is not None and reads != answer:
            message = (
                f"{quote(word)} already is an answer to {of}, so it cannot mean {quote(_shown(answer))}: "
                "change the table, or leave it out here"
            )
            found.add(word, message, "word-is-another-answer")
    return words


def check_common(words: Words, found: Found) -> None:
    """Refuse a word for every question that a yes-no question reads as the opposite."""
    for word, answer in words.items():
        if answer is not None and word in ("true", "false") and answer is not (word == "true"):
            message = (
                f"{quote(word)} already is an answer, so it cannot mean {quote(_shown(answer))}: "
                "change the table, or leave it out here"
            )
            found.add(word, message, "word-is-another-answer")


def readable(text: str, question: Question) -> bool:
    """Whether a cell with this text seems to answer the question by itself; an empty one does.

    Only for what is shown to somebody who starts a mapping file: a table is read by `cells`.
    """
    text = text.strip(BLANKS)
    if not text:
        return True
    reads, answer = _reads(text, question), question.answer
    if reads is None or not answer.is_number:
        return reads is not None
    return "," not in text and answer.low <= float(reads) <= answer.high


def _answers(
    value: object, found: Found, means: Mapping[str, Value | None], wanted: str
) -> Iterator[tuple[Text, Value | None]]:
    """Each word with what it means, where both can be understood."""
    if isinstance(value, Text) and not value:
        return
    if not isinstance(value, Block):
        message = "words stand under the answer that they mean, such as 'yes: [Ja, 1]'"
        found.add(value, message, "words-not-a-mapping")
        return
    for answer, texts in value.items():
        if answer not in means:
            message = (
                f"{quote(answer)} is no answer that words can mean here: write {wanted}{hint(answer, means)}"
            )
            found.add(answer, message, "unknown-answer")
            continue
        for text in _texts(texts, found, answer):
            yield text, means[answer]


def _texts(value: object, found: Found, answer: str) -> Iterator[Text]:
    """The texts in a list, or the one that stands there."""
    if isinstance(value, Text) and not value:
        return  # nothing stands there: no word yet
    for one in value if isinstance(value, Items) else [value]:
        if not isinstance(one, Text):
            message = f"{quote(answer)} should have a list of texts, such as [Ja, 1]"
            found.add(one, message, "word-not-text")
        elif one.strip(BLANKS):
            yield Text(one.strip(BLANKS), one.line)
        elif answer != DONT_KNOW:
            message = f"an empty cell always means don't know, so it cannot mean {quote(answer)}: remove it"
            found.add(one, message, "word-empty")


def _by_word(pairs: Iterable[tuple[Text, Value | None]], found: Found) -> dict[str, Value | None]:
    words: dict[str, Value | None] = {}
    first: dict[str, int] = {}
    for word, answer in pairs:
        if word in words and words[word] != answer:
            known = quote(_shown(words[word]))
            message = (
                f"{quote(word)} cannot mean both {known} (line {first[word]}) and {quote(_shown(answer))}: "
                "keep one of them"
            )
            found.add(word, message, "word-with-two-meanings")
            continue
        words.setdefault(word, answer)
        first.setdefault(word, word.line)
    return words


def _shown(answer: Value | None) -> str:
    if isinstance(answer, bool) or answer is None:
        return {True: "yes", False: "no", None: DONT_KNOW}[answer]
    return str(answer)


def _wanted(question: Question) -> str:
    """The answers that words may stand under, for a message."""
    answer = question.answer
    if answer.kind == "yes-no":
        return "yes, no or don't know"
    if answer.kind == "one-of":
        return f"{', '.join(question.options)} or don't know"
    return f"a number from {answer.low:g} to {answer.high:g} or don't know"


def _numbers(value: Block, question: Question) -> dict[str, Value]:
    """The keys that are numbers which answer the question."""
    found: dict[str, Value] = {}
    for key in value:
        answer = _in_range(key, question) if "," not in key else None
        if answer is not None:
            found[key] = answer
    return found


def _in_range(text: str, question: Question) -> int | float | None:
    """The number that stands there, if it answers the question."""
    answer = question.answer
    pattern = _NUMBER if answer.kind == "temperature" else _WHOLE
    value = number(text.replace(",", ".")) if pattern.fullmatch(text) else None
    return value if value is not None and answer.low <= value <= answer.high else None


def _reads(text: str, question: Question) -> Value | None:
    """What a cell with this text would be taken for without words, were its unit the question's own."""
    kind = question.answer.kind
    if kind == "yes-no":
        return {"true": True, "false": False}.get(text)
    if kind == "one-of":
        return str(text) if text in question.options else None
    if kind != "temperature":
        return _in_range(text, question)
    found = _TEMPERATURE.fullmatch(text)
    if not found:
        return None
    value = number(found["number"].replace(",", "."))
    return convert_temperature(value, found["unit"], question.answer.unit) if found["unit"] else value
