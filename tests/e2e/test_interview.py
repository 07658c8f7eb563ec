"""A whole interview, as somebody at a terminal goes through it."""

import json

import pytest

from whentocall.interview import texts

ALL = "all-targeted-drugs"
NEURO = "neuroblastoma-targeted-therapy"

FIVE_POOS = {"diarrhoea": True, "loose_stools": 5, "diarrhoea_days": 2}
VARIED = {
    "five loose poos": FIVE_POOS,
    "half not known": {"chest_pain": None, "diarrhoea": None, "took_fever_medicine": None},
    "emergency": {"seizure": True, "chest_pain": None},
}


def _advise(pipe, protocol, answers, *more):
    done = pipe("advise", protocol, "--answers", "-", "--json", *more, typed=json.dumps(answers))
    assert 0 == done.returncode, done.stderr
    return done.stdout


@pytest.mark.one_in(2)
@pytest.mark.smoke
@pytest.mark.parametrize(
    ("protocol", "voice", "headline"),
    [
        (ALL, "you", "TODAY: Call your hospital advice line today"),
        (NEURO, "they", "SOON: Tell your child's healthcare team"),
    ],
)
def test_menus_lead_from_the_first_choice_to_the_advice(terminal, person, protocol, voice, headline):
    somebody = person(protocol, {**FIVE_POOS, "side_effect": True}, voice=voice)
    title, speaker = somebody.protocol.title, somebody.protocol.head.answering[voice]
    run = terminal()
    run.wait_menu(texts.WHICH_PROTOCOL)
    run.choose(title)
    run.wait_menu(f"You said: {title}", texts.WHO_ANSWERS)
    run.choose(speaker)
    run.wait(f"You said: {speaker}")
    somebody.through_menus(run)
    run.wait_menu(texts.SUMMARY_TITLE, texts.CONFIRM)
    run.choose(texts.CONFIRM_YES)
    run.wait(texts.CONFIRM, headline, texts.GOODBYE)
    if somebody.more:
        run.wait_menu(texts.MORE)
        run.choose(texts.MORE_NO)
    assert 0 == run.end()


@pytest.mark.smoke
@pytest.mark.parametrize(("place", "protocol", "voice"), [("1", ALL, "you"), ("2", NEURO, "they")])
def test_plain_lines_lead_from_the_first_choice_to_the_advice(
    terminal, person, escapes, place, protocol, voice
):
    somebody = person(protocol, {}, voice=voice)
    run = terminal("ask", "--plain")
    run.wait_prompt(texts.WHICH_PROTOCOL, texts.PLAIN_CHOOSE)
    run.type(place)
    run.wait_prompt(texts.WHO_ANSWERS, texts.PLAIN_CHOOSE)
    run.type({"you": "1", "they": "2"}[voice])
    run.wait_prompt({"you": "Do you have any of these", "they": "Do they have any of these"}[voice])
    for line in somebody.typed().splitlines():
        run.type(line)
    run.wait_prompt(texts.SUMMARY_TITLE, texts.CONFIRM)
    run.type("1")
    if somebody.more:
        run.wait_prompt("NOTHING TO REPORT", texts.MORE, texts.PLAIN_CHOOSE)
        run.type("1")
    assert 0 == run.end()
    assert "NOTHING TO REPORT" in run.text
    assert [] == escapes(run.raw.replace(b"\r\n", b"\n"))


@pytest.mark.parametrize(("flag", "words"), [("--me", "Do you have"), ("--carer", "Do they have")])
def test_who_answers_can_be_said_beforehand(pipe, flag, words):
    done = pipe("ask", ALL, flag)
    assert texts.WHO_ANSWERS not in done.stdout.decode()
    assert words in done.stdout.decode()


@pytest.mark.smoke
@pytest.mark.parametrize(("protocol", "number"), [(ALL, "999"), (NEURO, "911")])
def test_an_emergency_sign_shows_the_number_at_once(terminal, protocol, number):
    """Nothing to confirm, nothing more to answer."""
    run = terminal("ask", protocol, "--me")
    run.wait_menu("First, the signs of an emergency.")
    run.tick("Chest pain")
    run.go_on()
    assert 0 == run.end()
    assert f"EMERGENCY: Call {number} now" in run.text
    assert f"Number: {number}" in run.text
    assert texts.CONFIRM not in run.text
    assert texts.MORE not in run.text


@pytest.mark.parametrize(("protocol", "number"), [(ALL, "999"), (NEURO, "911")])
def test_an_emergency_sign_shows_the_number_at_once_in_plain_lines(pipe, protocol, number):
    done = pipe("ask", protocol, "--carer", typed="3 4?\n")
    shown = done.stdout.decode()
    assert 0 == done.returncode
    assert f"EMERGENCY: Call {number} now" in shown
    assert texts.CONFIRM not in shown


