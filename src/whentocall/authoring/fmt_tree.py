"""A rule file as ruamel.yaml's nodes, with what loading drops: comments, blank lines and quotes.

The only module that imports ruamel.yaml. Values stay the text that the clinician wrote, so nothing here can
turn `no` into false or `1.10` into 1.1.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeGuard

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

__all__ = [
    "CollectionNode",
    "MappingNode",
    "Node",
    "NotATree",
    "ScalarNode",
    "SequenceNode",
    "Tree",
    "entries",
    "is_block_text",
    "tree_of",
]

_ODD_LINE_BREAK = re.compile("[\x85\u2028\u2029\x0c]")


class NotATree(Exception):
    """The text cannot be taken apart: `line` (1-based, 0 for the whole file) and why."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(slots=True)
class Around:
    """The comments around an entry (by its key, or by an item of a list), or after a part's last entry."""

    lead: list[str] = field(default_factory=list)  # above, "" for a blank line
    beside: list[str] = field(default_factory=list)  # at the end of a line
    tail: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tree:
    """A file.

    Attributes:
        root: its mapping.
        written: the source of each key and value, line by line, without indentation; a block text starts
            with its header (`>`, `|-` and the like).
        around: the comments of each entry and part.
        spread: parts in braces or brackets that go over several lines.
        comments: every comment, in order.
    """

    root: MappingNode
    written: dict[Node, list[str]] = field(default_factory=dict)
    around: defaultdict[Node, Around] = field(default_factory=lambda: defaultdict(Around))
    spread: set[Node] = field(default_factory=set)
    comments: list[str] = field(default_factory=list)


def entries(part: Node) -> list[tuple[Node, Node]]:
    """Keys with their values; an item of a list stands for both."""
    if isinstance(part, SequenceNode):
        return [(item, item) for item in part.value]
    return list(part.value) if isinstance(part, MappingNode) else []


def every(node: Node) -> Iterator[Node]:
    """A node and those in it, keys too, outermost first."""
    yield node
    for key, value in entries(node):
        if key is not value:
            yield key
        yield from every(value)


def is_block(node: Node) -> TypeGuard[CollectionNode]:
    """Whether this is a mapping or list with a line for each entry."""
    return isinstance(node, CollectionNode) and not node.flow_style


def is_block_text(node: Node) -> TypeGuard[ScalarNode]:
    """Whether this is a text under `>` or `|`."""
    return isinstance(node, ScalarNode) and node.style in (">", "|")


def tree_of(text: str) -> Tree:
    """Take a rule file apart. It must be one that `yaml_file.read` takes: no anchors, no tags.

    Raises:
        NotATree: it is not YAML, or contains line breaks that editors do not show.
    """
    if odd := _ODD_LINE_BREAK.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        raise NotATree(line, "this line contains an invisible line break: type the line again")
    tree = Tree(_composed(text))
    inside = bytearray(len(text) + 2)  # 1 where a character belongs to a value
    for node in every(tree.root):
        start, end = node.start_mark.index, node.end_mark.index
        if is_block_text(node):
            header = text[start:end].split(maxsplit=1)[0]
            start = text.find("\n", start, end) + 1 or end
            lines = text[start:end].split("\n")
            content = _content(lines, node.value, keep="+" in header)
            tree.written[node] = [re.sub(r"\d", "2", header), *content]
            end = start + sum(len(line) + 1 for line in lines[: len(content)])
        elif isinstance(node, ScalarNode):
            tree.written[node] = [line.strip() for line in text[start:end].split("\n")]
        else:
            if not is_block(node) and node.end_mark.line > node.start_mark.line:
                tree.spread.add(node)
            continue
        inside[start:end] = b"\1" * (end - start)
    _Comments(tree).place(text, inside)
    return tree


def _composed(text: str) -> MappingNode:
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "no YAML"
        raise NotATree(mark.line + 1 if mark else 0, f"cannot be read ({problem})") from None
    if not isinstance(root, MappingNode):
        raise NotATree(0, "this file must be a list of keys and values")
    return root


def _content(lines: list[str], value: str, *, keep: bool) -> list[str]:
    """The lines of a block text, without the indentation that its value does not have."""
    first = next((line for line in lines if line.strip()), "")
    indent = _indent(first) - _indent(value.lstrip("\n"))
    content = [line[indent:] for line in lines[:-1]]
    while content and not content[-1] and not keep:
        content.pop()
    return content


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


class _Comments:
    """Finds the comments and blank lines of a file and gives each to the entry that it is about."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.starting: dict[int, list[tuple[Node, Node]]] = {}  # by line, outermost first
        self._index(tree.root)

    def _index(self, part: Node) -> None:
        for entry, value in entries(part):
            self.starting.setdefault(entry.start_mark.line, []).append((entry, part))
            if is_block(value) or value in self.tree.spread:
                self._index(value)

    def place(self, text: str, inside: bytearray) -> None:
        """Give every comment its place in the tree."""
        loose: list[tuple[int, str]] = []  # comment lines and blank lines not yet placed, with columns
        current: Node | None = None
        start = 0
        for number, line in enumerate(text.split("\n")):
            if here := self.starting.get(number):
                self._above(loose, *here[0])
                loose, current = [], here[-1][0]
            column = _comment_column(line, inside[start:])
            comment, before = line[column:].rstrip(), line[:column].strip()
            if comment:
                self.tree.comments.append(comment)
            if comment and before.strip("- ") and current:
                self.tree.around[current].beside.append(comment)
            elif comment:
                loose.append((column, comment))
            elif before or inside[start]:  # a blank line in the middle of something
                loose = [(indent, text) for indent, text in loose if text]
            else:
                loose.append((0, ""))
            start += len(line) + 1
        self._share(loose, _ending_with(self.tree.root), -1, [])

    def _above(self, loose: list[tuple[int, str]], entry: Node, parent: Node) -> None:
        """Comments above an entry are its own, except those further in, which end the part before."""
        siblings = entries(parent)
        place = next(place for place, (other, _) in enumerate(siblings) if other is entry)
        ended = _ending_with(siblings[place - 1][1]) if place else []
        column = parent.start_mark.column if place else -1
        self._share(loose, ended, column, self.tree.around[entry].lead)

    def _share(self, loose: list[tuple[int, str]], ended: list[Node], column: int, lead: list[str]) -> None:
        blanks: list[str] = []
        for indent, comment in loose:
            if not comment:
                blanks.append("")
                continue
            if indent <= column:
                ended = []  # from here on, all belongs to what follows
            around = [part for part in ended if part.start_mark.column <= indent] or ended[:1]
            (self.tree.around[around[-1]].tail if around else lead).extend([*blanks, comment])
            blanks = []
        lead += blanks


def _comment_column(line: str, inside: bytearray) -> int:
    """Where the comment of a line starts; its length if it has none."""
    for column, character in enumerate(line):
        if character == "#" and not inside[column] and (not column or line[column - 1].isspace()):
            return column
    return len(line)


def _ending_with(part: Node) -> list[Node]:
    """A block, and those in it that end where it ends, outermost first."""
    if not is_block(part):
        return []
    return [part, *(_ending_with(entries(part)[-1][1]) if part.value else [])]
