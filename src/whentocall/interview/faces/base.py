"""What both faces do alike: write lines, as wide as the terminal is."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from typing import TextIO

from whentocall.interview.faces import Stopped
from whentocall.interview.render import Line, Page, paint


class WrittenFace:
    """Writes lines on one text stream. The faces that ask build on it."""

    def __init__(self, write: TextIO, *, colour: bool) -> None:
        self._write, self._colour = write, colour

    @property
    def page(self) -> Page:
        """As wide as the terminal is now, or 80 columns."""
        return Page(shutil.get_terminal_size((80, 24)).columns)

    def show(self, lines: Iterable[Line]) -> None:
        """Print lines. Raises `Stopped` where nobody can read them any more."""
        try:
            for line in lines:
                self._write.write(paint(line, colour=self._colour) + "\n")
            self._write.flush()
        except (OSError, ValueError):  # the terminal, or the other end, has gone
            raise Stopped from None

    def _say(self, text: str) -> None:
        self.show(self.page.text(text))
