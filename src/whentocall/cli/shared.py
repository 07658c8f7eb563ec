"""Options and settings that several commands share."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def common_options(parser: argparse.ArgumentParser, *, numbers: bool = False) -> argparse.ArgumentParser:
    """`--rules`, and `--number` where advice is shown."""
    parser.add_argument("--rules", metavar="DIR", help="rules folder (or WHENTOCALL_RULES)")
    if numbers:
        parser.add_argument(
            "--number",
            action="append",
            default=[],
            metavar="WHO=NUMBER",
            help="phone number to show, such as advice-line='020 7946 0000'",
        )
    return parser


def rules_folder(arguments: argparse.Namespace) -> Path:
    """The rules folder: from the option, else from the environment, else the shipped one."""
    from pathlib import Path

    from whentocall.protocol.load import shipped_rules

    given = arguments.rules or os.environ.get("WHENTOCALL_RULES")
    return Path(given) if given else shipped_rules()


def phone_numbers(arguments: argparse.Namespace) -> dict[str, str]:
    """Role to phone number: from the settings file, overridden by options."""
    from whentocall.config import config_path, numbers_from_file, numbers_from_options

    return {**numbers_from_file(config_path()), **numbers_from_options(arguments.number)}


def read_bytes(file: str, most: int = -1) -> bytes:
    """The content of a file, or of standard input for `-`.

    Args:
        file: its path, or `-`.
        most: how many bytes to read at most; -1 reads all.

    Raises:
        ConfigError: the file cannot be read.
    """
    from pathlib import Path

    from whentocall.errors import ConfigError

    try:
        if file == "-":
            return sys.stdin.buffer.read(most)
        with Path(file).open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror})") from None


def visible(text: str) -> str:
    r"""The text with control characters other than line breaks written out, so that a terminal obeys none.

    Names of columns and files, and the contents of cells, may hold anything.
    """
    from whentocall._text import printable

    return "\n".join(printable(line) for line in text.split("\n"))


def say(text: str) -> None:
    """Print a message to standard error, after the program's name."""
    print(visible(f"whentocall: {text}"), file=sys.stderr)


def missing_package(
    error: ModuleNotFoundError, command: str, extra: str, packages: Collection[str]
) -> Exception:
    """What to raise for a missing module: if it belongs to an extra, an error that says how to get it."""
    from whentocall.errors import ConfigError

    package = (error.name or "").partition(".")[0]
    if package not in packages:
        return error
    return ConfigError(f"{command} needs '{package}': pip install 'whentocall[{extra}]'")
