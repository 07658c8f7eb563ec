"""What an answer's code is called. Where name and code disagree, nobody knows which one was meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from whentocall.fhir import names
from whentocall.interview import texts
from whentocall.protocol.model import Question

_HL7_UNKNOWN = ("asked but unknown", "asked but declined", "temporarily unknown")
_HYPHENS = str.maketrans({"-": " ", "\u2019": "'"})


def contradicts(question: Question, display: object, code: object) -> bool:
    """Whether this is what another answer to the question is called, and not what this one is.

    Names that are not ours, such as translations, contradict nothing.

    Args:
        question: with choices.
        display: as it was sent.
        code: one of the choices; None for a code that says that the answer is not known.
    """
    if not isinstance(display, str):
        return False
    meant = [choice for choice, called in _displays(question).items() if _plain(display) in called]
    return bool(meant) and code not in meant


def _displays(question: Question) -> dict[str | None, frozenset[str]]:
    """Each choice, and how it may be called: by its code, or in our words in either voice."""
    if question.answer.kind == "yes-no":
        return {names.YES: _YES, names.NO: _NO, None: _UNKNOWN}
    return {
        None: _UNKNOWN,
        **{code: _all_plain((code, text.you, text.they)) for code, text in question.options.items()},
    }


def _all_plain(displays: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_plain, displays))


def _plain(text: str) -> str:
    """Without case, hyphens, the end of a sentence, and kinds of space and of apostrophe."""
    spaced = unicodedata.normalize("NFKC", text).translate(_HYPHENS)
    return " ".join(spaced.casefold().split()).strip(" .!")


_YES = _all_plain((names.YES, names.yes_no(yes=True)["display"]))
_NO = _all_plain((names.NO, names.yes_no(yes=False)["display"]))
_UNKNOWN = _all_plain((texts.DONT_KNOW, *names.ABSENT_CODES, *_HL7_UNKNOWN))
