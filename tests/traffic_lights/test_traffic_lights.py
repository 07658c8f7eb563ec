"""Another scheme, written in rule files alone: green, amber and red, with several actions at red.

The protocol in `rules/` is made up, as are its sources. Nothing in `src` knows of it or of its levels.
"""

import json
import random
import re
import shutil
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from whentocall import advise, load
from whentocall.authoring.check import check
from whentocall.authoring.diff import diff
from whentocall.authoring.fmt import format_path
from whentocall.authoring.mutants import mutation_gate
from whentocall.authoring.sign import Signature, sign
from whentocall.cli import main
from whentocall.interview.flow import Ask, Done, Interview
from whentocall.review_pack.page import anchor
from whentocall.review_pack.write import write_review

RULES = Path(__file__).with_name("rules")
NAME = "pump-line"
TODAY = date(2026, 11, 21)
WELL = {
    "extra_poos": 0,
    "mouth": "none",
    "temperature": 36.8,
    "took_fever_medicine": False,
    "medicine": "plain",
}
EACH = {
    "extra_poos": (0, 1, 2, 3, 4),
    "mouth": ("none", "painful", "cannot_eat"),
    "temperature": (35.9, 36, 37.4, 37.5, 37.9, 38, 38.1),
    "took_fever_medicine": (False, True),
    "medicine": ("plain", "immune", "both"),
}


@pytest.fixture(scope="module")
def protocol():
    return load(NAME, rules=RULES)


class Copy:
    """A copy of the rules that a test may change."""

    def __init__(self, folder):
        self.rules = shutil.copytree(RULES, folder / "rules")
        self.folder = self.rules / NAME

    def change(self, file, before, after):
        path = self.rules / file
        text = path.read_text("utf-8")
        assert 1 == text.count(before), f"{before!r} in {file}"
        path.write_text(text.replace(before, after), "utf-8")

    def codes(self):
        return {(one.code, one.about) for one in check(self.folder, today=TODAY).findings}


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path)


def advice(protocol, **answers):
    return advise(protocol, {**WELL, **answers})


def reasons(advice_):
    return [(one.rule.removeprefix(f"{NAME}/"), one.level) for one in advice_.reasons]


# check


def test_check_with_proofs_finds_nothing_and_needs_no_waiver():
    checked = check(RULES, today=TODAY)

    assert () == checked.findings
    assert () == checked.accepted
    assert ["unsigned"] == [one.code for one in checked.notes]
    assert checked.proved
    assert ((NAME,), 7) == (checked.protocols, checked.rules)


def test_every_mutant_is_noticed(protocol):
    gate = mutation_gate(protocol)

    assert () == gate.survivors
    assert gate.tried > 25


