"""The review pack holds everything that a clinician signs, said exactly."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from whentocall import load
from whentocall.authoring.check import check
from whentocall.authoring.diff import Change, Difference, TextChange
from whentocall.authoring.mutants import Gate, mutants
from whentocall.authoring.sign import Signature, sign
from whentocall.errors import Finding
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Op, Test
from whentocall.protocol.load import shipped_rules
from whentocall.protocol.sources import normalised
from whentocall.review_pack.pack import build_pack
from whentocall.review_pack.words_of_rules import rule_words, short_words

ALL = "all-targeted-drugs"
NEUROBLASTOMA = "neuroblastoma-targeted-therapy"


@pytest.fixture(scope="module")
def everything():
    return load(ALL)


@pytest.fixture(scope="module")
def pack(everything):
    return build_pack(everything)


def rule(pack, end):
    return next(one for one in pack.rules if one.id.endswith(end))


HEADACHE = Test("headache", Op.IS, value=True)
ACHES = Test("muscle_aches", Op.IS, value=True)
SICK = Test("feeling_sick", Op.IS, value=True)
WARM = Test("temperature", Op.ABOVE, 37.5, "°C")
COLD = Test("temperature", Op.BELOW, 36, "°C")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (HEADACHE, "Headache"),
        (Test("headache", Op.IS, value=False), "The answer to “Headache” is no"),
        (Test("loose_stools", Op.AT_LEAST, 4), "4 or more loose, watery poos in the last 24 hours"),
        (Test("loose_stools", Op.AT_MOST, 4), "4 or fewer loose, watery poos in the last 24 hours"),
        (Test("loose_stools", Op.BELOW, 4), "Fewer than 4 loose, watery poos in the last 24 hours"),
        (Test("loose_stools", Op.IS, 4), "Exactly 4 loose, watery poos in the last 24 hours"),
        (
            Test("loose_stools", Op.IS, 1),
            "The number for “Loose, watery poos in the last 24 hours” is exactly 1",
        ),
        (Test("diarrhoea_days", Op.ABOVE, 3), "More than 3 days with diarrhoea"),
        (WARM, "Temperature above 37.5 °C"),
        (COLD, "Temperature below 36 °C"),
        (Test("temperature", Op.AT_LEAST, 38), "Temperature 38 °C or above"),
        (Test("temperature", Op.AT_MOST, 36), "Temperature 36 °C or below"),
        (Test("temperature", Op.IS, 38), "Temperature exactly 38 °C"),
        (Test("drug", Op.IS, "imatinib"), "The answer to “Treatment” is “Imatinib (Glivec)”"),
        (
            AnyOf((Test("drug", Op.IS, "imatinib"), Test("drug", Op.IS, "rituximab"))),
            "The answer to “Treatment” is “Imatinib (Glivec)” or “Rituximab”",
        ),
        (AllOf((HEADACHE, WARM)), "Both: headache; temperature above 37.5 °C"),
        (AllOf((HEADACHE, WARM, ACHES)), "All of these: headache; temperature above 37.5 °C; aching muscles"),
        (AnyOf((WARM, COLD)), "Either: temperature above 37.5 °C; temperature below 36 °C"),
        (AnyOf((HEADACHE, ACHES, SICK)), "Any of these: headache; aching muscles; feeling sick"),
        (
            AtLeast(2, (HEADACHE, ACHES, WARM)),
            "At least two of these three: headache; aching muscles; temperature above 37.5 °C",
        ),
        (
            AllOf((HEADACHE, AnyOf((ACHES, AtLeast(2, (SICK, WARM, COLD)))))),
            "Both: headache; (either: aching muscles; (at least two of these three: feeling sick; "
            "temperature above 37.5 °C; temperature below 36 °C))",
        ),
    ],
)
def test_a_condition_is_said_exactly(everything, condition, words):
    assert words == rule_words(everything, condition)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (HEADACHE, ""),
        (Test("headache", Op.IS, value=False), "no"),
        (WARM, "above 37.5 °C"),
        (Test("temperature", Op.AT_LEAST, 38), "38 °C or above"),
        (AllOf((HEADACHE, WARM)), "all 2 of these"),
        (AnyOf((WARM, HEADACHE)), "any of these 2"),
        (AtLeast(2, (HEADACHE, ACHES, WARM)), "at least two of these 3"),
        (
            AnyOf((Test("drug", Op.IS, "imatinib"), Test("drug", Op.IS, "rituximab"))),
            "Imatinib (Glivec) or Rituximab",
        ),
    ],
)
def test_the_picture_has_a_short_form(everything, condition, words):
    assert words == short_words(everything, condition)


@pytest.mark.parametrize("name", [ALL, NEUROBLASTOMA])
def test_nothing_of_a_protocol_is_left_out(name):
    protocol = load(name)
    pack = build_pack(protocol)

    assert [one.id for one in protocol.rules] == [one.id for one in pack.rules]
    assert sorted(protocol.questions) == sorted(one.id for one in pack.questions)
    assert list(protocol.sentence_documents) == [one.id for one in pack.sentences]
    assert sum(len(card.card.cases) for card in protocol.cards) == len(pack.cases)
    assert [level.id for level in reversed(protocol.levels)] == [level.id for level in pack.levels]
    assert len(protocol.cards) + 1 == len(pack.sign_off)
    assert all(one.passed for one in pack.cases)
    assert all(one.gets and one.just_misses for one in pack.rules)
    assert {one.id for one in protocol.rules if one.rule.interpretation} == {
        one.id for _, one in pack.to_confirm
    }


def test_a_limit_is_tried_just_below_at_and_just_above(pack):
    (table,) = rule(pack, "infection/high-temperature").limits

    assert [
        ("just below", "37.4 °C", "99.32 °F", False, "none"),
        ("at the limit", "37.5 °C", "99.5 °F", False, "none"),
        ("just above", "37.6 °C", "99.68 °F", True, "immediately"),
    ] == [(row.place, row.value, row.other_unit, row.holds, row.level) for row in table.rows]


def test_a_limit_of_a_follow_up_is_tried_on_somebody_who_is_asked_it(pack):
    (table,) = rule(pack, "diarrhoea/many-loose-stools").limits

    assert [("3", False, "tell"), ("4", True, "contact"), ("5", True, "contact")] == [
        (row.value, row.holds, row.level) for row in table.rows
    ]


def test_a_limit_inside_a_count_is_tried_with_the_rest_that_the_rule_needs(pack):
    (table,) = rule(pack, "flu-like/two-flu-like-symptoms").limits

    assert "Headache" == table.also
    assert [False, False, True] == [row.holds for row in table.rows]


def test_who_just_misses_a_limit_is_right_beside_it(pack):
    one = rule(pack, "diarrhoea/lasting-over-3-days")

    assert "Diarrhoea for 4 days" == one.gets.name
    assert "Diarrhoea for exactly 3 days is not more than 3" == one.just_misses.name
    assert ("contact", "tell") == (one.gets.level, one.just_misses.level)


def test_the_order_of_questions_puts_follow_ups_after_their_list(pack):
    order = [one.id for one in pack.questions]

    assert order.index("diarrhoea") < order.index("loose_stools") < order.index("drug")
    loose = next(one for one in pack.questions if one.id == "loose_stools")
    assert "Diarrhoea (loose, watery poos)" == loose.only_if
    assert "How many loose, watery poos have you had in the last 24 hours?" == loose.asked.you
    assert "How many loose, watery poos have they had in the last 24 hours?" == loose.asked.they


def test_self_care_says_when_it_is_left_out(pack):
    card = next(one for one in pack.cards if one.id.endswith("/diarrhoea"))

    assert "Cannot drink enough to make up for lost fluid" == card.self_care[0].unless
    assert 3 == len(card.differs)


def test_sentences_say_what_became_of_them(pack):
    found = {one.id: one for one in pack.sentences}

    assert ["Many loose stools", "Any diarrhoea"] == [use.label for use in found["A-23"].uses]
    assert ("contact", "contact") == (found["A-23"].contact, found["A-23"].reached)
    assert found["A-03"].set_aside
    assert ("not compared", "no text held") == (found["A-23"].state, found["EM-01"].state)
    assert ("", True) == (found["A-23"].text, found["EM-01"].text_is_ours)


SENTENCES = {"A-23": "You may have loose stools.", "A-24": "Drink “a lot”.", "A-25": "Call if it lasts."}


def with_made_up_document(rules, tmp_path, text):
    """The rules, with three sentences hashed from a made-up document, and that document's folder."""
    path = rules.folder / "sources/cruk-all-targeted-2021.yaml"
    lines = path.read_text("utf-8").splitlines()
    for one, sentence in SENTENCES.items():
        place = lines.index(f"  {one}:")
        plain = normalised(sentence)
        lines[place + 2] = f"    sha256: {hashlib.sha256(plain.encode()).hexdigest()}"
        lines[place + 3] = f"    characters: {len(plain)}"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "cruk-all-targeted-2021.txt").write_text(text, "utf-8")
    return build_pack(load(rules.folder / ALL), sources_dir=documents)


