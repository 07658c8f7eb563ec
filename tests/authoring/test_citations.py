"""Everything that cites a sentence is known in one place."""

from whentocall import load
from whentocall.authoring.citations import citations
from whentocall.protocol.assemble import content


def sentences_in(value):
    """Whatever stands under any `sentences` of a card, however deep."""
    if isinstance(value, dict):
        own = value.get("sentences", ())
        return {*own} | {sentence for part in value.values() for sentence in sentences_in(part)}
    return (
        {sentence for part in value for sentence in sentences_in(part)} if isinstance(value, list) else set()
    )


def test_no_citation_of_a_card_is_left_out():
    protocol = load("neuroblastoma-targeted-therapy")
    cited = {sentence for citation in citations(protocol) for sentence in citation.sentences}

    assert cited
    assert cited == {sentence for card in protocol.cards for sentence in sentences_in(content(card))}


def test_an_escalation_cites_at_the_rank_of_its_level(rules):
    rules.append(
        "all-targeted-drugs/protocol.yaml",
        "\nescalate:\n  - {name: two-calls, when: at least 2 cards at contact, to: urgently, "
        "because: Two together., sentences: [A-45]}\n",
    )
    protocol = load(rules.folder / "all-targeted-drugs")
    (escalation,) = (citation for citation in citations(protocol) if citation.kind == "escalation")

    assert ("A-45",) == escalation.sentences
    assert protocol.ranks["urgently"] == escalation.rank
    assert "the escalation 'two-calls'" == escalation.name
