"""`check` holds a rule set to its claims: each seeded error is found, and found where it stands."""

from pathlib import Path

import pytest

from whentocall.authoring.check import check
from whentocall.errors import UnknownProtocol

ALL = "all-targeted-drugs"
DIARRHOEA = f"{ALL}/diarrhoea.yaml"
SOURCE = "sources/cruk-all-targeted-2021.yaml"


def findings_of(rules, code):
    return [finding for finding in check(rules.folder, prove=False).findings if finding.code == code]


def test_the_shipped_rules_have_no_findings(rules):
    checked = check(rules.folder, prove=False)

    assert () == checked.findings
    assert (ALL, "neuroblastoma-targeted-therapy") == checked.protocols
    assert checked.rules > 60
    assert checked.cases > 140


def test_a_changed_limit_breaks_its_case_as_the_guide_says(rules):
    rules.change(DIARRHOEA, "{loose_stools: at least 4}", "{loose_stools: at least 3}")

    failing = [
        finding for finding in findings_of(rules, "case-fails") if "Three loose poos" in finding.message
    ]

    case = "case 'Three loose poos are not, on their own' in all-targeted-drugs: "
    assert {
        f"{case}level is 'contact', expected 'tell'",
        f"{case}'all-targeted-drugs/diarrhoea/many-loose-stools' fires too",
    } == {finding.message for finding in failing}
    line = (rules.folder / DIARRHOEA).read_text("utf-8").splitlines()[failing[0].line - 1]
    assert line.strip().startswith("expect:")
    guide = " ".join((rules.folder / "README.md").read_text("utf-8").split())
    message = f"diarrhoea.yaml:{failing[0].line}: {case}level is 'contact', expected 'tell' [case-fails]"
    assert message in guide


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("above 37.5 °C", "above 37.6 °C"),
        ("above 37.5 °C", "at least 37.5 °C"),
        ("below 36 °C", "below 35.9 °C"),
        ("below 36 °C", "at most 36 °C"),
    ],
)
def test_a_moved_limit_of_temperature_breaks_a_case(rules, before, after):
    rules.change(f"{ALL}/infection.yaml", f"{{temperature: {before}}}", f"{{temperature: {after}}}")

    assert findings_of(rules, "case-fails")


def test_a_lowered_level_breaks_a_case_and_leaves_a_contact_sentence_unreached(rules):
    rules.change(DIARRHOEA, "level: contact", "level: tell")

    assert findings_of(rules, "case-fails")
    assert ["A-23"] == [
        finding.message.split("'")[1] for finding in findings_of(rules, "contact-not-reached")
    ]


def test_a_sentence_that_nothing_uses_is_found(rules):
    rules.change(f"{ALL}/dizziness.yaml", "sentences: [A-44]", "sentences: [A-43]")

    (finding,) = findings_of(rules, "sentence-unaccounted")
    assert "'A-44'" in finding.message
    assert finding.file.endswith(SOURCE)
    assert "A-44" in Path(finding.file).read_text("utf-8").splitlines()[finding.line - 1]


def test_a_sentence_both_used_and_set_aside_is_found(rules):
    rules.change(SOURCE, "  A-44:\n", "  A-44:\n    set_aside: because\n")

    assert ["sentence-used-and-aside"] == [
        finding.code for finding in check(rules.folder, prove=False).findings
    ]


def test_a_question_that_nobody_reads_is_found(rules):
    rules.change(f"{ALL}/treatment.yaml", "    context: yes\n", "")

    (finding,) = findings_of(rules, "unread-question")
    assert "'drug'" in finding.message


def test_a_symptom_that_ends_in_nothing_to_report_is_found(rules):
    rules.change(f"{ALL}/dizziness.yaml", "when: {dizzy: yes}", "when: {dizzy: yes, headache: yes}")

    (finding,) = findings_of(rules, "reported-but-nothing")
    assert "'dizzy'" in finding.message


def test_a_rule_that_no_case_shows_is_found(rules):
    text = (rules.folder / ALL / "tummy-pain.yaml").read_text("utf-8")
    (rules.folder / ALL / "tummy-pain.yaml").write_text(text[: text.index("cases:")], "utf-8")

    (finding,) = findings_of(rules, "no-case")
    assert "'any-tummy-pain'" in finding.message


def test_a_case_that_names_no_rule_is_found(rules):
    rules.change(f"{ALL}/headache.yaml", "rules: [any-headache]", "rules: [some-headache]")

    assert any("there is no rule" in finding.message for finding in findings_of(rules, "case-fails"))


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{temperature: warm}", "'warm' for 'temperature' should be temperature, 30 to 45 °C"),
        ("{headache: maybe}", "'maybe' for 'headache' should be 'yes', 'no'"),
        ("{temperature: 386}", "386 is not a temperature from 30 to 45 °C"),
        ("{diarrhoea: yes}", "'loose_stools' needs an answer: it applies here and has no usual value"),
    ],
)
def test_a_case_that_cannot_be_run_is_found(rules, given, message):
    case = f"  - name: A bad one\n    given: {given}\n    expect: {{level: tell, rules: []}}\n"
    rules.append(f"{ALL}/headache.yaml", case)

    (finding,) = findings_of(rules, "bad-case")
    assert message in finding.message


def test_a_source_file_that_no_protocol_names_is_found(rules):
    text = (rules.folder / "sources/fever-medicines.yaml").read_text("utf-8")
    (rules.folder / "sources/forgotten.yaml").write_text(text, "utf-8")

    (finding,) = findings_of(rules, "unused-source")
    assert finding.file.endswith("forgotten.yaml")


def test_one_protocol_can_be_checked_alone(rules):
    checked = check(rules.folder / ALL, prove=False)

    assert ((ALL,), ()) == (checked.protocols, checked.findings)


def test_a_folder_without_protocols_is_a_finding_and_no_folder_is_an_error(tmp_path):
    assert ["no-protocols"] == [finding.code for finding in check(tmp_path, prove=False).findings]
    with pytest.raises(UnknownProtocol, match="there is no folder"):
        check(tmp_path / "nowhere")


def test_findings_of_every_broken_protocol_are_reported_at_once(rules):
    rules.change(f"{ALL}/headache.yaml", "level: tell", "level: shout")
    rules.change("neuroblastoma-targeted-therapy/side-effects.yaml", "level: tell", "level: whisper")

    messages = " ".join(finding.message for finding in findings_of(rules, "unknown-level"))
    assert "'shout'" in messages
    assert "'whisper'" in messages
