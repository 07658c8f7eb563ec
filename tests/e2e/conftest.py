"""The real command in a real terminal: pexpect runs it, pyte reads its screen."""

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from functools import cache

import pexpect
import pyte
import pytest

from whentocall import advise, load
from whentocall.interview import texts
from whentocall.interview.flow import Ask, Interview
from whentocall.interview.walk import Walk

PATIENCE = 20  # seconds; a slow machine is no failure
DOWN, UP, ENTER = "\x1b[B", "\x1b[A", "\r"
SPECIAL = (texts.CONTINUE, texts.NONE_OF_THESE, texts.NOT_SURE, texts.GO_BACK)


def command():
    """The program under test; WHENTOCALL_COMMAND puts another one in its place."""
    return shlex.split(os.environ.get("WHENTOCALL_COMMAND", "")) or [sys.executable, "-m", "whentocall"]


def squeezed(text):
    """Text without regard to where its lines are broken."""
    return " ".join(text.split())


class Terminal:
    """One run of the program. Waits for what the screen says; never for a time."""

    def __init__(self, args, *, env, cwd, rows, columns, stderr=None):
        words = [*command(), *args]
        if stderr:
            words = ["/bin/sh", "-c", f'exec "$0" "$@" 2>{shlex.quote(str(stderr))}', *words]
        self.screen = pyte.Screen(columns, rows)
        self.screen.write_process_input = self._reply
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self._lines = None
        self.ended = False
        self.child = pexpect.spawn(
            words[0], words[1:], env=env, cwd=str(cwd), dimensions=(rows, columns), timeout=PATIENCE
        )
        self.child.delaybeforesend = None
        self.child.delayafterclose = self.child.delayafterterminate = 0.02
        self.child.ptyproc.delayafterclose = self.child.ptyproc.delayafterterminate = 0.02

    def _reply(self, data):
        with contextlib.suppress(OSError):
            self.child.send(data)

    @property
    def text(self):
        """What is on the screen now, line breaks aside."""
        return squeezed("\n".join(self.lines))

    @property
    def lines(self):
        """The lines of the screen, without blanks at their end."""
        if self._lines is None:
            self._lines = [self._line(row) for row in range(self.screen.lines)]
        return self._lines

    def _line(self, row):
        cells = self.screen.buffer.get(row)  # pyte's own `display` takes most of the time of these tests
        if not cells:
            return ""
        return "".join(cells[column].data for column in range(self.screen.columns)).rstrip()

    @property
    def output(self):
        """Everything that was ever written, as text."""
        return self.raw.decode(errors="replace").replace("\r\n", "\n")

    def until(self, holds, what, patience=PATIENCE):
        """Read until something holds."""
        end = time.monotonic() + patience
        while not holds():
            left = end - time.monotonic()
            if self.ended or left <= 0:
                raise AssertionError(f"{what!r} did not come; the screen:\n" + "\n".join(self.lines))
            self._read(left)

    def _read(self, seconds):
        try:
            data = self.child.read_nonblocking(65536, timeout=seconds)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            self.ended = True
            return
        self.raw += data
        self._stream.feed(data)
        self._lines = None

    def wait(self, *parts):
        """Wait until these stand on the screen, each after the one before it."""
        wanted = [squeezed(part) for part in parts]

        def there():
            text = self.text
            place = text.rfind(wanted[0])
            for part in wanted[1:]:
                place = text.find(part, place + 1) if place >= 0 else place
            return place >= 0

        self.until(there, wanted)

    def wait_menu(self, *parts):
        """Wait until a menu stands below these texts and takes keys."""
        self.wait(*parts, "Arrow keys move", "»")

    def wait_list(self, *parts):
        """Wait until a checklist stands below these texts, drawn to its end."""
        self.wait(*parts, "Arrow keys move", "»")
        self.wait(*parts, texts.NOT_SURE)

    def wait_prompt(self, *parts):
        """Wait until a line to type on stands below these texts."""
        self.wait(*parts, ">")

    def send(self, keys):
        """Press keys."""
        self.child.send(keys)

    def type(self, text):
        """Type a line."""
        self.send(text + ENTER)

    def type_and_wait(self, text):
        """Type a line where plain lines are asked, and wait until it is answered and more is asked."""
        start = len(self.raw)
        self.type(text)
        self.until(
            lambda: b"You said:" in self.raw[start:] and self.raw.endswith(b"\n> "),
            f"an answer to {text!r}",
        )

    @property
    def pointed(self):
        """The line of the menu that the pointer stands on; empty while the screen is being drawn."""
        pointers = [line[3:].lstrip("○● ") for line in self.lines if line.startswith(" »")]
        return pointers[0] if len(pointers) == 1 else ""

    def move(self, key):
        """Move the pointer by one, and wait until it has moved."""
        before = self.pointed
        self.send(key)
        self.until(lambda: self.pointed not in ("", before), f"the pointer leaves {before!r}")
        return self.pointed

    def point(self, label):
        """Move the pointer to a line; the last ones are nearer from below."""
        key = UP if label in SPECIAL else DOWN
        seen = []
        while not self.pointed or not label.startswith(self.pointed):
            assert len(seen) < 60, f"{label!r} is not on this menu: {seen}"
            seen.append(self.move(key))

    def choose(self, label):
        """Choose one line of a menu."""
        self.point(label)
        self.send(ENTER)

    def tick(self, *labels):
        """Tick lines of a checklist, and leave the pointer there."""
        for label in labels:
            self.point(label)
            self.send(" ")
            self.until(lambda: any(line.startswith(" » ●") for line in self.lines), f"a tick at {label!r}")

    def go_on(self):
        """Go on with what is ticked."""
        self.choose(texts.CONTINUE)

    def end(self):
        """Read to the end. Returns the exit code."""
        self.until(lambda: self.ended or self._over(), "the end")
        self.child.wait()
        self.child.close()
        return self.child.exitstatus

    def _over(self):
        self._read(0.2)
        return self.ended

    def signal(self, number):
        """Send a signal to the program."""
        self.child.kill(number)

    def hang_up(self):
        """Close the terminal window. Returns how the program ended: exit code, or minus the signal."""
        self.child.ptyproc.fileobj.close()
        self.child.closed = self.child.ptyproc.closed = True
        self.child.child_fd = self.child.ptyproc.fd = -1
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            pid, status = os.waitpid(self.child.pid, os.WNOHANG)
            if pid:
                self.child.terminated = self.child.ptyproc.terminated = True
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        raise AssertionError("the program goes on without a terminal")

    def stop(self):
        """Leave nothing running."""
        if not self.child.terminated and self.child.isalive():
            self.child.kill(signal.SIGKILL)
            self.child.wait()
        self.child.close()


