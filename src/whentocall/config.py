"""The user's own settings: phone numbers. Never answers.

A TOML file in the platform's configuration folder:

    [numbers]
    advice-line = "020 7946 0000"
    doctor-or-nurse = "020 7946 0001"
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from whentocall._text import hint, quote
from whentocall.errors import ConfigError

N = TypeVar("N")

LONGEST_NUMBER = 40
EMERGENCY = "emergency-service"
"""The role whose number comes from the protocol's region, never from settings."""


def config_path() -> Path:
    """Where the settings file is, if there is one."""
    import platformdirs  # noqa: PLC0415  late: most programs that embed this have no settings

    return Path(platformdirs.user_config_dir("whentocall", appauthor=False)) / "config.toml"


def numbers_from_file(path: Path) -> dict[str, str]:
    """Role to phone number, from the settings file; none if there is no file.

    Raises:
        ConfigError: the file cannot be read, or has something else in it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the settings cannot be read ({error})") from None
    import tomllib  # noqa: PLC0415  as above

    try:
        settings = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: this is not TOML ({error})") from None
    for key in settings:
        if key != "numbers":
            raise ConfigError(f"{path}: '{key}' is not a setting; the only one is [numbers]")
    numbers = settings.get("numbers", {})
    if not isinstance(numbers, Mapping):
        raise ConfigError(f'{path}: [numbers] holds lines such as advice-line = "020 7946 0000"')
    return checked_numbers(_without_emergency(numbers, f"{path}: "), f"{path}: ")


def numbers_from_options(options: Iterable[str]) -> dict[str, str]:
    """Role to phone number from options such as `advice-line=020 7946 0000`.

    Raises:
        ConfigError: an option is not of that form.
    """
    numbers = {}
    for option in options:
        role, equals, number = option.partition("=")
        if not equals or not role.strip():
            raise ConfigError(f"--number {option}: write a role and a number, advice-line='020 7946 0000'")
        numbers[role.strip()] = number
    return checked_numbers(_without_emergency(numbers, "--number "), "--number ")


def _without_emergency(numbers: Mapping[str, N], where: str) -> Mapping[str, N]:
    """Refuse a number that would never be shown."""
    if EMERGENCY in numbers:
        raise ConfigError(f"{where}{EMERGENCY}: its number is that of the region, in protocol.yaml")
    return numbers


def refuse_unknown_roles(numbers: Iterable[str], known: Iterable[str], where: str = "--number ") -> None:
    """Refuse numbers for roles that a protocol does not have: they would silently never be shown.

    Raises:
        ConfigError: a role is not known.
    """
    roles = sorted(set(known) - {EMERGENCY})
    for role in numbers:
        if role not in roles:
            near = hint(str(role), roles)
            raise ConfigError(f"{where}{quote(role)} is not one of {', '.join(roles)}{near}")


def numbers_for(numbers: Mapping[str, str], roles: Container[str]) -> dict[str, str]:
    """The numbers of these roles. Protocols with different roles share the settings."""
    return {role: number for role, number in numbers.items() if role in roles}


def numbers_given(numbers: object, known: Iterable[str]) -> dict[str, str]:
    """Role to phone number, as a program gives them and as they will be shown.

    Raises:
        ConfigError: a number is no phone number, or its role is not `known` or is the emergency service.
    """
    checked = checked_numbers(numbers)
    refuse_unknown_roles(_without_emergency(checked, _GIVEN), known, _GIVEN)
    return checked


_GIVEN = "numbers: "


def checked_numbers(numbers: object, where: str = _GIVEN) -> dict[str, str]:
    """Role to phone number, as they will be shown.

    Raises:
        ConfigError: a number is no phone number.
    """
    if not isinstance(numbers, Mapping):
        raise ConfigError(f"{where}expected a mapping of roles to phone numbers")
    return {role: checked_number(number, f"{where}{role}") for role, number in numbers.items()}


def checked_number(number: object, where: str) -> str:
    """A phone number as it will be shown.

    Raises:
        ConfigError: it is not a short line of text with a digit in it.
    """
    if not isinstance(number, str):
        raise ConfigError(f'{where}: put the number in quotes, such as "020 7946 0000"')
    shown = number.strip()
    if len(shown) > LONGEST_NUMBER or not shown.isprintable() or not any(map(str.isdigit, shown)):
        raise ConfigError(f"{where}: {number!r} is not a phone number")
    return shown
