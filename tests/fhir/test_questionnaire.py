"""A protocol as a Questionnaire: everything that is asked, in both voices, and "I don't know" everywhere."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from whentocall import fhir
from whentocall.fhir.questionnaire import screens_in_order

HL7 = "http://hl7.org/fhir/StructureDefinition"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire"
VOICES = ("you", "they")


def every_item(items):
    for item in items:
        yield item
        yield from every_item(item.get("item", ()))


def by_link(form):
    return {item["linkId"]: item for item in every_item(form["item"])}


def extensions(item, url):
    found = [one for one in item["extension"] if one["url"] == url]
    return [value for one in found for key, value in one.items() if key != "url"]


def codes(item):
    return [option["valueCoding"]["code"] for option in item["answerOption"]]


@pytest.mark.parametrize("voice", VOICES)
def test_every_question_stands_there_once_in_its_words(protocol, voice):
    items = by_link(fhir.questionnaire(protocol, voice=voice))
    for one in protocol.questions.values():
        item = items[one.id]
        assert one.wording(voice) == item["text"]
        assert [one.short.to(voice)] == extensions(item, f"{SDC}-shortText")
        helped = [inner["text"] for inner in item.get("item", ()) if inner["linkId"] == f"{one.id}-help"]
        assert ([one.help.to(voice)] if one.help else []) == helped


def test_every_question_can_be_answered_with_i_dont_know(protocol):
    items = by_link(fhir.questionnaire(protocol))
    for one in protocol.questions.values():
        says = items[f"{one.id}-unknown" if one.answer.is_number else one.id]
        assert "asked-unknown" == codes(says)[-1]
        assert "I don't know" == says["answerOption"][-1]["valueCoding"]["display"]


def test_answers_are_those_of_the_protocol(protocol):
    items = by_link(fhir.questionnaire(protocol))
    for one in protocol.questions.values():
        item, answer = items[one.id], one.answer
        if answer.kind in ("yes-no", "one-of"):
            assert "choice" == item["type"]
            assert [*(one.options or ("Y", "N")), "asked-unknown"] == codes(item)
        elif answer.kind == "temperature":
            assert "quantity" == item["type"]
            assert [(answer.low, "Cel")] == ends(item, f"{SDC}-minQuantity")
            assert [(answer.high, "Cel")] == ends(item, f"{SDC}-maxQuantity")
            units = [coding["code"] for coding in extensions(item, f"{HL7}/questionnaire-unitOption")]
            assert ["Cel", "[degF]"] == units
        else:
            assert "integer" == item["type"]
            assert [answer.low] == extensions(item, f"{HL7}/minValue")
            assert [answer.high] == extensions(item, f"{HL7}/maxValue")


def ends(item, url):
    return [(value["value"], value["code"]) for value in extensions(item, url)]


def test_its_own_unit_comes_first(write_protocol):
    protocol = write_protocol({"a": "answer: 'temperature, 86 to 113 °F'"}, "{a: above 100 °F}")
    item = by_link(fhir.questionnaire(protocol))["a"]
    units = [coding["code"] for coding in extensions(item, f"{HL7}/questionnaire-unitOption")]
    assert ["[degF]", "Cel"] == units


def test_nothing_is_forced_or_answered_beforehand(protocol):
    for item in every_item(fhir.questionnaire(protocol)["item"]):
        assert not {"required", "initial", "readOnly"} & set(item)
        assert not any("initialSelected" in option for option in item.get("answerOption", ()))


def test_screens_are_groups_with_each_follow_up_after_what_opens_it(all_targeted):
    form = fhir.questionnaire(all_targeted)
    groups = [item for item in form["item"] if item["type"] == "group"]
    assert [screen.title.you for screen in all_targeted.screens] == [group["text"] for group in groups]
    tummy = [item["linkId"] for item in groups[-2]["item"]]
    start = tummy.index("being_sick")
    assert [
        "being_sick",
        "diarrhoea",
        "loose_stools",
        "loose_stools-unknown",
        "diarrhoea_days",
        "diarrhoea_days-unknown",
        "cannot_replace_fluid",
        "constipation",
    ] == tummy[start : start + 8]


def test_no_question_is_lost_whatever_the_screens(write_protocol):
    """A question that no screen has, and that waits for no other, still is asked."""
    protocol = write_protocol(
        {
            "a": "answer: yes or no",
            "b": "answer: yes or no, only_if: {a: yes}",
            "c": "answer: yes or no, only_if: {b: yes}",
        }
    )
    bare = replace(protocol, screens=(), _memo={})
    for one in (protocol, bare):
        assert [["a", "b", "c"]] == [list(screen.questions) for screen in screens_in_order(one)]


def test_a_follow_up_is_shown_after_a_yes(all_targeted):
    items = by_link(fhir.questionnaire(all_targeted))
    (when,) = items["loose_stools"]["enableWhen"]
    assert ("diarrhoea", "=", "Y") == (when["question"], when["operator"], when["answerCoding"]["code"])
    assert "any" == items["cannot_replace_fluid"]["enableBehavior"]
    beside = items["loose_stools-unknown"]
    assert ["=", "exists"] == [one["operator"] for one in beside["enableWhen"]]
    assert "all" == beside["enableBehavior"]


def test_what_one_list_cannot_say_stands_in_groups(write_protocol):
    protocol = write_protocol(
        {
            "a": "answer: yes or no",
            "b": "answer: yes or no",
            "n": "answer: 'days, 0 to 9', only_if: {any: [{a: yes}, {b: no}]}",
            "c": "answer: yes or no, only_if: {a: yes, any: [{b: yes}, {n: at least 3}]}",
        }
    )
    items = by_link(fhir.questionnaire(protocol))
    group = items["n-when-1"]
    assert ("any", ["n", "n-unknown"]) == (
        group["enableBehavior"],
        [inside["linkId"] for inside in group["item"]],
    )
    assert "enableWhen" not in items["n"]
    assert ["b", "n"] == [one["question"] for one in items["c-when-1"]["enableWhen"]]
    assert ["a"] == [one["question"] for one in items["c"]["enableWhen"]]


def test_a_follow_up_of_a_temperature_says_that_it_may_be_shown_too_often(write_protocol):
    protocol = write_protocol(
        {
            "a": "answer: 'temperature, 35 to 40 °C'",
            "b": "answer: yes or no, only_if: {a: above 38 °C}",
        },
        "{a: above 38 °C, b: yes}",
    )
    item = by_link(fhir.questionnaire(protocol))["b"]
    (note,) = extensions(item, f"{HL7}/designNote")
    assert "safe side" in note
    assert ["Cel", "[degF]"] == [one["answerQuantity"]["code"] for one in item["enableWhen"]]


def test_it_is_a_draft_until_it_is_signed(protocol):
    form = fhir.questionnaire(protocol)
    assert "draft" == form["status"]
    assert "approvalDate" not in form
    assert "checked and signed" in form["description"]


def test_a_signed_one_is_active_and_says_since_when(all_targeted):
    written = all_targeted.head.written
    signature = SimpleNamespace(
        name="A", date=written, frame=all_targeted.frame_sha256, cards=dict(all_targeted.card_sha256)
    )
    old = SimpleNamespace(name="B", date=written.replace(year=2030), frame=None, cards={})
    signed = replace(all_targeted, signatures=(signature, old), _memo={})
    form = fhir.questionnaire(signed)
    assert ("active", str(written), str(written)) == (
        form["status"],
        form["approvalDate"],
        form["lastReviewDate"],
    )


def test_it_says_which_protocol_it_is_in_which_state(protocol):
    form = fhir.questionnaire(protocol, base_url="https://hospital.example/r4")
    assert f"https://hospital.example/r4/Questionnaire/{protocol.id}" == form["url"]
    assert (protocol.id, protocol.version) == (form["id"], form["version"])
    assert protocol.sha256 == form["meta"]["versionId"] == form["identifier"][0]["value"]
    assert str(protocol.head.review_due) == form["effectivePeriod"]["end"]


def test_the_voices_are_two_forms(protocol):
    you, they = (fhir.questionnaire(protocol, voice=voice) for voice in VOICES)
    assert (f"{you['url']}.they", f"{you['id']}.they") == (they["url"], they["id"])
    assert [*by_link(you)] == [*by_link(they)]
    for form, voice in ((you, "you"), (they, "they")):
        assert (protocol.id, voice) == fhir.protocol_and_voice(form["id"])


def test_the_same_protocol_gives_the_same_bytes(protocol):
    fresh = replace(protocol, _memo={})
    first, second = (json.dumps(fhir.questionnaire(one)) for one in (protocol, fresh))
    assert first == second


def test_texts_are_escaped_where_they_are_markup_and_nowhere_else(write_protocol):
    form = fhir.questionnaire(write_protocol({"a": "answer: yes or no"}))
    assert "A protocol <for> tests" == form["title"]
    assert "A protocol &lt;for&gt; tests" in form["text"]["div"]
    assert "Nobody &amp; co." in form["text"]["div"]


def test_an_id_that_is_too_long_for_fhir_is_left_out(write_protocol):
    long = "a-" * 40 + "a"
    form = fhir.questionnaire(write_protocol({"a": "answer: yes or no"}, name=long))
    assert "id" not in form
    assert form["url"].endswith(f"/Questionnaire/{long}")


def test_a_protocol_named_by_a_number_has_a_name_that_fhir_allows(write_protocol):
    protocol = replace(write_protocol({"a": "answer: yes or no"}), id="2024-drugs", _memo={})
    assert "Protocol2024Drugs" == fhir.questionnaire(protocol)["name"]