TWO_AMBERS = """  - name: two-ambers
    when: at least 2 cards at amber
    to: red
    because: Two of your answers together need a call now.
    sentences: [PL-08]
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(TWO_AMBERS, "", id="two ambers dropped"),
        pytest.param("at least 2 cards at amber", "at least 3 cards at amber", id="two made three"),
        pytest.param("at least 2 cards at amber", "at least 1 card at amber", id="two made one"),
        pytest.param('    only_if: {medicine: "one of [immune, both]"}\n', "", id="any medicine"),
        pytest.param('"one of [immune, both]"', "is immune", id="not both"),
        pytest.param('"one of [immune, both]"', "is both", id="not immune"),
        pytest.param("at least 1 card at amber", "at least 2 cards at amber", id="one made two"),
    ],
)
def test_a_case_notices_every_change_of_an_escalation(copy, before, after):
    copy.change(f"{NAME}/protocol.yaml", before, after)

    assert "case-fails" in {one.code for one in check(copy.folder, prove=False).findings}


def test_a_band_that_leaves_a_number_out_is_found_with_the_number(copy):
    copy.change(f"{NAME}/loose-poos.yaml", "extra_poos: at least 4", "extra_poos: at least 5")
    gaps = [one for one in check(copy.folder, prove=False).findings if one.code == "gap"]

    assert [{"extra_poos": 4}] == [json.loads(one.person) for one in gaps]


def test_two_bands_that_both_claim_a_number_are_found_with_the_number(copy):
    copy.change(f"{NAME}/loose-poos.yaml", "extra_poos: at most 3", "extra_poos: at most 4")
    overlaps = [one for one in check(copy.folder, prove=False).findings if one.code == "overlap"]

    assert [{"extra_poos": 4}] == [json.loads(one.person) for one in overlaps]


# advice


def test_somebody_with_nothing_to_report_is_green(protocol):
    found = advice(protocol)

    assert ("green", "green", "green") == (found.level, found.at_least, found.could_be)
    assert () == found.reasons
    assert found.contact.who is None


@pytest.mark.parametrize(
    ("question", "value", "level"),
    [
        ("extra_poos", 1, "green"),
        ("extra_poos", 2, "amber"),
        ("extra_poos", 3, "amber"),
        ("extra_poos", 4, "red"),
        ("mouth", "none", "green"),
        ("mouth", "painful", "amber"),
        ("mouth", "cannot_eat", "red"),
        ("temperature", 35.9, "red"),
        ("temperature", 36, "green"),
        ("temperature", 37.4, "green"),
        ("temperature", 37.5, "amber"),
        ("temperature", 37.9, "amber"),
        ("temperature", 38, "red"),
    ],
)
def test_each_light_goes_on_right_at_its_limit(protocol, question, value, level):
    assert level == advice(protocol, **{question: value}).level


@pytest.mark.parametrize("voice", ["you", "they"])
def test_red_shows_both_actions_at_once(protocol, voice):
    found = advise(protocol, {**WELL, "extra_poos": 4}, voice=voice)
    whose = {"you": "your", "they": "their"}[voice]

    assert f"Stop the pump, and call {whose} pump team now" == found.headline
    assert (
        "Stop the pump. Press the round button until the light goes out.",
        f"Call now: {whose} pump team, or {whose} ward.",
        "If nobody answers, call 000 or go to the first-aid tent.",
    ) == found.first
    assert ("pump-team", "ward") == (found.contact.who, found.contact.also)


def test_amber_lets_the_pump_run_and_shows_self_care(protocol):
    found = advice(protocol, extra_poos=3)

    assert ("Call within 24 hours: your pump team.", "Let the pump run on.") == found.first
    assert ("Drink small amounts, often.",) == found.self_care


def test_two_ambers_are_a_red_and_the_escalation_is_a_reason(protocol):
    found = advice(protocol, extra_poos=2, mouth="painful")

    assert ("red", "red") == (found.level, found.at_least)
    assert [
        ("escalate/two-ambers", "red"),
        ("loose-poos/some", "amber"),
        ("sore-mouth/painful", "amber"),
    ] == reasons(found)
    assert "Two of your answers together need a call now." == found.reasons[0].because
    assert ("PL-08",) == found.reasons[0].source.sentences
    assert "Stop the pump" in found.first[0]
    assert () == found.self_care


@pytest.mark.parametrize(
    ("medicine", "level", "more"),
    [
        ("plain", "amber", []),
        ("immune", "red", [("escalate/amber-with-immune-medicine", "red")]),
        ("both", "red", [("escalate/amber-with-immune-medicine", "red")]),
    ],
)
def test_an_immune_medicine_turns_one_amber_into_a_red(protocol, medicine, level, more):
    found = advice(protocol, temperature=37.5, medicine=medicine)

    assert level == found.level
    assert [*more, ("temperature/raised", "amber")] == reasons(found)


def test_an_immune_medicine_turns_no_green_into_anything(protocol):
    assert "green" == advice(protocol, medicine="immune", extra_poos=1).level


def test_one_amber_with_a_medicine_that_is_not_known_could_be_red(protocol):
    found = advice(protocol, extra_poos=2, medicine=None)

    assert ("amber", "amber", "red") == (found.level, found.at_least, found.could_be)
    assert [("medicine", "red")] == [(one.question, one.could_reach) for one in found.settle]


@pytest.mark.parametrize("question", sorted(WELL.keys() - {"medicine"}))
def test_not_knowing_is_never_green(protocol, question):
    found = advice(protocol, **{question: None})

    assert ("amber", "green", "red") == (found.level, found.at_least, found.could_be)


def test_at_amber_one_more_amber_is_something_to_watch_for_at_red(protocol):
    watched = {one.text: one.level for one in advice(protocol, extra_poos=2).watch_for}

    assert "red" == watched["your temperature goes to 37.5 °C or above"]
    assert {"red"} == set(watched.values())


def test_every_light_agrees_with_the_scheme_written_in_python(protocol):
    """The scheme once more, by hand, for everybody at every limit."""
    for values in product(*EACH.values()):
        answers = dict(zip(EACH, values, strict=True))
        assert by_hand(**answers) == advise(protocol, answers, watch=False).level, answers


def by_hand(*, extra_poos, mouth, temperature, took_fever_medicine, medicine):
    poos = 2 if extra_poos >= 4 else 1 if extra_poos >= 2 else 0
    sore = {"none": 0, "painful": 1, "cannot_eat": 2}[mouth]
    warm = 2 if temperature >= 38 or temperature < 36 else 1 if temperature >= 37.5 else 0
    ambers = [one for one in (poos, sore, warm) if one]
    if 2 in ambers or len(ambers) >= 2 or (ambers and medicine != "plain"):
        return "red"
    return "amber" if ambers or took_fever_medicine else "green"


# the interview


def person(chance):
    """Somebody's whole set of answers, often at a limit, sometimes not known."""
    answers = {
        "extra_poos": chance.choice((*EACH["extra_poos"], chance.randint(0, 30))),
        "mouth": chance.choice(EACH["mouth"]),
        "temperature": chance.choice((36.8, *EACH["temperature"], chance.randint(300, 450) / 10)),
        "took_fever_medicine": chance.choice((False, False, True)),
        "medicine": chance.choice(EACH["medicine"]),
    }
    return {one: None if chance.random() < 0.15 else value for one, value in answers.items()}


