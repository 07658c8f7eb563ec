"""The order of keys in a rule file, and where blank lines go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, get_args, get_origin

from whentocall.authoring.fmt_tree import MappingNode, Node, Tree, entries
from whentocall.protocol.schema import (
    Card,
    Expect,
    Level,
    LevelsFile,
    Part,
    ProtocolFile,
    Question,
    Sentence,
    SignOffFile,
    Source,
)
from whentocall.protocol.wording import Wording

Model = type[Part] | type[Wording]

# Where the layout differs from the order of the schema's fields, which the hashes of protocols rest on.
_BEFORE: Mapping[tuple[Model, str], str] = {
    (Question, "only_if"): "you",
    (Question, "context"): "answer",
    (Question, "usual"): "help",
    (Expect, "at_least"): "rules",
    (Expect, "could_be"): "rules",
    (Level, "colour"): "who",
    (ProtocolFile, "layer"): "who_for",
    (Sentence, "contact"): "point",
}
_SPACED = frozenset(("ask", "rules", "levels"))  # their named parts have a blank line between them

# What kind of file it is shows in keys that no other kind has.
_SHOWN_BY: tuple[tuple[str, Model], ...] = (
    ("sentences", Source),
    ("levels", LevelsFile),
    ("signed", SignOffFile),
    ("cards", ProtocolFile),
    ("documents", ProtocolFile),
    ("source", Card),
    ("rules", Card),
    ("ask", Card),
)
FILES = frozenset(model for _, model in _SHOWN_BY)


def kind_of(keys: Iterable[str]) -> Model | None:
    """The model of a file, from its keys; None if it is not a known one."""
    known = set(keys)
    return next((model for key, model in _SHOWN_BY if key in known), None)


@cache
def layout(model: Model) -> Mapping[str, tuple[Model | None, bool]]:
    """A model's keys in their order: for each the model of what is under it, and whether those are many."""
    if issubclass(model, Wording):
        return {"you": (None, False), "they": (None, False)}
    keys = model.keys()
    hints = {key: model.model_fields[key].annotation for key in keys}
    for (moved_model, key), before in _BEFORE.items():
        if moved_model is model:
            keys.remove(key)
            keys.insert(keys.index(before), key)
    return {key: (_part_in(hints[key]), get_origin(hints[key]) in (dict, tuple)) for key in keys}


def _part_in(hint: Any) -> Model | None:
    if isinstance(hint, type) and issubclass(hint, Part | Wording):
        return hint
    return next((part for inner in get_args(hint) if (part := _part_in(inner))), None)


def put_in_order(tree: Tree, part: Node, model: Model | None) -> None:
    """Put the keys of a part, and of the parts in it, into their order. Unknown keys come last."""
    if model is None or not isinstance(part, MappingNode):
        return
    keys = layout(model)  # type: ignore[arg-type]  # a type has a hash
    order = list(keys)
    header: list[str] = []
    if model in FILES and part.value:  # a comment above the first key of a file is about the file
        first = tree.around[part.value[0][0]]
        header, first.lead = first.lead, []
    part.value.sort(key=lambda entry: order.index(entry[0].value) if entry[0].value in keys else len(order))
    if header:
        tree.around[part.value[0][0]].lead[:0] = header
    for key, value in part.value:
        inner, many = keys.get(key.value, (None, False))
        if not many or inner is None:
            put_in_order(tree, value, inner)
            continue
        if model is Card:
            _set_apart(tree.around[key].lead)
        for place, (entry, item) in enumerate(entries(value)):
            put_in_order(tree, item, inner)
            if place and key.value in _SPACED:
                _set_apart(tree.around[entry].lead)


def _set_apart(lead: list[str]) -> None:
    if not lead or lead[0]:
        lead.insert(0, "")
