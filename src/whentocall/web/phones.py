"""Phone numbers as a page shows them, to be called with a touch where that is safe."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from whentocall._text import capital
from whentocall.engine.advice import Advice
from whentocall.interview.walk import Walk
from whentocall.protocol.protocol import Protocol
from whentocall.web import texts as web

_PLAIN = re.compile(r"(?!.*\(0\))\+?[0-9(][0-9 ().-]*")


class Phone(NamedTuple):
    """Who to call, or what to call them for, and the number; None if it is not set."""

    label: str
    number: str | None

    @property
    def link(self) -> str | None:
        """The address of a link to the number.

        There is none unless the number is plain: `020 7946 0000 ext 5` and `+44 (0)20 7946 0000` would be
        misdialled.
        """
        if self.number is None or not _PLAIN.fullmatch(self.number):
            return None
        return "tel:" + re.sub(r"[^0-9+]", "", self.number)


def emergency_phones(known: Sequence[Protocol]) -> list[Phone]:
    """The emergency number; if there are several, each with its place."""
    places = {protocol.region.emergency_number: protocol.region.name for protocol in known}
    if len(places) == 1:
        return [Phone(number, number) for number in places]
    return [
        Phone(web.EMERGENCY_FOR.format(number=number, place=place), number)
        for number, place in places.items()
    ]


def advice_phones(protocol: Protocol, advice: Advice) -> list[Phone]:
    """Who to call, first choice first. The second choice is shown only with a number."""
    contact, voice = advice.contact, advice.request.voice
    if not contact.who:
        return []
    phones = [Phone(capital(protocol.who(contact.who, voice)), contact.number)]
    if contact.also and contact.also_number:
        phones.append(Phone(capital(protocol.who(contact.also, voice)), contact.also_number))
    return phones


def team_phone(walk: Walk, numbers: Mapping[str, str]) -> Phone | None:
    """Who somebody who is worried would call, if the number is set."""
    protocol = walk.protocol
    roles = protocol.contact_roles(protocol.levels[protocol.unsettled_rank])
    number = numbers.get(roles[0]) if roles else None
    return Phone(capital(protocol.who(roles[0], walk.voice)), number) if number else None
