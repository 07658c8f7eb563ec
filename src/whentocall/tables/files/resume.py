"""The working folder of a run: parts that are done, so that a run that was stopped carries on.

    OUT.parts/
        lock            held by the run; the system lets go of it when the run ends, however it ends
        manifest.json   what the run is of: input, protocol, mapping, options, version
        00000.arrow …   the rows of each part with their results
        00000.json …    what each part is: where it begins and ends, its counts; without this it does not
        count whole.parquet   all parts put together
        finished.json   which file `whole` is, to know it again under the name OUT

Each file gets its name when all of it is on the disk (`_files`). So there is never half a file under any of
these names, and a run can be ended between any two steps.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter

from whentocall import _files
from whentocall.errors import TableError
from whentocall.tables.files.source import Mark
from whentocall.tables.files.tally import Tally
from whentocall.tables.outside import writing

_OURS = re.compile(r"(?:[0-9]{5,}|whole|manifest|finished)\.[a-z.]+|lock|whole|\.whentocall-[0-9a-f]+")
T = TypeVar("T")

_MANIFEST, _FINISHED, _LOCK = "manifest.json", "finished.json", "lock"


@dataclass(frozen=True, slots=True)
class Done:
    """A part that is done: its file, how long that was then, where the next one begins, and its counts."""

    name: str
    size: int
    end: Mark
    tally: Tally


@dataclass(frozen=True, slots=True)
class _Finished:
    """Which file was given the name OUT, of what run, and the counts of all rows."""

    inode: int
    device: int
    identity: dict[str, Any]
    tally: Tally


_DONE, _FINISHED_AS = TypeAdapter(Done), TypeAdapter(_Finished)
_IDENTITY = TypeAdapter[dict[str, Any]](dict[str, Any])


@dataclass
class Work:
    """The working folder of a run that holds its lock.

    Attributes:
        folder: where it is.
        out: what the run writes.
        done: the parts that are done, in their order.
        step: is called with a word at each step; a test stops the run there.
    """

    folder: Path
    out: Path
    step: Callable[[str], None]
    done: list[Done] = field(default_factory=list)

    @property
    def end(self) -> Mark | None:
        """Where the first part begins that is not done; None if none is."""
        return self.done[-1].end if self.done else None

    @property
    def paths(self) -> list[Path]:
        """The files of the parts that are done."""
        return [self.folder / part.name for part in self.done]

    @property
    def there(self) -> bool:
        """Whether a run was stopped here."""
        return (self.folder / _MANIFEST).exists()

    def forget(self) -> None:
        """Throw away what was done.

        Raises:
            TableError: there is something in the folder that no run has put there.
        """
        self._clear()

    def begin(self, identity: Mapping[str, Any], *, restart: bool) -> None:
        """Take up what was done for the same run, or begin.

        Raises:
            TableError: what is there is of another run, and `restart` does not say to throw it away.
        """
        manifest = self.folder / _MANIFEST
        if restart or not manifest.exists():
            self._clear()
            _write(manifest, _IDENTITY, dict(identity))
            self.step("begun")
            return
        before = _read(manifest, _IDENTITY)
        if differs := _differences(before, identity):
            raise TableError(
                f"{self.folder}: a stopped run left its parts here, and {' and '.join(differs)}; --restart "
                "throws them away and begins anew"
            )
        while (record := self.folder / f"{len(self.done):05}.json").exists():
            self.done.append(self._taken_up(_read(record, _DONE)))

    def _taken_up(self, done: Done) -> Done:
        data, moved = self.folder / done.name, self.folder / "whole" / f"part-{done.name}"
        if not data.exists() and moved.exists():
            with writing(data):
                moved.rename(data)
        if not data.exists() or data.stat().st_size != done.size:
            raise TableError(f"{data}: not as it was written; begin anew with --restart")
        return done

    def next_part(self, ending: str) -> Path:
        """Where the next part is to be written."""
        return self.folder / f"{len(self.done):05}{ending}"

    def add(self, written: Path, end: Mark, tally: Tally) -> None:
        """The part that was written there is done."""
        self.step("written")
        done = Done(written.name, written.stat().st_size, end, tally)
        _write(self.folder / f"{len(self.done):05}.json", _DONE, done)
        self.done.append(done)
        self.step("recorded")

    def finish(self, whole: Path, tally: Tally, identity: Mapping[str, Any], *, overwrite: bool) -> None:
        """Give the whole its name, and remove the folder.

        Raises:
            TableError: there is something of this name by now.
        """
        state = whole.stat()
        about = _Finished(state.st_ino, state.st_dev, dict(identity), tally)
        _write(self.folder / _FINISHED, _FINISHED_AS, about)
        self.step("finishing")
        with writing(self.out):
            _give_name(whole, self.out, overwrite=overwrite)
        self.step("named")
        self.remove()

    def finished(self, identity: Mapping[str, Any]) -> Tally | None:
        """The counts of the same run, if it had given OUT its name and was ended before the folder went."""
        finished = self.folder / _FINISHED
        if not finished.exists() or not self.out.exists():
            return None
        run, out = _read(finished, _FINISHED_AS), self.out.stat()
        if (run.inode, run.device) != (out.st_ino, out.st_dev):
            return None
        if _differences(run.identity, identity):
            self._clear()  # what is left of another run that had come to its end
            return None
        return run.tally

    def remove(self) -> None:
        """Remove the folder, what tells that it is finished last."""
        self._clear(but=(_FINISHED, _LOCK))
        for name in (_FINISHED, _LOCK):
            self.step("removing")
            (self.folder / name).unlink(missing_ok=True)
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _clear(self, but: tuple[str, ...] = (_LOCK,)) -> None:
        paths = sorted(self.folder.iterdir())
        strange = [path for path in paths if not _OURS.fullmatch(path.name)]
        if strange:
            raise TableError(f"{strange[0]}: not made by whentocall, which needs this folder; move it away")
        self.done = []
        with writing(self.folder):
            for path in paths:
                self.step("clearing")
                if path.is_dir():
                    for inner in path.iterdir():
                        inner.unlink()
                    path.rmdir()
                elif path.name not in but:
                    path.unlink()


@contextmanager
def working(folder: Path, out: Path, step: Callable[[str], None]) -> Iterator[Work]:
    """Hold the working folder of a run. It stays if parts are done and the run is not.

    Raises:
        TableError: another run is writing the same.
        NotWritten: it cannot be made.
    """
    lock = _locked(folder)
    try:
        work = Work(folder, out, step)
        try:
            yield work
        finally:
            if not work.done and folder.exists() and not (folder / _FINISHED).exists():
                work.remove()
    finally:
        os.close(lock)


def _locked(folder: Path) -> int:
    while True:
        with writing(folder):
            folder.mkdir(mode=0o700, exist_ok=True)
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise TableError(
                f"{folder}: another run is writing the same output; wait for it, or stop it"
            ) from None
        # The run that held it may have removed it between the two calls.
        if (folder / _LOCK).exists() and os.fstat(lock).st_ino == (folder / _LOCK).stat().st_ino:
            return lock
        os.close(lock)


def _give_name(whole: Path, out: Path, *, overwrite: bool) -> None:
    if overwrite or whole.is_dir():
        whole.replace(out)
        _files.keep_name(out)
        return
    try:
        _files.give_name(whole, out)
    except FileExistsError:
        raise TableError(f"{out}: already exists; use --overwrite, or choose another name") from None


def _write(path: Path, kind: TypeAdapter[T], value: T) -> None:
    text = json.dumps(kind.dump_python(value, mode="json"))
    with writing(path):
        _files.replace(path, text.encode(), mode=0o600)


def _read(path: Path, kind: TypeAdapter[T]) -> T:
    try:
        return kind.validate_python(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        raise TableError(f"{path}: cannot be read; begin anew with --restart") from None


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [f"{key} has changed" for key in now if before.get(key) != json.loads(json.dumps(now[key]))]
