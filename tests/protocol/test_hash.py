"""The hash of what a protocol says, and the signatures that are bound to it."""

import shutil

import pytest

from whentocall import load

ESCALATE = """escalate:
  - name: two-contacts
    when: at least 2 cards at contact
    to: immediately
    because: Two together are worse.
    sentences: [L-01]
"""


SAME = [
    pytest.param("mini/diarrhoea.yaml", "rules:\n", "\n\n# a comment\nrules: # another\n", id="comments"),
    pytest.param("mini/diarrhoea.yaml", "sentences: [L-01]", "sentences:\n      - L-01", id="list in lines"),
    pytest.param("mini/diarrhoea.yaml", "level: contact", 'level: "contact"', id="quotes"),
    pytest.param(
        "mini/diarrhoea.yaml",
        "when: {loose_stools: at least 4}",
        "when:\n      loose_stools: at least 4",
        id="block",
    ),
    pytest.param(
        "mini/diarrhoea.yaml",
        "Four or more can dry you out.",
        "Four or more\n      can dry you out.",
        id="line broken",
    ),
    pytest.param("mini/diarrhoea.yaml", "at least 4", "at least 4.0", id="nought after the point"),
    pytest.param("mini/temperature.yaml", "37.5 °C", "37.50°C", id="nought and space"),
    pytest.param(
        "mini/diarrhoea.yaml",
        "    level: contact\n    because: Four or more can dry you out.\n",
        "    because: Four or more can dry you out.\n    level: contact\n",
        id="order of keys in a rule",
    ),
    pytest.param(
        "mini/diarrhoea.yaml",
        "    short: Diarrhoea\n    answer: yes or no\n",
        "    answer: yes or no\n    short: Diarrhoea\n",
        id="order of keys in a question",
    ),
    pytest.param(
        "mini/diarrhoea.yaml",
        "title: Diarrhoea\nsource: {document: leaflet, section: Diarrhoea}\n",
        "source: {section: Diarrhoea, document: leaflet}\ntitle: Diarrhoea\n",
        id="order of keys in a card",
    ),
    pytest.param("mini/protocol.yaml", 'version: "1.0"', "version: 1.0", id="version without quotes"),
    pytest.param(
        "mini/protocol.yaml", "written: 2026", "layer: no\nwritten: 2026", id="a default written out"
    ),
    pytest.param(
        "levels.yaml", "nurse: the nurse", "nurse: {they: the nurse, you: the nurse}", id="both voices"
    ),
]


@pytest.mark.parametrize(("file", "old", "new"), SAME)
def test_the_hash_is_blind_to_how_a_file_is_laid_out(file, old, new, mini, edit):
    """A signature survives what changes nothing for anybody."""
    assert mini.sha256 == load(edit(file, old, new)).sha256


def test_the_hash_is_blind_to_newlines_and_byte_order_marks(mini, rules):
    for file in rules.rglob("*.yaml"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))

    assert mini.sha256 == load(rules / "mini").sha256


def test_the_hash_is_blind_to_where_the_folder_stands(mini, rules, tmp_path):
    shutil.copytree(rules, tmp_path / "elsewhere")

    assert mini.sha256 == load(tmp_path / "elsewhere" / "mini").sha256


