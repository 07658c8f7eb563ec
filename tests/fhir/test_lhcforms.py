"""A Questionnaire in a real renderer: LHC-Forms shows it, a person fills it in, and the advice is right.

One browser and one page for all of it; each test puts its own form into the page.
"""

import os
import shutil
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from whentocall import AnswersError, advise, fhir

PATIENCE = 120  # seconds; a slow machine is no failure
SHOW = """
const [form, done] = arguments;
const options = {fhirVersion: 'R4', prepopulate: false};
LForms.Util.addFormToPage(form, 'form', options).then(done, error => done(`${error}`));
"""
SENT = "return LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4')"
SEEN = """
return [...document.querySelectorAll("[id^='item-']")].filter(one => one.checkVisibility())
  .map(one => one.id.slice("item-".length).split("/")[0]);
"""
TICK_ALL = """
const [wanted] = arguments;
for (const one of document.querySelectorAll("label[class*='radio']"))
  if (one.innerText.trim() === wanted) one.click();
"""
OFFERED = "#lhc-tools-searchResults li"
NUMBERS = {
    "t": "answer: 'temperature, 35 to 42 °C'",
    "warm": "answer: yes or no, only_if: {t: above 38 °C}",
    "a": "answer: yes or no",
    "b": "answer: yes or no",
    "n": "answer: 'days, 0 to 9', only_if: {any: [{a: yes}, {b: yes}]}",
    "c": "answer: yes or no, only_if: {all: [{any: [{a: yes}, {b: yes}]}, {n: at least 3}]}",
    "d": "answer: yes or no, only_if: {c: no}",
    "o": "answer: one of, options: {x: {you: Your X, they: Their X}, y: {you: Your Y, they: Their Y}}",
    "e": "answer: yes or no, only_if: {o: is y}",
}
SCREENS = """
screens:
  - {title: First, questions: [t]}
  - {title: Second, questions: [a, b]}
  - {title: Third, questions: [o]}
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Nothing: a test's output is not a server's log."""


class Form:
    """The page, and a person in front of it."""

    def __init__(self, driver):
        self.driver = driver
        driver.set_script_timeout(PATIENCE)

    def show(self, form):
        assert self.driver.execute_async_script(SHOW, form) is None

    def find(self, what, one):
        """An element of a question: its id ends in one `/1` for each group around it."""
        (found,) = self.driver.find_elements(By.CSS_SELECTOR, f"[id^='{what}{one}/1']")
        return found

    def seen(self):
        """The ids of what is on the page, in order."""
        return self.driver.execute_script(SEEN)

    def shows(self, *ids):
        """Whether all of these come to be seen. A renderer may take its time."""
        return WebDriverWait(self.driver, PATIENCE).until(lambda _: set(ids) <= set(self.seen()))

    def hides(self, *ids):
        """Whether all of these are gone, or go."""
        return WebDriverWait(self.driver, PATIENCE).until(lambda _: not set(ids) & set(self.seen()))

    def tick_all(self, label):
        """This answer to everything that has it."""
        self.driver.execute_script(TICK_ALL, label)

    def tick(self, one, label):
        path = f'.//label[contains(@class, "radio")][normalize-space()="{label}"]'
        self.find("item-", one).find_element(By.XPATH, path).click()

    def write(self, one, text, *, unit=None):
        self.find("", one).send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.DELETE, text, Keys.TAB)
        if unit:
            self.find("unit_", one).click()
            offered = WebDriverWait(self.driver, PATIENCE).until(lambda _: self.units())
            offered[unit].click()

    def units(self):
        """What the list of units offers, once it is open."""
        found = self.driver.find_elements(By.CSS_SELECTOR, OFFERED)
        return {one.text.split()[-1]: one for one in found if one.is_displayed() and one.text}

    def sent(self):
        """The response, from a form that LHC-Forms has nothing against."""
        logged = [one["message"] for one in self.driver.get_log("browser") if one["level"] == "SEVERE"]
        assert [] == logged
        return self.driver.execute_script(SENT)


@pytest.fixture(scope="module")
def address(npm, tmp_path_factory):
    """Where the page is served, on this machine alone."""
    folder = tmp_path_factory.mktemp("lhcforms")
    shutil.copy(Path(__file__).parent / "lhcforms" / "page.html", folder)
    (folder / "lforms").symlink_to(npm / "node_modules" / "lforms" / "dist" / "lforms")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/page.html"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def form(address, start_chromium):
    """The page in Chromium."""
    driver = start_chromium("--window-size=1100,1600")
    try:
        driver.set_page_load_timeout(PATIENCE)
        driver.get(address)
        yield Form(driver)
    finally:
        driver.quit()


def shot(form, name):
    """A picture for whoever wants to look: set FHIR_PICTURES to a folder."""
    if folder := os.environ.get("FHIR_PICTURES"):
        form.driver.save_screenshot(str(Path(folder) / f"{name}.png"))


def expected_items(questionnaire):
    """The linkIds that are shown before anything is answered, as the form itself says."""
    found = []
    for item in questionnaire["item"]:
        when = item.get("enableWhen", [])
        if all(one["operator"] == "exists" and one["answerBoolean"] is False for one in when):
            hidden = item["linkId"].endswith("-help")  # a help text is a button beside its question
            found += [] if hidden else [item["linkId"], *expected_items({"item": item.get("item", [])})]
    return found


