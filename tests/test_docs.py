"""What the pages show is true: the session, the help of each command, and the files, names and links."""

import os
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from support import commands_page
from whentocall.cli import SUMMARIES, _parser, _with_command

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "rules/README.md", "examples/README.md")),
    *sorted(DOCS.rglob("*.md")),
]
SESSION = re.compile(r"<!-- session: (?P<arguments>.*?) -->\n```text\n(?P<text>.*?)```", re.DOTALL)
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
PROMPT = "> "

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def played(arguments, typed, home):
    """The whole session as a person sees it: what is printed, with what was typed after each prompt."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-m", "whentocall", *arguments.split()],
        input="".join(f"{line}\n" for line in typed),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment,
        cwd=home,
    )
    shown, *rest = done.stdout.split(PROMPT)
    for line, after in zip([*typed, ""], rest, strict=False):
        shown += f"{PROMPT}{line}\n{after}"
    return shown


def test_the_session_is_a_real_one(tmp_path):
    session = SESSION.search((DOCS / "interview.md").read_text("utf-8"))
    typed = [line.removeprefix(PROMPT) for line in session["text"].splitlines() if line.startswith(PROMPT)]

    assert typed
    assert session["text"] == played(session["arguments"], typed, tmp_path)


def words(text):
    """The words of a help text, whichever Python laid it out."""
    return re.sub(r"(-\w) (\S+), (--[\w-]+) \2", r"\1, \3 \2", text).split()


def test_the_commands_page_has_the_help_as_it_is():
    page = commands_page.PAGE.read_text("utf-8")
    shown = {name: words(text) for name, text in commands_page.blocks(page).items()}
    now = {name: words(commands_page.help_of(*name.split())) for name in shown}

    assert now == shown, "docs/commands.md is stale: run .venv/bin/python tests/support/commands_page.py"


def test_the_commands_page_has_every_command_in_the_order_of_the_help():
    page = commands_page.PAGE.read_text("utf-8")
    expected = [""]
    for name in (name for commands in SUMMARIES.values() for name in commands):
        actions = commands_page.help_of(name).partition("\nactions:")[2]
        expected += [name, *(f"{name} {action}" for action in re.findall(r"(?m)^    (\w+) ", actions))]
    headings = [f"## {purpose.capitalize()}" for purpose in SUMMARIES]

    assert expected == list(commands_page.blocks(page))
    assert headings == [line for line in page.splitlines() if line in headings]


@each_page
def test_every_command_line_is_understood(page):
    for block in SHELL.findall(page.read_text("utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            command = shlex.split(line.rpartition(" | ")[2], comments=True)
            if command[:1] == ["whentocall"]:
                arguments = _with_command(command[1:])
                assert _parser(arguments[0]).parse_args(arguments).command, line


@each_page
def test_every_make_target_is_there(page):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE):
        assert f"\n{target}:" in makefile, target


@each_page
def test_every_file_is_there(page):
    """In the repository, the package, or beside the page. What a command line names is the reader's own."""
    text = page.read_text("utf-8")
    own = {word for block in SHELL.findall(text) for word in block.split() if "/" not in word}
    for path in set(re.findall(r"`([\w.-]+(?:/[\w.-]+)*/?)`", text)) - own:
        if path.endswith(("/", ".py")) or ("/" in path and Path(path).suffix in (".yaml", ".md")):
            places = ROOT, ROOT / "src" / "whentocall", page.parent
            assert any((place / path).exists() for place in places), path


def test_the_architecture_names_every_package():
    page = (DOCS / "architecture.md").read_text("utf-8")
    packages = {init.parent.name for init in (ROOT / "src" / "whentocall").glob("*/__init__.py")}

    assert {name for name in packages if f"{name}/" not in page} == set()


def test_the_words_in_italics_are_in_the_glossary():
    glossary = (DOCS / "glossary.md").read_text("utf-8").lower()
    words_meant = re.findall(r"(?<!\*)\*([\w' ]+)\*(?!\*)", (DOCS / "architecture.md").read_text("utf-8"))

    assert "italics" == words_meant.pop(0)
    assert words_meant
    assert [] == [word for word in words_meant if f"**{word.lower().removesuffix('s')}**" not in glossary]


def test_every_decision_is_listed():
    listed = (DOCS / "decisions" / "README.md").read_text("utf-8")
    for page in (DOCS / "decisions").glob("[0-9]*.md"):
        title = page.read_text("utf-8").partition("\n")[0].removeprefix("# ")
        assert f"{int(page.name[:2])}. [{title}]({page.name})\n" in listed


@each_page
def test_every_name_is_there(page):
    for name in re.findall(r"`whentocall\.([\w.]+)", page.read_text("utf-8")):
        value = import_module("whentocall")
        for part in name.split("."):
            value = (
                getattr(value, part) if hasattr(value, part) else import_module(f"{value.__name__}.{part}")
            )


def anchors(page):
    """What the headings of a page can be linked by."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_page
def test_every_link_leads_somewhere(page):
    for link in re.findall(r"\]\(([^)]+)|src=\"([^\"]+)", page.read_text("utf-8")):
        path, _, anchor = "".join(link).partition("#")
        if path.startswith("https://"):
            continue
        target = page.parent / path if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


@each_page
def test_the_python_compiles(page):
    for code in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        compile(code, str(page), "exec")


def test_the_hooks_of_a_commit_fetch_nothing():
    """They run what is installed in .venv."""
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    hooks = [hook for repository in repositories for hook in repository["hooks"]]

    assert ["local"] == [repository["repo"] for repository in repositories]
    assert {"system"} == {hook["language"] for hook in hooks}
    for hook in hooks:
        assert hook["entry"].split()[0] in (".venv/bin/ruff", ".venv/bin/whentocall")
