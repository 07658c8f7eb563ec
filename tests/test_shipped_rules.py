"""The shipped rule files: every case, every sentence, every claim."""

import hashlib
import re
from pathlib import Path

import pytest

from whentocall import load
from whentocall.authoring.cases import CaseRun, differences, run_cases
from whentocall.authoring.check import check
from whentocall.authoring.sources import normalised, sentence_sha256
from whentocall.protocol.folders import protocol_names
from whentocall.protocol.load import shipped_rules

PROTOCOLS = ("all-targeted-drugs", "neuroblastoma-targeted-therapy")
SHARED = Path(__file__).parents[2] / "shared"

# Close reading, E3: every directive to contact somebody, its sentence, and the level of its words.
CONTACT_SENTENCES = {
    "A-07": "urgently",
    "A-08": "immediately",
    "A-23": "contact",
    "A-24": "contact",
    "A-25": "contact",
    "A-31": "tell",
    "A-37": "tell",
    "A-40": "urgently",
    "A-41": "tell",
    "A-45": "tell",
    "N-15": "tell",
}


def all_runs():
    for name in PROTOCOLS:
        protocol = load(name)
        for run in run_cases(protocol):
            title = f"{name}:{run.card.id}:{run.case.name}" if isinstance(run, CaseRun) else str(run)
            yield pytest.param(protocol, run, id=title)


@pytest.mark.parametrize(("protocol", "run"), list(all_runs()))
def test_case(protocol, run):
    """Each case of each card gives its level and exactly its rules."""
    assert isinstance(run, CaseRun)
    assert [] == list(differences(protocol, run))


def test_check_has_no_findings():
    assert () == check(shipped_rules()).findings


def test_every_folder_is_a_protocol_that_is_shipped_or_a_layer_that_one_includes():
    loaded = [load(name) for name in PROTOCOLS]
    used = {card.protocol for one in loaded for card in one.cards}

    assert used == set(protocol_names(shipped_rules()))


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_rule_has_a_sentence_of_its_protocols_documents(name):
    protocol = load(name)

    for rule in protocol.rules:
        assert rule.sentences
        assert set(rule.sentences) <= set(protocol.sentence_documents)


def test_every_sentence_of_both_documents_is_listed():
    expected = {f"A-{one:02}" for one in range(1, 46)} | {f"N-{one:02}" for one in range(1, 21)}
    listed = {one for name in PROTOCOLS for one in load(name).sentence_documents}

    assert expected <= listed


@pytest.mark.parametrize(("sentence", "level"), CONTACT_SENTENCES.items())
def test_contact_sentence_is_reached_at_its_level_or_higher(sentence, level):
    protocol = load(PROTOCOLS[0] if sentence.startswith("A") else PROTOCOLS[1])
    ranks = [rule.rank for rule in protocol.rules if sentence in rule.sentences]

    assert max(ranks) >= protocol.ranks[level]
    source = protocol.sources[protocol.sentence_documents[sentence]]
    assert level == source.sentences[sentence].contact


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_interpretation_is_marked_where_a_rule_goes_beyond_its_own_sentence(name):
    """A rule above the level of the sentences that it cites says why (close reading: ours, labelled)."""
    protocol = load(name)
    for rule in protocol.rules:
        sentences = [
            protocol.sources[protocol.sentence_documents[one]].sentences[one] for one in rule.sentences
        ]
        own = max((protocol.ranks[one.contact] for one in sentences if one.contact), default=0)
        if rule.rank > own:
            assert rule.interpretation, rule.id


def test_layers_are_visibly_from_another_document():
    for name in PROTOCOLS:
        protocol = load(name)
        for card in protocol.cards:
            assert card.is_layer == (card.source.document not in protocol.head.documents)


def test_neuroblastoma_adds_no_level_of_its_own():
    """Close reading, N-X04: the document gives none; everything above "tell" is from another document."""
    protocol = load("neuroblastoma-targeted-therapy")

    own = {rule.level for rule in protocol.rules if not rule.card.is_layer}
    assert {"tell"} == own


def test_no_file_quotes_a_source():
    """We point to sentences; their text is not ours to give out."""
    documents = _documents()
    texts = {path: normalised(path.read_text("utf-8")).lower() for path in shipped_rules().rglob("*.yaml")}
    for document, text in documents.items():
        protocol = load(PROTOCOLS[0] if document.startswith("cruk") else PROTOCOLS[1])
        for passage in _passages(text, protocol.sources[document]):
            if len(passage.split()) >= 9:
                assert not [path for path, ours in texts.items() if passage.lower() in ours]


@pytest.mark.one_in(2)
@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_hash_is_that_of_a_passage_of_its_document(name):
    protocol = load(name)
    documents = _documents()
    for document, source in protocol.sources.items():
        if source.file is None:
            continue
        text = documents[document]
        assert source.sha256 == hashlib.sha256(text.encode()).hexdigest()
        hashed = [one for one in source.sentences.values() if one.sha256]
        assert len(hashed) == len(_passages(text, source))


def test_the_hash_is_blind_to_white_space_and_quotes_and_to_nothing_else():
    one = sentence_sha256("Don’t  drive\u00a0now,\n above 37.5C.")

    assert one == sentence_sha256("Don't drive now, above 37.5C.")
    assert one != sentence_sha256("Don't drive now, above 37.6C.")


def _documents():
    if not (SHARED / "sources").is_dir():
        pytest.skip("the documents themselves are not part of the project")
    sources = load(PROTOCOLS[0]).sources | load(PROTOCOLS[1]).sources
    return {
        name: (SHARED / "sources" / source.file).read_text("utf-8")
        for name, source in sources.items()
        if source.file
    }


def _passages(text, source):
    """The passages of a document that its source file has the hashes of."""
    text = normalised(text)
    wanted = {(one.characters, one.sha256) for one in source.sentences.values() if one.sha256}
    starts = [0, *(found.end() for found in re.finditer(r"[.:•)]? ?", text) if found.end())]
    passages = []
    for length in {length for length, _ in wanted}:
        for start in starts:
            passage = text[start : start + length]
            if (length, sentence_sha256(passage)) in wanted:
                passages.append(passage)
                wanted.discard((length, sentence_sha256(passage)))
    return passages
