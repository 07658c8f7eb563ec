"""Source documents: are the cited sentences still there, and which sentences does a new document have?

The texts belong to their publishers. They are read here and never written: of a sentence, only its place,
its length and a hash are kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType

from whentocall.authoring.citations import citations
from whentocall.authoring.findings import note
from whentocall.authoring.revision import protocol_folders
from whentocall.errors import Finding, RulesError
from whentocall.protocol.folders import SOURCES
from whentocall.protocol.load import load_folder
from whentocall.protocol.model import Sentence, Source
from whentocall.protocol.protocol import Protocol

LONGEST_HEADING = 80  # characters
EMPTY_HEADINGS = "Headings with nothing below"

_QUOTES = str.maketrans({"\u00a0": " ", "‘": "'", "’": "'", "“": '"', "”": '"'})
_START = re.compile(r"(?<!\S)\S|(?<=[(\[\"'•])\w")
_JOINTS = tuple(".,:/-'")  # between two letters or digits they join, and do not end
_BULLET = re.compile(r"\s*(?:[•●▪◦‣·*–—-]|\(?(?:\d{1,2}|[a-z])[.)])\s+(?=\S)")
_END = re.compile(r"""[.!?]["')\]’”]*\s+(?=["'(\[‘“]*[A-Z0-9])""")
_NO_END = re.compile(r"(?:^|[\s(])(?:e\.g|i\.e|cf|vs|ca|approx|Dr|Mr|Mrs|Ms|Prof|St|No|Nos|Fig|[A-Z])\.$")
# A line that may ask for something is never taken for a heading, so that none is lost among the headings.
_ASKS = re.compile(
    r"\b(call|contact|tell|phone|ring|ask|go|see|stop|take|do not|don't|if|when|\d+|"
    r"emergency|immediately|urgently|straight away|right away|hospital|doctor|nurse)\b",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[A-Za-z(][^:#\n\"'{}\[\]]*")
_PREFIX = re.compile(r"[A-Z][A-Z0-9]{0,7}")


def normalised(text: str) -> str:
    """The text with plain spaces and quotes, one space for each run of white space, none at the ends."""
    return re.sub(r"\s+", " ", text.translate(_QUOTES)).strip()


def sentence_sha256(text: str) -> str:
    """SHA-256 of the normalised text in UTF-8, in hexadecimal."""
    return hashlib.sha256(normalised(text).encode()).hexdigest()


# looking for sentences


def find_passages(text: str, source: Source) -> Mapping[str, str | None]:
    """Each hashed sentence of a source in a document's text.

    Line breaks, white space, curly quotes and no-break spaces do not count as changes; anything else does.
    A sentence starts and ends at the ends of words; one without a full stop may not run on into another.

    Returns:
        Sentence id to the passage (normalised), or None if it is gone. Sentences without a hash or a length
        are left out.
    """
    wanted: dict[tuple[int, str], list[str]] = {}
    passages: dict[str, str | None] = {}
    for sentence in source.sentences.values():
        if sentence.sha256 is not None and sentence.characters is not None:
            wanted.setdefault((sentence.characters, sentence.sha256), []).append(sentence.id)
            passages[sentence.id] = None
    document = _Document(text)
    for length in sorted({length for length, _ in wanted}):
        for passage in document.passages(length):
            for name in wanted.get((length, sentence_sha256(passage)), ()):
                passages[name] = passages[name] or passage
    return MappingProxyType(passages)


class _Document:
    """A normalised text that knows where words start and end, and where its lines were broken."""

    def __init__(self, text: str) -> None:
        self.text = normalised(text)
        self.breaks: set[int] = set()  # where a space stands for the end of a line
        place = 0
        for line in text.split("\n"):
            place += sum(len(word) + 1 for word in line.split())
            self.breaks.add(place - 1)
        self.starts = [match.start() for match in _START.finditer(self.text)]

    def passages(self, length: int) -> Iterator[str]:
        """Every passage of this length that could be a sentence."""
        for start in self.starts:
            end = start + length
            if end <= len(self.text) and self._may_start(start) and self._may_end(end):
                yield self.text[start:end]

    def _may_start(self, start: int) -> bool:
        """One that starts small must not have lost the start of its sentence ("do not …")."""
        before = self.text[max(0, start - 2) : start].strip()[-1:]
        inside = before.isalnum() or before == ","
        return not (inside and self.text[start].islower() and start - 1 not in self.breaks)

    def _may_end(self, end: int) -> bool:
        """37 does not end in 37.5, "well" not in "well-being"; without a full stop, nothing may go on."""
        last, after = self.text[end - 1], self.text[end : end + 2]
        if last.isalnum() and (after[:1].isalnum() or (after[:1] in _JOINTS and after[1:].isalnum())):
            return False
        goes_on = after[:1] == " " and (after[1:].islower() or after[1:].isdigit())
        return last in ".!?:;" or not goes_on or end in self.breaks


# checking


def sources_check(path: Path, documents: Path) -> list[Finding]:
    """Compare the documents in a folder with the hashes of their sentences.

    Args:
        path: a rules folder, or one protocol folder in it.
        documents: the folder with the texts, under the file names in the source files.

    Returns:
        A finding (`source-changed`) for each sentence that is gone, and one for each part that cites it, at
        its own line; notes for documents that are missing or have changed elsewhere.

    Raises:
        UnknownProtocol: there is no such folder.
        RulesError: its rule files cannot be used, or there is no folder with documents.
    """
    if not documents.is_dir():
        message = "no such folder: name the folder that holds the documents"
        raise RulesError([Finding(str(documents), 0, message, "no-documents")])
    findings: set[Finding] = set()
    changed: dict[Path, frozenset[str]] = {}  # by source file: layers share them
    for protocol in map(load_folder, protocol_folders(path)):
        for document, source in protocol.sources.items():
            file = protocol.folder.parent / SOURCES / f"{document}.yaml"
            if not any(sentence.sha256 for sentence in source.sentences.values()):
                continue  # its text is not held
            if file not in changed:
                of_document, changed[file] = _compare(source, file, document, documents)
                findings.update(of_document)
            findings.update(_citing(protocol, changed[file], document))
    return sorted(findings)


def _compare(
    source: Source, file: Path, document: str, documents: Path
) -> tuple[list[Finding], frozenset[str]]:
    """The findings about one source file, and the ids of the sentences that are gone."""
    path = documents / (source.file or f"{document}.txt")
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        message = f"document '{document}' cannot be compared with its text, '{path}': {why}"
        return [note(file, source.line, message, "document-missing", document)], frozenset()
    passages = find_passages(text, source)
    gone = frozenset(name for name, passage in passages.items() if passage is None)
    findings = [_gone(file, source.sentences[name], path) for name in gone]
    for sentence in source.sentences.values():
        if sentence.sha256 is not None and sentence.characters is None:
            message = f"'{sentence.id}' has a hash but no 'characters', so it cannot be found: add its length"
            findings.append(
                Finding(str(file), sentence.line, message, "sentence-without-length", sentence.id)
            )
    if not gone and source.sha256 not in (None, hashlib.sha256(data).hexdigest()):
        message = (
            f"'{path.name}' has changed since it was read for '{document}', but every sentence is still in "
            "it: read what is new, then update 'sha256'"
        )
        findings.append(note(file, source.line, message, "document-changed", document))
    return findings, gone


def _gone(file: Path, sentence: Sentence, document: Path) -> Finding:
    message = (
        f"'{sentence.id}' (section '{sentence.section}') is no longer in '{document.name}': read what the "
        "document says now, and update the hash"
    )
    return Finding(str(file), sentence.line, message, "source-changed", sentence.id)


def _citing(protocol: Protocol, gone: frozenset[str], document: str) -> Iterator[Finding]:
    """A finding for each part of the protocol that cites a sentence that is gone."""
    for citation in citations(protocol):
        if lost := [sentence for sentence in citation.sentences if sentence in gone]:
            message = (
                f"{citation.name} cites {', '.join(lost)} of '{document}', which has changed: does the "
                "document still say so?"
            )
            yield Finding(citation.file, citation.line, message, "source-changed", citation.id)


# a new document


def sources_index(path: Path, *, prefix: str, title: str, publisher: str, seen: date) -> str:
    """The source file (YAML) of a new text document: every sentence, its section, length and hash.

    Headings become sections. No sentence is set aside: until a card cites it or a clinician gives a reason
    under `set_aside`, `check` lists it as unaccounted for. Of the text, only headings are in the result.

    Args:
        path: the document, UTF-8 text.
        prefix: what the sentences' ids start with: `A` gives A-01, A-02 …
        title: the document's title.
        publisher: who publishes it.
        seen: the day it was fetched.

    Raises:
        RulesError: the document cannot be read or has no sentences, or the prefix is invalid.
    """
    if not _PREFIX.fullmatch(prefix):
        message = f"invalid prefix '{prefix}': use up to 8 capital letters and digits, such as A"
        raise RulesError([Finding(str(path), 0, message, "bad-id")])
    data, text = _document_at(path)
    sentences = list(_sentences(text))
    if not sentences:
        raise RulesError([Finding(str(path), 0, "no sentences in this document", "no-sentences")])
    lines = [
        _HEADER,
        f"title: {yaml_text(title)}\n",
        f"publisher: {yaml_text(publisher)}\n",
        f"file: {yaml_text(path.name)}\n",
        f"sha256: {hashlib.sha256(data).hexdigest()}\n",
        f"seen: {seen}\n",
        "\nsentences:\n",
    ]
    width = max(2, len(str(len(sentences))))
    for number, (section, sentence) in enumerate(sentences, 1):
        lines.append(
            f"  {prefix}-{number:0{width}}:\n"
            f"    section: {yaml_text(section)}\n"
            f"    sha256: {sentence_sha256(sentence)}\n"
            f"    characters: {len(normalised(sentence))}\n"
        )
    return "".join(lines)


def _document_at(path: Path) -> tuple[bytes, str]:
    try:
        data = path.read_bytes()
        return data, data.decode("utf-8-sig")
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise RulesError([Finding(str(path), 0, message, "unreadable")]) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = "this line is not UTF-8 text: save the document as plain text in UTF-8"
        raise RulesError([Finding(str(path), line, message, "not-utf-8")]) from None


_HEADER = """\
# Every sentence of this document: its section, length and hash, but not its text, which belongs to the
# publisher. Read the document beside this file. If a sentence tells people to contact somebody, add the
# level that it asks for (contact: LEVEL). Each sentence is either cited by a card or has a reason under
# 'set_aside'; 'whentocall check' lists the others.
"""


def yaml_text(text: str) -> str:
    """A text on one line of YAML, in quotes unless it can only be read as text."""
    text = normalised(text)
    plain = _PLAIN.fullmatch(text) and not text.endswith(" ")
    return text if plain else json.dumps(text, ensure_ascii=False)


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    """Sections and sentences, in order. A heading with nothing below it counts as a sentence."""
    section, empty = "Before the first heading", False
    for unit, is_item in _units(text):
        if not is_item and _is_heading(unit):
            if empty:
                yield EMPTY_HEADINGS, section
            section, empty = unit, True
        else:
            empty = False
            yield from ((section, sentence) for sentence in _split(unit))
    if empty:
        yield EMPTY_HEADINGS, section


def _units(text: str) -> Iterator[tuple[str, bool]]:
    """Paragraphs, headings and list items, each on one line; whether it is an item, without its bullet."""
    unit: list[str] = []
    is_item = False
    for line in [*text.split("\n"), ""]:
        bullet = _BULLET.match(line)
        if unit and (bullet or not line.strip()):
            yield normalised(" ".join(unit)), is_item
            unit = []
        if line.strip():
            is_item = bool(bullet) or (is_item and bool(unit))
            unit.append(line[bullet.end() :] if bullet else line.lstrip("# "))


def _is_heading(unit: str) -> bool:
    short = len(unit) <= LONGEST_HEADING
    return short and unit[-1] not in ".!?:;," and unit[0].isupper() and not _ASKS.search(unit)


def _split(unit: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(unit):
        sentence = unit[start : end.start() + 1]
        if not _NO_END.search(sentence):
            yield unit[start : end.end()].strip()
            start = end.end()
    if rest := unit[start:].strip():
        yield rest
