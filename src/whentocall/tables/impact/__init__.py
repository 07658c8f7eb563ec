"""What a change of rules would have meant for a table of real answers."""

from __future__ import annotations

from whentocall.tables.impact.comparing import impact_of, impact_of_file
from whentocall.tables.impact.result import Change, Example, Impact, RuleChange, Side, Unreadable

__all__ = ["Change", "Example", "Impact", "RuleChange", "Side", "Unreadable", "impact_of", "impact_of_file"]
