"""The review page in a real browser: complete in itself, for every width, every reader and every printer."""

import base64
import json
import re
from datetime import date
from types import SimpleNamespace

import pytest

from support import axe
from whentocall import load
from whentocall.authoring.check import check
from whentocall.authoring.mutants import mutation_gate
from whentocall.review_pack.pack import build_pack
from whentocall.review_pack.page import review_html

PROTOCOLS = ("all-targeted-drugs", "neuroblastoma-targeted-therapy")
DAY = date(2026, 11, 22)
PATIENCE = 120  # seconds; a slow machine is no failure
WIDTHS = (1360, 800, 400)
PAPER = 672  # pixels: A4 less the margins of page.css, 178 mm, at 96 pixels an inch
A4 = (595, 842)  # points
OF_WIDTH = ["scrollable-region-focusable"]  # the other rules say the same at each width
BROKEN = """<!DOCTYPE html><html lang="en"><title>off</title><style>@page { size: A3 }</style>
<script>document.title = "on"; console.warn("a warning")</script><h1>Broken</h1>
<img src="missing.png"><p style="width: 2000px; color: #ccc; background: #fff">Too wide and too pale</p>
<div style="width: 200px; overflow: auto"><p style="width: 400px">To be scrolled</p></div>"""


class Browser:
    """One Chromium; what its pages asked for and complained about is read after each visit."""

    def __init__(self, driver):
        self.driver = driver
        self.driver.set_script_timeout(PATIENCE)
        self.driver.set_page_load_timeout(PATIENCE)
        self.cdp("Emulation.setScrollbarsHidden", hidden=True)
        self.visit("about:blank")  # leaves the browser's own first page and what that logs

    def cdp(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def resize(self, width, media="screen"):
        self.cdp("Emulation.setEmulatedMedia", media=media)
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.cdp("Emulation.setDeviceMetricsOverride", **size)

    def visit(self, address, *, scripts=True):
        """Open a page afresh: the text that it shows, the addresses it asked for, what the console has."""
        self.cdp("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.resize(WIDTHS[0])
        self.driver.get("about:blank")
        for log in ("performance", "browser"):
            self.driver.get_log(log)
        self.driver.get(address)
        events = [json.loads(one["message"])["message"] for one in self.driver.get_log("performance")]
        return SimpleNamespace(
            text=self.run("return document.body.innerText"),
            title=self.driver.title,
            requests=[
                one["params"]["request"]["url"]
                for one in events
                if one["method"] == "Network.requestWillBeSent"
            ],
            console=[one["message"] for one in self.driver.get_log("browser")],
        )

    @property
    def overflow(self):
        """By how many pixels the page is wider than the window."""
        return self.run("return document.documentElement.scrollWidth - window.innerWidth")

    def violations(self, **options):
        """The accessibility rules that the page breaks, as axe sees it at this width."""
        return axe.violations(self.driver, **options)

    def printed(self):
        """The width and height in points of each page of the page's PDF."""
        pdf = base64.b64decode(self.cdp("Page.printToPDF", preferCSSPageSize=True)["data"])
        pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
        boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", pdf)
        assert pages == len(boxes)
        return [(float(width), float(height)) for width, height in boxes]


@pytest.fixture(scope="module")
def browser(start_chromium):
    """Chromium, as these tests use it."""
    driver = start_chromium(logs=("performance", "browser"))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


@pytest.fixture(scope="module", params=PROTOCOLS)
def page(request, browser, tmp_path_factory):  # noqa: ARG001  no page is made where no browser is
    """The address of a shipped protocol's page."""
    protocol = load(request.param)
    checked = check(protocol.folder, prove=False)
    html = review_html(build_pack(protocol, checked=checked, gate=mutation_gate(protocol)), DAY)
    path = tmp_path_factory.mktemp("pages") / f"{request.param}.html"
    path.write_text(html, "utf-8")
    return path.as_uri()


def test_it_asks_for_nothing_but_itself_and_leaves_the_console_empty(browser, page):
    seen = browser.visit(page)
    assert [page] == seen.requests
    assert [] == seen.console


def test_it_reads_the_same_without_javascript(browser, page):
    on, off = browser.visit(page), browser.visit(page, scripts=False)
    assert "Sign-off" in on.text
    assert on.text == off.text
    assert on.title == off.title


def test_it_is_never_wider_than_its_window(browser, page):
    browser.visit(page)
    for width in WIDTHS:
        browser.resize(width)
        assert 0 == browser.overflow, width


def test_axe_finds_nothing_to_object_to(browser, page):
    browser.visit(page)
    assert {} == browser.violations()
    for width in WIDTHS[1:]:
        browser.resize(width)
        assert {} == browser.violations(runOnly=OF_WIDTH), width


def test_it_prints_on_a4(browser, page):
    """Each section and card starts a page; what follows fills whole pages of text, not one line each."""
    text = browser.visit(page).text
    starts = browser.run("return document.querySelectorAll('main > section, .card-page:not(.first)').length")
    assert starts > 10
    sizes = browser.printed()
    assert {A4} == {(round(width), round(height)) for width, height in sizes}
    assert starts <= len(sizes) <= starts + len(text) / 1500
    browser.resize(PAPER, media="print")
    assert 0 == browser.overflow  # a browser would print it smaller


def test_a_page_that_breaks_these_rules_is_noticed(browser, tmp_path):
    path = tmp_path / "broken.html"
    path.write_text(BROKEN, "utf-8")
    seen = browser.visit(path.as_uri())
    assert [path.as_uri(), (tmp_path / "missing.png").as_uri()] == seen.requests
    assert any("a warning" in one for one in seen.console)
    assert any("missing.png" in one for one in seen.console)
    assert browser.overflow > 0
    assert {"image-alt", "color-contrast"} <= set(browser.violations())
    assert {"scrollable-region-focusable"} == set(browser.violations(runOnly=OF_WIDTH))
    assert A4 != tuple(round(side) for side in browser.printed()[0])
    assert "on" == seen.title
    assert "off" == browser.visit(path.as_uri(), scripts=False).title
