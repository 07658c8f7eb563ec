"""Every resource that is made fits the published definitions.

`fhir.resources` has R4B, which has the same Questionnaire, QuestionnaireResponse, GuidanceResponse,
OperationOutcome, Parameters, Bundle and OperationDefinition as R4; a CapabilityStatement differs only in
the names of other resources. It passes over codes. FHIR.js has R4 itself, with the codes that are required.
Neither knows the invariants of a Questionnaire: those are written out here.
"""

import json
import subprocess
from pathlib import Path

import pytest

from whentocall import AnswersError, advise, fhir

ODD = {
    "a": "answer: yes or no",
    "b": "answer: yes or no, help: Look & <see>.",
    "t": "answer: 'temperature, 86 to 113 °F', only_if: {all: [{a: yes}, {any: [{b: yes}, {a: no}]}]}",
    "n": "answer: 'days, 0 to 9', only_if: {any: [{t: above 100 °F}, {b: yes}]}",
    "c": "answer: one of, options: {x: The first, y: The second}, only_if: {at least 2 of: [{a: yes}, "
    "{b: yes}, {n: at least 3}]}",
}
WHEN = "{any: [{a: yes}, {b: yes}, {t: above 100 °F}, {n: at least 3}, {c: is x}]}"


@pytest.fixture(scope="module")
def odd(write_protocol):
    return write_protocol(ODD, WHEN)


def resources(protocol):
    """One of every kind that is made, and some more."""
    made = [fhir.capability_statement(), fhir.operation_definition()]
    made += [fhir.questionnaire_bundle([]), fhir.questionnaire_bundle([protocol], voices=("you", "they"))]
    made += [entry["resource"] for entry in made[-1]["entry"]]
    no = {one.id: False for one in protocol.questions.values() if one.answer.kind == "yes-no"}
    unknown = dict.fromkeys(protocol.questions)
    warm = [one for one in protocol.questions if protocol.questions[one].answer.kind == "temperature"]
    for answers in ({}, no, unknown, *({**no, one: {"value": 101.5, "unit": "°F"}} for one in warm)):
        made.append(fhir.questionnaire_response(protocol, answers))
        made.append(fhir.guidance_response(protocol, advise(protocol, answers, voice="they")))
    made.append(fhir.operation_outcome(ZeroDivisionError()))
    with pytest.raises(AnswersError) as refused:
        fhir.answers_from_response(protocol, {})
    return [*made, fhir.operation_outcome(refused.value)]


def fit_r4b(resource):
    """Raises what `fhir.resources` objects to."""
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415  only these tests have it

    get_fhir_model_class(resource["resourceType"]).model_validate(resource)


@pytest.mark.engines
def test_every_resource_fits_r4b(protocol, odd):
    for one in (*resources(protocol), *resources(odd)):
        fit_r4b(one)


@pytest.mark.engines
def test_what_does_not_fit_r4b_is_noticed(protocol):
    form, guidance = resources(protocol)[4], fhir.guidance_response(protocol, advise(protocol, {}))
    without_status = {key: value for key, value in guidance.items() if key != "status"}
    for one in ({**form, "titel": "x"}, {**form, "item": {}}, without_status):
        with pytest.raises(ValueError, match="validation error"):
            fit_r4b(one)


def test_every_resource_fits_r4(protocol, odd, npm):
    made = [*resources(protocol), *resources(odd)]
    assert [[]] * len(made) == against(npm, made)


def test_what_does_not_fit_r4_is_noticed(protocol, npm):
    form = fhir.questionnaire(protocol)
    found = against(
        npm, [{**form, "status": "new"}, {**form, "titel": "x"}, {"resourceType": "Questionnaire"}]
    )
    assert all(len(one) == 1 for one in found), found


def against(npm, made):
    """What FHIR.js has against each resource."""
    script = Path(__file__).parent / "lhcforms" / "validate.cjs"
    given = json.dumps(made)
    done = subprocess.run(["node", script], cwd=npm, input=given, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def every_item(items):
    for item in items:
        yield item
        yield from every_item(item.get("item", ()))


@pytest.mark.parametrize("voice", ["you", "they"])
def test_a_questionnaire_keeps_the_invariants_of_r4(protocol, odd, voice):
    for one in (protocol, odd):
        form = fhir.questionnaire(one, voice=voice)
        items = list(every_item(form["item"]))
        links = [item["linkId"] for item in items]
        assert len(links) == len(set(links))  # que-2
        assert form["name"].isalnum()  # que-0
        for item in items:
            keeps_the_invariants(item, links)


def keeps_the_invariants(item, links):
    kind = item["type"]
    if kind == "group":
        assert item["item"]  # que-1
    if kind == "display":
        assert not {"item", "code", "required", "repeats", "readOnly", "initial"} & set(
            item
        )  # que-1, 3, 6, 8, 9
    assert ("answerOption" in item) == (kind == "choice")  # que-5
    assert not {"answerValueSet", "initial", "maxLength", "required"} & set(
        item
    )  # que-4, 10, 11; nothing is forced
    when = item.get("enableWhen", [])
    assert ("enableBehavior" in item) == (len(when) > 1)  # que-12
    for one in when:
        assert one["question"] in links
        assert [one["operator"] == "exists"] == ["answerBoolean" in one]  # que-7


def test_nothing_empty_is_sent(protocol, odd):
    """FHIR has no empty list, object or text, and no null."""
    for made in (*resources(protocol), *resources(odd)):
        assert [] == list(empty_parts(made))


def empty_parts(value, path=""):
    if value is None or (isinstance(value, str | list | dict) and not value):
        yield path
    for key, one in (
        value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    ):
        yield from empty_parts(one, f"{path}.{key}")
