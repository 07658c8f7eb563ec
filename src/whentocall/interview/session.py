"""One interview from the first question to the advice, with any face."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from whentocall.engine.spelling import Given
from whentocall.errors import AnswersError
from whentocall.interview import faces, narrative, texts
from whentocall.interview.faces import Face, NotAReply, Stopped
from whentocall.interview.flow import Ask, AskedQuestion, Interview
from whentocall.interview.parse import Reply
from whentocall.interview.render import Line, advice_lines, answers_lines, headline_lines
from whentocall.interview.walk import Walk
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice

if TYPE_CHECKING:
    from whentocall.engine.advice import Advice


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an interview ended.

    Attributes:
        answers: what was answered, in JSON form.
        advice: the advice shown; the advice so far if the person stopped.
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

    def run(self) -> Outcome:
        """Ask, confirm, advise; on any stop, show what is known so far. Never raises `Stopped`.

        Ctrl-C can also come between two prompts, so it is caught here as well as by the face. A closed
        terminal is noticed twice, as the end of the input and by a signal; hence the second `except`.
        """
        try:
            return self._run()
        except KeyboardInterrupt:
            return self._so_far()

    def _run(self) -> Outcome:
        try:
            self._ask_until_confirmed()
        except (Stopped, KeyboardInterrupt):
            return self._so_far()
        advice = self._show_advice()
        answers = self._walk.answers
        try:
            if self._wants_more(advice):
                self._walk = self._walk.go_on()
                self._ask_until_confirmed()
                advice = self._show_advice()
        except (Stopped, KeyboardInterrupt):
            if self._walk.answers != answers:
                return self._so_far()
        return Outcome(self._walk.answers, advice, stopped=False)

    def _so_far(self) -> Outcome:
        advice = self._show_advice(so_far=narrative.so_far(self._walk.answers))
        return Outcome(self._walk.answers, advice, stopped=True)

    def _show_advice(self, *, so_far: str = "") -> Advice:
        advice, page = self._walk.advise(self.numbers), self.face.page
        lines = page.heading(so_far) if so_far else [Line()]
        lines += advice_lines(self.protocol, advice, self.voice, page)
        lines += [] if so_far else page.text(texts.GOODBYE)
        with suppress(Stopped):  # nobody can read it any more; files that were asked for are still written
            self.face.show(lines + headline_lines(self.protocol, advice, page))
        return advice

    def _ask_until_confirmed(self) -> None:
        while True:
            step = self._walk.step()
            if isinstance(step, Ask):
                self._ask(step)
            elif self._walk.is_emergency() or self._confirmed():
                return

    def _ask(self, ask: Ask) -> None:
        back = self._walk.can_go_back
        if len(ask.questions) > 1:
            reply: Mapping[str, Given] | Reply = faces.tick(self.face, ask, back=back)
        else:
            reply = self._ask_one(ask.questions[0], back=back)
        self._walk = self._walk.back() if isinstance(reply, Reply) else _taken(self._walk.answer, reply)

    def _ask_one(self, question: AskedQuestion, *, back: bool) -> Mapping[str, Given] | Reply:
        if question.kind not in ("yes-no", "one-of"):
            given = faces.number(self.face, question, back=back)
            return given if isinstance(given, Reply) else {question.id: given}
        choices = narrative.choices(question)
        chosen = faces.choose(self.face, question.text, choices, help_=question.help, back=back)
        if isinstance(chosen, Reply):
            return chosen
        return {question.id: narrative.chosen_answer(question, chosen)}

    def _confirmed(self) -> bool:
        """Show what was answered; False once an answer has been changed."""
        page = self.face.page
        self.face.show(page.heading(texts.SUMMARY_TITLE))
        self.face.show(answers_lines(self.protocol, self._walk.answers, self.voice, page))
        choices = [("yes", texts.CONFIRM_YES), ("change", texts.CONFIRM_CHANGE)]
        reply = faces.choose(self.face, texts.CONFIRM, choices, back=self._walk.can_go_back)
        if reply is Reply.BACK:
            self._walk = self._walk.back()
        elif reply == "change":
            self._change_one()
        return reply == "yes"

    def _change_one(self) -> None:
        answers = self._walk.answers
        choices = [
            (question_id, narrative.answer_line(self.protocol, question_id, given, self.voice))
            for question_id, given in sorted(answers.items(), key=lambda answer: answer[1] is False)
        ]
        choices.append(("nothing to change", texts.NOTHING_TO_CHANGE))
        chosen = faces.choose(self.face, texts.WHICH_CHANGE, choices, back=True)
        if isinstance(chosen, Reply) or chosen not in answers:
            return
        reply = self._ask_one(self._walk.interview.question(chosen), back=True)
        if not isinstance(reply, Reply):
            self._walk = _taken(self._walk.change, reply)

    def _wants_more(self, advice: Advice) -> bool:
        choices = [("no", texts.MORE_NO), ("yes", texts.MORE_YES)]
        return self._walk.may_go_on(advice) and (
            faces.choose(self.face, texts.MORE, choices, help_=texts.MORE_WHY) == "yes"
        )


def _taken(take: Callable[[Mapping[str, Given]], Walk], reply: Mapping[str, Given]) -> Walk:
    """The walk with what a face returned; a face must not return what is then refused."""
    try:
        return take(reply)
    except AnswersError as refused:
        raise NotAReply(str(refused)) from None
