"""What has changed between a result and its replay, in sentences. The result may hold anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whentocall._text import cut, quote
from whentocall.protocol.protocol import Protocol

MOST = 10
"""The most names that are listed; of the others, only the number."""

_TOLD_APART = ("protocol", "level", "at_least", "could_be", "reasons")


def changes_of(
    before: Mapping[str, Any], now: Mapping[str, Any], protocol: Protocol
) -> tuple[tuple[str, ...], bool]:
    """The changes, and whether they are a fault: a different result by the very same rules.

    Args:
        before: a result in which `protocol` has its id, version, hash and whether it was signed off.
        now: the result of the same request now, as JSON says it.
        protocol: the rules as they are now.
    """
    content = [*_levels(before, now, protocol), *_reasons(before, now), *_others(before, now)]
    rules = list(_rules(before["protocol"], now["protocol"]))
    same_rules = before["protocol"]["sha256"] == now["protocol"]["sha256"]
    strange = [key for key in _changed(before["protocol"], now["protocol"]) if key != "signed_off"]
    fault = same_rules and bool(content or strange)
    first = [_fault(protocol)] if fault else []
    return (*first, *rules, *content), fault


def _fault(protocol: Protocol) -> str:
    return (
        f"FAULT: the rules are the same to the last letter ({protocol.sha256[:12]}), and yet the result is "
        "not. It was edited, or another release of whentocall made it, or the program has a fault. Do not "
        "rely on it before you know which"
    )


def _rules(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    was, is_ = (f"version {cut(side['version'])} ({cut(side['sha256'])[:12]})" for side in (before, now))
    if before["sha256"] != now["sha256"]:
        yield f"the rules have changed: then {was}, now {is_}"
    elif before["version"] != now["version"]:
        yield f"the result names {was}, and these rules are {is_}"
    if before["signed_off"] != now["signed_off"]:
        then, today = ("were", "are not") if before["signed_off"] else ("were not", "are")
        yield f"the rules {then} signed off then, and {today} now"
    if strange := [key for key in _changed(before, now) if key not in ("version", "sha256", "signed_off")]:
        yield f"also changed in 'protocol': {_listed(strange)}"


def _levels(before: Mapping[str, Any], now: Mapping[str, Any], protocol: Protocol) -> Iterator[str]:
    for part, words in (
        ("level", "the level"),
        ("at_least", "'at_least'"),
        ("could_be", "'could_be'"),
    ):
        was, is_ = before.get(part), now[part]
        if _text(was) != _text(is_):
            yield f"{words} was {quote(was)} and is {quote(is_)} now{_direction(was, is_, protocol)}"


def _direction(was: object, is_: str, protocol: Protocol) -> str:
    if not isinstance(was, str) or was not in protocol.ranks:
        return ", and there is no such level now" if was is not None else ""
    return ": more urgent" if protocol.ranks[is_] > protocol.ranks[was] else ": LESS urgent"


def _reasons(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    was, is_ = _by_rule(before.get("reasons")), _by_rule(now["reasons"])
    if was is None or is_ is None:
        yield "the reasons in the result cannot be read: each should name its rule, and each rule once"
        return
    for words, rules in (
        ("no longer a reason", [rule for rule in was if rule not in is_]),
        ("a new reason", [rule for rule in is_ if rule not in was]),
        ("a reason that says something else now", _changed(was, is_, both=True)),
    ):
        if rules:
            yield f"{words}: {_listed(rules)}"
    if list(was) != list(is_) and set(was) == set(is_):
        yield "the reasons stand in another order"


def _by_rule(reasons: object) -> dict[str, Any] | None:
    if not isinstance(reasons, list):
        return None
    by_rule = {
        reason["rule"]: reason
        for reason in reasons
        if isinstance(reason, dict) and isinstance(reason.get("rule"), str)
    }
    return by_rule if len(by_rule) == len(reasons) else None


def _others(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    told = {*_TOLD_APART, "rank"} if before.get("level") != now["level"] else _TOLD_APART  # they go together
    if changed := [key for key in _changed(before, now) if key not in told]:
        yield f"also changed: {_listed(changed)}"


def _changed(before: Mapping[str, Any], now: Mapping[str, Any], *, both: bool = False) -> list[str]:
    """The keys whose values differ; also those that only one of the two has, unless `both`."""
    shared = [key for key in now if key in before and _text(before[key]) != _text(now[key])]
    if both:
        return shared
    return list(
        dict.fromkeys(key for key in (*now, *before) if key in shared or key not in before or key not in now)
    )


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f", and {len(every) - MOST} more" if len(every) > MOST else ""
    return ", ".join(map(cut, every[:MOST])) + more


def _text(value: object) -> str:
    """As JSON, in which 1, 1.0 and true all differ; the order of keys does not count."""
    return json.dumps(value, sort_keys=True)