DIFFERENT = [
    pytest.param("mini/diarrhoea.yaml", "at least 4", "at least 5", id="limit"),
    pytest.param("mini/diarrhoea.yaml", "at least 4", "more than 4", id="side of the limit"),
    pytest.param("mini/temperature.yaml", "above 37.5", "above 37.6", id="tenth of a degree"),
    pytest.param("mini/temperature.yaml", "30 to 45", "30 to 44", id="range"),
    pytest.param("mini/temperature.yaml", "usual: 36.8", "usual: 36.9", id="usual value"),
    pytest.param("mini/temperature.yaml", "    not_reassuring_if: {took_medicine: yes}\n", "", id="masking"),
    pytest.param(
        "mini/diarrhoea.yaml", "only_if: {diarrhoea: yes}", "only_if: {diarrhoea: no}", id="only if"
    ),
    pytest.param("mini/diarrhoea.yaml", "level: contact\n", "level: tell\n", id="level"),
    pytest.param("mini/diarrhoea.yaml", "dry you out", "dry you up", id="word of a reason"),
    pytest.param("mini/diarrhoea.yaml", "loose poos today?", "loose poos now?", id="word of a question"),
    pytest.param("mini/diarrhoea.yaml", "Drink plenty", "Drink a lot", id="word of self-care"),
    pytest.param(
        "mini/diarrhoea.yaml",
        "unless: {loose_stools: at least 4}",
        "unless: {loose_stools: at least 5}",
        id="condition of self-care",
    ),
    pytest.param("mini/diarrhoea.yaml", "sentences: [L-01]", "sentences: [L-02]", id="citation"),
    pytest.param("mini/diarrhoea.yaml", "Six loose", "Five loose", id="other guidance"),
    pytest.param("mini/diarrhoea.yaml", "loose_stools: 3}", "loose_stools: 2}", id="case"),
    pytest.param("mini/diarrhoea.yaml", "  any-diarrhoea:", "  some-diarrhoea:", id="name of a rule"),
    pytest.param("mini/treatment.yaml", "all:", "any:", id="all or any"),
    pytest.param("mini/treatment.yaml", "imatinib: Imatinib", "imatinib: Glivec", id="option"),
    pytest.param("mini/treatment.yaml", "context: yes", "context: no", id="yes or no"),
    pytest.param("mini/protocol.yaml", '"000"', '"999"', id="emergency number"),
    pytest.param(
        "mini/protocol.yaml", "when_unsettled: contact", "when_unsettled: immediately", id="when unsettled"
    ),
    pytest.param(
        "mini/protocol.yaml", "[took_medicine, shivery]", "[shivery, took_medicine]", id="order on a screen"
    ),
    pytest.param(
        "mini/protocol.yaml",
        "  - diarrhoea\n  - temperature",
        "  - temperature\n  - diarrhoea",
        id="order of cards",
    ),
    pytest.param("mini/protocol.yaml", "2027-11-21", "2028-11-21", id="review date"),
    pytest.param("mini/protocol.yaml", "include: [signs]\n", "", id="layer left out"),
    pytest.param("mini/protocol.yaml", "written:", ESCALATE + "written:", id="escalation"),
    pytest.param("levels.yaml", "how_soon: Today.", "how_soon: This week.", id="how soon"),
    pytest.param("levels.yaml", "they: their advice line", "they: the advice line", id="words for a role"),
    pytest.param("signs/signs.yaml", "level: immediately", "level: contact", id="level in a layer"),
    pytest.param("signs/signs.yaml", "is an emergency", "is urgent", id="words in a layer"),
]


@pytest.mark.parametrize(("file", "old", "new"), DIFFERENT)
def test_the_hash_changes_with_anything_that_the_protocol_says(file, old, new, mini, edit):
    """No limit, level or word changes under a signature."""
    assert mini.sha256 != load(edit(file, old, new)).sha256


def test_the_hash_is_blind_to_folding_of_words(edit, rules):
    """A folded block (`>`) ends in a newline; words are kept with it, other texts without."""
    before = load(rules / "mini").sha256
    folder = edit(
        "mini/diarrhoea.yaml",
        "because: Four or more can dry you out.",
        "because: >\n      Four or more\n      can dry you out.",
    )
    folded = load(folder)

    assert "Four or more can dry you out." == folded.cards[1].rules["many-loose-stools"].because.you
    assert before == folded.sha256


