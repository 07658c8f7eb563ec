"""What all tests share."""

import os
import shutil
from collections import Counter
from importlib.util import find_spec

import pytest

import support.spellings
from support.effort import THOROUGH, load_profile
from support.shipped import NAMES, loaded
from whentocall.protocol.load import shipped_rules

load_profile()


ENGINES = {"npm", "spark", "start_chromium"}
"""Fixtures that need what `make test` does not install."""

collect_ignore = [] if find_spec("selenium") else ["web/test_browser.py", "fhir/test_lhcforms.py"]


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(config, items):
    for item in items:
        params = item.callspec.params.values() if hasattr(item, "callspec") else ()
        named = {param.lower() for param in params if isinstance(param, str)}
        large = any(engine in name for name in named for engine in ("pandas", "duckdb"))
        if large or ENGINES & set(item.fixturenames):
            item.add_marker("engines")
    left_out = [] if THOROUGH or config.option.keyword else list(beyond_one_in(items))
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def beyond_one_in(items):
    """The cases that an ordinary run leaves out, of tests that are marked with `one_in`."""
    seen = Counter()
    for item in sorted(items, key=lambda item: item.nodeid):  # they may be shuffled already
        if marker := item.get_closest_marker("one_in"):
            test = item.nodeid.partition("[")[0], item.get_closest_marker("engines") is not None
            if seen[test] % marker.args[0]:
                yield item
            seen[test] += 1


@pytest.fixture(scope="session")
def spellings():
    """The module `support.spellings`: how answers may be written, and what each spelling means."""
    return support.spellings


@pytest.fixture(scope="session")
def all_targeted():
    """The protocol on targeted drugs."""
    return loaded(NAMES[0])


@pytest.fixture(scope="session")
def neuroblastoma():
    """The protocol on drugs for neuroblastoma."""
    return loaded(NAMES[1])


@pytest.fixture(scope="session")
def protocol():
    """The one that a test asks if it says nothing else."""
    return loaded(NAMES[0])


FLAGS = (
    "--headless=new",
    "--no-sandbox",  # root may not start it otherwise; the only pages are our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def start_chromium(tmp_path_factory):
    """Starts Debian's Chromium and gives its driver; without one a test is skipped, but not on CI."""

    def start(*flags, logs=("browser",)):
        from selenium.webdriver import Chrome, ChromeOptions  # noqa: PLC0415  only these tests have it
        from selenium.webdriver.chrome.service import Service  # noqa: PLC0415

        chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
        if not (chromium and chromedriver):
            reason = "chromium and chromedriver are needed (Debian: apt-get install chromium chromium-driver)"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
        options = ChromeOptions()
        options.binary_location = chromium
        for flag in (*FLAGS, *flags, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", dict.fromkeys(logs, "ALL"))
        return Chrome(options=options, service=Service(executable_path=chromedriver))

    return start


class Rules:
    """A rules folder that a test may change."""

    def __init__(self, folder):
        self.folder = folder

    def change(self, file, before, after):
        path = self.folder / file
        text = path.read_text("utf-8")
        assert before in text, f"{before!r} is not in {file}"
        path.write_text(text.replace(before, after, 1), "utf-8")

    def append(self, file, text):
        path = self.folder / file
        path.write_text(path.read_text("utf-8") + text, "utf-8")


@pytest.fixture
def rules(tmp_path):
    shutil.copytree(shipped_rules(), tmp_path / "rules")
    return Rules(tmp_path / "rules")
