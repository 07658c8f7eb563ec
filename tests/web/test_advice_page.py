"""The advice as a page: everything that the terminal says, in its order of importance, and whom to call."""

import re
import shutil
from dataclasses import replace
from datetime import date

import pytest

from whentocall import advise, load
from whentocall.engine.advice import Problem
from whentocall.interview import texts
from whentocall.interview.render import Line, advice_lines, answers_lines
from whentocall.interview.render import Page as RenderPage
from whentocall.protocol.load import shipped_rules
from whentocall.protocol.model import SignOff
from whentocall.web import respond
from whentocall.web import texts as web

ALL, NEURO = "all-targeted-drugs", "neuroblastoma-targeted-therapy"
PEOPLE = {
    "emergency": {"chest_pain": True},
    "immediately": {"temperature": 38.6, "shivery": True},
    "urgently": {"headache": True, "muscle_aches": True},
    "contact": {"diarrhoea": True, "loose_stools": 5, "diarrhoea_days": 1, "cannot_replace_fluid": False},
    "tell": {"rash": True, "dry_skin": True},
    "none": {},
    "not known": {"chest_pain": None, "temperature": None},
    "masked": {"took_fever_medicine": True, "temperature": 37.4},
}


class OneLine(RenderPage):
    """Lays every paragraph out in one line, so that whole sentences can be looked for."""

    def text(self, text, *, style="plain", **_indents):
        return [Line(text, style)]


def person(protocol, given):
    """All of a protocol's answers: "no", the usual number, or as given; nothing for what does not apply."""
    answers = {}
    for question in protocol.questions.values():
        if question.only_if is None:
            usual = question.usual_number
            plain = usual if usual is not None else next(iter(question.options), False)
            answers[question.id] = plain
    return answers | given


def told(visitor, answers, *, name=ALL, voice="you"):
    """The page with the advice on these answers, without asking for them one by one."""
    visitor.begin(name, voice)
    return visitor.tampered("advice", answers=answers, trail=[[id_] for id_ in answers]).page


@pytest.mark.parametrize("voice", ["you", "they"])
@pytest.mark.parametrize("kind", list(PEOPLE))
def test_the_page_says_everything_that_the_terminal_says(visitor, protocols, kind, voice):
    protocol = protocols[ALL]
    answers = person(protocol, PEOPLE[kind])
    page = told(visitor, answers, voice=voice)
    advice = advise(protocol, answers, voice=voice, numbers=visitor.numbers)
    lines = advice_lines(protocol, advice, voice, OneLine(80))[3:]
    lines += answers_lines(protocol, advice.request.answers, voice, OneLine(80))
    headings = {line.text for line in lines if line.style == "heading"}
    assert headings <= set(page.headings) | {texts.HOW_SOON}
    for line in lines:
        said = line.text.removeprefix(f"{texts.NUMBER}: ")
        assert said in page.text, said


def test_the_level_in_words_comes_first_then_how_soon_then_whom_to_call_then_what_to_do(visitor, protocols):
    page = told(visitor, person(protocols[ALL], PEOPLE["immediately"]))
    assert "Immediately: Call your hospital advice line now" == page.headings[0]
    order = [
        "Straight away, day or night.",
        "Call 020 7946 0000",
        texts.FIRST,
        "can be a sign of infection",
        texts.WATCH,
        texts.NOT_SIGNED,
        texts.SUMMARY_FOR_TEAM,
        texts.NOT_A_DIAGNOSIS,
    ]
    text = page.text[page.text.index("Immediately: ") :]
    assert sorted(text.index(part) for part in order) == [text.index(part) for part in order]


def test_a_number_that_is_set_is_a_link(visitor, protocols):
    page = told(visitor, person(protocols[ALL], PEOPLE["contact"]))
    assert "tel:02079460000" in page.links
    assert "Your hospital advice line" in page.text


def test_without_a_number_it_says_which_one_to_use(visit, protocols):
    page = told(visit(numbers={}), person(protocols[ALL], PEOPLE["contact"]))
    assert texts.NUMBER_NOT_SET in page.text
    assert ["tel:999"] == sorted({link for link in page.links if link.startswith("tel:")})


@pytest.mark.parametrize("number", ["020 7946 0000 ext 5", "+44 (0)20 7946 0000", "0800 CALL US 1"])
def test_a_number_that_would_be_misdialled_is_shown_without_a_link(visit, protocols, number):
    numbers = {"advice-line": number}
    page = told(visit(numbers=numbers), person(protocols[ALL], PEOPLE["contact"]))
    assert number in page.text
    assert ["tel:999"] == sorted({link for link in page.links if link.startswith("tel:")})