def walk(interview, person_, *, everything):
    """What is asked of this person until the interview is done, and why it is done."""
    answers = {}
    while isinstance(step := interview.next_screen(answers, everything=everything), Ask):
        new = {one.id: person_[one.id] for one in step.questions}
        assert not new.keys() & answers.keys()
        answers |= new
    assert isinstance(step, Done)
    return answers, step


@pytest.mark.parametrize("seed", range(60))
def test_the_short_interview_shows_what_asking_everything_shows(protocol, seed):
    person_ = person(random.Random(seed))
    interview = Interview(protocol)
    short, step = walk(interview, person_, everything=False)
    full, all_of_it = walk(interview, person_, everything=True)
    found = advise(protocol, short)

    assert person_ == full
    assert Done("all", more=False) == all_of_it
    assert advise(protocol, full).level == found.level
    assert found.finished
    assert (short.keys() < full.keys()) == step.more


@pytest.mark.parametrize("question", ["mouth", "medicine"])
def test_each_choice_is_an_answer_just_as_it_is_offered(protocol, question):
    offered = Interview(protocol).question(question).options

    assert list(EACH[question]) == [one.id for one in offered]
    for one in (option.id for option in offered):
        assert advice(protocol, **{question: str(one)}) == advice(protocol, **{question: one})


def test_the_short_interview_stops_at_the_first_red(protocol):
    asked, step = walk(Interview(protocol), {**WELL, "extra_poos": 4}, everything=False)

    assert {"extra_poos": 4} == asked
    assert Done("settled", more=True) == step


def test_the_short_interview_stops_at_the_second_amber(protocol):
    asked, _ = walk(Interview(protocol), {**WELL, "extra_poos": 2, "mouth": "painful"}, everything=False)

    assert {"extra_poos": 2, "mouth": "painful"} == asked


def test_at_one_amber_the_interview_goes_on_to_the_medicine(protocol):
    asked, _ = walk(Interview(protocol), {**WELL, "extra_poos": 2}, everything=False)

    assert "medicine" in asked


