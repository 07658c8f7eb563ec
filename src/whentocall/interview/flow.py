"""Which question next: a pure function of the answers so far.

No state is kept anywhere, so the same interview runs in a terminal, behind HTTP or in a chat.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from whentocall.engine.answers import check_answers
from whentocall.engine.beyond import Beyond, beyond
from whentocall.engine.reference import Reading
from whentocall.engine.second import surely_finished
from whentocall.engine.situation import Situation
from whentocall.interview import texts
from whentocall.protocol.answer_types import Kind
from whentocall.protocol.conditions import FALSE, TRUE, UNSETTLED, questions, tests
from whentocall.protocol.model import Question, Rule, Screen
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice, check_voice


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a list: its id, which is the answer, and its words."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an interview is: questions answered, and how many more there can be at most."""

    answered: int = 0
    left: int = 0


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
        if_below, if_above: what to say of a number that is refused because it is below or above that range,
            where a rule makes that side urgent; else empty.
        why: why it is asked, in a sentence for the person.
        could_reach: the highest level that its answer can help to bring; None if it cannot raise the level.
        progress: how far the interview is.
    """

    id: str
    text: str
    short: str
    help: str
    kind: Kind
    low: float = 0
    high: float = 0
    unit: str = ""
    options: tuple[Option, ...] = ()
    if_below: str = ""
    if_above: str = ""
    why: str = ""
    could_reach: str | None = None
    progress: Progress = Progress()


@dataclass(frozen=True, slots=True)
class Ask:
    """Questions to show together; more than one means a checklist of yes/no questions."""

    title: str
    questions: tuple[AskedQuestion, ...]
    progress: Progress = Progress()


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more to ask.

    Attributes:
        why: "all" where everything that applies has been asked; "settled" where what is left could not
            change the level.
        more: whether questions are left that could be asked for a full summary.
        progress: how far the interview is.
    """

    why: Literal["all", "settled"]
    more: bool
    progress: Progress = field(default=Progress(), compare=False)


def step_json(step: AskedQuestion | Ask | Done) -> str:
    """What `next_question` or `next_screen` gave, as JSON text: `{"done": false, …}` or `{"done": true, …}`.

    Keys are the fields' names, options are objects of `id` and `text`; the same step gives the same text.
    """
    said = {"done": isinstance(step, Done), **asdict(step)}
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


