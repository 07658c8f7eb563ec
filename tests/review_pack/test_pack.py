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
from whentocall.authoring.sources import normalised
from whentocall.errors import Finding
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Op, Test
from whentocall.protocol.load import shipped_rules
from whentocall.review_pack.pack import build_pack
from whentocall.review_pack.page import review_html
from whentocall.review_pack.words import rule_words, short_words
from whentocall.review_pack.workbook import sheets

ALL = "all-targeted-drugs"
NEUROBLASTOMA = "neuroblastoma-targeted-therapy"


@pytest.fixture(scope="module")
def everything():
    return load(ALL)


@pytest.fixture(scope="module")
def pack(everything):
    return build_pack(everything)


def rule(pack, end):
    return next(rule for rule in pack.protocol.rules if rule.id.endswith(end))


def questions_in_order(pack):
    return [question for _, asked in pack.screens for question in asked]


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

    assert list(protocol.rules) == [rule for card in protocol.cards for rule in pack.rules_of(card)]
    assert sorted(protocol.questions) == sorted(question.id for question in questions_in_order(pack))
    assert list(protocol.sentence_documents) == list(pack.sentences)
    assert sum(len(card.cases) for card in protocol.cards) == len(pack.cases)
    assert [level.id for level in reversed(protocol.levels)] == [level.id for level in pack.levels]
    assert all(result.passed for result in pack.cases)
    assert all(pack.gets(rule) and pack.just_misses(rule) for rule in protocol.rules)
    assert [rule for rule in protocol.rules if rule.interpretation] == list(pack.to_confirm)


def test_a_limit_is_tried_just_below_at_and_just_above(pack):
    (table,) = pack.limits(rule(pack, "infection/high-temperature"))

    assert [
        ("just below", "37.4 °C", "99.32 °F", False, "none"),
        ("at the limit", "37.5 °C", "99.5 °F", False, "none"),
        ("just above", "37.6 °C", "99.68 °F", True, "immediately"),
    ] == [(row.place, row.value, row.other_unit, row.holds, row.level) for row in table.rows]


def test_a_limit_of_a_follow_up_is_tried_on_somebody_who_is_asked_it(pack):
    (table,) = pack.limits(rule(pack, "diarrhoea/many-loose-stools"))

    assert [("3", False, "tell"), ("4", True, "contact"), ("5", True, "contact")] == [
        (row.value, row.holds, row.level) for row in table.rows
    ]


def test_a_limit_inside_a_count_is_tried_with_the_rest_that_the_rule_needs(pack):
    (table,) = pack.limits(rule(pack, "flu-like/two-flu-like-symptoms"))

    assert "Headache" == table.also
    assert [False, False, True] == [row.holds for row in table.rows]


def test_who_just_misses_a_limit_is_right_beside_it(pack):
    lasting = rule(pack, "diarrhoea/lasting-over-3-days")
    gets, misses = pack.gets(lasting), pack.just_misses(lasting)

    assert "Diarrhoea for 4 days" == gets.case.name
    assert "Diarrhoea for exactly 3 days is not more than 3" == misses.case.name
    assert ("contact", "tell") == (gets.level, misses.level)


def test_the_order_of_questions_puts_follow_ups_after_their_list(pack):
    order = [question.id for question in questions_in_order(pack)]

    assert order.index("diarrhoea") < order.index("loose_stools") < order.index("drug")


def test_a_condition_is_said_in_words_and_none_as_nothing(pack):
    asked = pack.protocol.questions
    assert "Diarrhoea (loose, watery poos)" == pack.words(asked["loose_stools"].only_if)
    assert "" == pack.words(asked["diarrhoea"].only_if)


def test_sentences_say_what_became_of_them(pack):
    loose, emergency = pack.sentences["A-23"], pack.sentences["EM-01"]

    assert ["Many loose stools", "Any diarrhoea"] == [use.title for use in pack.uses["A-23"]]
    assert ("contact", "contact") == (loose.contact, pack.reached(loose).id)
    assert pack.sentences["A-03"].set_aside
    assert [] == pack.uses["A-03"]
    assert ("not compared", "no text held") == (state(pack, "A-23"), state(pack, "EM-01"))
    assert ("", False) == (pack.text_of(loose), pack.is_ours(loose))
    assert pack.is_ours(emergency)


