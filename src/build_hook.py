"""Puts the compiled form of the shipped rules into the wheel, so that every start is quicker.

Hatchling runs it (see `pyproject.toml`). The rule files are read and checked for it, so a wheel with rules
that cannot be used is never built.
"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileRules(BuildHookInterface[Any]):
    """One file for each protocol, into `whentocall/compiled` in the wheel; an editable install has none."""

    PLUGIN_NAME = "compile-rules"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and have the files taken along."""
        if self.target_name != "wheel" or version == "editable" or not self._is_python_right():
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        try:
            from whentocall.protocol.cache_build import compile_rules  # noqa: PLC0415  found just now
        finally:
            sys.path.pop(0)
        self._folder = TemporaryDirectory(prefix="whentocall-")  # kept until the wheel is written
        for file in compile_rules(root / "rules", Path(self._folder.name)):
            build_data["force_include"][str(file)] = f"whentocall/compiled/{file.name}"

    def _is_python_right(self) -> bool:
        """Whether this Python can read the rules.

        pip learns which Python is needed from a finished wheel alone. So it gets one, without compiled rules,
        and then says itself which Python is needed. Everybody else is told here.
        """
        wanted = self.metadata.core.python_constraint
        if wanted.contains(platform.python_version(), prereleases=True):
            return True
        if "PIP_BUILD_TRACKER" not in os.environ:
            self.app.abort(
                f"whentocall needs Python {wanted}, and this is Python {platform.python_version()}"
            )
        return False
