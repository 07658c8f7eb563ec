"""Which question next: a pure function of the answers so far.

No state is kept anywhere, so the same interview runs in a terminal, behind HTTP or in a chat.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from whentocall.engine.answers import check_answers
from whentocall.engine.out_of_range import Beyond, beyond
from whentocall.engine.reference import Reading
from whentocall.engine.second_look import surely_finished
from whentocall.engine.situation import Situation
from whentocall.interview import texts
from whentocall.protocol.answer_types import Kind
from whentocall.protocol.conditions import TRUE, UNSETTLED, Truth, questions
from whentocall.protocol.model import Level, Rule, Screen
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice, check_voice


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a list: its id, which is the answer, and its words."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an interview has got: questions answered, and at most how many more there can be."""

    answered: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """One question, ready to be shown.

    Attributes:
        id: the key of its answer.
        text: the full question, in the voice of the interview.
        short: a few words for a checklist or a summary.
        help: what Yes and No mean, or how to find the answer; may be empty.
        kind: how it is answered.
        low, high, unit: the plausible range of a number, both ends included; 0, 0 and "" otherwise.
        options: id and text of each choice.
        if_below, if_above: what to say when a number below or above that range is refused; empty unless a
            rule makes that side urgent.
        why: why it is asked, in a sentence for the person.
        could_reach: the highest level that its answer can help to reach; None if it cannot raise the level.
        progress: how far the interview has got.
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
        why: "all" if everything that applies has been asked; "settled" if the rest cannot change the level.
        more: whether there are questions left to ask for a full summary.
        progress: how far the interview has got.
    """

    why: Literal["all", "settled"]
    more: bool
    progress: Progress = field(default=Progress(), compare=False)


def step_json(step: AskedQuestion | Ask | Done) -> str:
    """The result of `next_question` or `next_screen` as JSON: its fields, and whether it is `done`."""
    fields = {"done": isinstance(step, Done), **asdict(step)}
    return json.dumps(fields, ensure_ascii=False, indent=2) + "\n"


