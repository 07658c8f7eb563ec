"""Which question next: a pure function of the answers so far.

No state is kept anywhere, so the same interview runs in a terminal, behind HTTP or in a chat.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from whentocall.engine.answers import Answers, check_answers
from whentocall.engine.combine import combine
from whentocall.engine.judge import is_finished
from whentocall.engine.reference import Reading, Values, read
from whentocall.protocol.conditions import Truth, questions, tests
from whentocall.protocol.models import Question
from whentocall.protocol.phrases import Kind
from whentocall.protocol.protocol import Protocol, Screen
from whentocall.protocol.wording import Voice


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """One question, ready to be shown.

    Attributes:
        id: the key of its answer.
        text: the full question, in the voice of the interview.
        short: a few words for a checklist or a summary.
        help: what Yes and No mean, or how to find the answer; empty if there is nothing to say.
        kind: how it is answered.
        low, high, unit: the plausible range of a number, both ends included; 0, 0 and "" otherwise.
        options: id and text of each choice.
    """

    id: str
    text: str
    short: str
    help: str
    kind: Kind
    low: float = 0
    high: float = 0
    unit: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """Questions to show together; more than one means a checklist of yes/no questions."""

    title: str
    questions: tuple[AskedQuestion, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more to ask.

    Attributes:
        why: "all" where everything that applies has been asked; "settled" where what is left could not
            change the level.
        more: whether questions are left that could be asked for a full summary.
    """

    why: Literal["all", "settled"]
    more: bool


class Interview:
    """The interview of one protocol in one voice. Immutable; holds no answers."""

    def __init__(self, protocol: Protocol, *, voice: Voice = "you") -> None:
        self.protocol = protocol
        self.voice = voice
        self._screens = protocol.once(_screens)
        self._reach = protocol.once(_reach)

    def next_question(
        self, answers: Mapping[str, object], *, everything: bool = False
    ) -> AskedQuestion | Done:
        """The next single question, or `Done`.

        Args:
            answers: the answers so far, as `advise` takes them. What is absent has not been asked.
            everything: ask also what could not change the level any more.

        Raises:
            AnswersError: as for `advise`.
        """
        step = self.next_screen(answers, everything=everything)
        return step if isinstance(step, Done) else step.questions[0]

    def next_screen(self, answers: Mapping[str, object], *, everything: bool = False) -> Ask | Done:
        """The next questions to show together, or `Done`. Arguments as for `next_question`."""
        checked = check_answers(self.protocol, answers)
        left = list(self._left(checked.values))
        if everything or not left:
            return self._ask(*left[0]) if left else Done("all", more=False)
        if is_finished(self.protocol, checked):
            return Done("settled", more=True)
        matters = self._matters(checked)
        chosen = next((one for one in left if matters.intersection(one[1])), left[0])
        return self._ask(*chosen)

    def question(self, one: str) -> AskedQuestion:
        """One question by its id, ready to be shown."""
        return _asked(self.protocol.questions[one], self.voice)

    def _ask(self, screen: Screen, ids: Iterable[str]) -> Ask:
        title = screen.title.to(self.voice) if screen.title else ""
        return Ask(title, tuple(self.question(one) for one in ids))

    def _left(self, values: Values) -> Iterator[tuple[Screen, tuple[str, ...]]]:
        """The screens with questions that apply and have not been asked, and those questions."""
        reading = Reading(self.protocol, values)
        for screen in self._screens:
            ids = tuple(
                one for one in screen.questions if one not in values and reading.applies(one) is Truth.TRUE
            )
            if ids:
                yield screen, ids

    def _matters(self, answers: Answers) -> frozenset[str]:
        """The questions whose answer could still change the level."""
        if self.protocol.escalations:
            return frozenset(self.protocol.questions)
        reading = read(self.protocol, answers.values)
        at_least = combine(self.protocol, reading.rules(), reading.condition).at_least
        found = {one for one, rank in self._reach.items() if rank > at_least}
        for one, question in self.protocol.questions.items():
            known = answers.values.get(one) is not None
            if known and self._reach.get(one, 0) > at_least and question.not_reassuring_if:
                found.update(questions(question.not_reassuring_if))
        return frozenset(found)


def _asked(question: Question, voice: Voice) -> AskedQuestion:
    return AskedQuestion(
        id=question.id,
        text=question.wording(voice),
        short=question.short.to(voice),
        help=question.help.to(voice) if question.help else "",
        kind=question.answer.kind,
        low=question.answer.low,
        high=question.answer.high,
        unit=question.answer.unit,
        options=tuple((one, text.to(voice)) for one, text in question.options.items()),
    )


def _screens(protocol: Protocol) -> tuple[Screen, ...]:
    """The protocol's screens, each followed by the follow-ups that it makes possible."""
    ordered: list[Screen] = []
    asked: set[str] = set()
    waiting = [
        one.id
        for one in protocol.questions.values()
        if not any(one.id in screen.questions for screen in protocol.screens)
    ]
    for screen in protocol.screens:
        ordered.append(screen)
        asked.update(screen.questions)
        while ready := [
            one for one in waiting if asked.issuperset(questions(protocol.questions[one].only_if))
        ]:
            ordered += [Screen(None, (one,)) for one in ready]
            asked.update(ready)
            waiting = [one for one in waiting if one not in asked]
    return tuple(ordered)


def _reach(protocol: Protocol) -> Mapping[str, int]:
    """For each question, the highest rank of a rule that its answer can bear on.

    Directly, or by opening a follow-up; masking is left to the caller, as it depends on an answer.
    """
    reach: dict[str, int] = {}
    for rule in protocol.rules:
        for test in tests(rule.rule.when):
            reach[test.question] = max(reach.get(test.question, 0), rule.rank)
    changed = True
    while changed:
        changed = False
        for opener, followers in protocol.followers.items():
            best = max(reach.get(one, 0) for one in followers)
            if best > reach.get(opener, 0):
                reach[opener], changed = best, True
    return MappingProxyType(reach)
