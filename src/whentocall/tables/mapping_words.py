"""What the cells of a table may say: the `words` of a mapping file, from text to the answer that it means.

A word covers every spelling of it that `engine/spelling.py` takes for the same: `Ja` is `JA` too, and `1` is
`1.0`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pydantic import ValidationInfo as Info

from whentocall._text import hint, quote
from whentocall.engine import spelling
from whentocall.engine.reader import Unreadable, read_text
from whentocall.engine.spelling import plain
from whentocall.engine.temperature import convert_temperature
from whentocall.protocol.conditions import Value
from whentocall.protocol.fields import note
from whentocall.protocol.model import Question
from whentocall.protocol.phrases import Fault
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.yaml_file import Block, Items, Text, line_of
from whentocall.tables.spelled import decimals_of, same_word

Words = Mapping[str, Value | None]
"""What a cell may say, to the answer that it means; None is "don't know"."""

DONT_KNOW = "don't know"
YES_NO: Mapping[str, bool] = {"yes": True, "no": False}

_DECIMALS = 2  # of a word for every question that is a number
_NO_ANSWER = object()


def protocol_of(info: Info) -> Protocol:
    """The protocol whose questions the mapping file answers."""
    assert info.context is not None
    protocol = info.context["protocol"]
    assert isinstance(protocol, Protocol)
    return protocol


def common_words(value: object, info: Info) -> Words:
    """The words for every question: for yes and no (of yes-no questions) and don't know (of all)."""
    said = list(_said(value, {**YES_NO, DONT_KNOW: None}, "yes, no or don't know", info))
    return _checked(said, _DECIMALS, _means_by_itself, "an answer", info)


def own_words(value: object, info: Info) -> Words:
    """The words for one question's own column."""
    question = protocol_of(info).questions[info.data["id"]]
    answer, answers = question.answer, dict[str, Value | None]()
    wanted = f"a number from {answer.low:g} to {answer.high:g}"
    if answer.kind == "yes-no":
        answers, wanted = dict(YES_NO), "yes, no"
    elif answer.kind == "one-of":
        answers = {str(option): str(option) for option in question.options}
        wanted = ", ".join(answers)
    elif isinstance(value, Block):
        answers = dict(_numbers(value, question))
    said = list(_said(value, {**answers, DONT_KNOW: None}, f"{wanted} or don't know", info))
    is_answer = f"an answer to {quote(question.id)}"
    return _checked(said, decimals_of(question), lambda word: _reads(word, question), is_answer, info)


def more_words(common: Words, own: Words, question: Question) -> dict[str, Value | None]:
    """The words for one question's column, and those for every question that it does not read otherwise."""
    decimals = decimals_of(question)
    taken = {same_word(word, decimals) for word in own}
    yes_no = question.answer.kind == "yes-no"
    more = {word: answer for word, answer in common.items() if same_word(word, decimals) not in taken}
    return {**{word: answer for word, answer in more.items() if yes_no or answer is None}, **own}


def readable(text: str, question: Question) -> bool:
    """Whether a cell with this text answers the question by itself; an empty one does."""
    answer, reads = question.answer, _reads(text, question)
    if answer.kind == "temperature" and isinstance(reads, int | float):
        return answer.low <= reads <= answer.high
    return reads is not _NO_ANSWER


def shown_answer(answer: Value | None) -> str:
    """What a mapping file calls an answer."""
    if isinstance(answer, bool) or answer is None:
        return {True: "yes", False: "no", None: DONT_KNOW}[answer]
    return str(answer)


def _said(value: object, answers: Words, wanted: str, info: Info) -> Iterator[tuple[Text, Value | None]]:
    """Each word with the answer that it stands under."""
    if value == "":
        return
    if not isinstance(value, Block):
        message = "words stand under the answer that they mean, such as 'yes: [Ja, 1]'"
        raise Fault(message, line_of(value), "words-not-a-mapping")
    for answer, texts in value.items():
        if answer not in answers:
            message = f"{quote(answer)} is not an answer here; use {wanted}{hint(answer, answers)}"
            note(info, line_of(answer), message, "unknown-answer")
            continue
        for text in texts if isinstance(texts, Items) else [texts]:
            if not isinstance(text, Text):
                message = f"{quote(answer)} should have a list of texts, such as [Ja, 1]"
                note(info, line_of(text), message, "word-not-text")
            elif plain(text):
                yield Text(text.strip(), text.line), answers[answer]
            elif answer != DONT_KNOW and (text or isinstance(texts, Items)):
                message = (
                    f"an empty cell always means don't know, so it cannot mean {quote(answer)}; remove it"
                )
                note(info, text.line, message, "word-empty")


def _checked(
    said: list[tuple[Text, Value | None]],
    decimals: int,
    reads: Callable[[str], object],
    is_answer: str,
    info: Info,
) -> Words:
    """The words, of which none may have two meanings, or another than it has by itself."""
    words, first = dict[str, Value | None](), dict[str, Text]()
    for word, answer in said:
        before, meaning = first.setdefault(same_word(word, decimals), word), quote(shown_answer(answer))
        if words.setdefault(str(before), answer) != answer:
            same = quote(word) if word == before else f"{quote(word)}, the same word as {quote(before)},"
            other = f"{quote(shown_answer(words[before]))} (line {before.line})"
            message = f"{same} cannot mean both {other} and {meaning}; keep one of them"
            note(info, word.line, message, "word-with-two-meanings")
            continue
        words[str(word)] = answer
        if answer is not None and reads(word) not in (answer, _NO_ANSWER):
            message = (
                f"{quote(word)} is already {is_answer}, so it cannot mean {meaning}; "
                "change the table, or leave it out here"
            )
            note(info, word.line, message, "word-is-another-answer")
    return words


def _numbers(value: Block, question: Question) -> Iterator[tuple[str, Value]]:
    """The keys that are numbers which answer the question."""
    for key in value:
        reads = None if any(letter.isalpha() for letter in key) else _reads(key, question)
        if isinstance(reads, int | float) and readable(key, question):
            yield key, reads


def _means_by_itself(word: str) -> object:
    """What a word means to every yes-no question."""
    text = plain(word)
    return None if text in spelling.DONT_KNOW else spelling.YES_NO.get(text, _NO_ANSWER)


def _reads(text: str, question: Question) -> object:
    """What a cell with this text means without words, were its unit the question's own; None is "don't know".

    `_NO_ANSWER` if it cannot be read.
    """
    try:
        reads = read_text(question, text) if plain(text) else None
    except Unreadable:
        return _NO_ANSWER
    if isinstance(reads, dict):
        return convert_temperature(reads["value"], reads["unit"], question.answer.unit)
    answer = question.answer
    if answer.kind in ("whole-number", "days") and isinstance(reads, int):
        return reads if answer.low <= reads <= answer.high else _NO_ANSWER
    return reads
