"""Answers are health data: no file without being asked for, and then for its owner alone."""

import json
import os
import stat

import pytest

ALL = "all-targeted-drugs"


def _files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.smoke
def test_without_being_asked_no_file_is_written(terminal, pipe, person, home, work):
    assert 0 == pipe("ask", ALL, "--me", typed=person(ALL).typed_to_the_end()).returncode
    run = terminal("ask", ALL, "--me")
    run.wait_menu("First, the signs of an emergency.")
    run.tick("Chest pain")
    run.go_on()
    assert 0 == run.end()
    assert [] == _files(home)
    assert [] == _files(work)


@pytest.mark.smoke
def test_a_summary_is_written_for_its_owner_alone(pipe, person, work):
    done = pipe("ask", ALL, "--me", "--save", "s.txt", typed=person(ALL, {"rash": True}).typed_to_the_end())
    assert 0 == done.returncode
    assert ["s.txt", "s.txt.json"] == _files(work)
    for name in _files(work):
        assert 0o600 == stat.S_IMODE((work / name).stat().st_mode)
        assert name in done.stdout.decode()
    summary = (work / "s.txt").read_text(encoding="utf-8")
    assert summary.startswith("Summary for the team\n")
    assert "Rash: yes" in summary
    assert "all-targeted-drugs/skin/" in summary
    assert max(map(len, summary.splitlines())) <= 80
    saved = json.loads((work / "s.txt.json").read_text(encoding="utf-8"))
    assert saved["answers"]["rash"] is True
    assert saved["finished"] is True
    assert "you" == saved["voice"]


def test_the_result_as_json_is_for_its_owner_alone(pipe, work):
    assert 0 == pipe("ask", ALL, "--me", "--json", "a.json", typed="3\n").returncode
    assert 0o600 == stat.S_IMODE((work / "a.json").stat().st_mode)


@pytest.mark.parametrize(
    ("there", "options"),
    [
        ("s.txt", ("--save", "s.txt")),
        ("s.txt.json", ("--save", "s.txt")),
        ("a.json", ("--json", "a.json")),
    ],
)
def test_a_file_that_is_there_is_refused_before_the_first_question(pipe, work, there, options):
    (work / there).write_text("mine", encoding="utf-8")
    done = pipe("ask", ALL, "--me", *options, typed="3\n")
    assert 2 == done.returncode
    assert f"{there} already exists" in done.stderr.decode()
    assert b"" == done.stdout
    assert "mine" == (work / there).read_text(encoding="utf-8")
    assert [there] == _files(work)


def test_a_folder_that_is_not_there_is_refused_before_the_first_question(pipe):
    done = pipe("ask", ALL, "--me", "--save", "nowhere/s.txt", typed="3\n")
    assert 2 == done.returncode
    assert "there is no folder 'nowhere'" in done.stderr.decode()
    assert b"" == done.stdout


@pytest.mark.parametrize("options", [("--save", "s.txt"), ("--save", "s.txt", "--json", "a.json")])
def test_a_full_disk_leaves_no_file_and_the_next_try_is_not_blocked(pipe, work, options):
    """No file may grow here, as on a full disk: the advice is shown, and nothing is left in the way."""
    done = pipe("ask", ALL, "--me", *options, typed="3\n", before="ulimit -f 0")
    assert 7 == done.returncode
    assert b"EMERGENCY: Call 999 now" in done.stdout
    assert len(options) // 2 + 1 == done.stderr.count(b"could not be written (")
    assert [] == _files(work)
    assert 0 == pipe("ask", ALL, "--me", *options, typed="3\n").returncode
    assert len(options) // 2 + 1 == len(_files(work))


@pytest.mark.parametrize("option", ["--save", "--json"])
def test_a_link_that_leads_nowhere_is_refused_before_the_first_question(pipe, work, option):
    (work / "s.txt").symlink_to(work / "nowhere")
    done = pipe("ask", ALL, "--me", option, "s.txt", typed="3\n")
    assert 2 == done.returncode
    assert b"s.txt already exists" in done.stderr
    assert b"" == done.stdout
    assert ["s.txt"] == _files(work)


@pytest.mark.parametrize("length", [251, 256])
def test_a_name_that_is_too_long_is_refused_before_the_first_question(pipe, work, length):
    """251 is too long only for the `.json` beside it."""
    done = pipe("ask", ALL, "--me", "--save", "s" * length, typed="3\n")
    assert 2 == done.returncode
    assert b"cannot be written (File name too long)" in done.stderr
    assert b"" == done.stdout
    assert [] == _files(work)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_writable_is_refused_before_the_first_question(pipe, work):
    (work / "shut").mkdir(mode=0o500)
    done = pipe("ask", ALL, "--me", "--save", "shut/s.txt", typed="3\n")
    assert 2 == done.returncode
    assert b"shut/s.txt cannot be written (Permission denied)" in done.stderr
    assert b"" == done.stdout


def test_the_same_file_by_two_ways_is_refused_before_the_first_question(pipe, work):
    (work / "here").symlink_to(work)
    done = pipe("ask", ALL, "--me", "--save", "s.txt", "--json", "here/s.txt", typed="3\n")
    assert 2 == done.returncode
    assert b"two output files have the same name" in done.stderr
    assert b"" == done.stdout
    assert ["here"] == _files(work)


def test_a_file_that_appears_meanwhile_is_not_overwritten_and_the_advice_is_still_shown(terminal, work):
    run = terminal("ask", ALL, "--me", "--json", "a.json")
    run.wait_menu("First, the signs of an emergency.")
    (work / "a.json").write_text("mine", encoding="utf-8")
    run.tick("Chest pain")
    run.go_on()
    assert 7 == run.end()
    assert "EMERGENCY: Call 999 now" in run.text
    assert "a.json: could not be written" in run.text
    assert "mine" == (work / "a.json").read_text(encoding="utf-8")
