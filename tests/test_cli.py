"""The command line: what each command prints, refuses, and its exit codes."""

import io
import json
import shutil
import sys

import pytest

from whentocall import cli
from whentocall.cli import COMMANDS, SUMMARIES, Exit, main
from whentocall.errors import EngineUnavailable
from whentocall.protocol.load import shipped_rules

ALL = "all-targeted-drugs"
NEURO = "neuroblastoma-targeted-therapy"


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path):
    """Nothing of the developer's own settings."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("WHENTOCALL_RULES", raising=False)
    monkeypatch.delenv("WHENTOCALL_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys, monkeypatch):
    """`run("advise", …, stdin=…)` gives exit code, output and errors."""

    def run_(*args, stdin=""):
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        code = main(list(args))
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return run_


@pytest.fixture
def advise(run):
    """`advise(answers)` with the answers as text, bytes, or what JSON is made of."""

    def advise_(answers, *more, protocol=ALL):
        stdin = answers if isinstance(answers, str | bytes) else json.dumps(answers)
        return run("advise", protocol, "--answers", "-", *more, stdin=stdin)

    return advise_


@pytest.fixture
def rules(tmp_path):
    """A copy of the shipped rules."""
    return shutil.copytree(shipped_rules(), tmp_path / "rules")


def test_advice_is_given_on_a_file(run, own_home):
    (own_home / "a.json").write_text('{"chest_pain": true}', encoding="utf-8")
    code, out, err = run("advise", ALL, "--answers", "a.json")
    assert (Exit.DONE, "") == (code, err)
    assert "EMERGENCY: Call 999 now" in out
    assert "\x1b" not in out


def test_advice_is_given_on_standard_input(advise):
    code, out, _ = advise({"temperature": 39})
    assert Exit.DONE == code
    assert "IMMEDIATELY: Call your hospital advice line now" in out


def test_advice_as_json_is_one_json_object(advise):
    code, out, _ = advise({"temperature": 39}, "--json")
    assert Exit.DONE == code
    assert "immediately" == json.loads(out)["level"]
    assert out.endswith("}\n")


def test_advice_for_a_carer_uses_their_words(advise):
    _, out, _ = advise({"chest_pain": True}, "--carer")
    assert "Stay with them." in out


def test_no_answers_are_no_reason_to_wait(advise):
    code, out, _ = advise({}, "--json")
    assert Exit.DONE == code
    assert "contact" == json.loads(out)["level"]
    assert json.loads(out)["finished"] is False


def test_why_not_says_why_nothing_more_urgent_holds(advise):
    _, out, err = advise({"temperature": 37.4}, "--why-not")
    assert "37.4 °C is not above 37.5 °C" in out
    assert "" == err
    _, out, err = advise({"temperature": 37.4}, "--why-not", "--json")
    assert "37.4 °C is not above 37.5 °C" in err
    assert "contact" == json.loads(out)["level"]


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ('{"seizure": true, "seizure": false}', "'seizure' appears twice"),
        ('{"temperature": NaN}', "NaN is not a number"),
        ('{"temperature": Infinity}', "Infinity is not a number"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "expected an object"),
        ("null", "expected an object"),
        ("", "this is not JSON"),
        ("{", "this is not JSON"),
        (b'{"a": "\xff"}', "cannot be read as JSON"),
        (" " * 1_000_001, "1,000,001 bytes"),
        ('{"temperature": ' + "9" * 10_000 + "}", ""),
        ('{"temperature": 386}', "temperature: 386 is not a temperature from 30 to 45 °C"),
        ('{"temperature": {"value": 101.5, "unit": "K"}}', "temperature:"),
        ('{"temperature": "hot"}', "temperature:"),
        ('{"chest_pain": "maybe"}', "chest_pain: 'maybe' is not true, false or null"),
        ('{"chest_pain": 1}', "chest_pain: 1 is not true, false or null"),
        ('{"loose_stools": 4.5}', "loose_stools: 4.5 is not a whole number from 0 to 60"),
        ('{"drug": "aspirin"}', "drug: 'aspirin' is not one of imatinib"),
        ('{"diarrhea": true}', "did you mean 'diarrhoea'?"),
    ],
)
def test_answers_that_are_not_clear_are_refused(advise, answers, message):
    """Nothing is shown as advice."""
    code, out, err = advise(answers)
    assert Exit.ANSWERS_REFUSED == code
    assert "" == out
    assert err.startswith("whentocall: ")
    assert message in err


def test_every_refused_answer_is_named_at_once(advise):
    _, _, err = advise({"temperature": 386, "chest_pain": "maybe", "seizure": False})
    assert "temperature:" in err
    assert "chest_pain:" in err
    assert "seizure" not in err


def test_a_file_of_answers_that_is_not_there_is_named(run):
    code, out, err = run("advise", ALL, "--answers", "nowhere.json")
    assert (Exit.USAGE, "") == (code, out)
    assert "nowhere.json: cannot be read" in err


def test_an_unknown_protocol_is_named_with_one_that_is_near(advise):
    code, out, err = advise({}, protocol="all-targeted-drug")
    assert (Exit.RULES_UNUSABLE, "") == (code, out)
    assert "did you mean 'all-targeted-drugs'?" in err


def test_an_unknown_protocol_far_from_all_gets_the_list(advise):
    _, _, err = advise({}, protocol="xyz")
    assert ALL in err
    assert NEURO in err


def test_rules_that_are_broken_are_named_with_file_and_line(run, rules):
    card = rules / ALL / "headache.yaml"
    text = card.read_text(encoding="utf-8")
    card.write_text(text.replace("level: ", "levle: ", 1), encoding="utf-8")
    line = next(place for place, one in enumerate(text.splitlines(), 1) if one.lstrip().startswith("level: "))
    code, out, err = run("advise", ALL, "--answers", "-", "--rules", str(rules), stdin="{}")
    assert (Exit.RULES_UNUSABLE, "") == (code, out)
    assert f"{card}:{line}: " in err
    assert "did you mean 'level'?" in err


def test_rules_can_be_pointed_at_by_the_environment(advise, rules, monkeypatch):
    (rules / ALL / "headache.yaml").unlink()
    monkeypatch.setenv("WHENTOCALL_RULES", str(rules))
    code, _, _ = advise({})
    assert Exit.RULES_UNUSABLE == code


def test_rules_that_are_nowhere_are_named(run):
    code, _, err = run("protocols", "--rules", "nowhere")
    assert Exit.RULES_UNUSABLE == code
    assert "there is no folder 'nowhere'" in err


def test_a_rules_folder_without_protocols_cannot_be_asked_about(run, own_home):
    (own_home / "empty").mkdir()
    code, _, err = run("ask", "--rules", "empty")
    assert Exit.USAGE == code
    assert "there is no protocol in 'empty'" in err


def test_an_engine_that_is_not_there_is_said_before_the_first_question(run, monkeypatch):
    def missing():
        raise EngineUnavailable("durable-rules is not installed")

    monkeypatch.setattr("whentocall.interview.command.c_functions", missing)
    code, out, err = run("ask", ALL, "--me", stdin="3\n")
    assert (Exit.ENGINE_UNAVAILABLE, "") == (code, out)
    assert "durable-rules is not installed" in err
    assert cli._SAFE in err


def test_a_fault_inside_is_never_silent_and_never_a_traceback(run, monkeypatch):
    def fault(**_):
        raise ZeroDivisionError

    monkeypatch.setattr("whentocall.interview.command.run_interview", fault)
    code, _, err = run("ask")
    assert Exit.INTERNAL == code
    assert "It cannot say that a call can wait." in err
    assert "ZeroDivisionError" in err


def test_a_fault_inside_can_be_debugged(run, monkeypatch):
    def fault(**_):
        raise ZeroDivisionError

    monkeypatch.setattr("whentocall.interview.command.run_interview", fault)
    monkeypatch.setenv("WHENTOCALL_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run("ask")


def test_a_stop_outside_the_questions_is_unfinished(run, monkeypatch):
    def stop(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr("whentocall.interview.command.run_interview", stop)
    assert Exit.UNFINISHED == run("ask")[0]


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        ((True, False, True), Exit.DONE),
        ((False, False, True), Exit.UNFINISHED),
        ((True, True, True), Exit.PROBLEM),
        ((True, False, False), Exit.NOT_SAVED),
    ],
)
def test_how_an_interview_ends_is_in_the_exit_code(run, monkeypatch, ended, code):
    monkeypatch.setattr("whentocall.interview.command.run_interview", lambda **_: ended)
    assert code == run("ask")[0]


def test_the_interview_runs_without_a_terminal(run):
    code, out, _ = run("ask", ALL, "--me", stdin="3\n")
    assert Exit.DONE == code
    assert "EMERGENCY: Call 999 now" in out


def test_an_interview_that_ends_early_is_unfinished(run):
    code, out, _ = run("ask", ALL, "--me")
    assert Exit.UNFINISHED == code
    assert "TODAY: Call your hospital advice line today" in out


def test_without_a_command_the_questions_are_asked(run):
    _, out, _ = run()
    assert "Which treatment is this about?" in out


def test_who_answers_is_one_of_two(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["ask", "--me", "--carer"])
    assert Exit.USAGE == ended.value.code
    assert "not allowed with" in capsys.readouterr().err


def test_numbers_come_from_the_option(advise):
    _, out, _ = advise({"temperature": 39}, "--number", "advice-line=020 7946 0000")
    assert "Number: 020 7946 0000" in out


def test_numbers_come_from_the_settings_and_the_option_goes_before_them(advise, own_home):
    folder = own_home / "config" / "whentocall"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('[numbers]\nadvice-line = "020 1"\n', encoding="utf-8")
    assert "Number: 020 1\n" in advise({"temperature": 39})[1]
    assert "Number: 020 2\n" in advise({"temperature": 39}, "--number", "advice-line=020 2")[1]


def test_settings_that_are_not_understood_are_named(advise, own_home):
    folder = own_home / "config" / "whentocall"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("numbers = [", encoding="utf-8")
    code, out, err = advise({"temperature": 39})
    assert (Exit.USAGE, "") == (code, out)
    assert "config.toml: this is not TOML" in err


def test_no_setting_takes_the_place_of_the_emergency_number(advise):
    _, out, _ = advise({"chest_pain": True}, "--number", "advice-line=020 1")
    assert "Number: 999" in out


def test_protocols_are_listed_with_their_state(run):
    code, out, _ = run("protocols")
    assert Exit.DONE == code
    for name in (ALL, NEURO, "emergency", "childhood-when-to-call"):
        assert f"{name}\n" in out
    assert "not signed off by a clinician" in out


def test_questions_are_listed(run):
    code, out, _ = run("questions", ALL)
    assert Exit.DONE == code
    assert "temperature\n  What is your temperature now?\n  temperature, 30 to 45 °C\n" in out
    assert "one of imatinib, dasatinib" in out


def test_the_schema_of_the_answers_names_every_question(run):
    """A JSON Schema object: every question optional, no other key, null everywhere."""
    code, out, _ = run("questions", ALL, "--schema")
    schema = json.loads(out)
    listed = run("questions", ALL)[1].splitlines()
    assert Exit.DONE == code
    assert "object" == schema["type"]
    assert schema["additionalProperties"] is False
    assert "required" not in schema
    assert {line for line in listed if not line.startswith(" ")} == schema["properties"].keys()
    for question in schema["properties"].values():
        kinds = [kind.get("type") for kind in question["anyOf"]]
        assert "null" in kinds
        assert question["title"]
        assert question["description"]


def test_the_shipped_rules_have_no_findings(run):
    code, out, _ = run("check", "--no-proofs")
    assert Exit.DONE == code
    assert "no findings" in out


def test_a_broken_rule_is_a_finding_with_file_and_line(run, rules):
    card = rules / ALL / "headache.yaml"
    text = card.read_text(encoding="utf-8")
    card.write_text(text.replace("level: ", "levle: ", 1), encoding="utf-8")
    line = next(place for place, one in enumerate(text.splitlines(), 1) if one.lstrip().startswith("level: "))
    code, out, _ = run("check", str(rules), "--no-proofs")
    assert Exit.FINDINGS == code
    assert f"{card}:{line}: " in out


def test_check_of_a_folder_that_is_not_there_is_no_success(run):
    assert Exit.RULES_UNUSABLE == run("check", "nowhere", "--no-proofs")[0]


@pytest.mark.parametrize("args", [["no-such-command"], ["advise"], ["advise", ALL], ["ask", "--no-such"]])
def test_a_command_that_is_not_understood_is_a_usage_error(args, capsys):
    with pytest.raises(SystemExit) as ended:
        main(args)
    assert Exit.USAGE == ended.value.code
    assert "usage: whentocall" in capsys.readouterr().err


def test_an_unknown_command_is_named_with_one_that_is_near(capsys):
    with pytest.raises(SystemExit):
        main(["reveiw"])
    assert "there is no command 'reveiw'; did you mean 'review'?" in capsys.readouterr().err


@pytest.fixture
def help_of(capsys, monkeypatch):
    """`help_of("ask")` is what `whentocall ask --help` prints in a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")

    def help_of_(*command):
        with pytest.raises(SystemExit) as ended:
            main([*command, "--help"])
        assert 0 == ended.value.code
        return capsys.readouterr().out

    return help_of_


