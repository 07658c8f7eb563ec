"""New cards and protocols: they load, hold together, and say what is still to be decided."""

from datetime import date

import pytest

from whentocall import RulesError, UnknownProtocol, advise, load
from whentocall.authoring.check import check
from whentocall.authoring.claims import TO_DECIDE, undecided
from whentocall.authoring.fmt import format_text
from whentocall.authoring.scaffold import new_card, new_protocol

ALL = "all-targeted-drugs"
TODAY = date(2026, 11, 21)
NEUROBLASTOMA = "neuroblastoma-targeted-therapy"
CARDS_FOR = (  # a layer's card is asked in the protocols that include it
    (ALL, ALL),
    (NEUROBLASTOMA, NEUROBLASTOMA),
    ("emergency", NEUROBLASTOMA),
    ("childhood-when-to-call", NEUROBLASTOMA),
)


def findings(folder):
    return [str(finding) for finding in check(folder, prove=False, today=TODAY).findings]


@pytest.mark.one_in(2)
@pytest.mark.parametrize(("protocol", "asked_in"), CARDS_FOR)
def test_nothing_is_found_in_a_new_card(rules, protocol, asked_in):
    new_card(rules.folder / protocol, "sore-mouth")

    assert [] == findings(rules.folder / asked_in)


def test_nothing_is_proved_against_a_new_card(rules):
    pytest.importorskip("z3")
    new_card(rules.folder / NEUROBLASTOMA, "sore-mouth")

    assert () == check(rules.folder / NEUROBLASTOMA, prove=True, today=TODAY).findings


def test_nothing_is_found_in_a_new_protocol_and_a_card_of_it(rules):
    folder = new_protocol(rules.folder, "my-new-drug", today=TODAY)
    new_card(folder, "sore-mouth", title='Sore mouth: "ulcers", # and ALL')

    assert [] == findings(folder)
    assert "My new drug" == load(folder).title


def test_a_new_card_is_asked_about_and_counts_at_once(rules):
    new_card(rules.folder / ALL, "sore-mouth")
    protocol = load(ALL, rules=rules.folder)
    advice = advise(protocol, {"sore_mouth": True})

    assert "sore_mouth" in protocol.screens[-1].questions
    assert [f"{ALL}/sore-mouth/any-sore-mouth"] == [reason.rule for reason in advice.reasons]


def test_what_nobody_has_decided_has_at_least_the_level_for_what_is_not_known(rules):
    new_card(rules.folder / ALL, "sore-mouth")
    protocol = load(ALL, rules=rules.folder)
    (rule,) = (rule for rule in protocol.rules if rule.name == "any-sore-mouth")

    assert protocol.unsettled_rank == rule.rank
    assert rule.interpretation.startswith(TO_DECIDE)
    assert ("A-45",) == rule.sentences


def test_what_is_to_be_decided_is_noted_until_it_is(rules):
    card = new_card(rules.folder / ALL, "sore-mouth")

    (note,) = undecided(load(ALL, rules=rules.folder))
    assert ("note", f"{ALL}/sore-mouth/any-sore-mouth") == (note.severity, note.about)
    assert "any-sore-mouth:" in card.read_text("utf-8").split("\n")[note.line - 1]
    rules.change(f"{ALL}/sore-mouth.yaml", TO_DECIDE, "Decided")
    assert [] == list(undecided(load(ALL, rules=rules.folder)))


def test_new_files_are_in_their_layout(rules):
    folder = new_protocol(rules.folder, "my-new-drug", today=TODAY)
    card = new_card(folder, "sore-mouth")
    files = [*folder.glob("*.yaml"), rules.folder / "sources/my-new-drug.yaml"]

    assert card in files
    for file in files:
        text = file.read_text("utf-8")
        assert text == format_text(text)
        assert text.startswith("# ")


def test_the_protocol_keeps_its_comments_and_all_its_other_lines(rules):
    head = rules.folder / ALL / "protocol.yaml"
    before = format_text(head.read_text("utf-8"))
    new_card(rules.folder / ALL, "sore-mouth")
    after = head.read_text("utf-8")

    added = "  - title: Sore mouth\n    questions: [sore_mouth]\n"
    assert before == after.replace("  - sore-mouth\n", "").replace(added, "")


