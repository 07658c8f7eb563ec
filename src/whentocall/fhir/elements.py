"""What any part of a resource may hold besides its value: what is not understood is refused, not ignored.

Extensions of an unknown kind are ignored: FHIR says that they never change the meaning of what has them. What
may change it is a modifier, and refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from whentocall.engine.spelling import plain
from whentocall.fhir import names
from whentocall.fhir.refusals import Refused, is_object, shown

_DEEPEST = 8  # levels: an extension in an extension of a code in an answer has six
_LONGEST = 400  # characters of a path: no form is that deep, and a hostile response may be
_MODIFIERS = ("modifierExtension", "implicitRules")
_EVERYWHERE = ("id", "extension", *_MODIFIERS)
# By their last part alone: with a version, or with https, they are still reasons.
_ABSENT = (names.DATA_ABSENT.rpartition("/")[2], "iso21090-nullflavor")


def items_in(response: object) -> Iterator[tuple[str, object]]:
    """Every item with its path, such as `QuestionnaireResponse.item[1].item[0]`.

    Without recursion, so that no depth is too much. What is very deep has the path of what is above it. An
    `item` that is not a list comes as a list with it, which is not an item, so that nobody overlooks it.
    """
    waiting: list[tuple[str, object]] = [("QuestionnaireResponse", response)]
    while waiting:
        path, element = waiting.pop()
        for key in ("item", "answer"):
            children = element.get(key) if is_object(element) else None
            if key == "item" and not isinstance(children, list) and stripped(children) is not None:
                yield path, [children]
            for place, child in enumerate(children if isinstance(children, list) else ()):
                inside = f"{path}.{key}[{place}]" if len(path) < _LONGEST else path
                waiting.append((inside, child))
                if key == "item":
                    yield inside, child


def stripped(value: object, deepest: int = _DEEPEST) -> Any:
    """A JSON value without what says nothing: null, blank texts, and what holds nothing else.

    Args:
        value: any part of a resource. Items inside it stay as they are, as they are read one by one.
        deepest: how many levels to look at; what is deeper is taken to say something.

    Returns:
        What is left; None for nothing. `False` and `0` say something.
    """
    if isinstance(value, str):
        return value if plain(value) else None
    if deepest and is_object(value):
        members = {
            name: member if name == "item" else stripped(member, deepest - 1)
            for name, member in value.items()
        }
        return names.without_empty(members) or None
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
        others: its other members; they are not looked into.

    Raises:
        Refused: it has another member, a modifier, or malformed extensions.
    """
    check_modifiers(element)
    check_extensions(element)
    for name, member in element.items():
        if name in _EVERYWHERE or name in primitives or name in others:
            continue
        if not name.startswith("_") or name[1:] not in primitives:
            raise Refused(f"{shown(name)} is not supported here; leave it out")
        if is_object(member):
            check_element(member, ())
        elif member is not None:
            raise Refused(f"{shown(name)} is {shown(member)}; expected an object with 'extension'")


def check_modifiers(element: Mapping[str, object]) -> None:
    """Refuse what may reverse the meaning: FHIR allows nobody to ignore it."""
    for name in _MODIFIERS:
        if element.get(name):
            raise Refused(f"'{name}' may change the meaning and is not supported; leave it out")


def check_extensions(element: Mapping[str, object]) -> None:
    """Refuse extensions of another shape: one of them may say that there is no answer."""
    extensions = element.get("extension", [])
    if not isinstance(extensions, list):
        raise Refused(f"'extension' is {shown(extensions)}; expected a list")
    if not all(is_object(entry) and isinstance(entry.get("url"), str) for entry in extensions):
        raise Refused("expected 'extension' to be a list of objects, each with a 'url'")


def absent_reasons(element: object) -> list[str]:
    """Why an element has no value, wherever it says so: of itself, or beside one of its members."""
    if not is_object(element):
        return []
    beside = (member for name, member in element.items() if name.startswith("_"))
    return [reason for part in (element, *beside) for reason in own_reasons(part)]


def own_reasons(element: object) -> list[str]:
    """Why an element has no value, as its own extensions say it."""
    extensions = element.get("extension") if is_object(element) else None
    return [
        str(entry.get("valueCode"))
        for entry in (extensions if isinstance(extensions, list) else ())
        if is_object(entry) and _is_absent(entry.get("url"))
    ]


def _is_absent(url: object) -> bool:
    return isinstance(url, str) and url.partition("|")[0].rstrip("/").rpartition("/")[2].lower() in _ABSENT
