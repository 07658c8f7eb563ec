"""Whatever is sent, there is a clear page with a way on: never a fault, never a lower level, never markup."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from support.effort import examples
from whentocall import EngineUnavailable, advise, load
from whentocall.errors import ConfigError
from whentocall.interview import texts
from whentocall.web import respond, respond_to_post, went_wrong
from whentocall.web import texts as web
from whentocall.web.fields import MAX_BODY, MAX_FIELDS

ALL = "all-targeted-drugs"
FINE, REFUSED = 200, (400, 409, 413)
ACTIONS = (
    "",
    "start",
    "protocol",
    "voice",
    "next",
    "stop",
    "back",
    "check",
    "advice",
    "more",
    "save",
    "nope",
)
FIELDS = ("do", "state", "change", "choice", "typed", "unit", "unknown", "tick", "none", "unsure", "all")
MARKUP = "\"'><i onclick=x>&amp;</i><script>"
TAGS = set(
    """html head meta title link style body a header div p b main h1 h2 h3 form input fieldset legend label
    span button details summary ul ol li svg rect article section footer""".split()  # noqa: SIM905  to be read
)
PROTOCOLS = {ALL: load(ALL)}


def state(**changes):
    whole = {
        "protocol": ALL,
        "sha256": PROTOCOLS[ALL].sha256,
        "voice": "you",
        "answers": {"temperature": 36.8, "chest_pain": False},
        "trail": [["chest_pain"], ["temperature"]],
        "everything": False,
        "changing": None,
        "ticked": None,
    }
    return {**whole, **changes}


def sent(form):
    return respond(PROTOCOLS, form, numbers={"advice-line": "020 7946 0000"})


def check_page(page, page_of):
    """It can be sent, is well formed, has no markup but ours, says whom to call, and offers a way on."""
    page.body.encode()
    shown = page_of(page.body)
    assert shown.tags <= TAGS
    assert not any(name.startswith("on") for name in shown.attributes)
    assert "If someone cannot be woken" in shown.text
    assert texts.INTRO[2] in shown.text
    assert "tel:999" in shown.links
    assert shown.buttons
    return shown


@pytest.mark.parametrize(
    "changes",
    [
        {"protocol": "nope"},
        {"protocol": None},
        {"protocol": ["all-targeted-drugs"]},
        {"protocol": {}},
        {"protocol": "../all-targeted-drugs"},
        {"voice": "we"},
        {"voice": None},
        {"voice": ["you"]},
        {"answers": []},
        {"answers": None},
        {"answers": {"chest_pain": "no"}},
        {"answers": {"temperature": 99, "chest_pain": False}},
        {"answers": {"temperature": float("nan"), "chest_pain": False}},
        {"answers": {"temperature": {"value": {"value": 37}, "unit": "°C"}, "chest_pain": False}},
        {"answers": {"nope": True}},
        {"answers": {"chest_pain": False}},
        {"trail": None},
        {"trail": {}},
        {"trail": [["temperature"]]},
        {"trail": [["temperature", "chest_pain"]]},
        {"trail": [["temperature"], ["chest_pain"], ["chest_pain"]]},
        {"trail": [["temperature"], ["chest_pain"], []]},
        {"trail": [["temperature"], ["chest_pain"], ["seizure"]]},
        {"trail": [["temperature"], [None]]},
        {"trail": ["temperature", "chest_pain"]},
        {"everything": 1},
        {"everything": None},
        {"changing": 2},
        {"changing": -1},
        {"changing": True},
        {"changing": 0.0},
        {"changing": "0"},
        {"ticked": ["nope"]},
        {"ticked": ["seizure", "seizure"]},
        {"ticked": [1]},
        {"ticked": "seizure"},
        {"ticked": ["temperature"], "changing": 1},
        {"extra": 1},
    ],
)
def test_a_state_that_no_page_of_ours_could_hold_is_refused(changes, page_of):
    page = sent({"state": json.dumps(state(**changes)), "do": "next", "none": "yes"})
    assert 400 == page.status
    assert web.CANNOT_READ in check_page(page, page_of).headings


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "null",
        "[]",
        "{}",
        "{",
        "NaN",
        "9" * 5000,
        "[" * 30_000,
        '{"a":' * 10_000,
        '{"answers":' + "[" * 900 + "]" * 900 + "}",
        json.dumps(state(answers=[])).replace(
            '"answers": []', '"answers": ' + '{"a":' * 700 + "1" + "}" * 700
        ),
        json.dumps(state(answers=0)).replace('"answers": 0', '"answers": {"temperature": 37}, "answers": {}'),
        json.dumps(state(answers=0)).replace(
            '"answers": 0', '"answers": {"temperature": ' + "9" * 4000 + ', "chest_pain": false}'
        ),
        '{"\ud800": 1}',
        '{"\\ud800": 1}',
        "\x00",
        MARKUP,
    ],
)
def test_a_state_that_is_not_even_json_of_ours_is_refused(text, page_of):
    page = sent({"state": text, "do": "next"})
    assert 400 == page.status
    check_page(page, page_of)


@pytest.mark.parametrize(
    "form",
    [
        {"do": "protocol", "choice": "nope"},
        {"do": "protocol", "choice": MARKUP},
        {"do": "protocol", "choice": [ALL, ALL]},
        {"do": "voice", "choice": "you"},
        {"do": "voice", "choice": "you", "protocol": "nope"},
        {"do": "voice", "choice": "we", "protocol": ALL},
        {"do": "next"},
        {"do": "save"},
        {"do": ["start", "next"]},
        {"state": [json.dumps(state()), json.dumps(state())], "do": "next"},
        {"state": json.dumps(state()), "do": "nope"},
        {"state": json.dumps(state()), "do": "voice"},
        {"state": json.dumps(state()), "change": "2"},
        {"state": json.dumps(state()), "change": "-1"},
        {"state": json.dumps(state()), "change": "²"},
        {"state": json.dumps(state()), "change": "9" * 5000},
        {"state": json.dumps(state()), "do": "next", "tick": "nope"},
        {"state": json.dumps(state()), "do": "next", "tick": ["seizure", "temperature"]},
        {"state": json.dumps(state()), "do": "advice", "tick": "nope"},
        {"state": json.dumps(state(changing=0)), "do": "next", "choice": "maybe"},
        {"state": json.dumps(state(changing=1)), "do": "next", "typed": "37", "unit": "K"},
        {"state": json.dumps(state(changing=1)), "do": "next", "typed": ["37", "39"]},
        {"state": json.dumps(state(ticked=["seizure"])), "do": "next", "tick": "seizure"},
        {"state": json.dumps(state(ticked=["seizure"])), "do": "save"},
        {"state": json.dumps(state(ticked=["seizure"])), "do": "check"},
        {"state": json.dumps(state(ticked=["seizure"])), "change": "0"},
        {"state": json.dumps(state())},
    ],
)
def test_a_form_that_no_page_of_ours_could_send_is_refused(form, page_of):
    page = sent(form)
    assert 400 == page.status
    check_page(page, page_of)


def test_what_was_ticked_in_the_hidden_state_belongs_to_a_list(page_of):
    page = sent({"state": json.dumps(state(ticked=["confused"])), "do": "next", "all": "yes"})
    assert 200 == page.status
    answers = check_page(page, page_of).state["answers"]
    assert answers["confused"] is True
    assert None is answers["seizure"]


def test_answers_to_other_questions_than_there_are_now_are_not_used(page_of):
    page = sent({"state": json.dumps(state(sha256="0" * 64)), "do": "advice"})
    assert 409 == page.status
    assert web.CHANGED in check_page(page, page_of).headings


def test_too_much_is_refused_before_it_is_read(page_of):
    body = urlencode({"state": json.dumps(state()), "do": "next", "typed": "3" * MAX_BODY}).encode()
    for page in (respond_to_post(PROTOCOLS, body), sent({"state": "x" * (MAX_BODY + 1)})):
        assert 413 == page.status
        assert web.TOO_LARGE in check_page(page, page_of).headings


@pytest.mark.parametrize(
    "body", [b"state=%ff", b"state=\xff", "state=ü".encode(), b"tick=seizure&" * (MAX_FIELDS + 1)]
)
def test_a_body_that_no_browser_sends_is_refused(body, page_of):
    page = respond_to_post(PROTOCOLS, body)
    assert 400 == page.status
    check_page(page, page_of)


def test_what_is_not_utf_8_is_not_guessed_at(page_of):
    body = urlencode({"state": json.dumps(state(changing=1)), "do": "next"}).encode() + b"&typed=38%ff"
    page = respond_to_post(PROTOCOLS, body)
    assert 400 == page.status
    check_page(page, page_of)


def test_a_body_is_read_as_browsers_send_it(page_of):
    body = urlencode({"state": json.dumps(state(changing=1)), "do": "next", "typed": "38,6 °C"}).encode()
    page = respond_to_post(PROTOCOLS, body)
    assert 38.6 == check_page(page, page_of).state["answers"]["temperature"]
    several = (
        b"do=next&none=&tick=seizure&tick=confused&" + urlencode({"state": json.dumps(state())}).encode()
    )
    assert "Emergency" in respond_to_post(PROTOCOLS, several).body


def test_what_was_typed_is_shown_again_as_text(page_of):
    form = {"state": json.dumps(state(changing=1)), "do": "next", "typed": MARKUP, "unit": "°C"}
    page = sent(form)
    assert MARKUP in check_page(page, page_of).fields["typed"]
    assert "<script" not in page.body


@pytest.mark.parametrize("trail", [[["chest_pain"], ["temperature"]], [["temperature"], ["chest_pain"]]])
def test_back_on_a_way_that_nobody_went_asks_what_is_open(trail, page_of):
    page = sent({"state": json.dumps(state(trail=trail)), "do": "back"})
    assert 200 == page.status
    shown = check_page(page, page_of)
    assert "seizure" in shown.asked
    assert trail[:1] == shown.state["trail"]


def test_an_unknown_field_changes_nothing():
    form = {"state": json.dumps(state()), "do": "check"}
    assert sent(form) == sent({**form, "utm": MARKUP, MARKUP: "x"})


def test_with_no_protocol_at_all_the_developer_is_told():
    layer = {"emergency": load("emergency")}
    for call in (lambda: respond({}, {}), lambda: respond_to_post(layer, b""), lambda: went_wrong({})):
        with pytest.raises(ConfigError, match="there is no protocol to ask about"):
            call()


def test_without_an_engine_there_is_a_page_and_no_advice(monkeypatch, page_of):
    def none(*_given, **_options):
        raise EngineUnavailable("install it")

    monkeypatch.setattr("whentocall.engine.advise.advise", none)
    page = sent({"state": json.dumps(state()), "do": "advice"})
    assert 503 == page.status
    shown = check_page(page, page_of)
    assert web.WENT_WRONG in shown.headings
    assert web.CALL_ANYWAY in shown.text
    assert "install it" not in page.body


def test_there_is_a_page_for_a_fault_around_it(page_of):
    page = went_wrong(PROTOCOLS)
    assert 500 == page.status
    assert web.CALL_ANYWAY in check_page(page, page_of).text


@pytest.mark.parametrize("form", [{}, {"state": "x"}, {"state": json.dumps(state()), "do": "save"}])
def test_every_answer_is_kept_by_nobody_and_framed_by_nobody(form):
    headers = sent(form).headers
    assert "no-store" == headers["Cache-Control"]
    assert "no-referrer" == headers["Referrer-Policy"]
    assert "nosniff" == headers["X-Content-Type-Options"]
    policy = headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert "Set-Cookie" not in headers


# random forms

QUESTIONS = PROTOCOLS[ALL].questions
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
wild = st.text(st.characters(exclude_categories=()), max_size=30) | st.just(MARKUP)
ids = st.sampled_from(list(QUESTIONS))


def answer_to(id_):
    """Any answer to a question that is not refused."""
    question = QUESTIONS[id_]
    low, high = question.answer.low, question.answer.high
    kinds = {
        "yes-no": st.booleans(),
        "one-of": st.sampled_from(list(question.options) or [None]),
        "temperature": st.floats(low, high),
    }
    return st.none() | kinds.get(question.answer.kind, st.integers(int(low), int(high)))


@st.composite
def states(draw):
    """A state that could stand on a page; now and then with something in it that could not."""
    asked = draw(st.lists(ids, unique=True, max_size=12))
    answers = {id_: draw(answer_to(id_)) for id_ in asked}
    said = state(answers=answers, trail=[[id_] for id_ in answers])
    said |= {"everything": draw(st.booleans()), "voice": draw(st.sampled_from(("you", "they")))}
    if asked and draw(st.booleans()):
        said["changing"] = draw(st.integers(0, len(asked) - 1))
    if draw(st.integers(0, 3)) == 0:
        said[draw(st.sampled_from(sorted(said)))] = draw(anything)
    return json.dumps(said)


values = {
    "do": st.sampled_from(ACTIONS) | st.sampled_from(ACTIONS) | wild,
    "state": states() | wild,
    "change": st.integers(0, 4).map(str) | wild,
    "tick": st.lists(ids | wild, max_size=3),
}
likely = st.sampled_from(("yes", "no", "38,6", "°F", "you", ALL))
forms = st.fixed_dictionaries({}, optional={name: values.get(name, likely | wild) for name in FIELDS})


@examples(200)
@given(forms)
def test_whatever_is_sent_there_is_a_clear_page(page_of, form):
    page = sent(form)
    assert page.status in (FINE, *REFUSED)
    if page.headers["Content-Type"].startswith("text/html"):
        check_page(page, page_of)
    else:
        json.loads(page.body)


@examples(100)
@given(states(), forms)
def test_whatever_is_sent_under_way_there_is_a_clear_page(page_of, text, form):
    test_whatever_is_sent_there_is_a_clear_page.hypothesis.inner_test(page_of, {**form, "state": text})


@examples(100)
@given(
    st.binary(max_size=200) | forms.map(lambda form: urlencode(form, doseq=True, errors="replace").encode())
)
def test_whatever_the_body_there_is_a_clear_page(page_of, body):
    page = respond_to_post(PROTOCOLS, body)
    assert page.status in (FINE, *REFUSED)
    if page.headers["Content-Type"].startswith("text/html"):
        check_page(page, page_of)


@examples(100)
@given(states())
def test_a_tampered_state_gets_the_advice_on_its_answers_or_none(text):
    page = sent({"state": text, "do": "save"})
    assume(page.status == FINE)
    said = json.loads(text)
    numbers = {"advice-line": "020 7946 0000"}
    assert (
        advise(PROTOCOLS[ALL], said["answers"], voice=said["voice"], numbers=numbers).to_json() == page.body
    )


@examples(100)
@given(st.data())
def test_no_answer_comes_from_a_control_that_was_left_alone(page_of, data):
    """Any of a page's controls are used: one that says no, or none of these, or nothing is "no"."""
    shown = page_of(sent({"state": data.draw(states()), "do": "check"}).body)
    assume("state" in shown.fields and shown.asked)
    form = {"state": shown.fields["state"], "do": data.draw(st.sampled_from(("next", "advice")))}
    for name, offered in shown.offered.items():
        if name != "state" and data.draw(st.booleans()):
            form[name] = data.draw(st.lists(st.sampled_from(offered), unique=True, min_size=1))
            form[name] = form[name] if name == "tick" else form[name][0]
    page = sent(form)
    assert FINE == page.status
    after, before = check_page(page, page_of).state["answers"], shown.state["answers"]
    new = {id_: given for id_, given in after.items() if id_ not in before}
    finished = form["do"] == "next" and form.get("tick")
    if not (finished or form.get("none") or form.get("choice") == "no"):
        assert False not in new.values()
    if not set(form) & {"choice", "typed", "unknown", "tick", "none", "unsure"}:
        assert {} == new
    if "tick" in form and new:
        assert all(after[id_] is True for id_ in form["tick"])
