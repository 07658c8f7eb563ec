"""Documents beside the rules: what counts as a change, and who is told of it."""

import hashlib
import textwrap
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whentocall import RulesError, load
from whentocall.authoring.check import check
from whentocall.authoring.fmt import format_text
from whentocall.authoring.sources import (
    find_passages,
    normalised,
    sentence_sha256,
    sources_check,
    sources_index,
    yaml_text,
)
from whentocall.protocol import schema
from whentocall.protocol.load import shipped_rules
from whentocall.protocol.model import Sentence, Source
from whentocall.protocol.yaml_file import read

SHARED = Path(__file__).parents[3] / "shared" / "sources"
SEEN = date(2026, 11, 21)
PAGE = """\
Leaflet on a drug

Sore mouth

Your mouth may get sore. Tell your nurse, e.g. Dr. Smith’s nurse, if it lasts for more than
3 days. Call if your temperature is above 37.5C!

  • rinse your mouth
  • don't smoke

1. Drink plenty.

Call us at once if you bleed

Nothing more
"""
SENTENCES = (
    "Your mouth may get sore.",
    "Tell your nurse, e.g. Dr. Smith's nurse, if it lasts for more than 3 days.",
    "Call if your temperature is above 37.5C!",
    "rinse your mouth",
    "don't smoke",
    "Drink plenty.",
    "Call us at once if you bleed",
    "Nothing more",
)
ITEMS = SENTENCES[3:5]


def source_of(*sentences):
    listed = {
        f"A-{number:02}": Sentence(
            id=f"A-{number:02}",
            section="S",
            sha256=sentence_sha256(sentence),
            characters=len(normalised(sentence)),
        )
        for number, sentence in enumerate(sentences, 1)
    }
    return Source(title="T", publisher="P", seen=SEEN, sentences=listed)


def are_found(text, *sentences):
    return [passage is not None for passage in find_passages(text, source_of(*sentences)).values()]


def index(path, text=PAGE, **more):
    path.write_text(text, "utf-8")
    facts = {"prefix": "L", "title": "Leaflet: one", "publisher": "Some body", "seen": SEEN}
    return sources_index(path, **(facts | more))


def loaded(text, tmp_path):
    path = tmp_path / "source.yaml"
    path.write_text(text, "utf-8")
    raw, findings = read(path, "source.yaml")
    assert [] == findings
    return schema.read_part(schema.Source, raw, findings, "source.yaml")


# finding


def test_every_sentence_is_found():
    assert [True] * len(SENTENCES) == are_found(PAGE, *SENTENCES)


@given(width=st.integers(20, 120), nbsp=st.booleans(), curly=st.booleans(), windows=st.booleans())
def test_reflow_white_space_and_quotes_are_no_change(width, nbsp, curly, windows):
    text = "\n\n".join(
        textwrap.fill(paragraph, width) for paragraph in PAGE.split("\n\n") if "•" not in paragraph
    )
    text = text.replace(" for ", "\u00a0for  ") if nbsp else text
    text = text.replace("’", "'") if not curly else text.replace("'", "’")
    text = text.replace("\n", "\r\n") if windows else text

    assert all(are_found(text, *(sentence for sentence in SENTENCES if sentence not in ITEMS)))


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ("37.5C", "37.6C", 2),
        ("37.5C", "38.5C", 2),
        ("3 days", "2 days", 1),
        ("may get", "will get", 0),
        ("rinse your", "do not rinse your", 3),
        ("don't smoke", "don't smoke much", 4),
        ("if you bleed", "if you bleed and feel faint", 6),
    ],
)
def test_any_other_change_is_one_of_that_sentence_alone(before, after, lost):
    expected = [number != lost for number in range(len(SENTENCES))]

    assert expected == are_found(PAGE.replace(before, after), *SENTENCES)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("It is above 37.5", "It is above 37"),
        ("It is above 375", "It is above 37"),
        ("It is 1,000", "It is 1"),
        ("You feel well-being", "You feel well"),
        ("Warm it up: reheat", "heat"),
        ("", "Call."),
    ],
)
def test_a_sentence_ends_where_its_words_do(text, sentence):
    assert [False] == are_found(text, sentence)


def test_a_passage_is_given_as_it_stands_normalised():
    assert {"A-01": "Don't go."} == dict(
        find_passages("Please:\n Don’t\u00a0 go. Now.", source_of("Don't go."))
    )


