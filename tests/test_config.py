"""The settings file and `--number`: phone numbers, and nothing else."""

import pytest

from whentocall.config import LONGEST_NUMBER, config_path, numbers_from_file, numbers_from_options
from whentocall.errors import ConfigError


@pytest.fixture
def settings(tmp_path):
    """`settings(text)` writes a settings file."""

    def write(text):
        path = tmp_path / "config.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_the_file_is_looked_for_in_the_platforms_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert tmp_path in config_path().parents
    assert ("whentocall", "config.toml") == (config_path().parent.name, config_path().name)


def test_a_file_that_is_not_there_has_no_numbers(tmp_path):
    assert {} == numbers_from_file(tmp_path / "config.toml")


def test_numbers_are_read_by_role(settings):
    path = settings('[numbers]\nadvice-line = " 020 7946 0000 "\ndoctor-or-nurse = "+44 20 7946 0001"\n')
    expected = {"advice-line": "020 7946 0000", "doctor-or-nurse": "+44 20 7946 0001"}
    assert expected == numbers_from_file(path)


@pytest.mark.parametrize("text", ["", "[numbers]\n", "# nothing\n"])
def test_a_file_may_say_nothing(settings, text):
    assert {} == numbers_from_file(settings(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("numbers = [", "this is not TOML"),
        ("numbers = 1\n", r"\[numbers\] holds lines"),
        ("[number]\n", "'number' is not a setting"),
        ('temperature = "39"\n', "'temperature' is not a setting"),
        ("[numbers]\nadvice-line = 2079460000\n", "advice-line: put the number in quotes"),
        ('[numbers]\nadvice-line = "ask"\n', "advice-line: 'ask' is not a phone number"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_what_is_not_understood_is_named_with_the_file(settings, text, message):
    path = settings(text)
    with pytest.raises(ConfigError, match=message) as refused:
        numbers_from_file(path)
    assert str(refused.value).startswith(f"{path}: ")


def test_a_folder_in_the_files_place_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        numbers_from_file(tmp_path)


def test_an_option_names_role_and_number():
    assert {"advice-line": "020 7946 0000"} == numbers_from_options(["advice-line=020 7946 0000"])
    assert {"a": "1=2"} == numbers_from_options([" a = 1=2 "])
    assert {} == numbers_from_options([])


def test_the_last_option_for_a_role_counts():
    assert {"advice-line": "2"} == numbers_from_options(["advice-line=1", "advice-line=2"])


@pytest.mark.parametrize("option", ["020 7946 0000", "=1", " =1", ""])
def test_an_option_without_a_role_is_refused(option):
    with pytest.raises(ConfigError, match="write a role and a number"):
        numbers_from_options([option])


@pytest.mark.parametrize("number", ["", " ", "ask", "1\n2", "1\x1b[31m", "1" * (LONGEST_NUMBER + 1)])
def test_what_is_no_short_line_with_a_digit_is_no_number(number):
    """A number is shown to somebody in a hurry: no control characters, no essays."""
    with pytest.raises(ConfigError, match="is not a phone number"):
        numbers_from_options([f"advice-line={number}"])


def test_a_number_may_be_as_long_as_the_limit():
    assert {"a": "1" * LONGEST_NUMBER} == numbers_from_options([f"a={'1' * LONGEST_NUMBER}"])


def test_the_emergency_number_is_no_setting(tmp_path):
    """It is the region's; another would never be shown, and nobody would know."""
    file = tmp_path / "config.toml"
    file.write_text('[numbers]\nemergency-service = "112"\n', "utf-8")

    for read in (lambda: numbers_from_file(file), lambda: numbers_from_options(["emergency-service=112"])):
        with pytest.raises(ConfigError, match="emergency-service: its number is that of the region"):
            read()
