"""A copy of the shipped rules to break."""

import shutil

import pytest

from whentocall.protocol.places import shipped_rules


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
