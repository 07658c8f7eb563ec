"""Findings: all at once, each at its place and in words that help, and no more than there are faults."""

from pathlib import Path

import pytest

from whentocall import RulesError, load


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp037"])
def test_a_file_in_another_encoding_is_refused_at_the_first_such_line(encoding, rules, findings):
    """Nobody guesses an encoding: a guess could turn 37.5 °C into something else."""
    file = rules / "mini/diarrhoea.yaml"
    before, after = file.read_text("utf-8").split("Four or more can", 1)
    file.write_bytes(before.encode() + "Four – à peu près – can".encode(encoding, "replace") + after.encode())

    assert [
        ("mini/diarrhoea.yaml", 22, "this line is not UTF-8 text: save the file as UTF-8", "not-utf-8")
    ] == findings()


def test_utf_16_is_refused(rules, findings):
    file = rules / "mini/diarrhoea.yaml"
    file.write_bytes(file.read_text("utf-8").encode("utf-16"))

    assert [
        (
            "mini/diarrhoea.yaml",
            1,
            "this file is UTF-16 text: save it as UTF-8",
            "not-utf-8",
        )
    ] == findings()


def test_an_empty_file_is_refused(rules, findings):
    (rules / "mini/diarrhoea.yaml").write_bytes(b"")

    assert [
        (
            "mini/diarrhoea.yaml",
            1,
            "this file must be a list of keys and values, such as 'title: Diarrhoea'",
            "not-a-mapping",
        )
    ] == findings()


def test_a_file_too_large_is_refused_unread(rules, findings):
    """A card has a page or two; 256 kB are no card. The limit itself is still read."""
    file = rules / "mini/diarrhoea.yaml"
    text = file.read_bytes()
    file.write_bytes(text + b"#" * (256 * 1024 - len(text)))
    assert "mini" == load(rules / "mini").id

    file.write_bytes(file.read_bytes() + b"#")
    assert [
        (
            "mini/diarrhoea.yaml",
            0,
            "this file has 262,145 bytes; a rule file may have at most 262,144: "
            "split it into one card per symptom",
            "too-large",
        )
    ] == findings()


def test_a_misspelt_required_key_says_both_what_is_unknown_and_what_is_missing(edit, findings):
    edit("mini/diarrhoea.yaml", "    level: contact", "    levle: contact")

    assert [
        ("mini/diarrhoea.yaml", 19, "missing-key"),
        ("mini/diarrhoea.yaml", 21, "unknown-key"),
    ] == [(file, line, code) for file, line, _, code in findings()]


def test_too_few_levels_are_refused(rules, findings):
    """One level alone could not tell urgent from not urgent."""
    (rules / "levels.yaml").write_text(
        "who: {nurse: the nurse}\n"
        "levels:\n  contact: {word: A, who: [nurse], headline: B, how_soon: C, colour: red}\n",
        "utf-8",
    )

    assert (
        "levels.yaml",
        1,
        "there must be at least two levels, the last one for 'nothing to report'",
        "too-few-levels",
    ) in findings()


def test_a_card_without_questions_and_rules_is_refused(rules, findings):
    (rules / "mini/diarrhoea.yaml").write_text(
        "title: Diarrhoea\nsource: {document: leaflet, section: Diarrhoea}\n", "utf-8"
    )

    assert [("mini/diarrhoea.yaml", 1, "this card asks nothing and has no rules", "empty-card")] == findings()


def test_a_sentence_id_of_two_documents_is_refused(edit, findings):
    edit("sources/signs.yaml", "  S-01:", "  L-01:\n    section: Signs\n    point: The same id.\n  S-01:")

    [(file, _, message, code)] = findings()
    assert "duplicate-sentence" == code
    assert file in ("sources/leaflet.yaml", "sources/signs.yaml")
    assert "the id 'L-01' is used in" in message


def test_an_only_if_circle_is_said_at_each_question_in_it(edit, findings):
    edit(
        "mini/diarrhoea.yaml",
        "    short: Diarrhoea\n",
        "    short: Diarrhoea\n    only_if: {loose_stools: at least 1}\n",
    )

    assert [
        ("mini/diarrhoea.yaml", 6, "diarrhoea -> loose_stools -> diarrhoea"),
        ("mini/diarrhoea.yaml", 12, "loose_stools -> diarrhoea -> loose_stools"),
    ] == [(file, line, message.rpartition(": ")[2]) for file, line, message, _ in findings()]


def test_all_findings_of_all_files_come_at_once_in_file_and_line_order(edit, findings):
    """Nobody has to mend one fault to be told of the next."""
    edit("mini/diarrhoea.yaml", "{loose_stools: at least 4}\n    level", "{loose_stools: many}\n    level")
    edit("mini/diarrhoea.yaml", "    short: Diarrhoea\n", "    short: Diarrhoea\n    short: Again\n")
    edit("mini/diarrhoea.yaml", "seen: 2026-11-21", "seen: today")
    edit("mini/diarrhoea.yaml", "name: Three are not", "nmae: Three are not")
    edit("mini/treatment.yaml", "level: immediately", "level: imediately")
    edit("mini/treatment.yaml", "drug: is blinatumomab", "drug: is ponatinib")
    edit("mini/treatment.yaml", "[L-02]", "[L-20]")
    edit("signs/signs.yaml", "{chest_pain: yes}", "{chestpain: yes}")
    found = findings()

    assert [
        ("mini/diarrhoea.yaml", 10, "duplicate-key"),
        ("mini/diarrhoea.yaml", 21, "bad-phrase"),
        ("mini/diarrhoea.yaml", 39, "invalid"),
        ("mini/diarrhoea.yaml", 45, "missing-key"),
        ("mini/diarrhoea.yaml", 45, "unknown-key"),
        ("mini/treatment.yaml", 17, "unknown-level"),
        ("mini/treatment.yaml", 17, "unknown-sentence"),
        ("mini/treatment.yaml", 21, "unknown-choice"),
        ("signs/signs.yaml", 14, "unknown-question"),
    ] == sorted((file, line, code) for file, line, _, code in found)
    assert sorted(found) == found