class Interview:
    """The interview of one protocol in one voice. Immutable; holds no answers.

    Raises:
        ConfigError: there is no such voice.
    """

    def __init__(self, protocol: Protocol, *, voice: Voice = "you") -> None:
        check_voice(voice)
        self.protocol = protocol
        self.voice = voice
        self._screens = protocol.once(_screens)
        self._reach = protocol.once(_reach)
        self._read_by = protocol.once(_read_by)

    def next_question(
        self, answers: Mapping[str, object], *, everything: bool = False
    ) -> AskedQuestion | Done:
        """The next single question, or `Done`.

        Args:
            answers: the answers so far, as `advise` takes them. What is absent has not been asked.
            everything: ask also what could not change the level any more.

        Raises:
            AnswersError: as for `advise`.

        >>> import whentocall
        >>> interview = whentocall.Interview(whentocall.load("all-targeted-drugs"))
        >>> interview.next_question({}).id
        'unconscious'
        >>> interview.next_question({"unconscious": True})
        Done(why='settled', more=True, progress=Progress(answered=1, left=0))
        """
        step = self._next(answers, everything=everything, most=1)
        return step if isinstance(step, Done) else step.questions[0]

    def next_screen(self, answers: Mapping[str, object], *, everything: bool = False) -> Ask | Done:
        """The next questions to show together, or `Done`. Arguments as for `next_question`."""
        return self._next(answers, everything=everything)

    def _next(
        self, answers: Mapping[str, object], *, everything: bool, most: int | None = None
    ) -> Ask | Done:
        """The first `most` questions of the next screen."""
        protocol = self.protocol
        checked = check_answers(protocol, answers)
        reading = Reading(protocol, checked.values)
        left = list(self._left(reading))
        if not left:
            return Done("all", more=False, progress=Progress(len(checked.values)))
        finished = not everything and reading.finished
        if finished and surely_finished(protocol, checked.values):  # two opinions, before anybody stops
            return Done("settled", more=True, progress=Progress(len(checked.values)))
        situation = Situation(protocol, checked, reading, reading.rules(), reading.verdict, self.voice)
        matters = frozenset(protocol.questions) if everything else self._matters(situation)
        screen, ids = next((one for one in left if matters.intersection(one[1])), left[0])
        progress = Progress(len(checked.values), self._at_most(reading, matters))
        title = screen.title.to(self.voice) if screen.title else ""
        return Ask(title, self._asked(ids[:most], situation, progress), progress)

    def question(self, one: str) -> AskedQuestion:
        """One question by its id, ready to be shown."""
        return self._shown(one)

    def _shown(self, one: str, **more: Any) -> AskedQuestion:
        protocol, sides = self.protocol, self.protocol.once(beyond).get(one, Beyond())
        low, high = (side and protocol.headline(side, self.voice) for side in (sides.below, sides.above))
        return _asked(
            protocol.questions[one],
            self.voice,
            if_below=texts.IF_BELOW.format(headline=low) if low else "",
            if_above=texts.IF_ABOVE.format(headline=high) if high else "",
            **more,
        )

    def _asked(
        self, ids: Iterable[str], situation: Situation, progress: Progress
    ) -> tuple[AskedQuestion, ...]:
        bearing = self._bearing(situation)
        asked = []
        for one in ids:
            rule, rank = bearing.get(one, (None, 0))
            asked.append(
                self._shown(
                    one,
                    why=rule.because.to(self.voice) if rule else texts.WHY_ASKED,
                    could_reach=self.protocol.levels[rank].id if rule else None,
                    progress=progress,
                )
            )
        return tuple(asked)

    def _left(self, reading: Reading) -> Iterator[tuple[Screen, tuple[str, ...]]]:
        """The screens with questions that apply and have not been asked, and those questions."""
        for screen in self._screens:
            open_ = [one for one in screen.questions if one not in reading.values]
            if ids := tuple(one for one in open_ if reading.applies(one) is TRUE):
                yield screen, ids

    def _at_most(self, reading: Reading, matters: frozenset[str]) -> int:
        """How many more questions there can be: all on screens with one that matters, or may come to."""
        ask = self.protocol.questions
        masks = {other for one in matters for other in questions(ask[one].not_reassuring_if)}
        count = 0
        for screen in self._screens:
            open_ = [one for one in screen.questions if one not in reading.values]
            open_ = [one for one in open_ if reading.applies(one) is not FALSE]
            count += len(open_) if (matters | masks).intersection(open_) else 0
        return count

    def _bearing(self, situation: Situation) -> Mapping[str, tuple[Rule, int]]:
        """For each question, the most urgent rule that its answer could still help to hold, and its reach.

        A rule that could not raise the level above `at_least` any more does not count.
        """
        found: dict[str, tuple[Rule, int]] = {}
        for rule, truth in zip(self.protocol.rules, situation.truths, strict=True):
            if truth is not UNSETTLED:
                continue
            rank = situation.could_reach(rule)
            for one in self._read_by[rule.id] if rank > situation.verdict.at_least else ():
                if one not in found or rank > found[one][1]:
                    found[one] = rule, rank
        return found

    def _matters(self, situation: Situation) -> frozenset[str]:
        """The questions whose answer could still change the level."""
        if self.protocol.escalations:
            return frozenset(self.protocol.questions)
        at_least, values = situation.verdict.at_least, situation.answers.values
        found = {one for one, rank in self._reach.items() if rank > at_least}
        for one, question in self.protocol.questions.items():
            known = values.get(one) is not None
            if known and self._reach.get(one, 0) > at_least and question.not_reassuring_if:
                found.update(questions(question.not_reassuring_if))
        return frozenset(found)


def _asked(question: Question, voice: Voice, **asked: Any) -> AskedQuestion:
    return AskedQuestion(
        id=question.id,
        text=question.wording(voice),
        short=question.short.to(voice),
        help=question.help.to(voice) if question.help else "",
        kind=question.answer.kind,
        low=question.answer.low,
        high=question.answer.high,
        unit=question.answer.unit,
        options=tuple(Option(str(one), text.to(voice)) for one, text in question.options.items()),
        **asked,
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
        for test in tests(rule.when):
            reach[test.question] = max(reach.get(test.question, 0), rule.rank)
    changed = True
    while changed:
        changed = False
        for opener, followers in protocol.followers.items():
            best = max(reach.get(one, 0) for one in followers)
            if best > reach.get(opener, 0):
                reach[opener], changed = best, True
    return MappingProxyType(reach)


def _read_by(protocol: Protocol) -> Mapping[str, tuple[str, ...]]:
    """Rule id to the questions that it rests on: those it reads, what opens them, and what masks them."""
    found = {}
    for rule in protocol.rules:
        waiting = list(questions(rule.when))
        seen: dict[str, None] = {}
        while waiting:
            one = waiting.pop(0)
            if one not in seen:
                seen[one] = None
                question = protocol.questions[one]
                waiting += [*questions(question.only_if), *questions(question.not_reassuring_if)]
        found[rule.id] = tuple(seen)
    return MappingProxyType(found)
