"""The phrases of a rule file: `at least 4`, `above 37.5 °C`, `whole number, 0 to 60`.

Each `parse_…` takes what `yaml_file.read` returned and gives the typed value, or raises `Fault` with
the line, what was wrong and what would be right.
"""

from __future__ import annotations

import re

from whentocall._text import quote
from whentocall.protocol.answer_types import AnswerType, Kind, between_steps, in_digits, number
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Condition, Op, Test, Value
from whentocall.protocol.yaml_file import Block, Items, Text, line_of

QUESTION_ID = re.compile(r"[a-z][a-z0-9_]{0,59}")
CHOICE_ID = QUESTION_ID
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

RESERVED = frozenset(("all", "any", "not", "none", "nor", "unless"))
"""Words that mean something in a condition, so that no question may have them as its id."""

# Digits are 0 to 9: `\d` would also take those of other scripts, which look like other digits.
_DIGITS = r"[0-9]{1,9}(?:\.[0-9]{1,6})?"
_NUMBER = rf"(?P<number>[+-]?{_DIGITS})"
_UNIT = r"(?:\s*(?P<unit>[^\s0-9.,+-].*))?"
_COMPARISONS = {
    "above": Op.ABOVE,
    "more than": Op.ABOVE,
    "at least": Op.AT_LEAST,
    "below": Op.BELOW,
    "fewer than": Op.BELOW,
    "less than": Op.BELOW,
    "at most": Op.AT_MOST,
    "exactly": Op.IS,
}
_COMPARISON = re.compile(rf"(?P<words>{'|'.join(_COMPARISONS)})\s+{_NUMBER}{_UNIT}")
_QUANTITY = re.compile(rf"{_NUMBER}{_UNIT}")
_COUNT = re.compile(r"at least ([0-9]{1,3}) of")
_CARDS = re.compile(r"at least ([0-9]{1,3}) cards? at ([a-z][a-z0-9-]*)")
_RANGE = re.compile(rf"(?P<low>-?{_DIGITS}) to (?P<high>-?{_DIGITS})")
_ANSWER_EXAMPLES = (
    "'yes or no', 'whole number, 0 to 60', 'days, 0 to 90', 'temperature, 30 to 45 °C' or 'one of'"
)
_PHRASE_EXAMPLES = (
    "'yes', 'no', 'above 37.5 °C', 'below 36 °C', 'at least 4', 'at most 3', 'more than 3', "
    "'fewer than 2', 'exactly 3', 'is oral' or 'one of [a, b]'"
)


class Fault(ValueError):
    """Something in a rule file that cannot be understood, and its line (0: the value's own)."""

    def __init__(self, message: str, line: int = 0, code: str = "invalid") -> None:
        super().__init__(message)
        self.line = line
        self.code = code


def parse_usual(answer: AnswerType, text: str) -> str:
    """The usual answer to a question, a number without its unit (which is the question's own).

    Raises:
        Fault: nobody could give that answer.
    """
    usual = text.strip()
    if not answer.is_number:
        raise Fault(
            f"only a number has a usual value, and this question is answered by '{answer}': remove it"
        )
    match = _QUANTITY.fullmatch(usual)
    if not match or match["unit"] not in (None, answer.unit):
        raise Fault(f"{quote(usual)} should be a number, as in '{answer}'")
    value = number(match["number"])
    if not answer.low <= value <= answer.high:
        raise Fault(f"{quote(usual)} is out of the question's own range, '{answer}'")
    if between_steps(value, answer):
        raise Fault(f"{quote(usual)} lies between two steps of the question, which goes by {answer.step:g}")
    return match["number"]


def parse_card_count(text: str) -> tuple[int, str] | None:
    """`at least 2 cards at amber` as the number and the level; None where it is not understood."""
    match = _CARDS.fullmatch(text)
    return (int(match[1]), match[2]) if match else None


def parse_answer_type(raw: object) -> AnswerType:
    """`yes or no`, `one of`, or `<kind>, <low> to <high>[ <unit>]`."""
    text = _plain(raw, f"the kind of answer, such as {_ANSWER_EXAMPLES}")
    if text == "yes or no":
        return AnswerType("yes-no")
    if text == "one of":
        return AnswerType("one-of")
    kind_words, _, rest = text.partition(",")
    kind: Kind
    units: tuple[str, ...]
    match kind_words.strip():
        case "whole number":
            kind, step, units = "whole-number", 1.0, ("",)
        case "days":
            kind, step, units = "days", 1.0, ("",)
        case "temperature":
            kind, step, units = "temperature", 0.1, ("°C", "°F")
        case _:
            raise Fault(
                f"{quote(text)} is not a kind of answer: write {_ANSWER_EXAMPLES}", code="bad-answer-type"
            )
    match = _RANGE.match(rest.strip())
    unit = rest.strip()[match.end() :].strip() if match else ""
    if not match or unit not in units:
        needed = " and the unit, °C or °F" if kind == "temperature" else ""
        message = f"{quote(text)} needs its plausible range{needed}: write {_ANSWER_EXAMPLES}"
        raise Fault(message, code="bad-answer-type")
    low, high = number(match["low"]), number(match["high"])
    if low >= high:
        message = f"the range {in_digits(low)} to {in_digits(high)} is empty: the smaller number comes first"
        raise Fault(message, code="impossible-range")
    if step == 1 and not (isinstance(low, int) and isinstance(high, int)):
        raise Fault(f"the range of a {kind_words.strip()} is given in whole numbers", code="impossible-range")
    return AnswerType(kind, low, high, unit, step)