def test_the_same_sentence_twice_is_found_for_both():
    assert [True, True] == are_found("Call us.", "Call us.", "Call us.")


def test_what_has_no_hash_is_left_out():
    pointed = Sentence(id="A-01", section="S", point="In our words.")
    source = Source(title="T", publisher="P", seen=SEEN, sentences={"A-01": pointed})

    assert {} == dict(find_passages("Anything.", source))


# checking


@pytest.fixture
def documents(rules, tmp_path):
    """The shipped protocol on ALL over a document of our own making, as the real one is not ours."""
    folder = tmp_path / "documents"
    folder.mkdir()
    sentences = [f"This is the sentence that has number {number}." for number in range(1, 46)]
    text = " ".join(sentences)
    path = rules.folder / "sources/cruk-all-targeted-2021.yaml"
    source = load("all-targeted-drugs").sources["cruk-all-targeted-2021"]
    yaml = path.read_text("utf-8").replace(source.sha256, hashlib.sha256(text.encode()).hexdigest())
    for old, new in zip(source.sentences.values(), sentences, strict=True):
        yaml = yaml.replace(
            f"{old.sha256}\n    characters: {old.characters}\n",
            f"{sentence_sha256(new)}\n    characters: {len(new)}\n",
        )
    path.write_text(yaml, "utf-8")
    (folder / source.file).write_text(text, "utf-8")
    return folder


def in_all(rules, documents):
    return sources_check(rules.folder / "all-targeted-drugs", documents)


def test_nothing_is_found_where_nothing_has_changed(rules, documents):
    assert [] == in_all(rules, documents)


def test_a_changed_sentence_is_found_with_exactly_the_rules_that_cite_it(rules, documents):
    document = documents / "cruk-all-targeted-2021.txt"
    document.write_text(document.read_text("utf-8").replace("number 8.", "number 88."), "utf-8")
    findings = in_all(rules, documents)
    protocol = load("all-targeted-drugs", rules=rules.folder)
    citing = {rule.id for rule in protocol.rules if "A-08" in rule.sentences}

    assert {"source-changed"} == {finding.code for finding in findings}
    assert {"A-08", "temperature"} | citing == {finding.about for finding in findings}
    for finding in findings:
        line = Path(finding.file).read_text("utf-8").split("\n")[finding.line - 1]
        assert line.strip().rstrip(":") == finding.about.rpartition("/")[2]


def test_a_sentence_that_only_self_care_cites_is_found_there(rules, documents):
    document = documents / "cruk-all-targeted-2021.txt"
    document.write_text(document.read_text("utf-8").replace("number 30.", "number 31."), "utf-8")

    assert ["all-targeted-drugs/constipation", "A-30"] == [
        finding.about for finding in in_all(rules, documents)
    ]


def test_a_document_that_only_looks_different_is_a_note(rules, documents):
    document = documents / "cruk-all-targeted-2021.txt"
    document.write_text(document.read_text("utf-8").replace(". ", ".\n\n"), "utf-8")

    (finding,) = in_all(rules, documents)
    assert ("document-changed", "note") == (finding.code, finding.severity)


def test_a_document_that_is_not_there_is_a_note(rules, documents):
    (finding,) = sources_check(rules.folder / "neuroblastoma-targeted-therapy", documents)

    assert ("document-missing", "note") == (finding.code, finding.severity)
    assert "ccs-neuroblastoma-targeted.txt" in finding.message


def test_a_whole_rules_folder_is_checked_and_nothing_said_twice(rules, documents):
    findings = sources_check(rules.folder, documents)

    assert ["document-missing"] == [finding.code for finding in findings]


def test_a_hash_without_a_length_is_found(rules, documents):
    rules.change("sources/cruk-all-targeted-2021.yaml", "    characters: 39\n", "")

    assert {"sentence-without-length"} == {finding.code for finding in in_all(rules, documents)}


def test_a_folder_of_documents_that_is_not_there_is_refused(rules, tmp_path):
    with pytest.raises(RulesError, match="no such folder"):
        sources_check(rules.folder, tmp_path / "nowhere")


# a new document


