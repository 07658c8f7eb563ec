"""One layout for rule files, so that a diff shows only what changed.

Comments, quotes and the text of every value stay as written; only white space, the order of keys and long
lists change. What a file says cannot change: it is read before and after, and not written if that differs.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from whentocall import _files
from whentocall.authoring.fmt_order import kind_of, put_in_order
from whentocall.authoring.fmt_tree import (
    CollectionNode,
    MappingNode,
    Node,
    NotATree,
    ScalarNode,
    SequenceNode,
    Tree,
    entries,
    is_block_text,
    tree_of,
)
from whentocall.errors import Finding, RulesError
from whentocall.protocol.yaml_file import Block, read

WIDTH = 110
STEP = 2  # spaces of indentation

_SINGLE_SPACE = re.compile(r"(?<! ) (?! )")


def format_text(text: str, *, shown: str = "this text") -> str:
    """A rule file in its layout; one that already is stays the same to the character.

    `shown` names the file in findings.

    Raises:
        RulesError: it cannot be read, or cannot be formatted without changing what it says.
    """
    text = _plain_line_ends(text)
    before, tree = _loaded(text, shown), _tree(text, shown)
    put_in_order(tree, tree.root, kind_of(key.value for key, _ in entries(tree.root)))
    laid_out = _laid_out(tree)
    if before != _loaded(laid_out, shown) or not _same(tree, _tree(laid_out, shown)):
        message = "this file cannot be formatted without changing what it says, so it stays as it is"
        raise RulesError([Finding(shown, 0, message, "cannot-format")])
    return laid_out


def with_more(text: str, more: str, *, shown: str = "this text") -> str:
    """A rule file in its layout, with the items of the lists in `more` added to its own lists.

    `more` is keys and lists, in YAML; a key that the file does not have is added. `shown` names the file in
    findings.

    Raises:
        RulesError: one of the two cannot be read, or a key in both is not a list.
    """
    text = format_text(text, shown=shown)
    tree, added = _tree(text, shown), _tree(more, shown)
    tree.written |= added.written
    tree.around |= added.around
    tree.spread |= added.spread
    known = {key.value: value for key, value in entries(tree.root)}
    for key, value in entries(added.root):
        if key.value not in known:
            tree.root.value.append((key, value))
        elif isinstance(known[key.value], SequenceNode) and isinstance(value, SequenceNode):
            known[key.value].value += value.value
            tree.spread.add(known[key.value])  # one that no longer fits on its line goes over several
        else:
            message = f"'{key.value}' should be a list here, so that items can be added"
            raise RulesError([Finding(shown, key.start_mark.line + 1, message, "wrong-type")])
    return format_text(_laid_out(tree), shown=shown)


def format_path(path: Path, *, check_only: bool) -> list[Path]:
    """Format a rule file, or every rule file in a folder, at any depth; with `check_only`, write nothing.

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
    message = "no such file or folder: name a rule file, or a folder with rule files"
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


def _same(tree: Tree, other: Tree) -> bool:
    """Whether two trees say the same in the same order, with the same comments."""
    return _said(tree.root) == _said(other.root) and sorted(tree.comments) == sorted(other.comments)


def _said(node: Node) -> object:
    if isinstance(node, ScalarNode):
        return node.value
    return type(node), [(_said(key), _said(value)) for key, value in entries(node)]


# writing


def _laid_out(tree: Tree) -> str:
    tree.root.flow_style = False
    return "\n".join(_block(tree, tree.root, 0)) + "\n"


def _block(tree: Tree, part: Node, indent: int) -> list[str]:
    """The lines of a mapping or list, `indent` spaces in."""
    lines: list[str] = []
    for key, value in entries(part):
        body = _entry(tree, key, value, indent)
        around = tree.around[key]  # only now: an item takes over what is around its first key
        lines += _comment_lines([*around.lead, *around.beside[:-1]], indent, first=not lines)
        lines += body
    return [*lines, *_comment_lines(tree.around[part].tail, indent, first=False)]


def _entry(tree: Tree, key: Node, value: Node, indent: int) -> list[str]:
    start = " " * indent + ("-" if key is value else f"{' '.join(tree.written[key])}:")
    beside = "".join(f"  {comment}" for comment in tree.around[key].beside[-1:])
    if isinstance(value, CollectionNode):
        flow = _flow_text(tree, value) if value.flow_style else None
        fits = flow is not None and len(start) + 1 + len(flow) <= WIDTH
        if flow is not None and (fits or value not in tree.spread or not value.value):
            return [f"{start} {flow}{beside}"]
        if key is value:
            return _item(tree, value, indent)
        return [f"{start}{beside}", *_block(tree, value, indent + STEP)]
    first, *rest = tree.written[value]
    if is_block_text(value):
        rest = _refolded(rest, WIDTH - indent - STEP) if value.style == ">" else rest
        first += beside
    elif rest:
        first, *rest = _filled([first, *rest], len(start) + 1, indent + STEP)
    lines = [f"{start} {first}".rstrip(), *(_indented(line, indent + STEP) for line in rest)]
    return lines if is_block_text(value) else [*lines[:-1], lines[-1] + beside]


def _indented(line: str, indent: int) -> str:
    return " " * indent + line if line.strip(" ") else ""


def _item(tree: Tree, value: Node, indent: int) -> list[str]:
    """A list's item that is itself a mapping or list: its first line follows the dash."""
    around, first = tree.around[value], tree.around[entries(value)[0][0]]
    around.lead += [*around.beside, *first.lead, *first.beside[:-1]]
    around.beside, first.lead, first.beside = [], [], first.beside[-1:]
    head, *rest = _block(tree, value, indent + STEP)
    return [f"{' ' * indent}- {head.lstrip(' ')}", *rest]


def _flow_text(tree: Tree, value: Node) -> str | None:
    """A value on one line; None if comments or blank lines in it need lines of their own."""
    if isinstance(value, ScalarNode):
        return None if "" in tree.written[value][1:] else " ".join(tree.written[value])
    parts = []
    for key, inner in entries(value):
        text, around = _flow_text(tree, inner), tree.around[key]
        if text is None or (value in tree.spread and (around.lead or around.beside)):
            return None
        parts.append(text if key is inner else f"{' '.join(tree.written[key])}: {text}")
    return f"{{{', '.join(parts)}}}" if isinstance(value, MappingNode) else f"[{', '.join(parts)}]"


def _comment_lines(comments: Iterable[str], indent: int, *, first: bool) -> Iterator[str]:
    """Comments at their indentation, with at most one blank line in a row, and none first in a block."""
    blank = first
    for comment in comments:
        if comment:
            yield " " * indent + comment
        elif not blank:
            yield ""
        blank = not comment


def _filled(lines: list[str], first: int, rest: int) -> list[str]:
    """The lines of a plain or quoted text, refilled if one of several is too long."""
    widths = [first + len(lines[0]), *(rest + len(line) for line in lines[1:])]
    if len(lines) == 1 or max(widths) <= WIDTH or lines[0][0] in "'\"" or "" in lines:
        return lines  # a text on one line stays there: a line break in it is a trap for the next editor
    return _fill(" ".join(lines), WIDTH - first, WIDTH - rest)


def _refolded(folded: list[str], width: int) -> list[str]:
    """The lines of a folded text; a paragraph with a line that is too long is refilled."""
    lines: list[str] = []
    paragraph: list[str] = []
    for line in [*folded, ""]:
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
