"""Makes parts of what was read from a file, with pydantic.

Nothing but reading a rule file needs it. Parts are plain dataclasses; the kinds of text and the checks
that their annotations name stand in `written`, and are looked up here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from functools import cache, partial
from typing import Any, TypeVar, get_type_hints

from pydantic import GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import core_schema

from whentocall.errors import Finding
from whentocall.protocol import schema as written
from whentocall.protocol.explain import explain
from whentocall.protocol.model import Case
from whentocall.protocol.parts import FromFile, Part
from whentocall.protocol.phrases import Fault
from whentocall.protocol.schema import can_be_seen, keys_of_part, keys_of_wording
from whentocall.protocol.values import Block
from whentocall.protocol.wording import Wording

P = TypeVar("P", bound=FromFile)


def read_part(kind: type[P], raw: Block, findings: list[Finding], shown: str) -> P | None:
    """The part that `raw`, as `yaml_file.read` gave it, says; None where it cannot be understood.

    Faults are added to `findings`; `shown` is how the file is named in them.
    """
    try:
        context = {"findings": findings, "shown": shown}
        part: P = _adapter(kind).validate_python(raw, context=context)  # type: ignore[arg-type]  # a type has a hash
    except ValidationError as error:
        findings.extend(explain(shown, raw, error.errors(include_url=False)))
        return None
    return part


@cache  # of types alone: what it gives for one never changes
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def schema_of_part(kind: type[FromFile], handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
    """The schema of a part: its keys looked at, its fields read, then what must fit together.

    Put together here, because pydantic's own for a dataclass would leave out the first and the
    last where the same kind of part stands a second time.
    """
    known = fields(kind)
    hints = get_type_hints(kind, localns=vars(written), include_extras=True)
    each = [
        core_schema.dataclass_field(one.name, _with_default(one, handler.generate_schema(hints[one.name])))
        for one in known
    ]
    schema: core_schema.CoreSchema = core_schema.dataclass_schema(
        kind,
        core_schema.dataclass_args_schema(kind.__name__, each),
        [one.name for one in known],
        config=core_schema.CoreConfig(str_strip_whitespace=True, extra_fields_behavior="forbid"),
    )
    if kind in _CHECKS:
        schema = core_schema.no_info_after_validator_function(_CHECKS[kind], schema)
    keys = partial(keys_of_part, kind) if issubclass(kind, Part) else keys_of_wording
    return core_schema.with_info_before_validator_function(keys, schema)


def _one_kind_of_given(case: Case) -> Case:
    if (case.given is None) == (case.given_only is None):
        message = "a case has either 'given' (all else is no) or 'given_only' (all else is not asked)"
        raise Fault(message, case.line)
    return case


def _something_to_read(words: Wording) -> Wording:
    if not can_be_seen(words.you) or not can_be_seen(words.they):
        raise ValueError("the text is empty: write what the person will read")
    return words


_CHECKS: Mapping[type[FromFile], Callable[[Any], object]] = {
    Case: _one_kind_of_given,
    Wording: _something_to_read,
}


def _with_default(one: Field[Any], schema: core_schema.CoreSchema) -> core_schema.CoreSchema:
    if one.default is not MISSING:
        return core_schema.with_default_schema(schema, default=one.default)
    if one.default_factory is not MISSING:
        return core_schema.with_default_schema(schema, default_factory=one.default_factory)
    return schema