def test_a_finding_is_one_line_that_an_editor_can_jump_to(edit, rules):
    edit("mini/diarrhoea.yaml", "level: contact\n", "level: contct\n")
    with pytest.raises(RulesError) as caught:
        load(rules / "mini")

    assert (
        f"{rules}/mini/diarrhoea.yaml:19: 'contct' is not a level; did you mean 'contact'? [unknown-level]"
        == str(caught.value)
    )


def test_the_files_of_findings_can_be_opened(edit, rules):
    """A finding about a source file names `sources/leaflet.yaml`, from wherever; all others their path."""
    edit("sources/leaflet.yaml", "contact: contact", "contact: cntact")
    edit("sources/leaflet.yaml", "    point: Some medicines hide a temperature.\n", "")
    edit("sources/signs.yaml", "  S-01:", "  L-02:\n    section: Signs\n    point: Again.\n  S-01:")
    with pytest.raises(RulesError) as caught:
        load(rules / "mini")

    assert 3 == len(caught.value.findings)
    assert [] == [one.file for one in caught.value.findings if not Path(one.file).is_file()]


def test_a_bad_escalation_and_a_bad_signature_are_found_with_all_else(edit, rules, findings):
    """They are looked for only once everything else is mended."""
    edit("mini/protocol.yaml", "written:", ESCALATE + "written:")
    edit("mini/diarrhoea.yaml", "level: contact\n", "level: contct\n")
    (rules / "mini/sign-off.yaml").write_text("signd: []\n", "utf-8")

    assert {"bad-escalation", "unknown-level", "unknown-key"} <= {code for _, _, _, code in findings()}


ESCALATE = """escalate:
  - name: two-contacts
    when: at least two cards at contact
    to: immediately
    because: Two together are worse.
    sentences: [L-01]
"""


@pytest.mark.parametrize("file", ["signs/protocol.yaml", "signs/signs.yaml", "mini/temperature.yaml"])
def test_a_file_that_cannot_be_read_makes_no_findings_elsewhere(file, rules, edit, findings):
    """One slip of the keyboard is one finding, not one for each place that the questions are used."""
    edit("mini/treatment.yaml", "- shivery: yes", "- shivery: yes\n        - chest_pain: yes")
    with (rules / file).open("a", encoding="utf-8") as text:
        text.write("\tx\n")

    assert [file] == [one for one, _, _, _ in findings()]


def test_a_missing_card_makes_no_findings_about_its_questions(rules, findings):
    (rules / "mini/temperature.yaml").unlink()

    assert [("mini/protocol.yaml", "unknown-card")] == [(file, code) for file, _, _, code in findings()]


REACTION = """title: Reaction
source: {document: leaflet, section: Temperature}

rules:
  reaction:
    when: {shivery: yes}
    level: contact
    because: It can be one.
    sentences: [L-02]
"""


def test_a_card_listed_twice_is_a_finding(edit, rules, findings):
    """A card without questions loads twice, under the same ids, and counts as two in an escalation."""
    (rules / "mini/reaction.yaml").write_text(REACTION, "utf-8")
    edit("mini/protocol.yaml", "  - treatment\n", "  - treatment\n  - reaction\n  - reaction\n")

    assert ["mini/protocol.yaml"] == [file for file, _, _, _ in findings()]


def test_a_control_character_is_found_at_its_line_whatever_stands_before_it(rules, findings):
    """libyaml counts bytes, the line is looked for by characters: `°C` and `é` push it down the file."""
    file = rules / "mini/diarrhoea.yaml"
    text = "# " + "°" * 40 + "\n" + file.read_text("utf-8")
    lines = text.splitlines()
    lines[4] += " \x07"
    file.write_text("\n".join(lines) + "\n", "utf-8")

    assert [("mini/diarrhoea.yaml", 5, "not-yaml")] == [
        (file, line, code) for file, line, _, code in findings()
    ]


def test_a_message_is_one_line_of_a_readable_length(edit, findings):
    """The whole of a long wrong value is repeated in the message, with its line breaks."""
    edit(
        "mini/diarrhoea.yaml",
        "whole number, 0 to 60",
        "|\n      whole number,\n" + "      0 to 60 or so\n" * 200,
    )
    [(_, _, message, _)] = findings()

    assert "\n" not in message
    assert len(message) < 500


def test_hours_for_days_names_the_unit_that_is_right(edit, findings):
    """`'x' has no unit, not 'hours'`: but `days` may stand there."""
    edit("mini/diarrhoea.yaml", "whole number, 0 to 60", "days, 0 to 60")
    edit(
        "mini/diarrhoea.yaml",
        "{loose_stools: at least 4}\n    level",
        "{loose_stools: at least 4 hours}\n    level",
    )
    [(_, _, message, code)] = findings()

    assert "wrong-unit" == code
    assert "'days'" in message


def test_a_card_in_capitals_is_not_passed_over(rules, findings):
    """`Old.YAML` is neither read nor complained of."""
    (rules / "mini/Old.YAML").write_text("title: Old\n", "utf-8")

    assert [("mini/Old.YAML", "unlisted-card")] == [(file, code) for file, _, _, code in findings()]
