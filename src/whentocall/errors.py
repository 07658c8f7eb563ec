"""Everything that whentocall raises on purpose.

    WhentocallError
    ├── RulesError          rule files that cannot be used; carries every finding
    ├── UnknownProtocol     no protocol of that name in the rule folder
    ├── AnswersError        answers that were refused; carries one problem per question
    ├── EngineUnavailable   durable-rules is not installed, or cannot be imported
    ├── ConfigError         the settings file cannot be used
    └── TableError          a table of answers, or the mapping of its columns, cannot be used

No exception of an outside package leaves whentocall: the module that imports the package turns it into one of
these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class WhentocallError(Exception):
    """Base of every error that whentocall raises on purpose."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong in a rule folder, and how to fix it.

    Attributes:
        file: path of the file, as given.
        line: 1-based line in it; 0 for the whole file.
        message: one sentence: what is wrong, and what would be right.
        code: short name of the kind of finding, stable between releases.
        about: the id of the rule, question or sentence it is about, if any.
        person: answers that show it, as JSON for `whentocall advise`; empty if none are needed.
        suggestion: what could be done about it.
        severity: "error", or "note" for something worth knowing that is no error.
    """

    file: str
    line: int
    message: str
    code: str = "invalid"
    about: str = ""
    person: str = ""
    suggestion: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message} [{self.code}]"


class RulesError(WhentocallError):
    """Rule files cannot be used. `findings` has all of them, in file and line order."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings: tuple[Finding, ...] = tuple(sorted(set(findings)))
        super().__init__("\n".join(str(finding) for finding in self.findings))


class UnknownProtocol(WhentocallError):
    """There is no protocol of that name; the message lists the ones that exist."""


@dataclass(frozen=True, slots=True)
class AnswerProblem:
    """Why one answer was refused.

    Attributes:
        question: its id.
        message: a sentence for the person who gave it.
        could_reach: the level that the answer would reach if it were true, though it is out of range. Show it
            with the message, so that nobody is left without it.
    """

    question: str
    message: str
    could_reach: str | None = None

    def __str__(self) -> str:
        return f"{self.question}: {self.message}"


class AnswersError(WhentocallError):
    """Answers were refused: out of range, of the wrong type, or for a question that is not there.

    Nothing is clipped or guessed. `problems` has one entry per refused answer.
    """

    def __init__(self, problems: Sequence[AnswerProblem]) -> None:
        self.problems: tuple[AnswerProblem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class EngineUnavailable(WhentocallError):
    """durable-rules cannot be imported; the message has the command that fixes it."""


class ConfigError(WhentocallError):
    """The settings file cannot be used; the message says where and what would be right."""


class TableError(WhentocallError):
    """A table of answers, or the mapping of its columns, cannot be used; the message says where."""
