"""`REVISION:folder`: the rules as they were, or what is wrong and what to do. The repositories are real."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from whentocall.authoring.revision import folder_of, protocols_in
from whentocall.errors import UnknownProtocol

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

GOOD = Path(__file__).parents[1] / "broken_rules/good"


@pytest.fixture(autouse=True)
def own_settings(monkeypatch, tmp_path):
    """Nobody's own settings of git, nor a repository further up."""
    for name in [variable for variable in os.environ if variable.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


def git(folder, *arguments):
    named = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", "-C", str(folder), *named, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Two commits of `rules`: the title of `mini` is changed in the second. The current folder is its top."""
    folder = tmp_path / "repository"
    shutil.copytree(GOOD, folder / "rules")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "First")
    head = folder / "rules/mini/protocol.yaml"
    head.write_text(head.read_text("utf-8").replace("A small protocol\n", "Another title\n"), "utf-8")
    git(folder, "commit", "--quiet", "--all", "--message", "It: changes")
    monkeypatch.chdir(folder)
    return folder


def title(name):
    with folder_of(name) as folder:
        return protocols_in(folder)["mini"].title


def refused(name):
    with pytest.raises(UnknownProtocol) as caught, folder_of(name) as folder:
        protocols_in(folder)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    "name",
    [
        "HEAD~1:rules",
        "HEAD~1:/rules",
        "HEAD~1:./rules/",
        "HEAD~1:rules/mini",
        "main~1:rules",
        "HEAD^{/First}:rules",
        "HEAD^{/It: }~1:rules",  # a colon in braces separates nothing
    ],
)
def test_a_revision_is_read_as_it_was(name, repository):  # noqa: ARG001
    assert "A small protocol" == title(name)
    assert "Another title" == title("rules")


def test_a_revision_is_read_from_a_folder_inside(repository, monkeypatch):
    monkeypatch.chdir(repository / "rules")

    assert "A small protocol" == title("HEAD~1:mini")
    assert "A small protocol" == title("HEAD~1:../rules")
    assert "A small protocol" == title("HEAD~1:/rules")


def test_a_folder_of_this_name_goes_before_a_revision(repository):
    (repository / "HEAD~1:rules").symlink_to(repository / "rules")

    assert "Another title" == title("HEAD~1:rules")


@pytest.mark.parametrize("inside", ["", ".git"])
def test_a_bare_repository_has_revisions_too(inside, repository, tmp_path, monkeypatch):
    bare = tmp_path / "bare"
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(bare))
    monkeypatch.chdir(repository / inside if inside else bare)

    assert "A small protocol" == title("HEAD~1:rules")


def test_a_shallow_clone_is_told_for_what_it_is(repository, tmp_path, monkeypatch):
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "shallow")
    monkeypatch.chdir(tmp_path / "shallow")

    message = refused("HEAD~1:rules")
    assert "'HEAD~1': this is a shallow clone" in message
    assert "run git fetch --unshallow" in message
    assert "Another title" == title("HEAD:rules")


