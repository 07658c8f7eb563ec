"""Only a value that passed our own check is an answer; whatever else comes back is a stop or a fault."""

import pytest
import questionary
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import DummyInput
from prompt_toolkit.output import DummyOutput

from whentocall.cli import main
from whentocall.interview import command, texts
from whentocall.interview.faces import NotAReply, Stopped, prompts
from whentocall.interview.faces.checklist import Action, Checklist
from whentocall.interview.faces.menus import MenuFace
from whentocall.interview.faces.prompts import Accepted
from whentocall.interview.flow import Ask, AskedQuestion
from whentocall.interview.parse import Reply
from whentocall.interview.session import Session
from whentocall.protocol.load import shipped_rules

SIGNS = tuple(AskedQuestion(sign, f"{sign}?", sign, "", "yes-no") for sign in ("A", "B"))
GARBAGE = {
    "nothing": None,
    "an empty text": "",
    "an empty list": [],
    "an empty mapping": {},
    "false": False,
    "true": True,
    "a number": 0,
    "an id of no choice": "none",
    "an id in a list": ["yes"],
    "an object": object(),
    "a class": Reply,
    "an answer of another prompt": Accepted("yes"),
    "a row": Action.NONE,
}


@pytest.mark.parametrize("returned", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("asked", ["choose", "tick", "number"])
def test_what_questionary_returns_by_itself_is_a_stop(monkeypatch, temperature, returned, asked):
    """No value of its own, be it a right one, came by our handler."""
    monkeypatch.setattr(prompts, "create_output", lambda stdout: DummyOutput())  # noqa: ARG005
    monkeypatch.setattr(questionary.Question, "unsafe_ask", lambda _self: returned)
    ask = {
        "choose": lambda face: face.choose("Which?", [("yes", "Yes"), ("no", "No")], help_="", back=True),
        "tick": lambda face: face.tick(Ask("Signs", SIGNS), back=True),
        "number": lambda face: face.number(temperature, back=True),
    }
    with create_app_session(input=DummyInput(), output=DummyOutput()), pytest.raises(Stopped):
        ask[asked](MenuFace(colour=False))


class Careless:
    """A face that replies from a list, and at its end with garbage."""

    def __init__(self, face, garbage):
        self.face, self.garbage = face, garbage
        self.page, self.show = face.page, face.show

    def choose(self, *asked, **how):
        return self.face.choose(*asked, **how) if self.face.replies else self.garbage

    def tick(self, *asked, **how):
        return self.face.tick(*asked, **how) if self.face.replies else self.garbage

    def number(self, *asked, **how):
        return self.face.number(*asked, **how) if self.face.replies else self.garbage


NO_SIGNS = ({}, 36.8, "no", {}, {}, {})
BEFORE = {
    "the first list": (),
    "a number": ({},),
    "yes or no": ({}, 36.8),
    "a later list": ({}, 36.8, "no"),
    "the summary": NO_SIGNS,
    "what to change": (*NO_SIGNS, "change"),
    "a changed yes or no": (*NO_SIGNS, "change", "chest_pain"),
    "a changed number": (*NO_SIGNS, "change", "temperature"),
    "whether to go on": ({}, 39, "yes"),
    "a choice": ({}, 39, "yes", "yes", "no", {}, {}, {}),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("place", BEFORE)
def test_no_garbage_of_a_face_is_an_answer(all_drugs, scripted, place, garbage):
    if garbage is None and place in ("a number", "a changed number"):
        garbage = "None"  # None itself is "don't know" there
    with pytest.raises(NotAReply):
        Session(Careless(scripted(*BEFORE[place]), garbage), all_drugs, "you").run()


@pytest.mark.parametrize(
    "number", [386, float("nan"), float("inf"), {"value": 38.6}, {"value": 38.6, "unit": "K"}]
)
def test_no_number_that_is_refused_is_an_answer(all_drugs, scripted, number):
    with pytest.raises(NotAReply):
        Session(Careless(scripted({}), number), all_drugs, "you").run()


@pytest.mark.parametrize(
    "change",
    [
        lambda marks: marks.pop("chest_pain"),
        lambda marks: marks.update(fever=False),
        lambda marks: marks.update(chest_pain=0),
        lambda marks: marks.update(chest_pain="no"),
        lambda marks: marks.update(chest_pain=[]),
    ],
    ids=["one left out", "one too many", "a zero", "a word", "an empty list"],
)
def test_a_checklist_answers_what_it_asked_with_yes_no_or_not_known(all_drugs, scripted, change):
    session = Session(scripted(), all_drugs, "you")
    marks = {question.id: False for question in session._walk.step().questions}
    change(marks)
    session.face = Careless(session.face, marks)
    with pytest.raises(NotAReply):
        session.run()


@pytest.mark.parametrize("before", [(), ({}, 39, "yes")], ids=["the first list", "whether to go on"])
def test_there_is_no_going_back_where_it_was_not_offered(all_drugs, scripted, before):
    with pytest.raises(NotAReply):
        Session(Careless(scripted(*before), Reply.BACK), all_drugs, "you").run()


@pytest.mark.one_in(2)
@pytest.mark.parametrize("garbage", [*GARBAGE.values(), Reply.BACK], ids=[*GARBAGE, "back"])
@pytest.mark.parametrize("before", [(), ("all-targeted-drugs",)], ids=["the treatment", "who answers"])
def test_no_garbage_chooses_the_treatment_or_who_answers(monkeypatch, scripted, before, garbage):
    monkeypatch.setattr(command, "face_for_terminal", lambda plain: Careless(scripted(*before), garbage))  # noqa: ARG005
    monkeypatch.setattr(command, "interrupt_when_closed", lambda: None)
    with pytest.raises(NotAReply):
        command.run_interview(
            rules=shipped_rules(),
            protocol=None,
            voice=None,
            plain=False,
            json_file=None,
            save_file=None,
            numbers={},
        )


def test_a_face_that_is_at_fault_ends_with_a_call_to_make_and_no_advice(monkeypatch, scripted, capsys):
    monkeypatch.setattr(command, "face_for_terminal", lambda plain: Careless(scripted(), []))  # noqa: ARG005
    monkeypatch.setattr(command, "interrupt_when_closed", lambda: None)
    assert 70 == main(["ask", "all-targeted-drugs", "--me"])
    assert "Call your cancer team now." in capsys.readouterr().err


def test_nothing_is_left_to_be_unsure_of_where_everything_is_ticked():
    listed = Checklist(SIGNS, [Action.CONTINUE, Action.NONE, Action.NOT_SURE])
    assert ["", ""] == [listed.act(0), listed.act(1)]
    assert texts.ALL_TICKED == listed.act(4)
    assert texts.UNTICKED.format(text="B") == listed.act(1)
    assert Action.NOT_SURE is listed.act(4)
    assert {"A"} == listed.ticked