@pytest.mark.parametrize("code", list(Exit), ids=lambda code: code.name)
def test_the_help_says_what_each_exit_code_means(code, help_of):
    lines = help_of().partition("exit codes:")[2].splitlines()
    assert [line for line in lines if line.split()[:1] == [str(int(code))] and len(line.split()) > 1]


def test_exit_codes_are_told_apart():
    assert len(Exit) == len({int(code) for code in Exit})


def test_every_command_is_listed_once():
    listed = [name for commands in SUMMARIES.values() for name in commands]
    assert sorted(name for names in COMMANDS.values() for name in names) == sorted(listed)


def test_the_help_lists_the_commands_by_what_somebody_wants_to_do(help_of):
    sections = dict(part.split(":\n", 1) for part in help_of().split("\n\n") if ":\n" in part)
    for purpose, commands in SUMMARIES.items():
        assert list(commands.items()) == [
            tuple(line.split(maxsplit=1)) for line in sections[purpose].splitlines()
        ]


def test_the_help_starts_with_an_example_of_each_purpose(help_of):
    lines = help_of().partition("examples:\n")[2].partition("\n\n")[0].splitlines()
    examples = [cli._with_command(line.strip().partition("  ")[0].split()[1:]) for line in lines]
    for purpose, example in zip(SUMMARIES, examples, strict=True):
        assert example[0] in SUMMARIES[purpose]
        assert cli._parser(example[0]).parse_args(example).command


def test_the_help_fits_a_terminal_of_80_columns(help_of):
    assert [] == [line for line in help_of().splitlines() if len(line) > 80]


@pytest.mark.parametrize("name", [name for names in COMMANDS.values() for name in names])
def test_every_command_has_help_of_its_own(name, help_of):
    usage, about = help_of(name).split("\n\n")[:2]
    assert usage.startswith(f"usage: whentocall {name}")
    assert about.rstrip().endswith(".")
    assert about[0].isupper()


def test_the_version_is_shown(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert 0 == ended.value.code
    assert capsys.readouterr().out.startswith("whentocall ")
