"""A protocol, or all of a rules folder, as it is now or as it was in a git revision."""

from __future__ import annotations

import io
import os
import posixpath
import re
import shlex
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from whentocall._text import quote
from whentocall.errors import UnknownProtocol
from whentocall.protocol.folders import HEAD, protocol_names
from whentocall.protocol.load import load_folder
from whentocall.protocol.protocol import Protocol

_NAMED = re.compile(r"(?P<revision>(?:[^:{]|\{[^}]*\})*):(?P<inside>.*)", re.DOTALL)  # HEAD@{12:00}:rules
_HASH = re.compile(r"[0-9a-f]{40,64}")
_NOT_TRUSTED = re.compile(
    r"(?:dubious ownership in repository at|unsafe repository \() ?'(?P<folder>[^'\n]+)'"
)


@contextmanager
def folder_of(name: str) -> Iterator[Path]:
    """The folder that `name` means: a path, or `REVISION:path` as git writes it (`HEAD~1:rules`).

    The path of a revision counts from the current folder; with a `/` before it, from the top.

    Raises:
        UnknownProtocol: no such folder or revision.
    """
    named = _NAMED.fullmatch(name)
    if Path(name).exists() or named is None:
        yield Path(name)
        return
    revision, inside = named["revision"], named["inside"]
    repository = _repository(name)
    tree = _tree(repository, revision)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(_archive(repository, tree))) as files:
            _write_files(files, Path(folder))
        yield _inside(Path(folder), repository.prefix, inside, revision)


class _Repository(NamedTuple):
    """The git repository around the current folder."""

    git_dir: str
    prefix: str  # the current folder's path in it, `/` at the end; empty at the top, or without a work tree
    is_shallow: bool  # it has only the newest commits


def _repository(name: str) -> _Repository:
    done = _git("rev-parse", "--absolute-git-dir", "--is-shallow-repository", "--show-prefix")
    if done.returncode == 0:
        git_dir, shallow, prefix = done.stdout.decode(errors="surrogateescape").split("\n")[:3]
        return _Repository(git_dir, prefix, shallow == "true")
    error = done.stderr.decode(errors="surrogateescape")
    if distrust := _NOT_TRUSTED.search(error):
        trust = f"git config --global --add safe.directory {shlex.quote(distrust['folder'])}"
        raise UnknownProtocol(
            f"git will not read this repository because another user owns it: if you trust it, run {trust}"
        )
    if "not a git repository" in error:
        raise UnknownProtocol(
            f"{quote(name)} is not a folder, and this is not a git repository: name a folder, or run this "
            "inside the repository"
        )
    raise UnknownProtocol(f"git cannot read this repository ({_first_line(done)})")


def _tree(repository: _Repository, revision: str) -> str:
    """The hash of what a revision holds.

    Raises:
        UnknownProtocol: it is not exactly one revision.
    """
    done = _git("rev-parse", "--verify", "--end-of-options", f"{revision}^{{tree}}")
    error, tree = done.stderr.decode(errors="replace"), done.stdout.decode(errors="replace").strip()
    shown = quote(revision)
    if re.search(r"refname '.*' is ambiguous", error):
        raise UnknownProtocol(
            f"{shown} is both a branch and a tag: use 'heads/{revision}' or 'tags/{revision}'"
        )
    if "is ambiguous" in error:
        raise UnknownProtocol(f"{shown} matches several revisions: use more characters")
    if "only goes back to" in error:
        raise UnknownProtocol(f"git's log of that branch does not go back to {shown}: name a commit")
    if done.returncode == 0 and _HASH.fullmatch(tree):
        return tree
    if not revision or tree or revision.startswith(("-", "^")) or ".." in revision:
        raise UnknownProtocol(
            f"{shown} is not a single revision: name a commit, a branch or a tag, such as HEAD~1"
        )
    raise UnknownProtocol(f"git does not know the revision {shown}{_why_unknown(repository, revision)}")


def _why_unknown(repository: _Repository, revision: str) -> str:
    """The end of a message: why a revision may not be there, and what to do."""
    if repository.is_shallow:
        return (
            ": this is a shallow clone with only the newest commits; run git fetch --unshallow (in CI, check "
            "out with fetch-depth: 0)"
        )
    if _git("rev-parse", "--verify", "HEAD").returncode:
        return ": there are no commits yet"
    remote = f"origin/{revision}"
    if _git("rev-parse", "--verify", "--end-of-options", f"{remote}^{{tree}}").returncode == 0:
        return f"; did you mean {quote(remote)}?"
    return ": name one that git log shows, or run git fetch first"


def _inside(folder: Path, prefix: str, inside: str, revision: str) -> Path:
    """The folder meant, among the files of a revision."""
    path = posixpath.normpath(inside.lstrip("/") if inside.startswith("/") else f"{prefix}{inside}" or ".")
    place = folder / path
    if place.is_dir() and path.split("/")[0] != "..":
        return place
    if place.is_file():
        raise UnknownProtocol(f"{quote(inside)} is a file in revision {quote(revision)}: name its folder")
    from_top = f" (from the top, it is '{revision}:/{inside}')" if (folder / inside).is_dir() else ""
    raise UnknownProtocol(f"there is no folder {quote(path)} in revision {quote(revision)}{from_top}")


def _archive(repository: _Repository, tree: str) -> bytes:
    """All files of a tree. By the git directory, as git would leave out what is not in this folder."""
    done = _git("--git-dir", repository.git_dir, "archive", "--format=tar", tree)
    if done.returncode:
        raise UnknownProtocol(f"git could not read this revision ({_first_line(done)})")
    return done.stdout


def _write_files(files: tarfile.TarFile, folder: Path) -> None:
    """Plain files only; nothing else can be a rule file."""
    for member in files.getmembers():
        content = files.extractfile(member) if member.isfile() else None
        if content is not None:
            target = folder / member.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read())


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        # git is the one on the person's own path, and gets arguments, never a shell line
        return subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            capture_output=True,
            check=False,
            env={**os.environ, "LC_ALL": "C"},  # its words are read here
        )
    except FileNotFoundError:
        raise UnknownProtocol(
            "git is not installed, so a revision cannot be read: install it, or name two folders"
        ) from None
    except (OSError, ValueError) as error:  # it may not be run, or a name has a null byte
        raise UnknownProtocol(f"git cannot be run ({error}): name two folders") from None


def _first_line(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[0] if lines else "no reason given"


def protocol_folders(folder: Path) -> list[Path]:
    """The folder itself if it holds a protocol; otherwise the protocol folders in it, layers included."""
    return [folder] if (folder / HEAD).is_file() else [folder / name for name in protocol_names(folder)]


def protocols_in(folder: Path) -> dict[str, Protocol]:
    """The protocol in a folder, or all in a rules folder that are not layers, by id.

    Raises:
        UnknownProtocol, RulesError: as for `load_folder`.
    """
    alone = (folder / HEAD).is_file()
    loaded = [load_folder(inner) for inner in protocol_folders(folder)]
    return {protocol.id: protocol for protocol in loaded if alone or not protocol.head.layer}
