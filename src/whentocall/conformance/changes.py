"""What has changed between a result and its replay, in sentences. The result may hold anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whentocall._text import cut, quote
from whentocall.protocol.protocol import Protocol

MOST = 10
"""The most names that are listed; the others are only counted."""

_LEVELS = {"level": "the level", "at_least": "'at_least'", "could_be": "'could_be'"}
_TOLD_APART = ("protocol", "reasons", *_LEVELS)
_RULES_KNOWN_BY = ("version", "sha256", "signed_off")


def changes_of(
    before: Mapping[str, Any], now: Mapping[str, Any], protocol: Protocol
) -> tuple[tuple[str, ...], bool]:
    """The changes, and whether they are a fault: a different result from the very same rules.

    Args:
        before: a result in which `protocol` has its id, version, hash and whether it was signed off.
        now: the result of the same request now, as in its JSON.
        protocol: the rules as they are now.
    """
    content = [*_levels(before, now, protocol), *_reasons(before, now), *_others(before, now)]
    rules = list(_rules(before["protocol"], now["protocol"]))
    changed = _differing(before["protocol"], now["protocol"])
    fault = "sha256" not in changed and bool(content or set(changed) - {"signed_off"})
    return (*([_fault(protocol)] if fault else []), *rules, *content), fault


def same(before: object, now: object) -> bool:
    """Whether both are the same JSON, in which 1, 1.0 and true all differ; the order of keys is ignored."""
    return json.dumps(before, sort_keys=True) == json.dumps(now, sort_keys=True)


def _fault(protocol: Protocol) -> str:
    return (
        f"FAULT: the rules are exactly the same ({protocol.sha256[:12]}), but the result differs. It was "
        "edited, or made by another release of whentocall, or the program has a bug. Do not rely on it "
        "until you know which"
    )


def _rules(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    was, is_ = (f"version {cut(side['version'])} ({cut(side['sha256'])[:12]})" for side in (before, now))
    if before["sha256"] != now["sha256"]:
        yield f"the rules have changed: then {was}, now {is_}"
    elif before["version"] != now["version"]:
        yield f"the result names {was}, but these rules are {is_}"
    if before["signed_off"] != now["signed_off"]:
        then, today = ("were", "are not") if before["signed_off"] else ("were not", "are")
        yield f"the rules {then} signed off then, and {today} now"
    if others := [key for key in _differing(before, now) if key not in _RULES_KNOWN_BY]:
        yield f"also changed in 'protocol': {_listed(others)}"


def _levels(before: Mapping[str, Any], now: Mapping[str, Any], protocol: Protocol) -> Iterator[str]:
    for part, words in _LEVELS.items():
        was, is_ = before.get(part), now[part]
        if not same(was, is_):
            yield f"{words} was {quote(was)} and is {quote(is_)} now{_direction(was, is_, protocol)}"


def _direction(was: object, is_: str, protocol: Protocol) -> str:
    if not isinstance(was, str) or was not in protocol.ranks:
        return "; the old level no longer exists" if was is not None else ""
    return ": more urgent" if protocol.ranks[is_] > protocol.ranks[was] else ": LESS urgent"


def _reasons(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    was, is_ = _by_rule(before.get("reasons")), _by_rule(now["reasons"])
    if was is None or is_ is None:
        yield "the reasons in the result cannot be read: each must name its rule, and no rule twice"
        return
    for words, rules in (
        ("no longer a reason", [rule for rule in was if rule not in is_]),
        ("a new reason", [rule for rule in is_ if rule not in was]),
        ("a changed reason", [rule for rule in is_ if rule in was and not same(was[rule], is_[rule])]),
    ):
        if rules:
            yield f"{words}: {_listed(rules)}"
    if list(was) != list(is_) and set(was) == set(is_):
        yield "the reasons are in another order"


def _by_rule(reasons: object) -> dict[str, Any] | None:
    if not isinstance(reasons, list):
        return None
    readable = [
        reason for reason in reasons if isinstance(reason, dict) and isinstance(reason.get("rule"), str)
    ]
    by_rule = {reason["rule"]: reason for reason in readable}
    return by_rule if len(by_rule) == len(reasons) else None


def _others(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    told = {*_TOLD_APART, "rank"} if before.get("level") != now["level"] else _TOLD_APART  # they go together
    if others := [key for key in _differing(before, now) if key not in told]:
        yield f"also changed: {_listed(others)}"


def _differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The keys whose values differ, or that only one of the two has."""
    return [
        key for key in {**now, **before} if not (key in before and key in now and same(before[key], now[key]))
    ]


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f", and {len(every) - MOST} more" if len(every) > MOST else ""
    return ", ".join(map(cut, every[:MOST])) + more
