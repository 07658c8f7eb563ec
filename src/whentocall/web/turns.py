"""A posted form in, the next page out. Pure: no clock, no store, nothing remembered between two turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from whentocall.config import numbers_for
from whentocall.engine.advice import Advice
from whentocall.engine.advise import advise
from whentocall.engine.spelling import Given
from whentocall.errors import AnswersError, ConfigError, WhentocallError
from whentocall.interview import texts
from whentocall.interview.flow import Ask, Done, Interview
from whentocall.interview.parse import Reply
from whentocall.interview.progress import Walk
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import VOICES
from whentocall.web import texts as web
from whentocall.web.fields import Fields, Form, TooLarge, Unusable, read_body
from whentocall.web.page import Phone, WebPage, download, html_page, phone
from whentocall.web.replies import (
    UNSURE,
    Again,
    read_answer,
    read_choice,
    read_so_far,
    read_ticks,
    read_unsure,
)
from whentocall.web.screens import Filled, choice_screen, from_answers, from_form, question_screen
from whentocall.web.shown import advice_card, answered_screens, first_large
from whentocall.web.state import Outdated, State, asked_now, read_state

FILE_NAME = "how-soon-to-call.json"

_NOT_READ = {
    408: (web.TOO_SLOW, web.TOO_SLOW_WHY),
    413: (web.TOO_LARGE, web.TOO_LARGE_WHY),
    415: (web.CANNOT_READ, web.OTHER_WAY_WHY),
}


def respond(
    protocols: Mapping[str, Protocol], form: Form, *, numbers: Mapping[str, str] | None = None, made: str = ""
) -> WebPage:
    """The page that follows a posted form; the first page for an empty one.

    Args:
        protocols: id to protocol: what may be asked about. Layers among them are left out.
        form: the fields posted, taken for hostile.
        numbers: role (such as "advice-line") to the phone number to show.
        made: when, in words, for the advice to say; nothing if empty.

    Returns:
        A page of status 200; 400 or 413 for what none of our pages can have sent, 409 where the questions
        have changed since, 503 where no advice can be given. Each has the number to call, and a way on.

    Raises:
        ConfigError: there is no protocol to ask about.
    """
    known = _askable(protocols)
    try:
        return _Turn(known, Fields(form), numbers or {}, made).page()
    except TooLarge:
        return did_not_arrive(known, 413)
    except (Unusable, AnswersError):
        return _problem(known, 400, web.CANNOT_READ, web.CANNOT_READ_WHY)
    except Outdated:
        return _problem(known, 409, web.CHANGED, web.CHANGED_WHY)
    except WhentocallError:
        return _problem(known, 503, web.WENT_WRONG, web.WENT_WRONG_WHY)


def respond_to_post(
    protocols: Mapping[str, Protocol],
    body: bytes,
    *,
    numbers: Mapping[str, str] | None = None,
    made: str = "",
) -> WebPage:
    """`respond` to the body of a POST, as urlencoded forms are sent. Arguments as there.

    Raises:
        ConfigError: there is no protocol to ask about.
    """
    known = _askable(protocols)
    try:
        form = read_body(body)
    except TooLarge:
        return did_not_arrive(known, 413)
    except Unusable:
        return _problem(known, 400, web.CANNOT_READ, web.CANNOT_READ_WHY)
    return respond(known, form, numbers=numbers, made=made)


def went_wrong(protocols: Mapping[str, Protocol]) -> WebPage:
    """The page for a fault in the program around this one: status 500, and whom to call.

    Raises:
        ConfigError: there is no protocol to ask about.
    """
    return _problem(_askable(protocols), 500, web.WENT_WRONG, web.WENT_WRONG_WHY)


def did_not_arrive(protocols: Mapping[str, Protocol], status: int) -> WebPage:
    """The page for a form that was not read, by the status of HTTP that says why: 408, 413 or 415.

    Raises:
        ConfigError: there is no protocol to ask about.
    """
    heading, why = _NOT_READ[status]
    return _problem(_askable(protocols), status, heading, why)


def _askable(protocols: Mapping[str, Protocol]) -> Mapping[str, Protocol]:
    known = {one: protocol for one, protocol in protocols.items() if not protocol.head.layer}
    if not known:
        raise ConfigError("there is no protocol to ask about")
    return known


def _problem(protocols: Mapping[str, Protocol], status: int, heading: str, why: str) -> WebPage:
    known = tuple(protocols.values())
    return html_page("problem", title=heading, known=known, status=status, heading=heading, why=why)


@dataclass(frozen=True, slots=True)
class _Turn:
    """One form, and the page that follows it. Each method that gives a page may raise `Unusable`."""

    protocols: Mapping[str, Protocol]
    fields: Fields
    numbers: Mapping[str, str]
    made: str

    def page(self) -> WebPage:
        """The page that follows."""
        action = self.fields.one("do")
        if action == "start":
            return self._start()
        if text := self.fields.one("state"):
            return self._under_way(read_state(text, self.protocols), action)
        match action:
            case "":
                return self._start()
            case "protocol":
                return self._protocol_chosen()
            case "voice":
                return self._voice_chosen()
        raise Unusable

    def _under_way(self, state: State, action: str) -> WebPage:
        if state.ticked is not None and action not in ("next", "back", "advice"):
            raise Unusable  # anything else would forget what was ticked
        if not action:
            return self._change(state, self.fields.one("change"))
        turns: Mapping[str, Callable[[State], WebPage]] = {
            "next": self._next,
            "back": self._back,
            "check": lambda state: self._ask_or_check(state.walk),
            "advice": self._advice_now,
            "more": lambda state: self._go(state.walk.go_on()),
            "save": self._save,
        }
        if action not in turns:
            raise Unusable
        return turns[action](state)

    # before the first question

    def _start(self, problem: Again | None = None) -> WebPage:
        if len(self.protocols) == 1:
            return self._who(next(iter(self.protocols.values())), problem)
        options = [(one.id, one.title) for one in self.protocols.values()]
        screen = choice_screen(texts.WHICH_PROTOCOL, options, problem=problem)
        return self._beginning(screen.title, screen=screen, do="protocol", protocol=None, intro=True)

    def _who(self, protocol: Protocol, problem: Again | None = None) -> WebPage:
        words = protocol.head.answering or texts.ANSWERING
        options = [(voice, words.get(voice, texts.ANSWERING[voice])) for voice in VOICES]
        screen = choice_screen(texts.WHO_ANSWERS, options, problem=problem)
        intro = len(self.protocols) == 1
        return self._beginning(screen.title, screen=screen, do="voice", protocol=protocol, intro=intro)

    def _beginning(self, title: str, *, protocol: Protocol | None, **values: Any) -> WebPage:
        known = (protocol,) if protocol else tuple(self.protocols.values())
        return html_page("start", title=title, known=known, protocol=protocol, **values)

    def _protocol_chosen(self) -> WebPage:
        try:
            chosen = read_choice(self.fields, tuple(self.protocols))
        except Again as again:
            return self._start(again)
        return self._who(self.protocols[chosen])

    def _voice_chosen(self) -> WebPage:
        protocol = self.protocols.get(self.fields.one("protocol"))
        if protocol is None:
            raise Unusable
        try:
            voice = read_choice(self.fields, VOICES)
        except Again as again:
            return self._who(protocol, again)
        return self._go(Walk(Interview(protocol, voice="they" if voice == "they" else "you")))

    # asking

    def _next(self, state: State) -> WebPage:
        """What was answered on this page, and the page that follows."""
        ask = asked_now(state)
        if ask is None:
            return self._go(state.walk)
        try:
            return self._answer(state, ask)
        except Again as again:
            return self._ask(state, ask, from_form(self.fields), again)

    def _answer(self, state: State, ask: Ask) -> WebPage:
        first = ask.questions[0]
        if len(ask.questions) == 1:
            given = read_answer(self.fields, first)
            return self._back(state) if isinstance(given, Reply) else self._answered(state, {first.id: given})
        if state.ticked is None:
            return self._ticked(state, ask)
        unsure = read_unsure(self.fields, [one for one in ask.questions if one.id not in state.ticked])
        return self._answered(state, _ticks(ask, state.ticked, unsure))

    def _ticked(self, state: State, ask: Ask) -> WebPage:
        """A checklist. What is not sure is asked for after it, unless an emergency is ticked already."""
        ticks = read_ticks(self.fields, ask.questions)
        if not ticks.unsure:
            return self._answered(state, _ticks(ask, ticks.ticked, ()))
        open_ = [one.id for one in ask.questions if one.id not in ticks.ticked]
        not_known = _ticks(ask, ticks.ticked, open_)
        if not open_ or self._is_emergency(_with_answers(state, not_known)):
            return self._answered(state, not_known)
        return self._ask(replace(state, ticked=ticks.ticked), ask, Filled())

    def _advice_now(self, state: State) -> WebPage:
        """The advice, at the end or so far. What is filled in on the page counts: it may be an emergency."""
        ask = asked_now(state)
        if ask is None:
            return self._advice(state.walk)
        try:
            said = read_so_far(self.fields, ask.questions)
        except Again as again:
            return self._ask(state, ask, from_form(self.fields), again)
        if state.ticked is not None:
            open_ = [one.id for one in ask.questions if one.id not in state.ticked]
            said = _ticks(ask, state.ticked, open_)
        return self._advice(_with_answers(state, said) if said else state.walk)

    def _answered(self, state: State, answers: Mapping[str, Given]) -> WebPage:
        return self._go(_with_answers(state, answers))

    def _go(self, walk: Walk) -> WebPage:
        """On from here. Nothing stands between an emergency and its advice."""
        return self._advice(walk) if self._is_emergency(walk) else self._ask_or_check(walk)

    def _ask_or_check(self, walk: Walk) -> WebPage:
        step = walk.step()
        return self._ask(State(walk), step, Filled()) if isinstance(step, Ask) else self._check(walk)

    def _back(self, state: State) -> WebPage:
        walk = state.walk
        if state.ticked is not None and (ask := asked_now(state)):
            filled = Filled(ticked=frozenset(state.ticked), extra=UNSURE)
            return self._ask(replace(state, ticked=None), ask, filled)
        if state.changing is not None:
            return self._check(walk)
        if not walk.can_go_back:
            return self._who(state.protocol)
        before = walk.back()
        step = before.step()
        if not isinstance(step, Ask):
            return self._check(before)
        return self._ask(State(before), step, from_answers(walk.answers, step.questions))

    def _change(self, state: State, place: str) -> WebPage:
        places = {str(one): one for one in range(len(state.walk.trail))}
        if place not in places:
            raise Unusable
        changing = State(state.walk, changing=places[place])
        ask = asked_now(changing)
        assert ask is not None  # a place on the trail is a screen
        return self._ask(changing, ask, from_answers(state.walk.answers, ask.questions))

    def _is_emergency(self, walk: Walk) -> bool:
        protocol = walk.interview.protocol
        return advise(protocol, walk.answers, watch=False).at_least == protocol.levels[-1].id

    # pages under way

    def _ask(self, state: State, ask: Ask, filled: Filled, problem: Again | None = None) -> WebPage:
        screen = question_screen(state, ask, filled, problem)
        return self._page("ask", screen.title, state, screen=screen, may_stop=state.changing is None)

    def _check(self, walk: Walk) -> WebPage:
        return self._page("check", texts.SUMMARY_TITLE, State(walk), answered=answered_screens(walk))

    def _advice(self, walk: Walk) -> WebPage:
        voice = walk.interview.voice
        advice = self._advise(walk)
        card = advice_card(walk, advice)
        step = walk.step()
        more = isinstance(step, Done) and step.more and not card.ends
        so_far = "" if advice.finished else texts.SO_FAR if walk.answers else texts.SO_FAR_NOTHING
        title = f"{card.word}: {advice.headline}"
        values = {"card": card, "more": more, "so_far": so_far, "voice": voice, "made": self.made}
        return self._page("advice", title, State(walk), asking=isinstance(step, Ask), **values)

    def _advise(self, walk: Walk) -> Advice:
        protocol = walk.interview.protocol
        numbers = numbers_for(self.numbers, protocol.words_for)
        return advise(protocol, walk.answers, voice=walk.interview.voice, numbers=numbers)

    def _save(self, state: State) -> WebPage:
        walk = state.walk
        advice = self._advise(walk)
        return download(advice.to_json(), name=FILE_NAME)

    def _page(self, template: str, title: str, state: State, **values: Any) -> WebPage:
        protocol = state.protocol
        team = self._team(state)
        return html_page(
            template,
            title=title,
            known=(protocol,),
            team=team,
            protocol=protocol,
            state=state.to_json(),
            **values,
        )

    def _team(self, state: State) -> tuple[str, Phone] | None:
        """Whom somebody who is worried would call, if the number is set."""
        protocol = state.protocol
        roles = protocol.contact_roles(protocol.levels[protocol.unsettled_rank])
        number = self.numbers.get(roles[0]) if roles else None
        if not number:
            return None
        return first_large(protocol.who(roles[0], state.walk.interview.voice)), phone(number)


def _ticks(ask: Ask, ticked: tuple[str, ...], unsure: tuple[str, ...] | list[str]) -> dict[str, Given]:
    return {
        one.id: True if one.id in ticked else None if one.id in unsure else False for one in ask.questions
    }


def _with_answers(state: State, answers: Mapping[str, Given]) -> Walk:
    """The walk with the answers of one page. A screen that is changed keeps its place on the trail."""
    walk = state.walk
    return walk.answer(answers) if state.changing is None else walk.change_together(answers)
