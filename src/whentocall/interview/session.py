"""One interview from the first question to the advice, with any face."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from whentocall.config import numbers_for
from whentocall.engine.phrasing import answer_words
from whentocall.engine.spelling import Given
from whentocall.errors import AnswersError
from whentocall.interview import faces, texts
from whentocall.interview.faces import Face, NotAReply, Stopped
from whentocall.interview.flow import Ask, AskedQuestion, Done, Interview
from whentocall.interview.parse import Reply
from whentocall.interview.progress import Walk
from whentocall.interview.render import Line, advice_lines, answers_lines, headline_lines
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice

if TYPE_CHECKING:
    from whentocall.engine.advice import Advice


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an interview ended.

    Attributes:
        answers: what was answered, in JSON form.
        advice: the advice shown, "so far" where it was stopped.
        stopped: whether the person stopped before the advice was reached.
    """

    answers: Mapping[str, Given]
    advice: Advice
    stopped: bool


@dataclass(slots=True)
class Session:
    """Drives one interview. Create one per interview; it is not shared."""

    face: Face
    protocol: Protocol
    voice: Voice
    numbers: Mapping[str, str] = field(default_factory=dict)
    _walk: Walk = field(init=False)

    def __post_init__(self) -> None:
        """Start without answers."""
        self._walk = Walk(Interview(self.protocol, voice=self.voice))

    def run(self, *, ask_for_more: bool = True) -> Outcome:
        """Ask, confirm, advise; on any stop, show what is known so far. Never raises `Stopped`.

        Ctrl-C may also come between two prompts, so it is met here as well as by the face. A closed
        terminal is noticed twice, as the end of the input and by a signal, hence once more on the outside.
        """
        try:
            return self._run(ask_for_more=ask_for_more)
        except KeyboardInterrupt:
            return self._so_far()

    def _run(self, *, ask_for_more: bool) -> Outcome:
        try:
            self._ask_until_confirmed()
        except (Stopped, KeyboardInterrupt):
            return self._so_far()
        advice = self._show_advice()
        told = self._walk.answers
        try:
            if ask_for_more and self._wants_more(advice):
                self._walk = self._walk.go_on()
                self._ask_until_confirmed()
                advice = self._show_advice()
        except (Stopped, KeyboardInterrupt):
            if self._walk.answers != told:
                return self._so_far()
        return Outcome(self._walk.answers, advice, stopped=False)

    def _advice(self) -> Advice:
        from whentocall.engine.advise import advise  # noqa: PLC0415  the first question need not wait for it

        numbers = numbers_for(self.numbers, self.protocol.words_for)
        return advise(self.protocol, self._walk.answers, voice=self.voice, numbers=numbers)

    def _show_advice(self) -> Advice:
        advice = self._advice()
        page = self.face.page
        lines = [Line(), *advice_lines(self.protocol, advice, self.voice, page)]
        lines += [*page.text(texts.GOODBYE), *headline_lines(self.protocol, advice, page)]
        self._try_to_show(lines)
        return advice

    def _so_far(self) -> Outcome:
        advice = self._advice()
        page = self.face.page
        lead = texts.SO_FAR if self._walk.answers else texts.SO_FAR_NOTHING
        lines = [Line(), *page.text(lead, style="heading")]
        lines += advice_lines(self.protocol, advice, self.voice, page)
        self._try_to_show([*lines, *headline_lines(self.protocol, advice, page)])
        return Outcome(self._walk.answers, advice, stopped=True)

    def _try_to_show(self, lines: list[Line]) -> None:
        try:
            self.face.show(lines)
        except Stopped:  # nobody can read any more; files that were asked for are still written
            return

    def _ask_until_confirmed(self) -> None:
        while True:
            step = self._walk.step()
            if isinstance(step, Ask):
                self._ask(step)
            elif self._is_emergency() or self._confirmed():
                return

    def _is_emergency(self) -> bool:
        """Whether the most urgent level is reached: nothing may stand between it and the person."""
        return self._advice().at_least == self.protocol.levels[-1].id

    def _ask(self, step: Ask) -> None:
        back = self._walk.can_go_back
        reply = (
            faces.tick(self.face, step, back=back)
            if len(step.questions) > 1
            else self._ask_one(step.questions[0], back=back)
        )
        self._walk = self._walk.back() if isinstance(reply, Reply) else _taken(self._walk.answer, reply)

    def _ask_one(self, question: AskedQuestion, *, back: bool) -> Mapping[str, Given] | Reply:
        if question.kind in ("yes-no", "one-of"):
            return self._choose(question, back=back)
        given = faces.number(self.face, question, back=back)
        return given if isinstance(given, Reply) else {question.id: given}

    def _choose(self, question: AskedQuestion, *, back: bool) -> Mapping[str, Given] | Reply:
        meanings: dict[str, Given] = {option.id: option.id for option in question.options}
        choices = [(option.id, option.text) for option in question.options]
        if question.kind == "yes-no":
            meanings, choices = {"yes": True, "no": False}, [("yes", texts.YES), ("no", texts.NO)]
        meanings[_DONT_KNOW] = None
        choices.append((_DONT_KNOW, texts.DONT_KNOW))
        chosen = faces.choose(self.face, question.text, choices, help_=question.help, back=back)
        return chosen if isinstance(chosen, Reply) else {question.id: meanings[chosen]}

    def _confirmed(self) -> bool:
        """Show what was answered; False once an answer has been changed."""
        page = self.face.page
        self.face.show([Line(), *page.text(texts.SUMMARY_TITLE, style="heading")])
        self.face.show(answers_lines(self.protocol, self._walk.answers, self.voice, page))
        choices = [("yes", texts.CONFIRM_YES), ("change", texts.CONFIRM_CHANGE)]
        reply = faces.choose(self.face, texts.CONFIRM, choices, back=self._walk.can_go_back)
        if reply is Reply.BACK:
            self._walk = self._walk.back()
            return False
        if reply == "yes":
            return True
        self._change_one()
        return False

    def _change_one(self) -> None:
        interview, answers = self._walk.interview, self._walk.answers
        choices = [
            (one, f"{interview.question(one).short}: {self._words(one, given)}")
            for one, given in sorted(answers.items(), key=lambda item: item[1] is False)
        ]
        choices.append(("nothing to change", texts.NOTHING_TO_CHANGE))
        chosen = faces.choose(self.face, texts.WHICH_CHANGE, choices, back=True)
        if isinstance(chosen, Reply) or chosen not in answers:
            return
        reply = self._ask_one(interview.question(chosen), back=True)
        if not isinstance(reply, Reply):
            self._walk = _taken(self._walk.change_together, reply)

    def _words(self, one: str, given: Given) -> str:
        return answer_words(self.protocol.questions[one], given, self.voice)

    def _wants_more(self, advice: Advice) -> bool:
        """Whether to go on after the level is settled; not offered in an emergency, nor for nothing."""
        end = self._walk.step()
        ends = (self.protocol.levels[0].id, self.protocol.levels[-1].id)
        if not (isinstance(end, Done) and end.more) or advice.level in ends:
            return False
        choices = [("no", texts.MORE_NO), ("yes", texts.MORE_YES)]
        return faces.choose(self.face, texts.MORE, choices, help_=texts.MORE_WHY) == "yes"


_DONT_KNOW = "dont know"  # ids of choices have no space, so this one is nobody's


def _taken(take: Callable[[Mapping[str, Given]], Walk], reply: Mapping[str, Given]) -> Walk:
    """The walk with what a face returned; a face has no business returning what is refused."""
    try:
        return take(reply)
    except AnswersError as refused:
        raise NotAReply(str(refused)) from None
