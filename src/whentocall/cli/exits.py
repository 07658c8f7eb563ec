"""The exit codes, what each means, and which one an error leads to."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whentocall.errors import WhentocallError


class Exit(IntEnum):
    """How a command ended. `EXIT_CODES` has the meanings."""

    DONE = 0
    FINDINGS = 1
    USAGE = 2
    UNFINISHED = 3
    ANSWERS_REFUSED = 4
    RULES_UNUSABLE = 5
    ENGINE_UNAVAILABLE = 6
    NOT_SAVED = 7
    PROBLEM = 8
    INTERNAL = 70


EXIT_CODES = f"""\
exit codes:
  {Exit.DONE:<3} done
  {Exit.FINDINGS:<3} check, sources check, fmt --check, replay or --fail-on found something
  {Exit.USAGE:<3} wrong usage, or settings or a table that cannot be used
  {Exit.UNFINISHED:<3} the questions, or a table, were stopped before the end
  {Exit.ANSWERS_REFUSED:<3} an answer was refused, or a cell of a table could not be read
  {Exit.RULES_UNUSABLE:<3} rule files are missing or cannot be used
  {Exit.ENGINE_UNAVAILABLE:<3} durable-rules cannot be imported
  {Exit.NOT_SAVED:<3} a file could not be written
  {Exit.PROBLEM:<3} internal error: advice escalated, or none given
  {Exit.INTERNAL:<3} a fault in this program
"""


def exit_of(error: WhentocallError) -> Exit:
    """The exit code for an error."""
    from whentocall.errors import (
        AnswersError,
        ConfigError,
        EngineUnavailable,
        RulesError,
        TableError,
        UnknownProtocol,
    )

    codes: Mapping[type[WhentocallError], Exit] = {
        AnswersError: Exit.ANSWERS_REFUSED,
        ConfigError: Exit.USAGE,
        EngineUnavailable: Exit.ENGINE_UNAVAILABLE,
        RulesError: Exit.RULES_UNUSABLE,
        TableError: Exit.USAGE,
        UnknownProtocol: Exit.RULES_UNUSABLE,
    }
    return next((code for kind, code in codes.items() if isinstance(error, kind)), Exit.USAGE)