def parse_condition(raw: object) -> Condition:
    """A mapping of question ids to phrases, with `all`, `any`, `at least N of`; several keys mean all."""
    if not isinstance(raw, Block):
        message = "a condition is written as question and phrase, such as {loose_stools: at least 4}"
        raise Fault(message, line_of(raw), "bad-condition")
    if not raw:
        raise Fault(
            "this condition is empty, so it would always hold: add a comparison", raw.line, "bad-condition"
        )
    parts = [_part(key, value) for key, value in raw.items()]
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _part(key: str, value: object) -> Condition:
    line = line_of(key)
    if key == "all":
        return AllOf(_parts(key, value))
    if key == "any":
        return AnyOf(_parts(key, value))
    if counted := _COUNT.fullmatch(key):
        parts = _parts(key, value)
        count = int(counted[1])
        if not 1 <= count <= len(parts):
            message = f"'{key}' is over a list of {len(parts)}: use a number from 1 to {len(parts)}"
            raise Fault(message, line, "bad-condition")
        return AtLeast(count, parts)
    if key in RESERVED:
        message = (
            f"'{key}' is not used in conditions, so that more symptoms can never mean less urgency: "
            "write what must be true"
        )
        raise Fault(message, line, "no-not")
    if not QUESTION_ID.fullmatch(key):
        message = f"{quote(key)} is neither a question nor 'all', 'any' or 'at least N of'"
        raise Fault(message, line, "bad-condition")
    return parse_phrase(str(key), value, line)


def _parts(key: str, value: object) -> tuple[Condition, ...]:
    if not isinstance(value, Items) or not value:
        message = f"{quote(key)} needs a list of conditions, each on a line that starts with '-'"
        raise Fault(message, line_of(value) or line_of(key), "bad-condition")
    return tuple(parse_condition(item) for item in value)


def parse_phrase(question: str, raw: object, line: int) -> Condition:
    """One phrase about one question."""
    if isinstance(raw, Items):
        if not raw:
            raise Fault(f"{quote(question)} needs at least one choice: [a, b]", line, "bad-phrase")
        return _one_of(question, [_choice(item, line) for item in raw], line)
    text = _plain(raw, f"a phrase about {quote(question)}, such as {_PHRASE_EXAMPLES}", line)
    if text in ("yes", "no"):
        return Test(question, Op.IS, text == "yes", line=line)
    if text.startswith("is "):
        return Test(question, Op.IS, _choice(text[3:].strip(), line), line=line)
    if text.startswith("one of"):
        inside = text.removeprefix("one of").strip().removeprefix("[").removesuffix("]")
        return _one_of(question, [_choice(item.strip(), line) for item in inside.split(",")], line)
    match = _COMPARISON.fullmatch(text)
    if not match:
        raise Fault(f"{quote(text)} is not understood: write {_PHRASE_EXAMPLES}", line, "bad-phrase")
    value: Value = number(match["number"])
    return Test(question, _COMPARISONS[match["words"]], value, match["unit"], line=line)


def _one_of(question: str, choices: list[str], line: int) -> Condition:
    if len(set(choices)) != len(choices):
        raise Fault("a choice appears twice in this list", line, "bad-phrase")
    each = tuple(Test(question, Op.IS, choice, line=line) for choice in choices)
    return each[0] if len(each) == 1 else AnyOf(each)


def _choice(raw: object, line: int) -> str:
    text = _plain(raw, "the id of a choice", line)
    if not CHOICE_ID.fullmatch(text):
        message = f"{quote(text)} is not the id of a choice: small letters, digits and _ only"
        raise Fault(message, line, "bad-phrase")
    return str(text)


def _plain(raw: object, wanted: str, line: int = 0) -> str:
    if isinstance(raw, Text | str):
        return str(raw).strip()
    raise Fault(f"expected {wanted}", line or line_of(raw), "bad-phrase")
