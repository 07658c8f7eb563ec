"""One layout for rule files, so that a diff shows what changed and nothing else.

Comments, quotes and the text of every value stay as written. Only white space, the order of a part's keys
and lists that do not fit on their line change. What a file says cannot change: it is read before and after,
and not written if anything differs.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from whentocall import _files
from whentocall.authoring.fmt_order import kind_of, put_in_order
from whentocall.authoring.fmt_tree import Collection, Entry, NotATree, Scalar, Tree, tree_of
from whentocall.errors import Finding, RulesError
from whentocall.protocol.yaml_file import Block, Items, read

WIDTH = 110
STEP = 2  # spaces of indentation

_SINGLE_SPACE = re.compile(r"(?<! ) (?! )")


def format_text(text: str, *, shown: str = "this text") -> str:
    """A rule file in its layout. One that is in it already stays the same to the character.

    Args:
        text: the file's text.
        shown: how the file is named in findings.

    Raises:
        RulesError: it cannot be read, or cannot be laid out without changing what it says.
    """
    text = _plain_line_ends(text)
    before = _loaded(text, shown)
    tree = _tree(text, shown)
    put_in_order(tree.root, kind_of(key for key, _ in tree.root.items()))
    return _checked(tree, before, shown)


def with_more(text: str, more: str, *, shown: str = "this text") -> str:
    """A rule file in its layout, with the items of the lists in `more` added to its own lists.

    Args:
        text: the file's text.
        more: keys and lists, in YAML. A key that the file does not have is added.
        shown: how the file is named in findings.

    Raises:
        RulesError: one of the two cannot be read, or a key in both is not a list.
    """
    text = format_text(text, shown=shown)
    tree = _tree(text, shown)
    for entry in _tree(more, shown).root.entries:
        known = tree.root.get(entry.name)
        if known is None:
            tree.root.entries.append(entry)
        elif isinstance(known, Collection) and isinstance(entry.value, Collection):
            known.entries += entry.value.entries
            known.spread = known.flow  # one that no longer fits on its line goes over several
        else:
            message = f"'{entry.name}' should be a list here, so that more can be added to it"
            raise RulesError([Finding(shown, entry.line + 1, message, "wrong-type")])
    laid_out = "\n".join(_block(tree.root, 0)) + "\n"
    _loaded(laid_out, shown)
    return format_text(laid_out, shown=shown)


def format_path(path: Path, *, check_only: bool) -> list[Path]:
    """Put a rule file, or every rule file in a folder, into its layout.

    Args:
        path: a `.yaml` file, or a folder with such files at any depth.
        check_only: write nothing.

    Returns:
        The files that were not in their layout, sorted.

    Raises:
        RulesError: with the findings of every file that cannot be read or written; none is written then.
    """
    findings: list[Finding] = []
    changed: dict[Path, str] = {}
    for file in _rule_files(path):
        try:
            text = file.read_text(encoding="utf-8-sig")
            laid_out = format_text(text, shown=str(file))
        except RulesError as error:
            findings += error.findings
        except (OSError, UnicodeDecodeError):
            findings += read(file, str(file))[1]
        else:
            if laid_out != text:
                changed[file] = laid_out
    if findings:
        raise RulesError(findings)
    for file, laid_out in changed.items() if not check_only else ():
        write(file, laid_out)
    return sorted(changed)


def write(file: Path, text: str) -> None:
    """Write a rule file whole, or not at all.

    Raises:
        RulesError: the folder cannot be written to.
    """
    try:
        _files.replace(file, text.encode())
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise RulesError([Finding(str(file), 0, message, "unwritable")]) from None


def _rule_files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.rglob("*.yaml"))
    if path.is_file():
        return [path]
    message = "there is no such file or folder: name a rule file, or a folder with rule files"
    raise RulesError([Finding(str(path), 0, message, "unreadable")])


def _plain_line_ends(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


# reading, and checking that nothing is changed


def _loaded(text: str, shown: str) -> Block:
    """What a file says, as the loader reads it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.yaml"
        path.write_text(text, encoding="utf-8", newline="\n")
        content, findings = read(path, shown)
    if content is None or findings:
        raise RulesError(findings)
    return content


def _tree(text: str, shown: str) -> Tree:
    try:
        return tree_of(text)
    except NotATree as error:
        raise RulesError([Finding(shown, error.line, str(error), "not-yaml")]) from None


def _checked(tree: Tree, before: Block, shown: str) -> str:
    """The tree as text, if that says what was said before, in the order of the tree."""
    root = tree.root
    root.flow = False
    root_order = _ordered(root)  # before writing, which may move comments but no values
    text = "\n".join(_block(root, 0)) + "\n"
    after = _loaded(text, shown)
    kept = sorted(tree.comments) == sorted(_tree(text, shown).comments)
    if before != after or root_order != _ordered(after) or not kept:
        message = "this file cannot be laid out without changing what it says: it is left as it is"
        raise RulesError([Finding(shown, 0, message, "cannot-format")])
    return text


