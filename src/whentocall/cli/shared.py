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
    """The rules folder to use: the option's, the environment's, or the shipped one."""
    from pathlib import Path

    from whentocall.protocol.load import shipped_rules

    given = arguments.rules or os.environ.get("WHENTOCALL_RULES")
    return Path(given) if given else shipped_rules()


def phone_numbers(arguments: argparse.Namespace) -> dict[str, str]:
    """Role to phone number: from the settings file, then from options."""
    from whentocall.config import config_path, numbers_from_file, numbers_from_options

    return {**numbers_from_file(config_path()), **numbers_from_options(arguments.number)}


def read_bytes(file: str, most: int = -1) -> bytes:
    """A file's content, or standard input's for `-`; at most so many bytes of it, or all.

    Raises:
        ConfigError: it cannot be read.
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
    r"""A text whose lines are its own: what a terminal would obey instead of showing it is written out.

    Names of columns and files, and what stands in cells, may hold anything.
    """
    from whentocall._text import printable

    return "\n".join(printable(line) for line in text.split("\n"))


def say(text: str) -> None:
    """Say something on standard error, under the program's name."""
    print(visible(f"whentocall: {text}"), file=sys.stderr)


def missing_package(
    error: ModuleNotFoundError, command: str, extra: str, packages: Collection[str]
) -> Exception:
    """What to raise of a module that is not there: how to get it, if it is of one of an extra's packages."""
    from whentocall.errors import ConfigError

    package = (error.name or "").partition(".")[0]
    if package not in packages:
        return error
    return ConfigError(f"{command} needs '{package}': pip install 'whentocall[{extra}]'")