def test_a_person_fills_in_the_form_and_gets_the_advice(form, all_targeted):
    questionnaire = fhir.questionnaire(all_targeted)
    form.show(questionnaire)
    assert expected_items(questionnaire) == form.seen()

    form.tick("chest_pain", "No")
    form.tick("headache", "I don't know")
    form.tick("rash", "Yes")
    form.tick("drug", "Rituximab")
    form.write("temperature", "99.5", unit="°F")
    assert "loose_stools" not in form.seen()
    form.tick("diarrhoea", "Yes")
    assert form.shows("loose_stools", "loose_stools-unknown", "cannot_replace_fluid")
    form.write("loose_stools", "3")
    form.tick("diarrhoea_days-unknown", "I don't know")
    assert form.hides("loose_stools-unknown", "temperature-unknown")
    shot(form, "all-targeted-drugs")

    sent = form.sent()
    answers = fhir.answers_from_response(all_targeted, sent)
    said = {one: given for one, given in answers.items() if given is not None}
    assert said == {
        "chest_pain": False,
        "rash": True,
        "drug": "rituximab",
        "temperature": {"value": 99.5, "unit": "°F"},
        "diarrhoea": True,
        "loose_stools": 3,
    }
    left_empty = {one for one, given in answers.items() if given is None}
    assert {"headache", "diarrhoea_days", "cannot_replace_fluid", "seizure"} <= left_empty
    assert "constipation_days" not in answers
    assert sent["questionnaire"] == f"{questionnaire['url']}|{questionnaire['version']}"
    the_same_advice(all_targeted, sent, answers)
    assert "contact" == advise(all_targeted, answers).level  # 99.5 °F is 37.5 °C, which is not above it


def the_same_advice(protocol, sent, answers):
    """The advice on the response is the advice on the answers, byte for byte."""
    by_fhir = advise(protocol, fhir.answers_from_response(protocol, sent))
    assert advise(protocol, answers).to_json() == by_fhir.to_json()


def test_a_changed_mind_is_followed(form, all_targeted):
    """One step more in °F, then in °C; a follow-up that is no longer asked is not sent."""
    form.show(fhir.questionnaire(all_targeted))
    form.write("temperature", "99.6", unit="°F")
    assert "immediately" == advise(all_targeted, fhir.answers_from_response(all_targeted, form.sent())).level
    form.write("temperature", "37.6", unit="°C")
    answers = fhir.answers_from_response(all_targeted, form.sent())
    assert 37.6 == answers["temperature"]
    assert "immediately" == advise(all_targeted, answers).level
    form.write("temperature", "99.6")  # now in °C
    with pytest.raises(AnswersError, match="temperature: "):
        fhir.answers_from_response(all_targeted, form.sent())
    form.write("temperature", "")
    assert form.shows("temperature-unknown")
    form.tick("temperature-unknown", "I don't know")
    form.tick("diarrhoea", "Yes")
    assert form.shows("loose_stools")
    form.write("loose_stools", "9")
    form.tick("diarrhoea", "No")
    assert form.hides("loose_stools")
    answers = fhir.answers_from_response(all_targeted, form.sent())
    assert (None, False) == (answers["temperature"], answers["diarrhoea"])
    assert "loose_stools" not in answers
    the_same_advice(all_targeted, form.sent(), answers)


def test_a_carer_fills_in_the_other_form(form, neuroblastoma):
    """Everything is "No": nothing is left open, and nothing is to be reported."""
    questionnaire = fhir.questionnaire(neuroblastoma, voice="they")
    form.show(questionnaire)
    assert expected_items(questionnaire) == form.seen()
    form.tick_all("No")
    shot(form, "neuroblastoma-targeted-therapy")
    sent = form.sent()
    answers = fhir.answers_from_response(neuroblastoma, sent)
    asked = {one.id: False for one in neuroblastoma.questions.values() if one.only_if is None}
    assert asked == answers
    assert "they" == fhir.voice_of_response(sent)
    advice = advise(neuroblastoma, answers, voice="they")
    assert ("none", True) == (advice.level, advice.finished)
    guidance = fhir.guidance_response(neuroblastoma, advice, response=sent)
    assert "success" == guidance["status"]


def test_nested_conditions_open_and_close_in_the_renderer(form, write_protocol):
    """Groups in groups, a temperature in both units, and follow-ups of follow-ups."""
    protocol = write_protocol(
        NUMBERS, "{any: [{warm: yes}, {n: at least 3}, {c: yes}, {d: yes}, {e: yes}]}", SCREENS
    )
    form.show(fhir.questionnaire(protocol, voice="they"))
    assert not {"warm", "n", "c", "d", "e"} & set(form.seen())
    form.write("t", "38.1", unit="°C")
    assert form.shows("warm")
    form.write("t", "38")
    assert form.hides("warm")
    form.write("t", "101", unit="°F")
    assert form.shows("warm")

    form.tick("b", "Yes")
    assert form.shows("n", "n-unknown")
    form.write("n", "3")
    assert form.shows("c")
    form.tick("c", "No")
    assert form.shows("d")
    form.tick("o", "Their Y")
    assert form.shows("e")
    shot(form, "nested")
    answers = fhir.answers_from_response(protocol, form.sent())
    assert {
        "t": {"value": 101, "unit": "°F"},
        "warm": None,
        "a": None,
        "b": True,
        "n": 3,
        "c": False,
        "d": None,
        "o": "y",
        "e": None,
    } == answers
    form.tick("b", "No")
    assert form.hides("n", "c", "d")
    assert {"t", "warm", "a", "b", "o", "e"} == set(fhir.answers_from_response(protocol, form.sent()))