def test_a_passage_is_found_by_its_length_and_hash(rules, tmp_path):
    text = (
        "Title\n\n  You may\u00a0have\n  loose stools. Drink ‘x’ “a lot”. Drink “a lot”. Call if it lasts.\n"
    )
    pack = with_made_up_document(rules, tmp_path, text)

    found = {one.id: one for one in pack.sentences}
    assert ["You may have loose stools.", 'Drink "a lot".', "Call if it lasts."] == [
        found[one].text for one in SENTENCES
    ]
    assert {"found"} == {found[one].state for one in SENTENCES}
    assert not {one.id for one in pack.outdated if set(SENTENCES) & set(one.changed_sentences)}


def test_source_changed_stands_on_exactly_the_rules_that_cite_the_sentence(rules, tmp_path):
    text = "You may have loose stools. Drink “a lot”. Call if it lasts three days."
    pack = with_made_up_document(rules, tmp_path, text)

    flagged = {one.name for one in pack.rules if "A-25" in one.changed_sentences}
    assert {"lasting-over-3-days"} == flagged
    assert "A-23" not in {one for rule in pack.rules for one in rule.changed_sentences}
    citing = {one.id for one in pack.rules if {"A-23", "A-24"} >= set(one.sentences)}
    assert not citing & {one.id for one in pack.outdated}
    changed = {one.id for one in pack.sentences if one.state == "changed"}
    assert {one.id for one in pack.rules if changed & set(one.sentences)} == {one.id for one in pack.outdated}
    assert "changed" == next(one for one in pack.documents if one.id.startswith("cruk")).state