# diff


def test_an_unchanged_copy_changes_nothing_for_anybody(protocol, copy):
    assert diff(protocol, load(copy.folder)).is_empty


def test_a_red_limit_raised_by_one_shows_exactly_those_who_get_less(protocol, copy):
    copy.change(f"{NAME}/loose-poos.yaml", "extra_poos: at least 4", "extra_poos: at least 5")
    copy.change(f"{NAME}/loose-poos.yaml", "extra_poos: at most 3", "extra_poos: at most 4")
    new = load(copy.folder)
    found = diff(protocol, new)

    assert () == found.raised
    assert {4} == {one.person["extra_poos"] for one in found.lowered}
    assert {("red", "amber")} == {(one.old, one.new) for one in found.lowered}
    assert moves(protocol, new) == {(one.old, one.new) for one in found.lowered if one.complete}
    assert (f"{NAME}/loose-poos/some", f"{NAME}/loose-poos/many") == tuple(
        sorted(found.lowered[0].rules, reverse=True)
    )


def test_an_amber_limit_lowered_by_one_shows_exactly_those_who_get_more(protocol, copy):
    copy.change(f"{NAME}/loose-poos.yaml", "extra_poos: at least 2", "extra_poos: at least 1")
    new = load(copy.folder)
    found = diff(protocol, new)

    assert () == found.lowered
    assert {1} == {one.person["extra_poos"] for one in found.raised}
    assert {("green", "amber"), ("green", "red"), ("amber", "red")} == moves(protocol, new)
    assert moves(protocol, new) == {(one.old, one.new) for one in found.raised if one.complete}


def test_two_ambers_made_three_shows_people_with_two_ambers(protocol, copy):
    copy.change(f"{NAME}/protocol.yaml", "at least 2 cards at amber", "at least 3 cards at amber")
    new = load(copy.folder)
    found = diff(protocol, new)
    known = [one for one in found.lowered if one.complete]

    assert () == found.raised
    assert {("red", "amber")} == {(one.old, one.new) for one in known} == moves(protocol, new)
    for one in known:
        assert {"amber"} == {reason.level for reason in advise(new, one.person).reasons}
        assert 2 == len(advise(new, one.person).reasons)


def test_an_action_reworded_is_wording_and_changes_nobody(protocol, copy):
    copy.change(f"{NAME}/levels.yaml", "Press the round button", "Press the square button")
    found = diff(protocol, load(copy.folder))

    assert ((), (), ()) == (found.lowered, found.raised, found.asked)
    assert ["levels / red / first / 1 / you", "levels / red / first / 1 / they"] == [
        one.where for one in found.wording
    ]


def moves(old, new):
    """From which level to which, for everybody at every limit."""
    people = [dict(zip(EACH, values, strict=True)) for values in product(*EACH.values())]
    levels = {tuple(advise(one, each, watch=False).level for one in (old, new)) for each in people}
    return {(before, after) for before, after in levels if before != after}


# review, signing, layout


def test_the_review_page_shows_every_level_rule_and_escalation(protocol, tmp_path):
    output = tmp_path / "review.html"
    write_review(RULES / NAME, output, "html")
    html = output.read_text("utf-8")
    text = " ".join(re.sub(r"<[^>]*>", " ", html).split())

    for level in protocol.levels:
        assert level.word in text
        assert protocol.headline(level, "you") in text
        for step in protocol.first_steps(level, "you"):
            assert step in text
    for one in (*protocol.rules, *protocol.escalations):
        assert f'id="rule-{anchor(one.id)}"' in html
    for rule in protocol.rules:
        assert rule.because.you in text
    for escalation in protocol.escalations:
        assert escalation.because.you in text


def test_the_workbook_is_written_too(tmp_path):
    output = tmp_path / "review.xlsx"
    write_review(RULES / NAME, output, "xlsx")

    assert output.stat().st_size > 5000


