"""The web face in a real browser: by keyboard alone, without JavaScript, on a telephone, for every reader."""

import base64
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

from support import axe
from whentocall import advise, load
from whentocall.interview import texts
from whentocall.web import respond, respond_to_post, went_wrong
from whentocall.web import texts as web

PATIENCE = 60  # seconds; a slow machine is no failure
PHONE, SMALL, TABLET, DESKTOP = 360, 320, 800, 1280
TARGET = 44  # pixels; what a finger hits without care
A4 = (595, 842)  # points
PROTOCOLS = {name: load(name) for name in ("all-targeted-drugs", "neuroblastoma-targeted-therapy")}
ALL = PROTOCOLS["all-targeted-drugs"]
NUMBERS = {"advice-line": "020 7946 0000"}
WELL = {
    question.id: question.usual_number
    if question.usual_number is not None
    else next(iter(question.options), False)
    for question in ALL.questions.values()
    if question.only_if is None
}
LEVELS = {
    "emergency": {"chest_pain": True},
    "immediately": {"temperature": 38.6, "shivery": True, "feels_hot_or_cold": True},
    "urgently": {"headache": True, "muscle_aches": True},
    "contact": {"diarrhoea": True, "loose_stools": 5, "diarrhoea_days": 1, "cannot_replace_fluid": False},
    "tell": {"rash": True, "dry_skin": True, "very_tired": True},
    "none": {},
    "not known": {"chest_pain": None, "temperature": None, "took_fever_medicine": None},
}


def state(answers, **changes):
    said = {"protocol": ALL.id, "sha256": ALL.sha256, "voice": "you", "answers": answers}
    said |= {"trail": [[id_] for id_ in answers], "everything": False, "changing": None, "ticked": None}
    return json.dumps(said | changes)


SIGNS = {id_: False for id_, question in ALL.questions.items() if id_ in ALL.screens[0].questions}
FORMS = {
    "start": {},
    "start again": {"do": "protocol"},
    "who": {"do": "protocol", "choice": ALL.id},
    "checklist": {"state": state({}), "do": "check"},
    "checklist again": {"state": state({}), "do": "next"},
    "not sure": {"state": state({}), "do": "next", "unsure": "yes"},
    "temperature": {"state": state(SIGNS), "do": "check"},
    "temperature again": {"state": state(SIGNS), "do": "next", "typed": "101.5", "unit": "°C"},
    "yes or no": {"state": state(SIGNS | {"temperature": 36.8}), "do": "check"},
    "one of": {"state": state(WELL), "change": str(list(WELL).index("drug"))},
    "answers": {"state": state(WELL | {"chest_pain": None}), "do": "check"},
    "so far": {"state": state(SIGNS), "do": "advice"},
    "contradiction": {"state": state(WELL | {"loose_stools": 5}), "do": "advice"},
    **{level: {"state": state(WELL | given), "do": "advice"} for level, given in LEVELS.items()},
    "cannot be read": {"state": "x"},
    "changed": {"state": state({}, sha256="x")},
}
KINDS = (*FORMS, "fault")


class Handler(BaseHTTPRequestHandler):
    """What an app around the web face does; and `GET /?kind` for each kind of page."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        kind = self.path.partition("?")[2].replace("%20", " ")
        form = FORMS.get(kind, {})
        self._send(went_wrong(PROTOCOLS) if kind == "fault" else respond(PROTOCOLS, form, numbers=NUMBERS))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._send(respond_to_post(PROTOCOLS, body, numbers=NUMBERS))

    def _send(self, page):
        body = page.body.encode()
        self.send_response(page.status)
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_given):
        """Nothing is logged."""


@pytest.fixture(scope="module")
def site():
    """The address of a server with the web face."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running = threading.Thread(target=server.serve_forever, daemon=True)
    running.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        running.join()


