"""A posted form in, the next page out. Pure: no clock, no store, nothing remembered between two turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from whentocall.engine.spelling import Given
from whentocall.errors import AnswersError, ConfigError, WhentocallError
from whentocall.interview import narrative, texts
from whentocall.interview.flow import Ask, Interview
from whentocall.interview.parse import Reply, excerpt, tick_answers
from whentocall.interview.walk import Walk
from whentocall.protocol.colours import known_colour
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import VOICES
from whentocall.web import replies
from whentocall.web import texts as web
from whentocall.web.fields import TICKED, Fields, Form, Unusable, read_body
from whentocall.web.page import WebPage, download, html_page
from whentocall.web.phones import advice_phones, team_phone
from whentocall.web.replies import Again
from whentocall.web.state import State, read_state

FILE_NAME = "how-soon-to-call.json"

_EMPTY = Fields({})

_PROBLEMS = {
    400: (web.CANNOT_READ, web.CANNOT_READ_WHY),
    408: (web.TOO_SLOW, web.TOO_SLOW_WHY),
    409: (web.CHANGED, web.CHANGED_WHY),
    413: (web.TOO_LARGE, web.TOO_LARGE_WHY),
    415: (web.CANNOT_READ, web.OTHER_WAY_WHY),
    500: (web.WENT_WRONG, web.WENT_WRONG_WHY),
    503: (web.WENT_WRONG, web.WENT_WRONG_WHY),
}


def respond(
    protocols: Mapping[str, Protocol], form: Form, *, numbers: Mapping[str, str] | None = None, made: str = ""
) -> WebPage:
    """The page that follows a posted form; the first page for an empty one.

    Args:
        protocols: id to protocol: what may be asked about. Layers among them are left out.
        form: the fields posted, treated as hostile.
        numbers: role (such as "advice-line") to the phone number to show.
        made: the date to show on the advice, in words; none if empty.

    Returns:
        A page of status 200; 400 or 413 for what none of our pages can have sent, 409 if the questions have
        changed since, 503 if no advice can be given. Each has the number to call, and a way on.
    """
    known = _askable(protocols)
    try:
        return _Turn(known, Fields(form), numbers or {}, made).page()
    except Unusable as unusable:
        return _problem(known, unusable.status)
    except AnswersError:
        return _problem(known, 400)
    except WhentocallError:
        return _problem(known, 503)


def respond_to_post(
    protocols: Mapping[str, Protocol],
    body: bytes,
    *,
    numbers: Mapping[str, str] | None = None,
    made: str = "",
) -> WebPage:
    """`respond` to the body of a POST, as urlencoded forms are sent. Other arguments as there."""
    known = _askable(protocols)
    try:
        form = read_body(body)
    except Unusable as unusable:
        return _problem(known, unusable.status)
    return respond(known, form, numbers=numbers, made=made)


def went_wrong(protocols: Mapping[str, Protocol]) -> WebPage:
    """The page for a fault in the program around this one: status 500, and who to call."""
    return _problem(_askable(protocols), 500)


def did_not_arrive(protocols: Mapping[str, Protocol], status: int) -> WebPage:
    """The page for a form that was not read, by the HTTP status that says why: 408, 413 or 415."""
    return _problem(_askable(protocols), status)


def _askable(protocols: Mapping[str, Protocol]) -> Mapping[str, Protocol]:
    known = {name: protocol for name, protocol in protocols.items() if not protocol.head.layer}
    if not known:
        raise ConfigError("there is no protocol to ask about")
    return known


def _problem(protocols: Mapping[str, Protocol], status: int) -> WebPage:
    title, why = _PROBLEMS[status]
    return html_page("problem", title=title, known=tuple(protocols.values()), status=status, why=why)


@dataclass(frozen=True, slots=True)
class _Turn:
    """One form, and the page that follows it. Each method that gives a page may raise `Unusable`."""

    protocols: Mapping[str, Protocol]
    fields: Fields
    numbers: Mapping[str, str]
    made: str

    def page(self) -> WebPage:
        """The page that follows."""
        action = self.fields.value("do")
        if action == "start":
            return self._start()
        if text := self.fields.value("state"):
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
        turns: Mapping[str, Callable[[State], WebPage]] = {
            "": self._change,
            "next": self._next,
            "back": self._back,
            "check": lambda state: self._ask_or_check(state.walk),
            "advice": self._advice_now,
            "more": lambda state: self._go(state.walk.go_on()),
            "save": lambda state: download(state.walk.advise(self.numbers).to_json(), name=FILE_NAME),
        }
        if action not in turns:
            raise Unusable
        return turns[action](state)

    # before the first question

    def _start(self, problem: Again | None = None) -> WebPage:
        if len(self.protocols) == 1:
            return self._who(next(iter(self.protocols.values())), problem)
        choices = [(protocol.id, protocol.title) for protocol in self.protocols.values()]
        return self._begin(texts.WHICH_PROTOCOL, choices, do="protocol", protocol=None, problem=problem)

    def _who(self, protocol: Protocol, problem: Again | None = None) -> WebPage:
        choices = narrative.voices(protocol)
        return self._begin(texts.WHO_ANSWERS, choices, do="voice", protocol=protocol, problem=problem)

    def _begin(
        self, title: str, choices: Sequence[narrative.Choice], *, protocol: Protocol | None, **values: Any
    ) -> WebPage:
        known = (protocol,) if protocol else tuple(self.protocols.values())
        intro = protocol is None or len(self.protocols) == 1
        values |= {"choices": choices, "filled": _EMPTY, "intro": intro}
        return html_page("start", title=title, known=known, protocol=protocol, **values)

    def _protocol_chosen(self) -> WebPage:
        try:
            chosen = replies.read_choice(self.fields, tuple(self.protocols))
        except Again as again:
            return self._start(again)
        return self._who(self.protocols[chosen])

    def _voice_chosen(self) -> WebPage:
        protocol = self.protocols.get(self.fields.value("protocol"))
        if protocol is None:
            raise Unusable
        try:
            voice = replies.read_choice(self.fields, VOICES)
        except Again as again:
            return self._who(protocol, again)
        return self._go(Walk(Interview(protocol, voice="they" if voice == "they" else "you")))

    # asking

    def _next(self, state: State) -> WebPage:
        """What was answered on this page, and the page that follows."""
        ask = state.asked()
        if ask is None:
            return self._go(state.walk)
        try:
            return self._answer(state, ask)
        except Again as again:
            return self._ask(state, ask, self.fields, again)

    def _answer(self, state: State, ask: Ask) -> WebPage:
        if len(ask.questions) == 1:
            given = replies.read_answer(self.fields, ask.questions[0])
            if isinstance(given, Reply):
                return self._back(state)
            return self._answered(state, {ask.questions[0].id: given})
        if state.ticked is None:
            return self._ticked(state, ask)
        unsure = replies.read_unsure(self.fields, state.unticked(ask))
        return self._answered(state, tick_answers(ask, state.ticked, unsure))

    def _ticked(self, state: State, ask: Ask) -> WebPage:
        """A checklist. What somebody is unsure about is asked next, unless an emergency is ticked already."""
        ticked, unsure = replies.read_ticks(self.fields, ask)
        if not unsure:
            return self._answered(state, tick_answers(ask, ticked, ()))
        doubtful = replace(state, ticked=ticked)
        answers = doubtful.rest_unsure(ask)
        if not doubtful.unticked(ask) or state.answer(answers).is_emergency():
            return self._answered(state, answers)
        return self._ask(doubtful, ask)

    def _advice_now(self, state: State) -> WebPage:
        """The advice, at the end or so far. What is filled in on the page counts: it may be an emergency."""
        ask = state.asked()
        if ask is None:
            return self._advice(state.walk)
        try:
            answers = replies.read_so_far(self.fields, ask)
        except Again as again:
            return self._ask(state, ask, self.fields, again)
        if state.ticked is not None:
            answers = state.rest_unsure(ask)
        return self._advice(state.answer(answers) if answers else state.walk)

    def _answered(self, state: State, answers: Mapping[str, Given]) -> WebPage:
        return self._go(state.answer(answers))

    def _go(self, walk: Walk) -> WebPage:
        """On from here. Nothing stands between an emergency and its advice."""
        return self._advice(walk) if walk.is_emergency() else self._ask_or_check(walk)

    def _ask_or_check(self, walk: Walk) -> WebPage:
        step = walk.step()
        return self._ask(State(walk), step) if isinstance(step, Ask) else self._check(walk)

    def _back(self, state: State) -> WebPage:
        walk = state.walk
        if state.ticked is not None and (ask := state.asked()):
            filled = Fields({"tick": state.ticked, replies.UNSURE: TICKED})
            return self._ask(replace(state, ticked=None), ask, filled)
        if state.changing is not None:
            return self._check(walk)
        if not walk.can_go_back:
            return self._who(walk.protocol)
        before = walk.back()
        step = before.step()
        if not isinstance(step, Ask):
            return self._check(before)
        return self._ask(State(before), step, replies.filled_in(step, walk.answers))

    def _change(self, state: State) -> WebPage:
        """A screen to be answered anew, by its place on the trail."""
        places = {str(place): place for place in range(len(state.walk.trail))}
        place = self.fields.value("change")
        if place not in places:
            raise Unusable
        ask = state.screen(places[place])
        changing = State(state.walk, changing=places[place])
        return self._ask(changing, ask, replies.filled_in(ask, state.walk.answers))

    # pages under way

    def _ask(self, state: State, ask: Ask, filled: Fields = _EMPTY, problem: Again | None = None) -> WebPage:
        title = ask.questions[0].text if len(ask.questions) == 1 else ask.title
        if doubts := state.ticked is not None:
            title = texts.WHICH_NOT_SURE
        return self._page(
            "ask",
            title,
            state,
            ask=ask,
            lines=state.unticked(ask),
            doubts=doubts,
            filled=filled,
            problem=problem,
            may_stop=state.changing is None,
            replies=replies,
            excerpt=excerpt,
        )

    def _check(self, walk: Walk) -> WebPage:
        screens = map(walk.interview.screen, walk.trail)
        answered = [(screen.title, narrative.read_back_screen(walk, screen)) for screen in screens]
        return self._page("check", texts.SUMMARY_TITLE, State(walk), answered=answered)

    def _advice(self, walk: Walk) -> WebPage:
        advice = walk.advise(self.numbers)
        level = walk.protocol.levels[advice.rank]
        return self._page(
            "advice",
            f"{level.word}: {advice.headline}",
            State(walk),
            advice=advice,
            word=level.word,
            colour=_colour(walk.protocol, advice.rank),
            call=advice_phones(walk.protocol, advice),
            so_far="" if advice.finished else narrative.so_far(walk.answers),
            answered=narrative.read_back(walk.protocol, walk.answers, walk.voice),
            asking=isinstance(walk.step(), Ask),
            more=walk.may_go_on(advice),
            made=self.made,
        )

    def _page(self, template: str, title: str, state: State, **values: Any) -> WebPage:
        walk = state.walk
        return html_page(
            template,
            title=title,
            known=(walk.protocol,),
            team=team_phone(walk, self.numbers),
            protocol=walk.protocol,
            voice=walk.voice,
            state=state.to_json(),
            **values,
        )


def _colour(protocol: Protocol, rank: int) -> str:
    """The class of a level's colour; of two levels in one colour the more urgent is strong."""
    colours = [known_colour(level.colour) for level in protocol.levels]
    colour = colours[rank]
    is_strong = colours.count(colour) > 1 and colour not in colours[rank + 1 :]
    return f"{colour} strong" if is_strong else colour
