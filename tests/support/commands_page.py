"""The help of each command in docs/commands.md: `python tests/support/commands_page.py` writes it."""

import io
import os
import re
from contextlib import redirect_stdout, suppress
from pathlib import Path
from unittest.mock import patch

from whentocall.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
BLOCK = re.compile(r"<!-- help:(?P<command>[a-z -]*)-->\n```text\n(?P<help>.*?)```", re.DOTALL)


def help_of(*command):
    """What a command's `--help` prints in a terminal of 80 columns."""
    out = io.StringIO()
    with patch.dict(os.environ, {"COLUMNS": "80"}), redirect_stdout(out), suppress(SystemExit):
        main([*command, "--help"])
    return out.getvalue()


def blocks(page):
    """The help that a page shows, by command; that of whentocall itself is by an empty name."""
    return {block["command"].strip(): block["help"] for block in BLOCK.finditer(page)}


def filled(page):
    """The page with each command's help as it is now."""

    def block(old):
        return f"<!-- help:{old['command']}-->\n```text\n{help_of(*old['command'].split())}```"

    return BLOCK.sub(block, page)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")