class Interview:
    """The interview of one protocol in one voice. Immutable; holds no answers.

    Raises:
        ConfigError: there is no such voice.
    """

    def __init__(self, protocol: Protocol, *, voice: Voice = "you") -> None:
        check_voice(voice)
        self.protocol = protocol
        self.voice = voice
        self._screens = protocol.once(screens_in_order)
        self._reach = protocol.once(_reach)
        self._read_by = protocol.once(_read_by)

    def next_question(
        self, answers: Mapping[str, object], *, everything: bool = False
    ) -> AskedQuestion | Done:
        """The next single question, or `Done`.

        Args:
            answers: the answers so far, as for `advise`. What is absent has not been asked.
            everything: also ask what can no longer change the level.

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
        unasked = list(self._unasked(reading))
        if not unasked:
            return Done("all", more=False, progress=Progress(len(checked.values)))
        finished = not everything and reading.finished
        if finished and surely_finished(protocol, checked.values):  # two opinions before anybody stops
            return Done("settled", more=True, progress=Progress(len(checked.values)))
        situation = Situation(protocol, checked, reading, reading.rules(), reading.verdict, self.voice)
        matters = frozenset(protocol.questions) if everything else self._matters(situation)
        screen = next((screen for screen in unasked if matters.intersection(screen.questions)), unasked[0])
        title = screen.title.to(self.voice) if screen.title else ""
        progress = Progress(len(checked.values), self._at_most(reading, matters))
        return Ask(title, self._asked(screen.questions[:most], situation, progress), progress)

    def question(self, question_id: str) -> AskedQuestion:
        """One question, ready to be shown."""
        question, voice = self.protocol.questions[question_id], self.voice
        sides = self.protocol.once(beyond).get(question_id, Beyond())
        return AskedQuestion(
            id=question.id,
            text=question.wording(voice),
            short=question.short.to(voice),
            help=question.help.to(voice) if question.help else "",
            kind=question.answer.kind,
            low=question.answer.low,
            high=question.answer.high,
            unit=question.answer.unit,
            options=tuple(Option(str(option), words.to(voice)) for option, words in question.options.items()),
            if_below=self._if_true(texts.IF_BELOW, sides.below),
            if_above=self._if_true(texts.IF_ABOVE, sides.above),
        )

    def screen(self, ids: Sequence[str]) -> Ask:
        """Questions that were answered together, under the title of their screen."""
        asked = tuple(map(self.question, ids))
        titles = (
            screen.title.to(self.voice)
            for screen in self.protocol.screens
            if screen.title and len(ids) > 1 and ids[0] in screen.questions
        )
        return Ask(next(titles, asked[0].short), asked)

    def _if_true(self, text: str, level: Level | None) -> str:
        return text.format(headline=self.protocol.headline(level, self.voice)) if level else ""

    def _asked(
        self, ids: Sequence[str], situation: Situation, progress: Progress
    ) -> tuple[AskedQuestion, ...]:
        at_stake = self._at_stake(situation)
        asked = []
        for question_id in ids:
            rule, rank = at_stake.get(question_id, (None, 0))
            why = rule.because.to(self.voice) if rule else texts.WHY_ASKED
            could_reach = self.protocol.levels[rank].id if rule else None
            question = self.question(question_id)
            asked.append(replace(question, why=why, could_reach=could_reach, progress=progress))
        return tuple(asked)

    def _unasked(self, reading: Reading) -> Iterator[Screen]:
        """The screens with questions that apply and have not been asked, cut down to those questions."""
        for screen in self._screens:
            if ids := _open(screen, reading, TRUE):
                yield Screen(screen.title, ids)

    def _at_most(self, reading: Reading, matters: frozenset[str]) -> int:
        """At most how many questions are left: all on screens with one that matters, or may come to."""
        ask = self.protocol.questions
        masks = {mask for question_id in matters for mask in questions(ask[question_id].not_reassuring_if)}
        left = (_open(screen, reading, TRUE, UNSETTLED) for screen in self._screens)
        return sum(len(ids) for ids in left if (matters | masks).intersection(ids))

    def _at_stake(self, situation: Situation) -> Mapping[str, tuple[Rule, int]]:
        """For each question, the most urgent rule that its answer could still help to fire, and its reach.

        A rule that can no longer raise the level above `at_least` does not count.
        """
        at_stake: dict[str, tuple[Rule, int]] = {}
        for rule, truth in zip(self.protocol.rules, situation.truths, strict=True):
            if truth is not UNSETTLED:
                continue
            rank = situation.could_reach(rule)
            for question_id in self._read_by[rule.id] if rank > situation.verdict.at_least else ():
                if question_id not in at_stake or rank > at_stake[question_id][1]:
                    at_stake[question_id] = rule, rank
        return at_stake

    def _matters(self, situation: Situation) -> frozenset[str]:
        """The questions whose answer could still change the level."""
        if self.protocol.escalations:
            return frozenset(self.protocol.questions)
        answers = situation.answers.values
        matters = {
            question_id for question_id, rank in self._reach.items() if rank > situation.verdict.at_least
        }
        for question_id in tuple(matters):
            if answers.get(question_id) is not None:
                matters.update(questions(self.protocol.questions[question_id].not_reassuring_if))
        return frozenset(matters)


def _open(screen: Screen, reading: Reading, *applies: Truth) -> tuple[str, ...]:
    """The questions of a screen that have not been asked, and that apply as surely as given."""
    unasked = (question_id for question_id in screen.questions if question_id not in reading.values)
    return tuple(question_id for question_id in unasked if reading.applies(question_id) in applies)


def screens_in_order(protocol: Protocol) -> tuple[Screen, ...]:
    """The protocol's screens, each followed by the follow-ups that it makes possible."""
    ordered: list[Screen] = []
    asked: set[str] = set()
    on_screens = {question_id for screen in protocol.screens for question_id in screen.questions}
    waiting = [question_id for question_id in protocol.questions if question_id not in on_screens]
    for screen in protocol.screens:
        ordered.append(screen)
        asked.update(screen.questions)
        while ready := [
            question_id
            for question_id in waiting
            if asked.issuperset(questions(protocol.questions[question_id].only_if))
        ]:
            ordered += [Screen(None, (question_id,)) for question_id in ready]
            asked.update(ready)
            waiting = [question_id for question_id in waiting if question_id not in asked]
    return tuple(ordered)


def _reach(protocol: Protocol) -> Mapping[str, int]:
    """For each question, the highest rank of a rule that its answer can bear on.

    Directly, or by opening a follow-up; masking is left to the caller, as it depends on an answer.
    """
    reach: dict[str, int] = {}
    for rule in protocol.rules:
        for question_id in _behind(protocol, rule, masks=False):
            reach[question_id] = max(reach.get(question_id, 0), rule.rank)
    return MappingProxyType(reach)


def _read_by(protocol: Protocol) -> Mapping[str, tuple[str, ...]]:
    """Rule id to the questions that it rests on: those it reads, what opens them, and what masks them."""
    return MappingProxyType({rule.id: _behind(protocol, rule, masks=True) for rule in protocol.rules})


def _behind(protocol: Protocol, rule: Rule, *, masks: bool) -> tuple[str, ...]:
    """The questions that a rule reads, what opens these, and so on; with `masks`, also what masks them."""
    waiting, behind = list(questions(rule.when)), dict[str, None]()
    while waiting:
        question_id = waiting.pop(0)
        if question_id not in behind:
            behind[question_id] = None
            question = protocol.questions[question_id]
            waiting += [
                *questions(question.only_if),
                *questions(question.not_reassuring_if if masks else None),
            ]
    return tuple(behind)
