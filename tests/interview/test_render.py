"""Advice as lines: the words carry it, colour only helps, and nothing is wider than the page."""

import pytest

from whentocall import advise, load
from whentocall.interview import texts
from whentocall.interview.render import (
    WIDEST,
    Line,
    Page,
    advice_lines,
    answers_lines,
    headline_lines,
    paint,
    summary_lines,
)

ALL = load("all-targeted-drugs")
NEURO = load("neuroblastoma-targeted-therapy")
PEOPLE = {
    "nobody asked": {},
    "emergency": {"chest_pain": True},
    "fever": {"temperature": 39},
    "in the other unit": {"temperature": {"value": 101.5, "unit": "°F"}},
    "five loose poos": {"diarrhoea": True, "loose_stools": 5, "diarrhoea_days": None},
    "contradiction": {"diarrhoea": False, "loose_stools": 5},
    "not known": dict.fromkeys(ALL.questions),
}
ANSWERS = pytest.mark.parametrize("answers", PEOPLE.values(), ids=PEOPLE.keys())


def _lines(answers, *, protocol=ALL, voice="you", width=80, **more):
    return advice_lines(protocol, advise(protocol, answers, voice=voice, **more), voice, Page(width))


def _text(lines):
    return "\n".join(line.text for line in lines)


def _squeezed(lines):
    return " ".join(_text(lines).split())


@ANSWERS
@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_is_wider_than_the_page(answers, width):
    lines = _lines(answers, width=width)
    assert [] == [line.text for line in lines if len(line.text) > min(width, WIDEST)]


@ANSWERS
def test_the_words_are_the_same_at_any_width(answers):
    """Nothing is cut off; only the place where lines end differs."""
    wide, narrow = (_squeezed(_lines(answers, width=width)).replace("=", "") for width in (80, 40))
    assert wide == narrow


@ANSWERS
def test_without_colour_a_line_is_exactly_its_words(answers):
    lines = _lines(answers)
    assert [line.text for line in lines] == [paint(line, colour=False) for line in lines]
    assert "\x1b" not in _text(lines)


def test_colour_stands_around_the_words_and_ends_with_them():
    assert "\x1b[1;97;41mNow\x1b[0m" == paint(Line("Now", "red"), colour=True)
    assert "Now" == paint(Line("Now"), colour=True)
    assert "" == paint(Line("", "red"), colour=True)


@pytest.mark.parametrize("protocol", [ALL, NEURO], ids=lambda protocol: protocol.id)
def test_every_level_is_told_by_words_of_its_own(protocol):
    """Colour never stands alone: no two levels share word or headline."""
    words = [level.word for level in protocol.levels]
    assert len(words) == len(set(words))
    for voice in ("you", "they"):
        headlines = [protocol.headline(level, voice) for level in protocol.levels]
        assert len(headlines) == len(set(headlines))


@ANSWERS
def test_the_level_stands_in_words_on_the_coloured_lines(answers):
    advice = advise(ALL, answers)
    level = ALL.levels[ALL.ranks[advice.level]]
    coloured = [line.text for line in _lines(answers) if line.style == level.colour]
    assert f"{level.word.upper()}: {advice.headline}" in coloured


def test_an_emergency_begins_with_the_number():
    assert [
        "=" * 80,
        "EMERGENCY: Call 999 now",
        "=" * 80,
        "How soon: Now. Do not wait.",
        "Number: 999",
    ] == [line.text for line in _lines({"chest_pain": True})[:5]]


def test_an_emergency_begins_with_the_number_of_the_region():
    assert "EMERGENCY: Call 911 now" == _lines({"chest_pain": True}, protocol=NEURO)[1].text


def test_a_fever_begins_with_the_call():
    assert [
        "IMMEDIATELY: Call your hospital advice line now",
        "=" * 80,
        "How soon: Straight away, day or night.",
        "Number: 020 7946 0000",
    ] == [line.text for line in _lines({"temperature": 39}, numbers={"advice-line": "020 7946 0000"})[1:5]]


