"""What the cells of a table may say: the `words` of a mapping file, from text to the answer that it means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from whentocall._text import hint, quote
from whentocall.engine import spelling
from whentocall.engine.reader import Unreadable, read_text
from whentocall.engine.spelling import plain
from whentocall.engine.temperature import convert_temperature
from whentocall.errors import Finding, TableError
from whentocall.protocol.conditions import Value
from whentocall.protocol.model import Question
from whentocall.protocol.yaml_file import Block, Items, Text, line_of
from whentocall.tables.spelled import decimals_of, same_word

Words = Mapping[str, Value | None]
"""What a cell may say, to the answer that it means; None is "don't know"."""

DONT_KNOW = "don't know"
YES_NO: Mapping[str, bool] = {"yes": True, "no": False}

_DECIMALS = 2  # of a word for every question that is a number


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
    return _by_word(_answers(value, found, means, "yes, no or don't know"), found, _DECIMALS)


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
    words = _by_word(_answers(value, found, means, _wanted(question)), found, decimals_of(question))
    for word, answer in words.items():
        if answer is not None and _reads(word, question) not in (answer, _NOTHING):
            message = (
                f"{quote(word)} already is an answer to {of}, so it cannot mean "
                f"{quote(shown_answer(answer))}: change the table, or leave it out here"
            )
            found.add(word, message, "word-is-another-answer")
    return words


def more_words(common: Words, own: Words, question: Question) -> dict[str, Value | None]:
    """The words for all questions with those for one, which go before them."""
    decimals = decimals_of(question)
    said = {same_word(word, decimals) for word in own}
    return {
        **{str(word): answer for word, answer in common.items() if same_word(word, decimals) not in said},
        **{str(word): answer for word, answer in own.items()},
    }


def check_common(words: Words, found: Found) -> None:
    """Refuse a word for every question that a yes-no question reads otherwise."""
    for word, answer in words.items():
        reads: object = spelling.YES_NO.get(plain(word), _NOTHING)
        if plain(word) in spelling.DONT_KNOW:
            reads = None
        if answer is not None and reads not in (answer, _NOTHING):
            message = (
                f"{quote(word)} already is an answer, so it cannot mean {quote(shown_answer(answer))}: "
                "change the table, or leave it out here"
            )
            found.add(word, message, "word-is-another-answer")


def readable(text: str, question: Question) -> bool:
    """Whether a cell with this text answers the question by itself; an empty one does.

    Only for what is shown to somebody who starts a mapping file: a table is read by `cells`.
    """
    reads, answer = _reads(text, question), question.answer
    if answer.kind == "temperature" and isinstance(reads, int | float):
        return answer.low <= reads <= answer.high
    return reads is not _NOTHING


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
        elif plain(one):
            yield Text(one.strip(), one.line)
        elif answer != DONT_KNOW:
            message = f"an empty cell always means don't know, so it cannot mean {quote(answer)}: remove it"
            found.add(one, message, "word-empty")


def _by_word(
    pairs: Iterable[tuple[Text, Value | None]], found: Found, decimals: int
) -> dict[str, Value | None]:
    words: dict[str, Value | None] = {}
    first: dict[str, Text] = {}
    for word, answer in pairs:
        before = first.setdefault(same_word(word, decimals), word)
        if words.setdefault(before, answer) == answer:
            words[word] = answer
            continue
        known = quote(shown_answer(words[before]))
        alike = "" if before == word else f", which is the same word as {quote(before)},"
        message = (
            f"{quote(word)}{alike} cannot mean both {known} (line {before.line}) and "
            f"{quote(shown_answer(answer))}: keep one of them"
        )
        found.add(word, message, "word-with-two-meanings")
    return words


def shown_answer(answer: Value | None) -> str:
    """What a mapping file calls an answer."""
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
    numbers: dict[str, Value] = {}
    for key in value:
        reads = None if any(letter.isalpha() for letter in key) else _reads(key, question)
        if isinstance(reads, int | float) and readable(key, question):
            numbers[key] = reads
    return numbers


_NOTHING = object()


def _reads(text: str, question: Question) -> object:
    """What a cell with this text means without words, were its unit the question's own; None is "don't know".

    `_NOTHING` if it cannot be read.
    """
    try:
        reads = read_text(question, text) if plain(text) else None
    except Unreadable:
        return _NOTHING
    if isinstance(reads, dict):
        return convert_temperature(reads["value"], reads["unit"], question.answer.unit)
    answer = question.answer
    if answer.kind in ("whole-number", "days") and isinstance(reads, int):
        return reads if answer.low <= reads <= answer.high else _NOTHING
    return reads
