"""What pydantic found wrong with a part, in our words, at the line of the innermost key it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whentocall._text import quote
from whentocall.errors import Finding
from whentocall.protocol.yaml_file import Block, Items, line_of

_MISSING = {
    "sentences": "names the source sentences that it comes from",
    "you": "is what the person themselves reads",
    "they": "is what a carer reads",
    "when": "says what answers it is about",
    "level": "says how urgent that is",
    "because": "tells the person why",
    "source": "says which document and section the card is about",
    "expect": "says what advice the case must give",
}
_WANTED = {
    "string_type": "a text",
    "tuple_type": "a list: [one, two], or one per line after '- '",
    "dict_type": "keys and values",
    "dataclass_type": "keys and values",
}


def explain(shown: str, raw: Block, errors: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """The findings of one file; `raw` is the file as it was read, `shown` its name, `errors` pydantic's."""
    for error in errors:
        loc = error["loc"]
        line, key = _place(raw, loc)
        cause = error.get("ctx", {}).get("error")
        if isinstance(cause, ValueError):
            code = getattr(cause, "code", "invalid")
            named = f"{quote(key)}: " if key and code == "invalid" and loc[-1] != "[key]" else ""
            yield Finding(shown, getattr(cause, "line", 0) or line, f"{named}{cause}", code)
        elif error["type"] == "missing":
            why = f", which {_MISSING[str(loc[-1])]}" if loc[-1] in _MISSING else ""
            yield Finding(shown, line, f"{quote(loc[-1])} is missing here{why}", "missing-key")
        elif error["type"] in _WANTED:
            each = "each of " if isinstance(loc[-1], int) else ""
            yield Finding(shown, line, f"{each}{quote(key)} should be {_WANTED[error['type']]}", "wrong-type")
        else:
            yield Finding(shown, line, f"{quote(key)} is not understood here", "invalid")


def _place(raw: object, loc: tuple[int | str, ...]) -> tuple[int, str]:
    """The line of the deepest part of `loc` that stands in the file, and the last key on the way."""
    line, here, named = line_of(raw, 1), raw, ""
    for step in loc:
        if isinstance(here, Block) and isinstance(step, str):
            key = next((known for known in here if known == step), None)
            if key is None:
                break
            line, here, named = line_of(key), here[key], step
        elif isinstance(here, Items) and isinstance(step, int) and step < len(here):
            here = here[step]
            line = line_of(here, line)
        else:
            break
    return line, named
