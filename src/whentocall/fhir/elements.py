"""What any part of a resource may hold besides its value: nothing that is not understood is passed over.

An extension of a kind that is not known here is: FHIR says that it never changes what it stands in. What may
change that is a modifier, and refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from whentocall.engine.spelling import plain
from whentocall.fhir import names
from whentocall.fhir.refusals import Refused, is_object, shown

_DEEPEST = 8  # levels: an extension in an extension of a code in an answer has six
_MODIFIERS = ("modifierExtension", "implicitRules")
_EVERYWHERE = ("id", "extension", *_MODIFIERS)
# By their last part alone: a version, or https, does not make a reason of no account.
_ABSENT = (names.DATA_ABSENT.rpartition("/")[2], "iso21090-nullflavor")


def stripped(value: object, deepest: int = _DEEPEST) -> Any:
    """A JSON value without what says nothing: null, blank texts, and what holds nothing else.

    Args:
        value: any part of a resource. Items inside it are left as they are, for they are read one by one.
        deepest: how many levels are looked at; what is deeper is taken to say something.

    Returns:
        What is left; None for nothing. `False` and `0` say something.
    """
    if isinstance(value, str):
        return value if plain(value) else None
    if deepest and is_object(value):
        inside = {
            name: member if name == "item" else stripped(member, deepest - 1)
            for name, member in value.items()
        }
        return {name: left for name, left in inside.items() if left not in (None, "", [], {})} or None
    if deepest and isinstance(value, list):
        return [left for entry in value if (left := stripped(entry, deepest - 1)) is not None] or None
    return value


def check_element(
    element: Mapping[str, object], primitives: Collection[str], others: Collection[str] = ()
) -> None:
    """Refuse what an element holds and this program does not understand.

    Args:
        element: an object of JSON.
        primitives: its members that may have extensions beside them, in a member with `_` before the name.
        others: its other members; nothing inside of them is looked at.

    Raises:
        Refused: it has another member, a modifier, or extensions that are none.
    """
    check_modifiers(element)
    check_extensions(element)
    for name, inside in element.items():
        if name in _EVERYWHERE or name in primitives or name in others:
            continue
        if not name.startswith("_") or name[1:] not in primitives:
            raise Refused(f"{shown(name)} is not understood here: leave it out")
        if is_object(inside):
            check_element(inside, ())
        elif inside is not None:
            raise Refused(f"{shown(name)} is {shown(inside)}: it should be an object with 'extension'")


def check_modifiers(element: Mapping[str, object]) -> None:
    """Refuse what may turn the meaning round: FHIR allows nobody to pass over it."""
    for one in _MODIFIERS:
        if element.get(one):
            raise Refused(f"'{one}' may change what is meant, and is not understood here: leave it out")


def check_extensions(element: Mapping[str, object]) -> None:
    """Refuse extensions of another shape: one of them may say that there is no answer."""
    given = element.get("extension", [])
    if not isinstance(given, list):
        raise Refused(f"'extension' is {shown(given)}: it should be a list")
    if not all(is_object(one) and isinstance(one.get("url"), str) for one in given):
        raise Refused("'extension' should be a list of objects, each with a 'url'")


def absent_reasons(element: object) -> list[str]:
    """Why an element has no value, wherever it says so: of itself, or beside one of its members."""
    if not is_object(element):
        return []
    beside = (inside for name, inside in element.items() if name.startswith("_"))
    return [reason for one in (element, *beside) for reason in own_reasons(one)]


def own_reasons(element: object) -> list[str]:
    """Why an element has no value, as its own extensions say it."""
    extensions = element.get("extension") if is_object(element) else None
    return [
        str(one.get("valueCode"))
        for one in (extensions if isinstance(extensions, list) else ())
        if is_object(one) and _is_absent(one.get("url"))
    ]


def _is_absent(url: object) -> bool:
    return isinstance(url, str) and url.partition("|")[0].rstrip("/").rpartition("/")[2].lower() in _ABSENT