def test_an_emergency_found_while_changing_an_answer_is_shown_at_once(terminal, person):
    run = terminal("ask", ALL, "--me")
    person(ALL).through_menus(run)
    run.wait_menu(texts.CONFIRM)
    run.choose(texts.CONFIRM_CHANGE)
    run.wait_menu(texts.WHICH_CHANGE)
    run.choose("Chest pain: no")
    run.wait_menu("Do you have chest pain?")
    run.choose(texts.YES)
    assert 0 == run.end()
    assert "EMERGENCY: Call 999 now" in run.text


def test_going_back_in_menus_asks_the_last_screen_again(terminal):
    run = terminal("ask", ALL, "--me")
    run.wait_list("First, the signs of an emergency.")
    assert texts.GO_BACK not in run.text  # the first screen has nothing before it
    run.choose(texts.NONE_OF_THESE)
    run.wait_prompt("What is your temperature now?", "to go back.")
    run.type("36.8")
    run.wait_menu("You said: 36.8 °C", "in the last 24 hours?")
    run.choose(texts.GO_BACK)
    run.wait_prompt("36.8 °C", "in the last 24 hours?", "What is your temperature now?", "to go back.")
    run.type("<")
    run.wait_menu("> <", "First, the signs of an emergency.")


def test_going_back_in_plain_lines_asks_the_last_screen_again(pipe):
    shown = pipe("ask", ALL, "--me", typed="<\n0\n37\n<\n<\n").stdout.decode()
    assert 1 == shown.count(texts.NO_WAY_BACK)
    assert 2 == shown.count("What is your temperature now?")
    assert 2 == shown.count("First, the signs of an emergency.")


def test_an_answer_changed_at_the_summary_drops_what_no_longer_applies(terminal, person, work):
    """`Diarrhoea: no` takes the number of poos with it; the advice no longer rests on them."""
    run = terminal("ask", ALL, "--me", "--save", "told.txt")
    person(ALL, FIVE_POOS).through_menus(run)
    run.wait_menu("Loose, watery poos in the last 24 hours: 5", texts.CONFIRM)
    run.choose(texts.CONFIRM_CHANGE)
    run.wait_menu(texts.WHICH_CHANGE)
    run.choose("Diarrhoea (loose, watery poos): yes")
    run.wait_menu(texts.WHICH_CHANGE, "Have you had diarrhoea")
    run.choose(texts.NO)
    run.wait_menu("Have you had diarrhoea", "You said: No", texts.SUMMARY_TITLE, texts.CONFIRM)
    run.choose(texts.CONFIRM_YES)
    assert 0 == run.end()
    assert "NOTHING TO REPORT" in run.text
    told = json.loads((work / "told.txt.json").read_text(encoding="utf-8"))
    assert told["answers"]["diarrhoea"] is False
    assert not {"loose_stools", "diarrhoea_days", "cannot_replace_fluid"} & told["answers"].keys()
    assert "none" == told["advice"]["level"]


def test_somebody_may_look_at_the_answers_and_change_none(pipe, person):
    typed = person(ALL).typed()
    nothing = len(person(ALL).after().answers) + 1
    shown = pipe("ask", ALL, "--me", typed=f"{typed}2\n<\n2\n{nothing}\n").stdout.decode()
    assert 3 == shown.count(texts.CONFIRM)
    assert 2 == shown.count(texts.WHICH_CHANGE)


@pytest.mark.smoke
def test_dont_know_everywhere_is_at_least_today(terminal, person):
    run = terminal("ask", ALL, "--me")
    person(ALL, knows=False).through_menus(run)
    run.wait_menu(texts.CONFIRM)
    run.choose(texts.CONFIRM_YES)
    run.wait(texts.CONFIRM, "TODAY: Call your hospital advice line today", texts.GOODBYE)


def test_dont_know_everywhere_is_at_least_today_in_plain_lines(pipe, person):
    done = pipe("ask", NEURO, "--me", typed=person(NEURO, knows=False).typed_to_the_end())
    assert 0 == done.returncode
    assert b"TODAY: Call your" in done.stdout


def test_nothing_reported_is_no_side_effects(pipe, person):
    done = pipe("ask", NEURO, "--me", typed=person(NEURO).typed_to_the_end())
    assert 0 == done.returncode
    assert b"NOTHING TO REPORT: You have not told us about any side effects" in done.stdout


def test_one_sign_that_somebody_is_not_sure_about_is_asked_for(terminal):
    """'Not sure about some of these' leads to which ones; the other ticks stay."""
    run = terminal("ask", ALL, "--me", "--json", "advice.json")
    run.wait_menu("First, the signs of an emergency.")
    run.choose(texts.NOT_SURE)
    run.wait_menu(texts.WHICH_NOT_SURE)
    run.go_on()
    run.wait(texts.TICK_NOT_SURE_FIRST)
    run.tick("Chest pain")
    run.go_on()
    run.wait_prompt("You said: Chest pain: I don't know", "What is your temperature now?")