def test_a_question_gets_an_id_that_nothing_asked_with_it_has(rules):
    """The layer has no such question, but a protocol that includes it has."""
    new_card(rules.folder / "emergency", "headache")

    assert {"headache", "headache_2"} <= set(load(ALL, rules=rules.folder).questions)


def test_without_screens_the_question_stands_alone(rules):
    head = rules.folder / "emergency/protocol.yaml"
    text = head.read_text("utf-8")
    head.write_text(text[: text.index("screens:")] + text[text.index("written:") :], "utf-8")
    new_card(rules.folder / "emergency", "sore-mouth")

    assert ("sore_mouth",) == load("emergency", rules=rules.folder).screens[-1].questions
    assert "screens" not in head.read_text("utf-8")


def test_other_levels_are_used_as_they_are(tmp_path):
    level = "{word: W, colour: red, who: [team], headline: Call {who}, how_soon: Now}"
    quoted = level.replace("Call {who}", '"Call {who}"')
    last = "{word: W, colour: green, headline: Fine, how_soon: Never}"
    (tmp_path / "levels.yaml").write_text(
        f"who: {{team: your team}}\nlevels:\n  red: {quoted}\n  amber: {quoted}\n  green: {last}\n", "utf-8"
    )
    folder = new_protocol(tmp_path, "my-new-drug", today=TODAY)

    assert [] == findings(tmp_path)
    assert "amber" == load(folder).head.when_unsettled
    assert () == load(folder).head.include


@pytest.mark.parametrize(
    "name", ["Sore-mouth", "sore mouth", "sore_mouth", "", "-", "../x", "1-day", "a" * 51]
)
def test_a_name_that_is_none_is_refused(rules, name):
    with pytest.raises(RulesError, match="invalid name"):
        new_card(rules.folder / ALL, name)
    with pytest.raises(RulesError, match="invalid name"):
        new_protocol(rules.folder, name)


@pytest.mark.parametrize("name", ["headache", "protocol", "levels", "sign-off"])
def test_the_name_of_a_card_that_is_taken_is_refused(rules, name):
    with pytest.raises(RulesError, match="already exists"):
        new_card(rules.folder / ALL, name)


@pytest.mark.parametrize("name", [ALL, "sources", "fever-medicines"])
def test_the_name_of_a_protocol_that_is_taken_is_refused(rules, name):
    with pytest.raises(RulesError, match="already exists"):
        new_protocol(rules.folder, name)


@pytest.mark.parametrize("title", ["", "  ", "{limit}"])
def test_a_title_that_cannot_be_shown_is_refused(rules, title):
    with pytest.raises(RulesError, match="invalid title"):
        new_card(rules.folder / ALL, "sore-mouth", title=title)
    assert not (rules.folder / ALL / "sore-mouth.yaml").exists()


def test_a_card_needs_a_protocol_that_loads(rules):
    with pytest.raises(UnknownProtocol):
        new_card(rules.folder / "nowhere", "sore-mouth")
    rules.change(f"{ALL}/headache.yaml", "level: tell", "level: shout")
    with pytest.raises(RulesError, match="'shout' is not a level"):
        new_card(rules.folder / ALL, "sore-mouth")
    assert not (rules.folder / ALL / "sore-mouth.yaml").exists()


def test_a_protocol_needs_levels(tmp_path):
    with pytest.raises(RulesError, match="no levels"):
        new_protocol(tmp_path, "my-new-drug")
    assert [] == list(tmp_path.iterdir())


def test_nothing_is_left_of_what_would_not_load(rules):
    rules.change("emergency/signs.yaml", "level: emergency", "level: shout")
    before = sorted(rules.folder.rglob("*"))
    with pytest.raises(RulesError, match="'shout' is not a level"):
        new_protocol(rules.folder, "my-new-drug", today=TODAY)

    assert before == sorted(rules.folder.rglob("*"))


def test_a_section_with_a_comma_is_cited_whole(rules):
    section = "section: Any side effect (no heading of its own)"
    rules.change("sources/cruk-all-targeted-2021.yaml", section, 'section: "Fever, chills: when to call"')
    new_card(rules.folder / ALL, "sore-mouth")
    (card,) = (card for card in load(ALL, rules=rules.folder).cards if card.id.endswith("/sore-mouth"))

    assert "Fever, chills: when to call" == card.source.section