def test_a_new_document_is_listed_sentence_by_sentence(tmp_path):
    source = loaded(index(tmp_path / "leaflet.txt"), tmp_path)
    listed = [(sentence.section, sentence.sha256) for sentence in source.sentences.values()]
    below = "Headings with nothing below"
    expected = [(below, "Leaflet on a drug")]
    expected += [("Sore mouth", sentence) for sentence in SENTENCES[:-1]]
    expected += [(below, "Nothing more")]

    assert [(section, sentence_sha256(sentence)) for section, sentence in expected] == listed
    assert [f"L-{number:02}" for number in range(1, 10)] == list(source.sentences)
    assert ("Leaflet: one", "Some body", "leaflet.txt", SEEN) == (
        source.title,
        source.publisher,
        source.file,
        source.seen,
    )


def test_every_listed_sentence_is_found_again_in_the_same_text(tmp_path):
    source = loaded(index(tmp_path / "leaflet.txt"), tmp_path)

    assert None not in find_passages(PAGE, source).values()
    assert source.sha256 == hashlib.sha256(PAGE.encode()).hexdigest()


def test_the_text_is_not_in_the_list(tmp_path):
    text = normalised(index(tmp_path / "leaflet.txt"))

    assert not [sentence for sentence in SENTENCES if sentence in text]


def test_the_list_is_in_its_layout(tmp_path):
    text = index(tmp_path / "leaflet.txt")

    assert text == format_text(text)


def test_nothing_is_set_aside_so_that_check_lists_each(rules, tmp_path):
    text = index(tmp_path / "leaflet.txt")
    (rules.folder / "sources/leaflet.yaml").write_text(text, "utf-8")
    rules.change("emergency/protocol.yaml", "[emergency-signs]", "[emergency-signs, leaflet]")
    unaccounted = check(rules.folder / "emergency", prove=False).findings

    assert {"sentence-unaccounted"} == {finding.code for finding in unaccounted}
    assert 1 + len(SENTENCES) == len(unaccounted)


def test_a_line_that_asks_for_something_is_never_a_heading(tmp_path):
    text = "Heading\n\nCall your nurse\n\nText.\n\nStop the tablets\n\nAbove 38\n\nText.\n"
    source = loaded(index(tmp_path / "leaflet.txt", text), tmp_path)

    assert {"Heading"} == {sentence.section for sentence in source.sentences.values()}
    assert 5 == len(source.sentences)


@pytest.mark.parametrize(
    ("data", "prefix", "message"),
    [
        (None, "A", "cannot be read"),
        (b"\xff\xfe", "A", "not UTF-8"),
        (b" \n\n", "A", "no sentence"),
        (b"Text.", "a-", "invalid prefix"),
    ],
)
def test_a_document_that_cannot_be_listed_is_refused(tmp_path, data, prefix, message):
    path = tmp_path / "leaflet.txt"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(RulesError, match=message):
        sources_index(path, prefix=prefix, title="T", publisher="P", seen=SEEN)


@pytest.mark.parametrize(
    "text", ["A: b", "a # b", "it's", '"x"', "- a", "{a}", "2021", "*", "Plain words (a)"]
)
def test_a_text_is_written_so_that_it_is_read_as_it_was(tmp_path, text):
    path = tmp_path / "one.yaml"
    path.write_text(f"a: {yaml_text(text)}\n", "utf-8")

    assert text == read(path, "one.yaml")[0]["a"]


# the real ones


@pytest.mark.skipif(not SHARED.is_dir(), reason="the documents themselves are not part of the project")
def test_nothing_has_changed_in_the_documents_of_the_shipped_rules():
    assert [] == sources_check(shipped_rules(), SHARED)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the documents themselves are not part of the project")
@pytest.mark.parametrize("name", ["cruk-all-targeted-2021.txt", "ccs-neuroblastoma-targeted.txt"])
def test_a_real_document_is_listed_and_found_again(tmp_path, name):
    text = (SHARED / name).read_text("utf-8")
    source = loaded(index(tmp_path / name, text), tmp_path)

    assert None not in find_passages(text, source).values()
    assert len(source.sentences) > 25


@pytest.mark.skipif(not SHARED.is_dir(), reason="the documents themselves are not part of the project")
def test_every_digit_that_changes_is_noticed():
    text = (SHARED / "cruk-all-targeted-2021.txt").read_text("utf-8")
    source = load("all-targeted-drugs").sources["cruk-all-targeted-2021"]
    for number in ("37.5C", "36C", "4 or more", "24 hours", "more than 3 days"):
        changed = text.replace(number, number.replace(number[0], "9", 1))
        assert None in find_passages(changed, source).values(), number
