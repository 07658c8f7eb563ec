"""The working folder of a run: parts that are done, so that a run that was stopped carries on.

    OUT.parts/
        lock            held by the run; the system lets go of it when the run ends, however it ends
        manifest.json   what the run is of: input, protocol, mapping, options, version
        00000.arrow …   the rows of each part with their results
        00000.json …    what each part is: where it begins and ends, its counts; without this it does not
        count whole.parquet   all parts put together
        finished.json   which file `whole` is, to know it again under the name OUT

Each file is written under another name, brought to the disk, and then gets its own: so there is never half a
file under any of these names, and a run can be ended between any two steps. Only a text, to which parts can
be added, grows as `whole` from the beginning; each part's record says how long it was then, and what is
behind that is cut off.
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
from typing import Any

from whentocall.errors import TableError
from whentocall.tables.files.source import Mark
from whentocall.tables.files.tally import Tally
from whentocall.tables.files.writing import keep
from whentocall.tables.outside import writing

_OURS = re.compile(r"(?:[0-9]{5,}|whole|manifest|finished)\.(?:[a-z]+)(?:\.new)?|lock|whole")
_MANIFEST, _FINISHED, _LOCK = "manifest.json", "finished.json", "lock"


@dataclass(frozen=True, slots=True)
class Done:
    """A part that is done: where the next one begins, and what was counted."""

    name: str
    size: int
    end: Mark
    tally: Tally


@dataclass
class Work:
    """The working folder of a run that holds its lock.

    Attributes:
        folder: where it is.
        out: what the run writes.
        done: the parts that are done, in their order.
        step: is called with a word at each step; a test stops the run there.
        grows: whether parts are added to the whole as they come.
    """

    folder: Path
    out: Path
    step: Callable[[str], None]
    grows: bool
    done: list[Done] = field(default_factory=list)

    @property
    def end(self) -> Mark | None:
        """Where the first part begins that is not done; None if none is."""
        return self.done[-1].end if self.done else None

    @property
    def paths(self) -> list[Path]:
        """The files of the parts that are done."""
        return [self.folder / one.name for one in self.done]

    @property
    def there(self) -> bool:
        """Whether a run was stopped here."""
        return (self.folder / _MANIFEST).exists()

    def forget(self) -> None:
        """Throw away what was done."""
        self._clear()

    def begin(self, identity: Mapping[str, Any], *, restart: bool) -> bool:
        """Take up what was done for the same run, or begin. The value says whether something was taken up.

        Raises:
            TableError: what is there is of another run, and `restart` does not say to throw it away.
        """
        manifest = self.folder / _MANIFEST
        if restart or not manifest.exists():
            self._clear()
            _write_json(manifest, identity)
            self.step("begun")
            return False
        differs = _differences(_read_json(manifest), identity)
        if differs:
            raise TableError(
                f"{self.folder}: a run that was stopped left its parts here, and {_and(differs)}: --restart "
                "throws its parts away and begins anew"
            )
        self._take_up()
        return bool(self.done)

    def _take_up(self) -> None:
        while (record := self.folder / f"{len(self.done):05}.json").exists():
            said = _read_json(record)
            data = self.folder / said["name"]
            moved = self.folder / "whole" / f"part-{said['name']}"
            if not data.exists() and moved.exists():
                with writing(data):
                    moved.rename(data)
            size = data.stat().st_size if data.exists() else -1
            if size < said["size"] or (size > said["size"] and not self.grows):
                raise TableError(f"{data}: this is not as it was written: begin anew with --restart")
            self.done.append(
                Done(said["name"], said["size"], Mark(*said["end"]), Tally.from_json(said["tally"]))
            )

    def new(self, ending: str) -> Path:
        """Where the next part is to be written, before it is done; at the end of it if the whole grows."""
        if not self.grows:
            return self.folder / f"{len(self.done):05}{ending}.new"
        whole = self.folder / f"whole{ending}"
        with writing(whole):
            whole.touch(mode=0o600)
            os.truncate(whole, self.done[-1].size if self.done else 0)
        return whole

    def add(self, written: Path, end: Mark, tally: Tally) -> None:
        """The part that was written there is done."""
        self.step("written")
        name = written.name.removesuffix(".new")
        done = Done(name, written.stat().st_size, end, tally)
        if not self.grows:
            with writing(written):
                written.rename(self.folder / name)
            self.step("renamed")
        record = {
            "name": name,
            "size": done.size,
            "end": [end.position, end.row, end.line],
            "tally": tally.as_json(),
        }
        _write_json(self.folder / f"{len(self.done):05}.json", record)
        self.done.append(done)
        self.step("recorded")

    def finish(self, whole: Path, tally: Tally, identity: Mapping[str, Any], *, overwrite: bool) -> None:
        """Give the whole its name, and remove the folder.

        Raises:
            TableError: there is something of this name by now.
        """
        found = whole.stat()
        about = {"inode": found.st_ino, "device": found.st_dev, "tally": tally.as_json(), "of": identity}
        _write_json(self.folder / _FINISHED, about)
        self.step("finishing")
        with writing(self.out):
            _give_name(whole, self.out, overwrite=overwrite)
            keep(self.out.parent)
        self.step("named")
        self.remove()

    def finished(self, identity: Mapping[str, Any]) -> Tally | None:
        """The counts of the same run, if it had given OUT its name and was ended before the folder went."""
        finished = self.folder / _FINISHED
        if not finished.exists() or not self.out.exists():
            return None
        said, found = _read_json(finished), self.out.stat()
        if (said["inode"], said["device"]) != (found.st_ino, found.st_dev):
            return None
        if _differences(said["of"], identity):
            self._clear()  # what is left of another run that had come to its end
            return None
        return Tally.from_json(said["tally"])

    def remove(self) -> None:
        """Remove the folder, what tells that it is finished last."""
        self._clear(but=(_FINISHED, _LOCK))
        for name in (_FINISHED, _LOCK):
            self.step("removing")
            (self.folder / name).unlink(missing_ok=True)
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _clear(self, but: tuple[str, ...] = (_LOCK,)) -> None:
        """Remove what is in the folder.

        Raises:
            TableError: there is something in it that no run has put there.
        """
        found = sorted(self.folder.iterdir())
        strange = [one for one in found if not _OURS.fullmatch(one.name)]
        if strange:
            raise TableError(
                f"{strange[0]}: this was not made by whentocall, and its folder is needed: move it away"
            )
        self.done = []
        with writing(self.folder):
            for one in found:
                self.step("clearing")
                if one.is_dir():
                    for inner in one.iterdir():
                        inner.unlink()
                    one.rmdir()
                elif one.name not in but:
                    one.unlink()


@contextmanager
def working(folder: Path, out: Path, step: Callable[[str], None], *, grows: bool) -> Iterator[Work]:
    """Hold the working folder of a run. It stays if parts are done and the run is not.

    Raises:
        TableError: another run is writing the same.
        NotWritten: it cannot be made.
    """
    lock = _locked(folder)
    try:
        work = Work(folder, out, step, grows)
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
            raise TableError(f"{folder}: another run is writing the same: wait for it, or stop it") from None
        # The run that held it may have removed it between the two calls.
        if (folder / _LOCK).exists() and os.fstat(lock).st_ino == (folder / _LOCK).stat().st_ino:
            return lock
        os.close(lock)


def _give_name(whole: Path, out: Path, *, overwrite: bool) -> None:
    if overwrite or whole.is_dir():
        whole.replace(out)
        return
    try:
        os.link(whole, out)  # unlike a renaming, it never replaces what somebody has put there meanwhile
    except FileExistsError:
        raise TableError(f"{out}: this is there by now: say --overwrite, or another name") from None
    except OSError:  # not every file system has links
        whole.rename(out)


def _write_json(path: Path, said: Mapping[str, Any]) -> None:
    new = path.with_name(f"{path.name}.new")
    with writing(path):
        new.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8", errors="surrogatepass")
        keep(new)
        new.rename(path)
        keep(path.parent)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        assert isinstance(found, dict)
    except (OSError, ValueError, AssertionError):
        raise TableError(f"{path}: this cannot be read: begin anew with --restart") from None
    return found


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [f"{key} is not the same" for key in now if before.get(key) != json.loads(json.dumps(now[key]))]


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