def test_a_signature_holds_until_a_level_changes(copy):
    sign(copy.folder, Signature("Dr A. Example", "consultant", TODAY))
    assert load(copy.folder).signed_off
    assert advise(load(copy.folder), WELL).protocol.signed_off

    copy.change(f"{NAME}/levels.yaml", "Press the round button", "Press the square button")
    assert not load(copy.folder).signed_off


def test_a_signature_does_not_hold_after_a_change_of_an_escalation(copy):
    sign(copy.folder, Signature("Dr A. Example", "consultant", TODAY))
    copy.change(f"{NAME}/protocol.yaml", "at least 2 cards at amber", "at least 3 cards at amber")

    assert not load(copy.folder).signed_off


def test_fmt_leaves_every_file_as_it_is():
    assert [] == format_path(RULES, check_only=True)


# the command line


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("WHENTOCALL_RULES", raising=False)

    def run_(*arguments):
        code = main(list(arguments))
        out, err = capsys.readouterr()
        assert "" == err
        return code, out

    return run_


@pytest.fixture
def two_ambers(tmp_path):
    path = tmp_path / "answers.json"
    path.write_text(json.dumps({**WELL, "extra_poos": 2, "mouth": "painful"}), "utf-8")
    return str(path)


def test_the_command_line_advises_by_these_rules(run, two_ambers):
    code, out = run("advise", NAME, "--rules", str(RULES), "--answers", two_ambers)
    text = " ".join(out.split())

    assert 0 == code
    assert "Stop the pump, and call your pump team now" in text
    assert "Press the round button until the light goes out." in text
    assert "Call now: your pump team, or your ward." in text
    assert "Two of your answers together need a call now." in text


def test_the_command_line_gives_these_levels_as_json(run, two_ambers):
    code, out = run(
        "advise", NAME, "--rules", str(RULES), "--answers", two_ambers, "--json", "--number", "pump-team=0001"
    )
    found = json.loads(out)

    assert 0 == code
    assert ("red", "0001") == (found["level"], found["contact"]["number"])
    assert f"{NAME}/escalate/two-ambers" == found["reasons"][0]["rule"]


def test_the_command_line_finds_these_rules_by_the_environment(run, two_ambers, monkeypatch):
    monkeypatch.setenv("WHENTOCALL_RULES", str(RULES))

    assert 0 == run("advise", NAME, "--answers", two_ambers)[0]
    assert (0, True) == (run("protocols")[0], run("protocols")[1].startswith(f"{NAME}\n"))


def test_the_command_line_checks_these_rules(run):
    code, out = run("check", str(RULES))

    assert 0 == code
    assert "no findings" in out


# what check should also see in such a scheme


def test_a_sentence_that_asks_for_red_is_reached_by_the_escalation_that_cites_it(copy):
    copy.change(
        "sources/pump-line-points.yaml",
        "PL-08: {section: Several answers,",
        "PL-08: {section: Several answers, contact: red,",
    )

    assert ("contact-not-reached", "PL-08") not in copy.codes()


def test_a_yes_that_gives_green_alone_is_found_beside_a_question_of_choices(copy):
    with_itching(copy)

    assert "green" == advise(load(copy.folder), {**WELL, "itching": True}).level
    assert ("reported-but-nothing", "itching") in copy.codes()


def test_an_escalation_that_no_case_shows_is_found(copy):
    copy.change(
        f"{NAME}/protocol.yaml",
        "written:",
        """  - name: three-ambers
    when: at least 3 cards at amber
    to: red
    because: Three of your answers together need a call now.
    sentences: [PL-08]
written:""",
    )

    assert {"three-ambers"} <= {about for _, about in copy.codes()}


def with_itching(copy):
    """A question whose "yes" counts only together with loose poos."""
    copy.change(
        f"{NAME}/loose-poos.yaml",
        "\nrules:\n",
        """
  itching:
    you: Do you itch?
    they: Do they itch?
    short: Itching
    answer: yes or no

rules:
  itching-too:
    when: {itching: yes, extra_poos: exactly 1}
    level: amber
    because: Itching with loose poos needs a call.
    sentences: [PL-01]
""",
    )
