"""A file is whole or not there, whatever goes wrong while it is written."""

import errno
import os
import stat

import pytest

from whentocall import _files

WRITERS = [_files.write_new, _files.replace]


@pytest.fixture
def fail(monkeypatch):
    """`fail("fsync")` makes that call of the system fail, as on a full disk."""

    def fail_(name, number=errno.ENOSPC):
        def failing(*_args, **_more):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, name, failing)

    return fail_


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_for_its_owner_alone(tmp_path):
    _files.write_new(tmp_path / "new", b"whole")
    assert b"whole" == (tmp_path / "new").read_bytes()
    assert 0o600 == _mode(tmp_path / "new")
    assert ["new"] == _names(tmp_path)


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_a_new_file_never_takes_the_place_of_one_that_is_there(tmp_path, fail, links):
    (tmp_path / "new").write_bytes(b"mine")
    if not links:
        fail("link", errno.EPERM)
    with pytest.raises(FileExistsError):
        _files.write_new(tmp_path / "new", b"whole")
    assert b"mine" == (tmp_path / "new").read_bytes()
    assert ["new"] == _names(tmp_path)


def test_a_link_that_leads_nowhere_counts_as_there(tmp_path):
    (tmp_path / "new").symlink_to(tmp_path / "nowhere")
    for write in (_files.claim, lambda file: _files.write_new(file, b"whole")):
        with pytest.raises(FileExistsError):
            write(tmp_path / "new")
    assert ["new"] == _names(tmp_path)


def test_a_file_system_without_links_gets_the_whole_file_too(tmp_path, fail):
    fail("link", errno.EPERM)
    _files.write_new(tmp_path / "new", b"whole")
    assert b"whole" == (tmp_path / "new").read_bytes()
    assert 0o600 == _mode(tmp_path / "new")
    assert ["new"] == _names(tmp_path)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("calls", [("open",), ("fsync",), ("link", "replace")])
def test_what_cannot_be_written_leaves_nothing(tmp_path, fail, write, calls):
    for name in calls:
        fail(name)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path / "new", b"whole")
    assert [] == _names(tmp_path)


@pytest.mark.parametrize("call", ["open", "fsync", "replace"])
def test_a_file_that_cannot_be_replaced_stays_as_it_was(tmp_path, fail, call):
    (tmp_path / "old").write_bytes(b"before")
    fail(call)
    with pytest.raises(OSError, match="No space left"):
        _files.replace(tmp_path / "old", b"whole")
    assert b"before" == (tmp_path / "old").read_bytes()
    assert ["old"] == _names(tmp_path)


@pytest.mark.parametrize(("given", "mode"), [(None, 0o640), (0o604, 0o604)])
def test_a_file_that_is_replaced_keeps_its_mode_unless_another_is_given(tmp_path, given, mode):
    (tmp_path / "old").write_bytes(b"before")
    (tmp_path / "old").chmod(0o640)
    _files.replace(tmp_path / "old", b"whole", mode=given)
    assert b"whole" == (tmp_path / "old").read_bytes()
    assert mode == _mode(tmp_path / "old")


def test_a_new_file_of_a_command_has_the_usual_mode(tmp_path):
    (tmp_path / "usual").write_bytes(b"")
    _files.replace(tmp_path / "new", b"whole")
    assert _mode(tmp_path / "usual") == _mode(tmp_path / "new")


def test_a_link_is_followed_where_a_file_is_replaced(tmp_path):
    (tmp_path / "old").write_bytes(b"before")
    (tmp_path / "link").symlink_to("old")
    _files.replace(tmp_path / "link", b"whole")
    assert (tmp_path / "link").is_symlink()
    assert b"whole" == (tmp_path / "old").read_bytes()


def test_a_device_is_written_to_and_stays_a_device():
    _files.replace(os.devnull, b"whole")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_the_longest_name_that_can_be_claimed_can_be_written(tmp_path):
    """The name beside it is no longer than its own."""
    file = tmp_path / ("n" * 255)
    _files.claim(file)
    file.unlink()
    _files.write_new(file, b"whole")
    assert b"whole" == file.read_bytes()


def test_a_claim_is_for_its_owner_alone_and_needs_a_folder(tmp_path):
    _files.claim(tmp_path / "new")
    assert 0o600 == _mode(tmp_path / "new")
    with pytest.raises(FileNotFoundError):
        _files.claim(tmp_path / "nowhere" / "new")
