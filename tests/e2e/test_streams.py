"""What becomes of the standard streams never changes what a command does, nor what its exit code says."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from whentocall.cli import COMMANDS

ALL = "all-targeted-drugs"
SMALL = Path(__file__).parents[1] / "traffic_lights" / "rules"
NOT_SAVED = 7

RUNS = {
    "ask": ("ask", ALL, "--me", "--plain"),
    "advise": ("advise", ALL, "--answers", "a.json"),
    "protocols": ("protocols",),
    "questions": ("questions", ALL),
    "check": ("check", "rules"),
    "diff": ("diff", "rules", "rules"),
    "sign": ("sign", "rules/pump-line", "--name", "A Name", "--role", "nurse"),
    "review": ("review", "pump-line", "--rules", "rules", "-o", "out.html"),
    "sources": ("sources", "check", "nowhere"),
    "fmt": ("fmt", "rules"),
    "new-card": ("new-card", "pump-line", "cough", "--rules", "rules"),
    "new-protocol": ("new-protocol", "another", "--rules", "rules"),
    "vectors": ("vectors", "pump-line", "--rules", "rules"),
    "replay": ("replay", "result.json"),
    "batch": ("batch", ALL, "in.csv", "out.csv"),
    "impact": ("impact", ALL, ALL, "in.csv"),
    "--version": ("--version",),
    "--help": ("--help",),
    "ask --help": ("ask", "--help"),
    "batch without a table": ("batch", ALL),
}


def command():
    return shlex.split(os.environ.get("WHENTOCALL_COMMAND", "")) or [sys.executable, "-m", "whentocall"]


@pytest.fixture
def run(env, work):
    """`run(words, …)` runs the program in a fresh folder with these streams; the value is the exit code."""

    def run_(words, *, shell="", **streams):
        fill(work)
        program = [*command(), *words]
        if shell:
            program = ["/bin/sh", "-c", f'exec "$0" "$@" {shell}', *program]
        streams = {"stdin": subprocess.DEVNULL, **streams}
        return subprocess.run(program, cwd=work, env=env, timeout=60, check=False, **streams)

    return run_


def fill(work):
    """What the commands read."""
    for path in work.iterdir():
        (shutil.rmtree if path.is_dir() else os.unlink)(path)
    shutil.copytree(SMALL, work / "rules")
    (work / "a.json").write_text('{"headache": true}', encoding="utf-8")
    (work / "in.csv").write_text("headache\ntrue\n", encoding="utf-8")
    (work / "result.json").write_text("{}", encoding="utf-8")


def files(work):
    """All files and what is in them, but for what says when they were made."""
    return {str(path.relative_to(work)) for path in work.rglob("*") if path.is_file()}


def test_every_command_is_tried():
    every = {name for names in COMMANDS.values() for name in names}
    assert every - {"serve"} == {words[0] for words in RUNS.values()} & every


@pytest.mark.one_in(15)
@pytest.mark.parametrize("name", RUNS)
def test_a_stream_that_nobody_reads_changes_nothing(run, work, name):
    words = RUNS[name]
    plain = run(words, capture_output=True)
    written = files(work)
    assert 70 != plain.returncode
    assert b"Traceback" not in plain.stderr

    reader, writer = os.pipe()
    os.close(reader)  # as after `| head -1`
    try:
        assert plain.returncode == run(words, stdout=writer, stderr=writer).returncode
        assert written == files(work)
    finally:
        os.close(writer)
    assert plain.returncode == run(words, shell=">&- 2>&- <&-").returncode
    assert written == files(work)


@pytest.mark.one_in(6)
@pytest.mark.parametrize("name", ["advise", "check", "vectors", "batch", "--version"])
def test_output_on_a_full_disk_is_told_and_errors_on_one_change_nothing(run, work, name):
    words = RUNS[name]
    plain = run(words, capture_output=True)
    written = files(work)
    with open("/dev/full", "wb") as full:
        lost = run(words, stdout=full, stderr=subprocess.PIPE)
        untold = run(words, stdout=subprocess.PIPE, stderr=full)
    expected = NOT_SAVED if plain.stdout and not plain.returncode else plain.returncode
    assert expected == lost.returncode
    assert b"Traceback" not in lost.stderr
    assert (expected == NOT_SAVED) == (b"standard output could not be written" in lost.stderr)
    assert (plain.returncode, plain.stdout) == (untold.returncode, untold.stdout)
    assert written == files(work)


def test_a_table_that_is_opened_first_never_gets_what_is_printed(run, work):
    """Without a standard output the first file that is opened would get its number."""
    run(RUNS["batch"], shell=">&- 2>&- <&-")
    lines = (work / "out.csv").read_text(encoding="utf-8").splitlines()
    assert 2 == len(lines)
    assert lines[1].startswith("true,contact,")


# a full disk


@pytest.fixture
def small_disk(work):
    """The folder `disk`, which has room for 64 KB; skipped for whoever may not mount one."""
    disk = work / "disk"
    disk.mkdir()
    mount = partial(subprocess.run, capture_output=True, check=False)
    if mount(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]).returncode:
        pytest.skip("only root may mount a disk")
    yield disk
    mount(["umount", str(disk)])


@pytest.mark.one_in(4)
@pytest.mark.parametrize("to", ["csv", "ndjson", "parquet", "arrow"])
def test_a_full_disk_leaves_no_output_and_a_run_that_carries_on(pipe, work, small_disk, to):
    (work / "in.csv").write_text("headache,note\n" + f"true,{'x' * 50}\n" * 3000, encoding="utf-8")
    done = pipe("batch", ALL, "in.csv", f"disk/out.{to}", "--part-rows", "50", "--quiet")
    assert NOT_SAVED == done.returncode, done.stderr
    assert b"could not be written (No space left on device)" in done.stderr
    assert not (small_disk / f"out.{to}").exists()
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    done = pipe("batch", ALL, "in.csv", f"disk/out.{to}", "--quiet")
    assert 0 == done.returncode, done.stderr
    assert [f"out.{to}"] == os.listdir(small_disk)


def test_a_full_disk_leaves_no_half_page_of_an_impact(pipe, work, small_disk):
    (work / "in.csv").write_text("headache\ntrue\n", encoding="utf-8")
    (small_disk / "fill").write_bytes(b"x" * 60_000)
    done = pipe("impact", ALL, ALL, "in.csv", "-o", "disk/out.html")
    assert NOT_SAVED == done.returncode
    assert b"could not be written" in done.stderr
    assert ["fill"] == os.listdir(small_disk)


def test_a_full_disk_is_no_fault_of_the_program(pipe, work, small_disk):
    """In every command that writes: the exit code says so, and nothing is half there."""
    shutil.copytree(SMALL, work / "rules")
    (small_disk / "fill").write_bytes(b"x" * 2**16)  # to the last byte
    for words in (
        ("vectors", "pump-line", "--rules", "rules", "-o", "disk/vectors.json"),
        ("review", "pump-line", "--rules", "rules", "-o", "disk/out.html"),
        ("ask", ALL, "--me", "--json", "disk/a.json"),
    ):
        done = pipe(*words, typed="3\n")
        assert NOT_SAVED == done.returncode, words
        assert b"Traceback" not in done.stderr


def test_json_of_an_impact_can_be_read_where_it_is_printed(pipe, work):
    (work / "in.csv").write_text("headache\ntrue\n", encoding="utf-8")
    done = pipe("impact", ALL, ALL, "in.csv", "--json", "-")
    assert 1 == json.loads(done.stdout)["rows"]
