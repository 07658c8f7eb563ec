"""A visitor without a browser: reads pages as HTML, fills in the form that is there, presses a button."""

import json
from html.parser import HTMLParser

import pytest

from whentocall import load
from whentocall.interview.flow import Ask, Interview
from whentocall.interview.walk import Walk
from whentocall.web import respond

NAMES = ("all-targeted-drugs", "neuroblastoma-targeted-therapy")
NUMBERS = {"advice-line": "020 7946 0000"}
DONT_KNOW = "dont know"


class Page(HTMLParser):
    """What stands on a page: its words, the form as it would be sent, and its buttons."""

    INLINE = ("a", "b", "span", "label", "button", "summary")
    VOID = ("meta", "link", "input", "rect", "br")

    def __init__(self, source):
        super().__init__()
        self.title, self.headings, self.words = "", [], []
        self.tags, self.attributes = set(), set()
        self.fields, self.offered, self.buttons, self.links = {}, {}, {}, []
        self._open = []
        self.feed(source)
        self.close()
        assert [] == self._open, "every element is closed"

    @property
    def text(self):
        return " ".join("".join(self.words).replace("\u00a0", " ").split())

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self._break(tag, given)
        self.tags.add(tag)
        self.attributes.update(given)
        if tag not in self.VOID:
            self._open.append(tag)
        if tag in ("h1", "h2", "h3"):
            self.headings.append("")
        if tag == "a":
            self.links.append(given["href"])
        if tag == "button":
            self.buttons[(given["name"], given["value"])] = ""
        if tag == "input":
            self._input(given)

    def _break(self, tag, given):
        apart = tag not in self.INLINE or given.get("class") in ("said", "source", "hint", "whom")
        self.words += [" "] if apart else []

    def _input(self, given):
        name, value = given["name"], given["value"]
        self.offered.setdefault(name, []).append(value)
        if given["type"] in ("hidden", "text"):
            self.fields[name] = value
        elif "checked" in given:
            self.fields.setdefault(name, []).append(value)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag, tag
        self._break(tag, {})

    def handle_data(self, data):
        if "style" in self._open:
            return
        if "title" in self._open:
            self.title += data
            return
        self.words.append(data)
        if {"h1", "h2", "h3"} & set(self._open):
            self.headings[-1] += data
        if "button" in self._open:
            self.buttons[list(self.buttons)[-1]] += data

    @property
    def state(self):
        return json.loads(self.fields["state"])

    @property
    def asked(self):
        """What it asks: the ids on a checklist, else the kind of control; None where it asks nothing."""
        if "tick" in self.offered:
            return tuple(self.offered["tick"])
        return next((name for name in ("choice", "typed") if name in self.offered), None)


class Visitor:
    """Goes from page to page by the forms and buttons that the pages have."""

    def __init__(self, protocols, numbers=NUMBERS):
        self.protocols, self.numbers = protocols, numbers
        self.send()

    def send(self, **form):
        self.sent = respond(self.protocols, form, numbers=self.numbers)
        is_html = self.sent.headers["Content-Type"].startswith("text/html")
        self.page = Page(self.sent.body) if is_html else self.page
        return self

    def press(self, value, name="do", **filled):
        """Press a button of the page with these fields filled in, the others as they are."""
        assert (name, value) in self.page.buttons, (value, self.page.buttons)
        for field, entered in filled.items():
            offered = self.page.offered[field]
            if field != "typed":
                assert set([entered] if isinstance(entered, str) else entered) <= set(offered), (
                    field,
                    entered,
                )
        return self.send(**{**self.page.fields, **filled, name: value})

    def next(self, **filled):
        return self.press("next", **filled)

    def tampered(self, do="next", **changes):
        """Send the state of the page that is there with changes that no page of ours would make."""
        return self.send(state=json.dumps({**self.page.state, **changes}), do=do)

    def begin(self, name=NAMES[0], voice="you"):
        self.send()
        self.press("protocol", choice=name)
        return self.press("voice", choice=voice)

    def answer(self, answers):
        """Answer the page that is there as a person would for whom these are the answers."""
        asked = self.page.asked
        if isinstance(asked, tuple):
            return self._tick(asked, answers)
        (asked_id,) = self.now_asked()
        given = answers[asked_id]
        if asked == "choice":
            words = {True: "yes", False: "no", None: DONT_KNOW}
            return self.next(choice=given if isinstance(given, str) else words[given])
        if given is None:
            return self.next(unknown="yes")
        if isinstance(given, dict):
            return self.next(typed=str(given["value"]), unit=f"°{given['unit'][-1]}")
        return self.next(typed=str(int(given) if given == int(given) else given))

    def now_asked(self):
        """The ids of the questions on the page, by the walk that its hidden state stands for."""
        step = walk_of(self.protocols, self.page.state).step()
        assert isinstance(step, Ask)
        return tuple(question.id for question in step.questions)

    def _tick(self, asked, answers):
        ticked = [id_ for id_ in asked if answers[id_]]
        unsure = [id_ for id_ in asked if answers[id_] is None]
        if not unsure:
            return self.next(**({"tick": ticked} if ticked else {"none": "yes"}))
        self.next(tick=ticked, unsure="yes")
        return self.next(tick=unsure) if set(unsure) <= set(self.page.offered.get("tick", ())) else self


def walk_of(protocols, state):
    """The walk that a hidden state stands for."""
    interview = Interview(protocols[state["protocol"]], voice=state["voice"])
    trail = tuple(map(tuple, state["trail"]))
    return Walk(interview, state["answers"], trail, state["everything"])


@pytest.fixture(scope="session")
def protocols():
    return {name: load(name) for name in NAMES}


@pytest.fixture
def visitor(protocols):
    return Visitor(protocols)


@pytest.fixture(scope="session")
def page_of():
    """`page_of(body)` is what stands on a page."""
    return Page


@pytest.fixture
def visit(protocols):
    """`visit(numbers=…)` is a visitor to a site with other settings."""
    return lambda known=None, numbers=NUMBERS: Visitor(known or protocols, numbers)