@pytest.fixture
def home(tmp_path):
    """An empty home folder of this test's own."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def work(tmp_path):
    """An empty folder that the program runs in."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def env(home):
    """Nothing of the developer's own settings."""
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "PATH": os.environ["PATH"],
    }


@pytest.fixture
def terminal(env, work):
    """`terminal("ask", …)` starts the program in a terminal; a tall one, so that nothing scrolls away."""
    started = []

    def start(*args, rows=150, columns=80, stderr=None, **more_env):
        one = Terminal(args, env={**env, **more_env}, cwd=work, rows=rows, columns=columns, stderr=stderr)
        started.append(one)
        return one

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def pipe(env, work):
    """`pipe("ask", …, typed=…)` runs the program without a terminal; `before` is said to a shell first."""

    def run(*args, typed="", before="", **more_env):
        data = typed if isinstance(typed, bytes) else typed.encode()
        words = [*command(), *args]
        if before:
            words = ["/bin/sh", "-c", f'{before}; exec "$0" "$@"', *words]
        return subprocess.run(
            words,
            input=data,
            capture_output=True,
            env={**env, **more_env},
            cwd=work,
            timeout=PATIENCE,
            check=False,
        )

    return run


_loaded = cache(load)


class Person:
    """Somebody with answers, who goes through an interview with either face.

    What `answers` does not name is answered "no", a number with its `usual`, a choice with "I don't know".
    """

    def __init__(self, protocol, answers=(), *, voice="you", usual=36.8, knows=True):
        self.walk = Walk(Interview(_loaded(protocol), voice=voice))
        self.answers = dict(answers)
        self.usual = usual
        self.knows = knows

    def answer_to(self, question):
        """The answer to one question, in JSON form."""
        if not self.knows:
            return None
        plain = {"yes-no": False, "temperature": self.usual, "whole-number": 0, "days": 0, "one-of": None}
        return self.answers.get(question.id, plain[question.kind])

    def screens(self):
        """Each screen with the answers to it, to the end of the interview."""
        while isinstance(step := self.walk.step(), Ask):
            given = {one.id: self.answer_to(one) for one in step.questions}
            yield step, given
            self.walk = self.walk.answer(given)

    @property
    def protocol(self):
        """What this person is asked about."""
        return self.walk.interview.protocol

    @property
    def more(self):
        """Whether the program will offer to ask the rest: not in an emergency, nor with nothing to tell."""
        level = advise(self.protocol, self.walk.answers).level
        return self.walk.step().more and level not in ("none", "emergency")

    def after(self):
        """Where this person is once everything is answered."""
        for _ in self.screens():
            pass
        return self.walk

    def go_on(self):
        """Answer the rest too."""
        self.walk = self.walk.go_on()

    def typed(self):
        """What to type in plain lines, up to the summary."""
        return "".join(f"{_typed(step, given)}\n" for step, given in self.screens())

    def typed_to_the_end(self):
        """What to type in plain lines, the summary confirmed and the rest not asked."""
        return f"{self.typed()}1\n" + ("1\n" if self.more else "")

    def through_menus(self, terminal):
        """Answer on the screen, up to the summary."""
        for step, given in self.screens():
            if len(step.questions) > 1:
                _tick_screen(terminal, step, given)
            else:
                _answer_one(terminal, step.questions[0], given[step.questions[0].id])