def state(pack, sentence):
    return pack.passages.sentences[sentence].state


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

    assert ["You may have loose stools.", 'Drink "a lot".', "Call if it lasts."] == [
        pack.text_of(pack.sentences[name]) for name in SENTENCES
    ]
    assert {"found"} == {state(pack, name) for name in SENTENCES}
    assert [] == pack.changed(SENTENCES)


def test_source_changed_stands_on_exactly_the_rules_that_cite_the_sentence(rules, tmp_path):
    text = "You may have loose stools. Drink “a lot”. Call if it lasts three days."
    pack = with_made_up_document(rules, tmp_path, text)

    assert ["A-25"] == pack.changed(SENTENCES)
    assert rule(pack, "/lasting-over-3-days") in pack.outdated
    assert rule(pack, "/many-loose-stools") not in pack.outdated
    changed = set(pack.changed(pack.sentences))
    assert [rule for rule in pack.protocol.rules if changed & set(rule.sentences)] == list(pack.outdated)
    assert "changed" == pack.passages.documents["cruk-all-targeted-2021"]


def test_a_document_that_is_not_there_is_not_compared(everything, tmp_path):
    pack = build_pack(everything, sources_dir=tmp_path)

    assert {"not compared", "no text held"} == {state(pack, name) for name in pack.sentences}
    assert () == pack.outdated


def test_findings_mutants_and_changes_are_in_words(everything):
    file = everything.cards[1].file
    finding = Finding(file, 7, "something is wrong", "some-fault", "x", '{"headache": true}', "fix it")
    real = check(everything.folder, prove=False)
    checked = replace(real, findings=(finding,), notes=(), accepted=((finding, "it\n is so"),))
    survivor = next(mutants(everything))
    change = Change("lowered", "contact", "tell", {"headache": True, "gone": True}, ("a/b/c",), complete=True)
    difference = Difference((change,), (), (TextChange("a / b", None, "new"),), ())

    pack = build_pack(everything, checked=checked, gate=Gate(3, (survivor,)), difference=difference)

    assert [(finding, "")] == pack.findings("to be fixed")
    assert [(finding, "it\n is so")] == pack.findings("accepted")
    assert [] == pack.findings("note")
    assert "all-targeted-drugs/infection.yaml, line 7" == pack.place(finding)
    assert "Headache: yes" == pack.person_of(finding)
    assert "Headache: yes; and answers to: gone" == pack.person(change.person)
    assert (3, 2) == (pack.gate.tried, pack.gate.noticed)
    page = review_html(pack)
    assert "it is so" in page
    assert f">{survivor.rule.id}</a></th><td>dropped</td>" in page
    assert '<p class="small muted">what is asked</p></th><td>(not there)</td><td>new</td>' in page


def test_a_case_that_fails_or_cannot_be_run_says_so(rules):
    rules.change(f"{ALL}/diarrhoea.yaml", "{loose_stools: at least 4}", "{loose_stools: at least 3}")
    bad = "  - name: A bad one\n    given: {temperature: warm}\n    expect: {level: tell, rules: []}\n"
    rules.append(f"{ALL}/headache.yaml", bad)

    pack = build_pack(load(rules.folder / ALL))

    failing = {result.case.name: result for result in pack.cases if not result.passed}
    assert "level is 'contact', expected 'tell'" in failing["Three loose poos are not, on their own"].wrong
    assert "'warm'" in failing["A bad one"].wrong[0]
    assert "" == failing["A bad one"].level


def test_who_has_signed_what_is_shown(rules):
    sign(rules.folder / ALL, Signature("Dr A. Example", "consultant", date(2026, 11, 22), cards=["headache"]))
    pack = build_pack(load(rules.folder / ALL))

    assert 1 == review_html(pack).count("Dr A. Example, consultant, 2026-11-22")
    signed = {row[0]: row[3] for row in sheets(pack)[-1].rows if row[3]}
    assert {"Headache": "Dr A. Example, consultant, 2026-11-22"} == signed


def test_the_same_rules_give_the_same_page(pack):
    assert review_html(pack) == review_html(build_pack(load(ALL, rules=shipped_rules())))


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

    assert "changed" == state(pack, "A-25")