@pytest.mark.parametrize(
    ("file", "old", "one", "other"),
    [
        ("mini/diarrhoea.yaml", "0 to 60", "0 to 1000000", "0 to 1000001"),
        ("mini/temperature.yaml", "30 to 45", "30 to 45.00001", "30 to 45.00002"),
    ],
)
def test_the_hash_changes_with_every_digit_of_a_range(file, old, one, other, edit):
    """A range is hashed as it is shown, with six digits."""
    first = load(edit(file, old, one)).sha256

    assert first != load(edit(file, one, other)).sha256


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("publisher: A hospital", "publisher: Another hospital"),
        ("contact: immediately", "contact: tell"),
        ("point: Call us now", "point: Call us some day"),
    ],
    ids=["publisher", "level of a sentence", "what a sentence says"],
)
def test_the_hash_changes_with_what_is_said_of_the_sources(old, new, rules, edit):
    """The publisher is shown under each reason; the rest is what the signature vouches for."""
    before = load(rules / "mini").sha256

    assert before != load(edit("sources/leaflet.yaml", old, new)).sha256


# signing


def sign(protocol, name="A. Nurse", **changed):
    """A sign-off.yaml with one signature under everything that the protocol says."""
    cards = "".join(f"      {card}: {sha}\n" for card, sha in protocol.card_sha256.items())
    text = (
        f"  - name: {name}\n    role: Consultant nurse\n    date: 2026-11-21\n"
        f"    frame: {protocol.frame_sha256}\n    cards:\n{cards}"
    )
    for old, new in changed.items():
        text = text.replace(old, new)
    return text


def put_signatures(protocol, *texts):
    (protocol.folder / "sign-off.yaml").write_text("signed:\n" + "".join(texts), "utf-8")
    return load(protocol.folder)


def test_without_a_sign_off_nothing_is_signed(mini):
    assert mini.signed_off is False


def test_a_signature_under_exactly_this_state_holds(mini):
    signed = put_signatures(mini, sign(mini))

    assert signed.signed_off is True
    assert mini.sha256 == signed.sha256


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("mini/diarrhoea.yaml", "at least 4", "at least 5"),
        ("levels.yaml", "how_soon: Today.", "how_soon: Soon."),
        ("signs/signs.yaml", "level: immediately", "level: tell"),
        ("mini/protocol.yaml", "when_unsettled: contact", "when_unsettled: tell"),
    ],
)
def test_a_signature_falls_with_any_change(file, old, new, mini, edit):
    assert put_signatures(mini, sign(mini)).signed_off is True
    assert load(edit(file, old, new)).signed_off is False


def test_a_signature_under_some_cards_is_none_under_the_protocol(mini):
    text = sign(mini)
    without_one = "".join(line for line in text.splitlines(keepends=True) if "mini/treatment" not in line)

    assert put_signatures(mini, without_one).signed_off is False
    assert put_signatures(mini, text).signed_off is True


def test_a_signature_without_the_frame_is_none_under_the_protocol(mini):
    """Levels and the emergency number stand in the frame."""
    without_frame = "".join(
        line for line in sign(mini).splitlines(keepends=True) if not line.startswith("    frame")
    )

    assert put_signatures(mini, without_frame).signed_off is False


def test_a_hash_that_is_nearly_right_signs_nothing(mini):
    wrong = mini.frame_sha256[:-1] + ("0" if mini.frame_sha256[-1] != "0" else "1")

    assert put_signatures(mini, sign(mini).replace(mini.frame_sha256, wrong)).signed_off is False
    assert (
        put_signatures(mini, sign(mini).replace(mini.frame_sha256, mini.frame_sha256[:12])).signed_off
        is False
    )


def test_two_signatures_are_of_two_people(edit):
    """Where two must sign, the same name twice, in capitals too, is one."""
    protocol = load(edit("mini/protocol.yaml", "written:", "signatures: 2\nwritten:"))

    assert put_signatures(protocol, sign(protocol)).signed_off is False
    assert put_signatures(protocol, sign(protocol), sign(protocol, "a. nurse")).signed_off is False
    assert put_signatures(protocol, sign(protocol), sign(protocol, "B. Doctor")).signed_off is True


def test_a_sign_off_that_cannot_be_read_is_a_finding_and_never_a_signature(mini, findings):
    (mini.folder / "sign-off.yaml").write_text("signed:\n  - name: Somebody\n    role: Any\n", "utf-8")

    assert [("mini/sign-off.yaml", 2, "missing-key")] * 2 == [
        (file, line, code) for file, line, _, code in findings()
    ]