def _typed(step, given):
    if len(step.questions) > 1:
        marks = {True: "", None: "?"}
        places = [
            f"{place}{marks[given[one.id]]}"
            for place, one in enumerate(step.questions, 1)
            if given[one.id] is not False
        ]
        return " ".join(places) or "0"
    (question,) = step.questions
    answer = given[question.id]
    if question.kind == "yes-no":
        return {True: "1", False: "2", None: "3"}[answer]
    if question.kind == "one-of":
        ids = [one.id for one in question.options]
        return str(len(ids) + 1 if answer is None else ids.index(answer) + 1)
    return _number(answer)


def _number(answer):
    if answer is None:
        return "?"
    return f"{answer['value']} {answer['unit']}" if isinstance(answer, dict) else str(answer)


def _tick_screen(terminal, step, given):
    terminal.wait_menu(step.title)
    ticked = [one.short for one in step.questions if given[one.id] is True]
    unsure = [one.short for one in step.questions if given[one.id] is None]
    terminal.tick(*ticked)
    if unsure:
        terminal.choose(texts.NOT_SURE)
        terminal.wait_menu(texts.WHICH_NOT_SURE)
        terminal.tick(*unsure)
    terminal.point(texts.CONTINUE if ticked or unsure else texts.NONE_OF_THESE)
    pointed = terminal.pointed
    terminal.send(ENTER)
    terminal.until(lambda: terminal.pointed != pointed, "the next question")


def _answer_one(terminal, question, answer):
    if question.kind in ("yes-no", "one-of"):
        options = {one.id: one.text for one in question.options}
        words = {True: texts.YES, False: texts.NO, None: texts.DONT_KNOW, **options}
        terminal.wait_menu(question.text)
        terminal.choose(words[answer])
    else:
        terminal.wait_prompt(question.text, "to go back.")
        terminal.type(_number(answer))
    terminal.wait(question.text, "You said:")


@pytest.fixture
def person():
    """`person("all-targeted-drugs", {"headache": True})` is somebody with these answers."""
    return Person


@pytest.fixture
def escapes():
    """Finds the bytes that a screen reader, a file or a dumb terminal must never see."""
    return lambda data: re.findall(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", data)


@pytest.fixture
def unsure_of_chest_pain(terminal):
    """Starts an interview and goes to the temperature, with chest pain not known."""

    def start(*more, **how):
        first, temperature = "First, the signs of an emergency.", "What is your temperature now?"
        run = terminal("ask", "all-targeted-drugs", "--me", *more, **how)
        if "--plain" in more:
            run.wait_prompt(first, "Type < to go back.")
            run.type("3?")
        else:
            run.wait_menu(first)
            run.choose(texts.NOT_SURE)
            run.wait_menu(texts.WHICH_NOT_SURE)
            run.tick("Chest pain")
            run.go_on()
        run.wait_prompt("You said: Chest pain: I don't know", temperature, "to go back.")
        return run

    return start
