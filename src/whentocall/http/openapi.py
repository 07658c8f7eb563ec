"""The OpenAPI description of one server: the contract, filled in for the protocols that it serves."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from whentocall.engine.advice import Advice
from whentocall.engine.answers import answers_schema
from whentocall.fhir.names import questionnaire_id
from whentocall.http.examples import Example
from whentocall.http.operations import CONTRACT, OPERATIONS, Operation
from whentocall.http.problems import Kind
from whentocall.http.service import Service
from whentocall.http.views import HealthView, ProtocolList, ProtocolView, QuestionsView
from whentocall.interview.flow import Ask, AskedQuestion, Done
from whentocall.protocol.wording import VOICES
from whentocall.version import own_version

_MODELS: tuple[Any, ...] = (
    *(HealthView, ProtocolList, ProtocolView, QuestionsView),
    *(Advice, AskedQuestion, Ask, Done),
)
_SCHEMAS = "#/components/schemas/"


def document(service: Service, examples: Mapping[str, Sequence[Example]]) -> dict[str, Any]:
    """The description as JSON values, without `servers`, which depend on where it is asked for.

    Args:
        service: whose protocols are described.
        examples: by the id of their operation.
    """
    described: dict[str, Any] = copy.deepcopy(dict(CONTRACT))
    described["info"]["version"] = own_version()
    components = described["components"]
    protocols = list(service.protocols)
    questionnaires = [questionnaire_id(protocol, voice) for protocol in protocols for voice in VOICES]
    components["parameters"]["Protocol"]["schema"]["enum"] = protocols
    components["parameters"]["Questionnaire"]["schema"]["enum"] = questionnaires
    components["schemas"] |= _models() | _answers(service)
    components["schemas"]["ProblemDetails"]["properties"]["type"] = {
        "enum": [kind.uri for kind in Kind],
        "description": "\n".join(f"* `{kind.uri}` ({kind.status}): {kind.title}" for kind in Kind),
    }
    for operation in OPERATIONS:
        for example in examples[operation.id]:
            _show(described, operation, example)
    if not service.settings.api_key:
        del described["security"], components["securitySchemes"]
    return described


def _show(described: Mapping[str, Any], operation: Operation, example: Example) -> None:
    own = described["paths"][operation.path][operation.method.lower()]
    for content in own.get("requestBody", {}).get("content", {}).values():
        _add(content, example, example.sent)
    response = own["responses"].get(str(example.status), own["responses"]["default"])
    if "$ref" in response:
        response = described["components"]["responses"][response["$ref"].rpartition("/")[2]]
    _add(next(iter(response["content"].values())), example, example.given)


def _add(content: dict[str, Any], example: Example, value: object) -> None:
    content.setdefault("examples", {})[example.name] = {"summary": example.summary, "value": value}


def _models() -> dict[str, Any]:
    generated = TypeAdapter.json_schemas(
        [(model, "serialization", TypeAdapter(model)) for model in _MODELS], ref_template=_SCHEMAS + "{model}"
    )[1]
    schemas: dict[str, Any] = generated["$defs"]
    for name in ("AskedQuestion", "Ask", "Done"):
        schemas[name] |= {"required": list(schemas[name]["properties"]), "additionalProperties": False}
    end = _step(schemas["Done"], done=True)
    schemas["QuestionStep"] = {"oneOf": [_step(schemas["AskedQuestion"], done=False), end]}
    schemas["ScreenStep"] = {"oneOf": [_step(schemas["Ask"], done=False), end]}
    return schemas


def _step(schema: Mapping[str, Any], *, done: bool) -> dict[str, Any]:
    """What `step_json` makes of a step: `done`, and then its fields."""
    return {
        **schema,
        "title": f"{schema['title']}Step",
        "properties": {"done": {"const": done, "type": "boolean"}, **schema["properties"]},
        "required": ["done", *schema["required"]],
    }


def _answers(service: Service) -> dict[str, Any]:
    """The answers of each protocol, with what their schemas refer to, and `Answers`: those of any of them."""
    schemas: dict[str, Any] = {}
    for name, protocol in service.protocols.items():
        own = json.loads(answers_schema(protocol).replace('"#/$defs/', f'"{_SCHEMAS}{name}.'))
        schemas |= {f"{name}.{part}": schema for part, schema in own.pop("$defs", {}).items()}
        schemas[f"{name}.answers"] = own
    return {
        **schemas,
        "Answers": {"anyOf": [{"$ref": f"{_SCHEMAS}{name}.answers"} for name in service.protocols]},
    }