class Browser:
    """One Chromium, and a person who has only a keyboard."""

    def __init__(self, driver):
        self.driver = driver
        self.driver.set_script_timeout(PATIENCE)
        self.driver.set_page_load_timeout(PATIENCE)
        self.cdp("Emulation.setScrollbarsHidden", hidden=True)

    def cdp(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def look(self, width, *, scheme="light", media="screen", forced=False):
        """How wide the window is, and how the person likes to see pages."""
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "forced-colors", "value": "active" if forced else "none"},
        ]
        self.cdp("Emulation.setEmulatedMedia", media=media, features=features)
        phone = width < TABLET
        size = {"width": width, "height": 740 if phone else 900, "deviceScaleFactor": 1, "mobile": phone}
        self.cdp("Emulation.setDeviceMetricsOverride", **size)

    def visit(self, address, *, scripts=True):
        self.cdp("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.driver.get("about:blank")
        for log in ("performance", "browser"):
            self.driver.get_log(log)
        self.driver.get(address)

    @property
    def title(self):
        return self.driver.title

    @property
    def text(self):
        return " ".join(self.run("return document.body.innerText").replace("\u00a0", " ").split())

    @property
    def requests(self):
        events = [json.loads(event["message"])["message"] for event in self.driver.get_log("performance")]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]

    @property
    def console(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    @property
    def overflow(self):
        return self.run("return document.documentElement.scrollWidth - window.innerWidth")

    def violations(self):
        return axe.violations(self.driver)

    # the keyboard

    def keys(self, *keys):
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    @property
    def focused(self):
        """The words of what has the focus: of its label, else its own."""
        words = self.run(
            "const e = document.activeElement; const l = e.labels && e.labels[0];"
            "return (l ? l.firstChild : e).textContent"
        )
        return " ".join(words.split())

    def tab_to(self, words):
        """Press Tab until this has the focus; a ring is to be seen around everything on the way."""
        for _ in range(60):
            self.keys(Keys.TAB)
            assert self.run(RING), f"nothing shows where the focus is: {self.focused}"
            if self.focused == words:
                return
        raise AssertionError(f"'{words}' is not reached with Tab")

    def enter_on(self, words):
        """Press Enter on this, and wait for the page that follows."""
        self.tab_to(words)
        before = self.driver.find_element(By.TAG_NAME, "html")
        self.keys(Keys.ENTER)
        self.wait_until_gone(before)

    def wait_until_gone(self, before):
        for _ in range(PATIENCE * 20):
            now = self.driver.find_elements(By.TAG_NAME, "html")
            if now and now[0] != before and self.run("return document.readyState") == "complete":
                return
            time.sleep(0.05)
        raise AssertionError("no page followed")

    def printed(self):
        """The width and height in points of each page of the page's PDF."""
        self.cdp("Emulation.setEmulatedMedia", media="", features=[])
        pdf = base64.b64decode(self.cdp("Page.printToPDF", preferCSSPageSize=True)["data"])
        boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", pdf)
        assert len(boxes) == len(re.findall(rb"/Type\s*/Page\b", pdf))
        return [tuple(round(float(side)) for side in box) for box in boxes]


RING = """
const e = document.activeElement, seen = (element) => {
  const style = getComputedStyle(element);
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
};
return seen(e) || seen(e.parentElement);
"""

SMALL_TARGETS = """
const found = [], least = arguments[0];
for (const e of document.querySelectorAll('a, button, summary, .tile, input[type=text]')) {
  const box = e.getBoundingClientRect();
  if (!e.classList.contains('skip') && (box.height < least || box.width < least)) {
    found.push(e.outerHTML.slice(0, 120) + ' ' + box.width + 'x' + box.height);
  }
}
return found;
"""


@pytest.fixture(scope="module")
def browser(start_chromium):
    """Chromium, as these tests use it."""
    driver = start_chromium(logs=("performance", "browser"))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


@pytest.fixture
def downloads(browser, tmp_path):
    """The folder that files are saved in."""
    browser.cdp("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    return tmp_path


def saved_file(folder):
    for _ in range(PATIENCE * 20):
        found = [file for file in folder.iterdir() if file.suffix == ".json"]
        if found:
            return found[0].read_text("utf-8")
        time.sleep(0.05)
    raise AssertionError("nothing was saved")


def say_what_is_not_sure(browser):
    """The list of signs, left empty at first; then one of them is not sure."""
    assert "Do they have any of these right now?" in browser.title
    browser.enter_on(texts.CONTINUE)
    assert browser.title.startswith("Problem: ")
    assert "problem" == browser.run("return document.activeElement.id"), "the problem is read first"
    browser.keys(Keys.TAB, Keys.ENTER)
    assert "tick-0" == browser.run("return document.activeElement.id || location.hash.slice(1)")
    browser.tab_to(texts.NOT_SURE)
    browser.keys(Keys.SPACE)
    browser.enter_on(texts.CONTINUE)

    assert texts.WHICH_NOT_SURE in browser.title
    browser.tab_to("A fit (seizure), now or just before")
    browser.keys(Keys.SPACE)
    browser.enter_on(texts.CONTINUE)


def test_the_whole_interview_by_keyboard_alone_without_javascript_on_a_phone(browser, site, downloads):
    browser.look(PHONE)
    browser.visit(site, scripts=False)
    browser.keys(Keys.TAB)
    assert web.SKIP == browser.focused
    browser.keys(Keys.ENTER)
    browser.tab_to(ALL.title)
    browser.keys(Keys.SPACE)
    browser.enter_on(texts.CONTINUE)

    browser.tab_to("I am the one having treatment")
    browser.keys(Keys.ARROW_DOWN)
    assert "I am answering for someone else" == browser.focused
    browser.enter_on(texts.CONTINUE)

    say_what_is_not_sure(browser)
    browser.tab_to("What is their temperature now?")
    browser.keys("101,5")
    browser.tab_to("°C")
    browser.keys(Keys.ARROW_RIGHT)
    assert "°F" == browser.focused
    browser.tab_to(web.WHY_WE_ASK)
    browser.keys(Keys.ENTER)
    assert "can be a sign of infection" in browser.text
    browser.enter_on(texts.CONTINUE)

    assert "Temperature 101.5 °F" in browser.text
    browser.enter_on(f"{web.CHANGE}: Temperature")
    browser.tab_to("What is their temperature now?")
    browser.keys("102")  # Tab has selected what stands there
    before = browser.driver.find_element(By.TAG_NAME, "html")
    browser.keys(Keys.ENTER)  # in a field, Enter goes on, and never back
    browser.wait_until_gone(before)
    assert "Temperature 102 °F" in browser.text
    browser.enter_on(texts.CONFIRM_YES)

    assert "Immediately: Call their hospital advice line now – How soon to call" == browser.title
    browser.tab_to(web.SAVE)
    browser.keys(Keys.ENTER)
    said = saved_file(downloads)
    answers = json.loads(said)["request"]["answers"]
    assert {"value": 102, "unit": "°F"} == answers["temperature"]
    assert None is answers["seizure"]
    assert advise(ALL, answers, voice="they", numbers=NUMBERS).to_json() == said


def test_no_address_and_no_other_host_ever_sees_an_answer(browser, site):
    browser.look(PHONE)
    browser.visit(site, scripts=False)
    for words in (ALL.title, "I am the one having treatment", "Chest pain"):
        browser.tab_to(words)
        browser.keys(Keys.SPACE)
        browser.enter_on(texts.CONTINUE)
    assert browser.title.startswith("Emergency: Call 999 now")
    assert {site, f"{site}?"} == set(browser.requests)
    assert [] == browser.console
    assert f"{site}?" == browser.driver.current_url
    assert "" == browser.run("return document.cookie")
    assert "" == browser.run("return document.referrer")


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_to_object_to_and_nothing_is_wider_than_the_window(browser, site, kind):
    browser.look(PHONE)
    browser.visit(f"{site}?{kind}")
    for width, scheme in ((PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light")):
        browser.look(width, scheme=scheme)
        assert {} == browser.violations(), (width, scheme)
    for width in (SMALL, TABLET):
        browser.look(width)
        assert 0 >= browser.overflow, width
        assert [] == browser.run(SMALL_TARGETS, TARGET), width
    assert [] == browser.run("return [...document.querySelectorAll('script')].map((e) => e.src)")


@pytest.mark.parametrize("kind", KINDS)
def test_each_page_reads_the_same_without_javascript_and_loads_nothing(browser, site, kind):
    browser.look(PHONE)
    address = f"{site}?{kind.replace(' ', '%20')}"
    browser.visit(address)
    shown = browser.text
    assert [address] == browser.requests
    complaints = [line for line in browser.console if "the server responded with a status" not in line]
    assert [] == complaints
    browser.visit(address, scripts=False)
    assert shown == browser.text
    assert "If someone cannot be woken" in shown


@pytest.mark.parametrize("kind", [*LEVELS, "so far", "contradiction"])
def test_advice_prints_on_one_page(browser, site, kind):
    browser.visit(f"{site}?{kind}")
    assert [A4] == browser.printed()


@pytest.mark.parametrize("kind", ["checklist", "temperature", "immediately"])
def test_with_forced_colours_every_control_still_has_an_edge(browser, site, kind):
    browser.look(PHONE, forced=True)
    browser.visit(f"{site}?{kind}")
    assert browser.run("return matchMedia('(forced-colors: active)').matches")
    edges = browser.run(
        "return [...document.querySelectorAll('.tile, .typed, button.main, .dial, .card')]"
        ".map((e) => parseFloat(getComputedStyle(e).borderTopWidth))"
    )
    assert edges
    assert min(edges) >= 1


def test_the_browsers_own_way_back_loses_nothing(browser, site):
    """Pages are not kept, so the browser asks for the one before again, with what was sent for it."""
    browser.look(PHONE)
    browser.visit(site, scripts=False)
    for words in (ALL.title, "I am the one having treatment", texts.NONE_OF_THESE):
        browser.tab_to(words)
        browser.keys(Keys.SPACE)
        browser.enter_on(texts.CONTINUE)
    assert "What is your temperature now?" in browser.title
    browser.driver.back()
    browser.driver.refresh()  # Chromium's own page asks for this before it sends anything again
    assert "First, the signs of an emergency" in browser.title
    browser.tab_to(texts.NONE_OF_THESE)
    browser.keys(Keys.SPACE)
    browser.enter_on(texts.CONTINUE)
    assert "What is your temperature now?" in browser.title
