"""A protocol, or all of a rules folder, as it is now or as it was in a git revision."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whentocall.errors import UnknownProtocol
from whentocall.protocol.loading import HEAD, load_folder, protocol_names
from whentocall.protocol.protocol import Protocol


@contextmanager
def folder_of(name: str) -> Iterator[Path]:
    """The folder that `name` means: a path, or `REVISION:path` as git writes it (`HEAD~1:rules`).

    Raises:
        UnknownProtocol: there is neither such a folder nor such a revision.
    """
    if Path(name).exists() or ":" not in name:
        yield Path(name)
        return
    revision, _, inside = name.partition(":")
    top = _git("rev-parse", "--show-toplevel").decode().strip()
    tree = inside if inside.startswith("/") else _git("rev-parse", "--show-prefix").decode().strip() + inside
    archive = _git("-C", top, "archive", "--format=tar", "--end-of-options", revision)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            _write_files(files, Path(folder))
        found = Path(folder) / tree
        if not found.is_dir():
            raise UnknownProtocol(f"there is no folder '{inside}' in revision '{revision}'")
        yield found


def _write_files(files: tarfile.TarFile, folder: Path) -> None:
    """Plain files only; nothing else can be a rule file."""
    for member in files.getmembers():
        content = files.extractfile(member) if member.isfile() else None
        if content is not None:
            target = folder / member.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read())


def _git(*arguments: str) -> bytes:
    try:
        # git is the one on the person's own path, and gets arguments, never a shell line
        done = subprocess.run(["git", *arguments], capture_output=True, check=True)  # noqa: S603, S607
    except FileNotFoundError:
        raise UnknownProtocol("git is not installed, so a revision cannot be read") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        raise UnknownProtocol(
            f"git does not know this revision ({said[0] if said else 'no reason'})"
        ) from None
    return done.stdout


def protocols_in(folder: Path) -> dict[str, Protocol]:
    """The protocol in a folder, or all that are no layers in a rules folder, by id.

    Raises:
        UnknownProtocol, RulesError: as for `load_folder`.
    """
    if (folder / HEAD).is_file():
        protocol = load_folder(folder)
        return {protocol.id: protocol}
    loaded = [load_folder(folder / name) for name in protocol_names(folder)]
    return {one.id: one for one in loaded if not one.head.layer}