def test_a_repository_of_another_user_is_told_with_what_to_run(repository, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own way to test this

    message = refused("HEAD~1:rules")
    assert "another user owns it" in message
    assert message.endswith(f"run git config --global --add safe.directory {repository}")


def test_a_folder_outside_of_any_repository_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert "this is not a git repository: name a folder, or run this inside the repository" in refused(
        "v1:rules"
    )


def test_git_that_is_not_installed_is_told(repository, tmp_path, monkeypatch):  # noqa: ARG001
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "git is not installed" in refused("HEAD:rules")


def test_git_that_cannot_be_run_is_told(repository, tmp_path, monkeypatch):  # noqa: ARG001
    (tmp_path / "git").write_bytes(b"\x7fELF no program")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "git cannot be run" in refused("HEAD:rules")


def test_a_repository_that_is_broken_is_told(repository):
    (repository / ".git/config").write_text("[core\n", "utf-8")

    assert "git cannot read this repository (" in refused("HEAD:rules")


def test_a_repository_without_a_commit_is_told(tmp_path, monkeypatch):
    git(tmp_path, "init", "--quiet", "empty")
    monkeypatch.chdir(tmp_path / "empty")

    assert "'HEAD': there are no commits yet" in refused("HEAD:rules")


@pytest.mark.parametrize("revision", ["", "--help", "-h", "--output=x", "HEAD..main", "HEAD...main", "^HEAD"])
def test_what_is_not_one_revision_is_told_and_never_taken_for_an_option(revision, repository):
    before = sorted(repository.iterdir())

    message = refused(f"{revision}:rules")
    assert f"'{revision}' is not a single revision: name a commit, a branch or a tag" in message
    assert before == sorted(repository.iterdir())


def test_a_name_of_a_branch_and_of_a_tag_is_refused(repository):
    """Git itself would take the tag, and only warn."""
    git(repository, "tag", "v1")
    git(repository, "branch", "v1", "HEAD~1")

    assert "'v1' is both a branch and a tag: use 'heads/v1' or 'tags/v1'" in refused("v1:rules")
    assert "A small protocol" == title("heads/v1:rules")
    assert "Another title" == title("tags/v1:rules")


def test_the_beginning_of_several_hashes_is_refused(repository):
    """Git takes four digits, and among a thousand commits some begin alike; these are the same each time."""
    commit = "commit refs/heads/many\ncommitter A <a@example.org> {} +0000\ndata 0\n\n"
    commits = "".join(commit.format(1_700_000_000 + number) for number in range(1000))
    subprocess.run(["git", "fast-import", "--quiet"], input=commits.encode(), check=True)
    beginnings = [commit[:4] for commit in git(repository, "rev-list", "many").split()]
    twice = next(digits for digits in beginnings if beginnings.count(digits) > 1)

    assert f"'{twice}' matches several revisions: use more characters" in refused(f"{twice}:rules")


def test_a_log_that_does_not_go_back_so_far_is_refused(repository):  # noqa: ARG001
    """Git itself would take the oldest state that it knows of, and only warn."""
    assert "does not go back to 'HEAD@{2001-01-01 12:00}'" in refused("HEAD@{2001-01-01 12:00}:rules")


def test_a_revision_that_is_not_known_is_told(repository):  # noqa: ARG001
    assert "git does not know the revision 'HEAD~7': name one that git log shows" in refused("HEAD~7:rules")


def test_a_branch_that_only_the_origin_has_is_suggested(repository, tmp_path, monkeypatch):
    git(repository, "branch", "next")
    git(tmp_path, "clone", "--quiet", str(repository), "clone")
    monkeypatch.chdir(tmp_path / "clone")

    assert "git does not know the revision 'next'; did you mean 'origin/next'?" in refused("next:rules")


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ("ruels", "there is no folder 'ruels' in revision 'HEAD~1'"),
        ("rules/mini/protocol.yaml", "is a file in revision 'HEAD~1': name its folder"),
        ("../../..", "there is no folder '../../..' in revision"),
        ("/nowhere", "there is no folder 'nowhere' in revision"),
    ],
)
def test_a_folder_that_the_revision_does_not_have_is_told(inside, says, repository):  # noqa: ARG001
    assert says in refused(f"HEAD~1:{inside}")


def test_a_folder_that_only_the_top_has_is_told_with_its_name(repository, monkeypatch):
    monkeypatch.chdir(repository / "rules")

    message = refused("HEAD~1:rules")
    assert (
        "there is no folder 'rules/rules' in revision 'HEAD~1' (from the top, it is 'HEAD~1:/rules')"
        in message
    )


def test_a_path_from_the_root_never_reads_what_is_there_now(repository):
    """`HEAD~1:/rules` is of the revision, even where the computer has a folder of that name."""
    assert "there is no folder" in refused(f"HEAD~1:{repository / 'rules'}")


def test_git_is_understood_in_any_language(repository, tmp_path, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "de")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.chdir(tmp_path)

    assert repository.is_dir()
    assert "this is not a git repository" in refused("HEAD:rules")