def test_a_reason_repeats_the_answer_behind_it():
    text = _squeezed(_lines({"temperature": {"value": 101.5, "unit": "°F"}}))
    assert "You said: Temperature: 101.5 °F" in text


def test_a_reason_names_its_publisher():
    assert "From: Cancer Research UK" in _squeezed(_lines({"temperature": 39}))


def test_a_number_that_is_not_set_is_not_made_up():
    text = _text(_lines({"temperature": 39}))
    assert f"Number: {texts.NUMBER_NOT_SET}" in text


def test_what_was_not_asked_is_said_to_be_open():
    assert texts.NOT_FINISHED in _squeezed(_lines({"temperature": 37}))
    assert texts.NOT_FINISHED not in _squeezed(_lines(dict.fromkeys(ALL.questions, None)))


def test_what_is_not_known_is_named():
    text = _squeezed(_lines(dict.fromkeys(ALL.questions)))
    assert texts.UNKNOWN in text
    assert "Do you have chest pain?" in text


def test_a_contradiction_is_named():
    text = _squeezed(_lines({"diarrhoea": False, "loose_stools": 5}))
    assert texts.CONTRADICTION in text
    assert "Loose, watery poos in the last 24 hours" in text


@pytest.mark.parametrize("protocol", [ALL, NEURO], ids=lambda protocol: protocol.id)
@pytest.mark.parametrize("answers", [{}, {"chest_pain": True}], ids=["open", "emergency"])
def test_every_advice_says_that_it_is_no_diagnosis(protocol, answers):
    assert texts.NOT_A_DIAGNOSIS in _squeezed(_lines(answers, protocol=protocol))


def test_advice_that_nobody_has_signed_says_so():
    assert not ALL.signed_off
    assert texts.NOT_SIGNED in _squeezed(_lines({}))


def test_the_headline_can_be_said_again_at_the_end():
    advice = advise(ALL, {"chest_pain": True})
    lines = headline_lines(ALL, advice, Page(80))
    assert ["", "EMERGENCY: Call 999 now"] == [line.text for line in lines]
    assert "red" == lines[-1].style


def test_answers_are_read_back_yes_first_and_no_together():
    answers = {"chest_pain": False, "seizure": False, "temperature": 37, "rash": True, "headache": None}
    lines = answers_lines(ALL, answers, "you", Page(80))
    assert [
        "  - Temperature: 37 °C",
        "  - Rash: yes",
        "  - Headache: not known",
        "  - No to: Chest pain; A fit (seizure), now or just before",
    ] == [line.text for line in lines]


def test_the_summary_holds_what_a_nurse_needs():
    answers = {"temperature": 39, "chest_pain": False}
    advice = advise(ALL, answers)
    text = _squeezed(summary_lines(ALL, advice, answers, "they", when="2026-11-21 10:00 UTC"))
    for part in (
        texts.SUMMARY_FOR_TEAM,
        ALL.title,
        "Made on 2026-11-21 10:00 UTC.",
        texts.SUMMARY_ABOUT["they"],
        texts.SUMMARY_UNFINISHED,
        "Temperature: 39 °C",
        "No to: Chest pain",
        "IMMEDIATELY: Call your hospital advice line now",
        f"{ALL.id} {ALL.version}, {ALL.sha256[:12]}",
        "(A-08)",
    ):
        assert part in text


@pytest.mark.parametrize(("width", "room"), [(0, 20), (20, 20), (40, 40), (300, WIDEST)])
def test_a_page_is_between_20_and_80_columns(width, room):
    lines = Page(width).text("word " * 100)
    assert room - 5 < max(len(line.text) for line in lines) <= room


def test_lists_hang_under_their_first_word():
    lines = Page(20).items(["one two three four five six"])
    assert ["  - one two three", "    four five six"] == [line.text for line in lines]


def test_steps_are_numbered():
    assert ["  1. one", "  2. two"] == [line.text for line in Page(80).steps(["one", "two"])]