def test_the_second_number_is_shown_where_it_is_set(visit, protocols):
    numbers = {"advice-line": "+44 20 7946 0000", "doctor-or-nurse": "(020) 7946-0001"}
    page = told(visit(numbers=numbers), person(protocols[ALL], PEOPLE["contact"]))
    assert {"tel:+442079460000", "tel:02079460001"} <= set(page.links)


def test_with_nothing_to_report_there_is_nobody_to_call_first(visitor, protocols):
    page = told(visitor, person(protocols[ALL], PEOPLE["none"]))
    assert texts.NUMBER_NOT_SET not in page.text
    assert "You have not told us about any side effects" in page.headings[0]


def test_the_emergency_number_is_that_of_the_region(visitor):
    page = told(visitor, {"chest_pain": True}, name=NEURO)
    assert "Emergency: Call 911 now" == page.headings[0]
    assert {"tel:911"} == {link for link in page.links if link.startswith("tel:")}


@pytest.mark.parametrize(
    ("kind", "colours"),
    [
        ("emergency", "red strong"),
        ("immediately", "red"),
        ("urgently", "orange"),
        ("contact", "yellow"),
        ("tell", "blue"),
        ("none", "green"),
    ],
)
def test_each_level_has_its_colour_and_the_highest_of_one_colour_is_the_strongest(
    visitor, protocols, kind, colours
):
    told(visitor, person(protocols[ALL], PEOPLE[kind]))
    assert colours == re.search(r'<article class="card ([^"]+)"', visitor.sent.body)[1]


def test_a_colour_that_is_not_known_is_grey(visit, protocols, tmp_path):
    rules = shutil.copytree(shipped_rules(), tmp_path / "rules")
    levels = rules / "levels.yaml"
    levels.write_text(levels.read_text("utf-8").replace("colour: blue", "colour: '\"><b>mauve'"), "utf-8")
    other = load(ALL, rules=rules)
    visitor = visit({ALL: other, NEURO: protocols[NEURO]})
    told(visitor, person(other, PEOPLE["tell"]))
    assert '<article class="card grey">' in visitor.sent.body
    assert "mauve" not in visitor.sent.body


def test_answers_that_do_not_fit_together_are_told(visitor, protocols):
    page = told(visitor, person(protocols[ALL], {"diarrhoea": False, "loose_stools": 5}))
    assert texts.CONTRADICTION in page.headings
    assert "It still counts." in page.text


def test_what_went_wrong_inside_is_told_once(visitor, protocols, monkeypatch):
    problems = (Problem(kind="a", text="It went <wrong>."), Problem(kind="b", text="It went <wrong>."))

    def broken(*given, **options):
        return advise(*given, **options).model_copy(update={"problems": problems})

    monkeypatch.setattr("whentocall.engine.advise.advise", broken)
    page = told(visitor, person(protocols[ALL], PEOPLE["tell"]))
    assert texts.PROBLEM in page.headings
    assert 1 == page.text.count("It went <wrong>.")


def test_a_signature_is_told(visit, protocols):
    plain = protocols[ALL]
    signature = SignOff(
        line=1,
        name="Ada <b> Example",
        role="haematologist",
        date=date(2026, 11, 21),
        frame=plain.frame_sha256,
        cards=dict(plain.card_sha256),
    )
    visitor = visit({ALL: replace(plain, signatures=(signature,), _memo={}), NEURO: protocols[NEURO]})
    page = told(visitor, person(plain, PEOPLE["tell"]))
    assert "Checked and signed by Ada <b> Example, haematologist, 2026-11-21." in page.text
    assert texts.NOT_SIGNED not in page.text


def test_the_summary_for_the_team_says_who_answered_and_which_rules_hold(visitor, protocols):
    page = told(visitor, person(protocols[ALL], PEOPLE["contact"]), voice="they")
    assert texts.SUMMARY_ABOUT["they"] in page.text
    assert f"{ALL} {protocols[ALL].version}, {protocols[ALL].sha256[:12]}; " in page.text
    assert "all-targeted-drugs/diarrhoea/many-loose-stools (A-23)" in page.text
    assert web.PRINT in page.text


def test_a_number_stays_on_the_line_of_its_degrees(visitor, protocols):
    told(visitor, person(protocols[ALL], PEOPLE["immediately"]))
    assert "38.6\u00a0°C" in visitor.sent.body
    assert " °C" not in visitor.sent.body


def test_when_it_was_made_is_said_where_it_is_known(visitor, protocols):
    told(visitor, person(protocols[ALL], PEOPLE["tell"]))
    form = {"state": visitor.page.fields["state"], "do": "advice"}
    assert "Made on 21 November 2026." in respond(protocols, form, made="21 November 2026").body
    assert "Made on" not in visitor.sent.body