def _ordered(value: object) -> object:
    """A value with its keys in order, so that two can be compared exactly."""
    match value:
        case Scalar():
            return value.value
        case Collection(is_map=True) | Block():
            return "map", [(str(key), _ordered(inner)) for key, inner in value.items()]
        case Collection():
            return "list", [_ordered(inner) for _, inner in value.items()]
        case Items():
            return "list", [_ordered(inner) for inner in value]
    return str(value)


# writing


def _block(collection: Collection, indent: int) -> list[str]:
    """The lines of a mapping or list, `indent` spaces in."""
    lines: list[str] = []
    for entry in collection.entries:
        body = _entry(entry, indent)
        lead = [*entry.lead, *entry.beside[:-1]]
        lines += _comment_lines(lead, indent, first=not lines)
        lines += body
    return [*lines, *_comment_lines(collection.tail, indent, first=False)]


def _comment_lines(comments: Iterable[str], indent: int, *, first: bool) -> Iterator[str]:
    """Comments at their indentation, with at most one blank line in a row, and none first in a block."""
    blank = first
    for comment in comments:
        if comment:
            yield " " * indent + comment
        elif not blank:
            yield ""
        blank = not comment


def _entry(entry: Entry, indent: int) -> list[str]:
    value, start = entry.value, " " * indent + (f"{entry.key.raw}:" if entry.key else "-")
    if isinstance(value, Collection):
        flow = _flow_text(value)
        fits = flow is not None and len(start) + 1 + len(flow) <= WIDTH
        if value.flow and flow is not None and (fits or not value.spread or not value.entries):
            return [f"{start} {flow}{_beside(entry)}"]
        value.flow = False
        return _key_over_block(entry, value, start, indent) if entry.key else _item(entry, value, indent)
    if value.header:
        inner = [
            _indented(line if line.strip(" ") else "", indent + STEP)
            for line in _refolded(value, WIDTH - indent - STEP)
        ]
        return [f"{start} {value.header}{_beside(entry)}", *inner]
    first, *rest = _filled(value, len(start) + 1, indent + STEP)
    lines = [f"{start} {first}".rstrip(), *(_indented(line, indent + STEP) for line in rest)]
    lines[-1] += _beside(entry)
    return lines


def _key_over_block(entry: Entry, value: Collection, start: str, indent: int) -> list[str]:
    return [f"{start}{_beside(entry)}", *_block(value, indent + STEP)]


def _item(entry: Entry, value: Collection, indent: int) -> list[str]:
    """A list's item that is itself a mapping or list: its first line stands right after the dash."""
    first = value.entries[0]
    entry.lead += [*entry.beside, *first.lead, *first.beside[:-1]]
    entry.beside, first.lead, first.beside = [], [], first.beside[-1:]
    head, *rest = _block(value, indent + STEP)
    return [f"{' ' * indent}- {head.lstrip(' ')}", *rest]


def _indented(line: str, indent: int) -> str:
    return " " * indent + line if line else ""


def _beside(entry: Entry) -> str:
    return f"  {entry.beside[-1]}" if entry.beside else ""


def _flow_text(value: Scalar | Collection) -> str | None:
    """A value on one line; None where comments or blank lines in it need lines of their own."""
    if isinstance(value, Scalar):
        return None if "" in value.lines[1:] or value.header else value.raw
    parts = []
    for entry in value.entries:
        inner = _flow_text(entry.value)
        if inner is None or (value.spread and (entry.lead or entry.beside)):
            return None
        parts.append(f"{entry.key.raw}: {inner}" if entry.key else inner)
    return "{" + ", ".join(parts) + "}" if value.is_map else "[" + ", ".join(parts) + "]"


def _filled(value: Scalar, first: int, rest: int) -> list[str]:
    """The lines of a plain or quoted text, refilled if one of several is too long."""
    lines = value.lines
    widths = [first + len(lines[0]), *(rest + len(line) for line in lines[1:])]
    if len(lines) == 1 or max(widths) <= WIDTH or not value.plain or "" in lines:
        return lines  # a text on one line stays there: a line break in it is a trap for the next editor
    return _fill(" ".join(lines), WIDTH - first, WIDTH - rest)


def _refolded(value: Scalar, width: int) -> list[str]:
    """The lines of a block text; a folded paragraph with a line that is too long is refilled."""
    if not value.header.startswith(">"):
        return value.lines
    lines: list[str] = []
    paragraph: list[str] = []
    for line in [*value.lines, ""]:
        if line.strip() and not line[0].isspace():
            paragraph.append(line)
            continue
        too_long = any(len(part) > width for part in paragraph)
        lines += _fill(" ".join(paragraph), width, width) if too_long else paragraph
        lines.append(line)
        paragraph = []
    return lines[:-1]


def _fill(text: str, first: int, width: int) -> list[str]:
    """Fill lines with a text, broken only at single spaces: folding gives only those back."""
    lines: list[str] = []
    for word in _SINGLE_SPACE.split(text):
        room = first if len(lines) <= 1 else width
        if lines and len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