def test_a_document_that_is_not_there_is_not_compared(everything, tmp_path):
    pack = build_pack(everything, sources_dir=tmp_path)

    assert {"not compared", "no text held"} == {one.state for one in pack.sentences}
    assert () == pack.outdated


def test_findings_mutants_and_changes_are_in_words(everything):
    file = everything.cards[1].file
    finding = Finding(file, 7, "something is wrong", "some-fault", "x", '{"headache": true}', "mend it")
    real = check(everything.folder, prove=False)
    checked = replace(real, findings=(finding,), notes=(), waived=((finding, "it\n is so"),))
    survivor = next(mutants(everything))
    change = Change("lowered", "contact", "tell", {"headache": True, "gone": True}, ("a/b/c",), complete=True)
    difference = Difference((change,), (), (TextChange("a / b", None, "new"),), ())

    pack = build_pack(everything, checked=checked, gate=Gate(3, (survivor,)), difference=difference)

    (row,) = pack.checked.findings
    assert ("all-targeted-drugs/infection.yaml, line 7", "Headache: yes") == (row.place, row.person)
    assert "it is so" == pack.checked.waived[0].accepted
    assert (3, 2, ((survivor.rule.id, "dropped"),)) == (pack.gate.tried, pack.gate.noticed, pack.gate.missed)
    assert "Headache: yes; and answers to: gone" == pack.changes.levels[0].person
    assert ("", "new", True) == (
        pack.changes.texts[0].old,
        pack.changes.texts[0].new,
        pack.changes.texts[0].is_asked,
    )


def test_a_case_that_fails_or_cannot_be_run_says_so(rules):
    rules.change(f"{ALL}/diarrhoea.yaml", "{loose_stools: at least 4}", "{loose_stools: at least 3}")
    bad = "  - name: A bad one\n    given: {temperature: warm}\n    expect: {level: tell, rules: []}\n"
    rules.append(f"{ALL}/headache.yaml", bad)

    pack = build_pack(load(rules.folder / ALL))

    failing = {one.name: one for one in pack.cases if not one.passed}
    assert "level is 'contact', expected 'tell'" in failing["Three loose poos are not, on their own"].wrong
    assert "'warm'" in failing["A bad one"].wrong[0]
    assert "" == failing["A bad one"].got


def test_who_has_signed_what_is_shown(rules):
    sign(rules.folder / ALL, Signature("Dr A. Example", "consultant", date(2026, 11, 22), cards=["headache"]))
    pack = build_pack(load(rules.folder / ALL))

    assert {"all-targeted-drugs/headache": ("Dr A. Example, consultant, 2026-11-22",)} == {
        one.card: one.signed for one in pack.sign_off if one.signed
    }
    assert not pack.signed_off


def test_the_same_rules_give_the_same_pack(pack):
    assert pack == build_pack(load(ALL, rules=shipped_rules()))


def test_a_limit_that_goes_on_in_the_document_is_a_changed_sentence(rules, tmp_path):
    """The old words still stand there, as the beginning of others: 3 became 3.5."""
    path = rules.folder / "sources/cruk-all-targeted-2021.yaml"
    lines = path.read_text("utf-8").splitlines()
    place = lines.index("  A-25:")
    old = "Call if it lasts more than 3"
    lines[place + 2] = f"    sha256: {hashlib.sha256(old.encode()).hexdigest()}"
    lines[place + 3] = f"    characters: {len(old)}"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "cruk-all-targeted-2021.txt").write_text(f"{old}.5 days.", "utf-8")

    pack = build_pack(load(rules.folder / ALL), sources_dir=tmp_path)

    assert "changed" == next(one.state for one in pack.sentences if one.id == "A-25")