def test_going_back_from_which_ones_are_not_sure_keeps_asking(terminal):
    run = terminal("ask", ALL, "--me")
    run.wait_menu("First, the signs of an emergency.")
    run.choose(texts.NOT_SURE)
    run.wait_menu(texts.WHICH_NOT_SURE)
    run.choose(texts.GO_BACK)
    run.wait_list(texts.WHICH_NOT_SURE, "First, the signs of an emergency.")
    assert texts.NONE_OF_THESE in run.text


def test_not_sure_in_plain_lines_is_a_mark_behind_a_number_or_alone(pipe):
    one = pipe("ask", ALL, "--me", typed="3?\n").stdout.decode()
    assert "You said: Chest pain: I don't know\n" in one
    rest = " ".join(pipe("ask", ALL, "--me", typed="?\n").stdout.decode().split())
    assert 14 == rest.count(": I don't know")


def test_after_an_early_stop_the_rest_is_asked_on_request(pipe, person):
    """A fever is enough for the level; a fuller summary asks every other question too."""
    somebody = person(ALL, {"temperature": 39})
    typed = f"{somebody.typed()}1\n"
    assert somebody.more
    settled = set(somebody.walk.answers)
    somebody.go_on()
    typed += f"2\n{somebody.typed()}1\n"
    done = pipe("ask", ALL, "--me", "--save", "s", typed=typed)
    assert 0 == done.returncode
    shown = " ".join(done.stdout.decode().split())
    assert 1 == shown.count(texts.MORE)
    assert "Which treatment are you having?" in shown
    assert 2 == shown.count("IMMEDIATELY: Call your hospital advice line now =")
    assert settled < set(somebody.walk.answers)
    assert "drug" in somebody.walk.answers


def test_the_rest_can_be_left_out(pipe, person):
    done = pipe("ask", ALL, "--me", typed=person(ALL, {"temperature": 39}).typed_to_the_end())
    assert 0 == done.returncode
    assert 1 == " ".join(done.stdout.decode().split()).count(texts.MORE)
    assert "Which treatment are you having?" not in done.stdout.decode()


def test_stopping_while_the_rest_is_asked_still_gives_advice(pipe, person):
    somebody = person(ALL, {"temperature": 39})
    typed = f"{somebody.typed()}1\n2\n2\n"
    done = pipe("ask", ALL, "--me", typed=typed)
    assert 3 == done.returncode
    assert 2 == " ".join(done.stdout.decode().split()).count(
        "IMMEDIATELY: Call your hospital advice line now ="
    )


@pytest.mark.one_in(4)
@pytest.mark.smoke
@pytest.mark.parametrize("answers", VARIED.values(), ids=VARIED.keys())
def test_plain_lines_menus_and_advise_give_the_same_bytes(terminal, pipe, person, work, answers):
    """The same answers, by any way in: the same JSON."""
    somebody = person(ALL, answers)
    typed = somebody.typed_to_the_end()
    told = dict(somebody.walk.answers)
    assert 0 == pipe("ask", ALL, "--me", "--json", "plain.json", typed=typed).returncode
    by_lines = (work / "plain.json").read_bytes()
    assert _advise(pipe, ALL, told) == by_lines
    run = terminal("ask", ALL, "--me", "--json", "menus.json")
    again = person(ALL, answers)
    again.through_menus(run)
    if "emergency" != json.loads(by_lines)["level"]:
        run.wait_menu(texts.CONFIRM)
        run.choose(texts.CONFIRM_YES)
    if again.more:
        run.wait_menu(texts.MORE)
        run.choose(texts.MORE_NO)
    assert 0 == run.end()
    assert (work / "menus.json").read_bytes() == by_lines


@pytest.mark.parametrize("protocol", [ALL, NEURO])
def test_plain_lines_and_advise_give_the_same_bytes_to_a_carer(pipe, person, work, protocol):
    somebody = person(protocol, {**FIVE_POOS, "side_effect": True, "fever": None})
    typed = somebody.typed_to_the_end()
    assert 0 == pipe("ask", protocol, "--carer", "--json", "a.json", typed=typed).returncode
    assert _advise(pipe, protocol, dict(somebody.walk.answers), "--carer") == (work / "a.json").read_bytes()


def test_the_answers_in_a_saved_summary_give_the_same_advice(pipe, person, work):
    somebody = person(ALL, {**FIVE_POOS, "temperature": {"value": 99.1, "unit": "°F"}})
    done = pipe("ask", ALL, "--me", "--save", "s.txt", typed=somebody.typed_to_the_end())
    assert 0 == done.returncode
    saved = json.loads((work / "s.txt.json").read_text(encoding="utf-8"))
    assert {"value": 99.1, "unit": "°F"} == saved["answers"]["temperature"]
    assert saved["advice"] == json.loads(_advise(pipe, ALL, saved["answers"]))
