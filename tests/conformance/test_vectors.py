"""The conformance kit: what the vectors hold, that they are the same every time, and what they catch."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from whentocall import AnswersError, advise, load
from whentocall.cli import Exit, main
from whentocall.conformance.vectors import Vector, check_vectors, expected_of, vectors, vectors_json
from whentocall.errors import AnswerProblem
from whentocall.protocol.conditions import tests as comparisons

ALL, NEURO = "all-targeted-drugs", "neuroblastoma-targeted-therapy"
PUMP_LINE = Path(__file__).parents[1] / "traffic_lights" / "rules" / "pump-line"
NAMES = (ALL, NEURO, PUMP_LINE)

every_protocol = pytest.mark.parametrize("name", NAMES, ids=lambda name: Path(name).name)


@cache
def loaded(name):
    return load(name)


@cache
def vectors_of(name):
    return vectors(loaded(name))


@cache
def text_of(name):
    return "".join(vectors_json(loaded(name)))


def given(name):
    """The answers of the vectors that are not refused."""
    return [one.answers for one in vectors_of(name) if "refused" not in one.expect]


def has(answers, one, value):
    return one in answers and json.dumps(value) == json.dumps(answers[one])


# the file


@pytest.mark.one_in(2)
@every_protocol
def test_the_same_rules_give_the_same_bytes(name):
    protocol = loaded(name)
    assert text_of(name) == "".join(vectors_json(replace(protocol, _memo={})))


def test_the_bytes_do_not_depend_on_the_process():
    code = (
        "import sys; from whentocall import load; from whentocall.conformance.vectors import vectors_json; "
        "sys.stdout.buffer.write(''.join(vectors_json(load(sys.argv[1]))).encode())"
    )
    digests = set()
    for seed in ("1", "2"):
        made = subprocess.run(
            [sys.executable, "-c", code, str(PUMP_LINE)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        digests.add(hashlib.sha256(made.stdout).hexdigest())
    assert 1 == len(digests)


@every_protocol
def test_the_file_says_whose_it_is_and_what_every_vector_expects(name):
    protocol = loaded(name)
    said = json.loads(text_of(name))
    assert ("whentocall-vectors", 1) == (said["format"], said["format_version"])
    named = {"id": protocol.id, "version": protocol.version, "sha256": protocol.sha256}
    assert named == said["protocol"]
    assert [one.id for one in protocol.levels] == said["levels"]
    assert protocol.head.when_unsettled == said["when_unsettled"]
    assert list(protocol.questions) == [one["id"] for one in said["questions"]]
    assert {one.id: one.level for one in protocol.rules}.items() <= said["rules"].items()
    assert said["count"] == len(said["vectors"]) == len(vectors_of(name))
    for read, made in zip(said["vectors"], vectors_of(name), strict=True):
        assert json.dumps(made.expect) == json.dumps(read["expect"])
        assert json.dumps(made.answers) == json.dumps(read["answers"])


def test_a_question_is_described_with_its_kind_range_unit_and_choices():
    said = json.loads(text_of(PUMP_LINE))
    by_id = {one["id"]: one for one in said["questions"]}
    temperature = {"id": "temperature", "kind": "temperature", "low": 30, "high": 45, "unit": "°C"}
    assert temperature == by_id["temperature"]
    assert {"id": "took_fever_medicine", "kind": "yes-no"} == by_id["took_fever_medicine"]
    assert ["none", "painful", "cannot_eat"] == by_id["mouth"]["options"]


@every_protocol
def test_no_two_vectors_are_the_same(name):
    made = vectors_of(name)
    assert len(made) == len({json.dumps(one.answers, sort_keys=True) for one in made})
    assert len(made) == len({one.id for one in made})


@every_protocol
def test_the_number_of_vectors_stays_sensible(name):
    assert 400 < len(vectors_of(name)) < 4000


@every_protocol
def test_a_name_is_one_sentence(name):
    for one in vectors_of(name):
        assert one.name.endswith(".")
        assert one.name[0] == one.name[0].upper()
        assert "\n" not in one.name


def test_the_id_of_a_vector_does_not_depend_on_the_rules():
    protocol = loaded(PUMP_LINE)
    fewer = replace(protocol, rules=protocol.rules[1:], _memo={})
    ids = {json.dumps(one.answers): one.id for one in vectors(protocol)}
    shared = [one for one in vectors(fewer) if json.dumps(one.answers) in ids]
    assert len(shared) > 100
    assert all(ids[json.dumps(one.answers)] == one.id for one in shared)


def test_no_vector_is_made_of_a_result_that_went_wrong(monkeypatch):
    wrong = SimpleNamespace(problems=(SimpleNamespace(kind="engine: OSError"),))
    monkeypatch.setattr("whentocall.conformance.vectors.advise", lambda *_, **__: wrong)
    with pytest.raises(RuntimeError, match="engine: OSError"):
        vectors(loaded(PUMP_LINE))


# what they cover


@every_protocol
def test_every_rule_holds_in_some_vector_and_is_missed_in_another(name):
    protocol = loaded(name)
    every = {one.id for one in (*protocol.rules, *protocol.escalations)}
    found = [set(one.expect["rules"]) for one in vectors_of(name) if "rules" in one.expect]
    assert every == set().union(*found)
    assert all(any(rule not in held for held in found) for rule in every)


@every_protocol
def test_every_level_is_reached(name):
    reached = {one.expect["level"] for one in vectors_of(name) if "level" in one.expect}
    used = {rule.level for rule in loaded(name).rules} | {loaded(name).levels[0].id}
    assert used <= reached


@every_protocol
def test_every_limit_is_tried_at_it_and_on_both_sides(name):
    protocol = loaded(name)
    conditions = [rule.when for rule in protocol.rules]
    for question in protocol.questions.values():
        conditions += [one for one in (question.only_if, question.not_reassuring_if) if one]
    for test in (test for condition in conditions for test in comparisons(condition)):
        answer = protocol.questions[test.question].answer
        if answer.is_number:
            for step in (-answer.step, 0, answer.step):
                value = round(test.value + step, 6)
                assert any(value == one.get(test.question) for one in given(name)), (test, value)


@every_protocol
def test_every_answer_is_tried_alone_and_on_a_person_with_nothing_else_to_report(name):
    protocol = loaded(name)
    for one, question in protocol.questions.items():
        match question.answer.kind:
            case "yes-no":
                values = (False, True, None)
            case "one-of":
                values = (*question.options, None)
            case _:
                values = (question.answer.low, question.answer.high, None)
        for value in values:
            assert any(has(answers, one, value) and 1 == len(answers) for answers in given(name)), (
                one,
                value,
            )
            assert any(has(answers, one, value) and 5 <= len(answers) for answers in given(name)), (
                one,
                value,
            )
        assert any(one not in answers and 4 <= len(answers) for answers in given(name)), one


@pytest.mark.parametrize("value", [99.4, 99.5, 99.6, 96.7, 96.8, 96.9, 86, 113])
def test_fahrenheit_is_tried_at_every_limit_and_on_both_sides(value):
    """37.5 °C is 99.5 °F and 36 °C is 96.8 °F; the ends of the range are 86 and 113 °F."""
    assert any(has(one, "temperature", {"value": value, "unit": "°F"}) for one in given(ALL))


@pytest.mark.parametrize("value", [37.499999, 37.49, 37.51, 37.500001])
def test_answers_between_two_steps_are_tried(value):
    assert any(has(one, "temperature", value) for one in given(ALL))


def test_a_follow_up_is_tried_where_it_applies_where_not_and_where_that_is_open():
    for state in ({"diarrhoea": True}, {"diarrhoea": False}, {"diarrhoea": None}, {}):
        for value in (0, 3, 4, 5, 60, None):
            assert any(
                has(one, "loose_stools", value)
                and all(has(one, *item) for item in state.items())
                and (state or "diarrhoea" not in one)
                for one in given(ALL)
            ), (state, value)


def test_a_temperature_is_tried_hidden_not_hidden_and_not_known_whether():
    for state in ({"took_fever_medicine": one} for one in (True, False, None)):
        for value in (35.9, 36, 37.5, 37.6):
            assert any(has(one, "temperature", value) and state.items() <= one.items() for one in given(ALL))


def test_escalation_is_tried_with_enough_cards_and_with_one_too_few():
    found = [set(one.expect["rules"]) for one in vectors_of(PUMP_LINE) if "rules" in one.expect]
    ambers = {"pump-line/loose-poos/some", "pump-line/sore-mouth/painful"}
    assert ambers | {"pump-line/escalate/two-ambers"} in found
    assert all({one} in found for one in ambers)


# what is refused


def refused_forms(name, one):
    return [
        json.dumps(vector.answers[one], ensure_ascii=False)
        for vector in vectors_of(name)
        if vector.expect == {"refused": [one]} and list(vector.answers) == [one]
    ]


@pytest.mark.parametrize(
    ("one", "form"),
    [
        ("temperature", "29.9"),
        ("temperature", "45.1"),
        ("temperature", "29.999999"),
        ("temperature", '{"value": 85.9, "unit": "°F"}'),
        ("temperature", '{"value": 113.1, "unit": "°F"}'),
        ("temperature", '{"value": 30, "unit": "K"}'),
        ("temperature", '{"value": 30}'),
        ("temperature", '"30 K"'),
        ("temperature", "true"),
        ("loose_stools", "-1"),
        ("loose_stools", "61"),
        ("loose_stools", "0.9999999999"),
        ("loose_stools", "3.9999999999"),
        ("loose_stools", '"1,000"'),
        ("loose_stools", "true"),
        ("loose_stools", "100000000000000000000"),
        ("unconscious", "1"),
        ("unconscious", "0"),
        ("unconscious", '"1"'),
        ("unconscious", "[]"),
        ("dizzy", "1"),
        ("dizzy", '"1"'),
        ("drug", '"imatinib?"'),
        ("drug", '"imatinib_or_not"'),
        ("drug", "0"),
        ("no_such_question", "true"),
        ("no_such_question", "null"),
    ],
)
def test_what_must_be_refused_is_tried(one, form):
    assert form in refused_forms(ALL, one)


@every_protocol
def test_an_answer_that_is_refused_is_refused_beside_the_worst_of_answers_too(name):
    for one in loaded(name).questions:
        assert any(
            vector.expect == {"refused": [one]} and len(vector.answers) == len(loaded(name).questions)
            for vector in vectors_of(name)
        )


def test_two_refused_answers_are_both_named():
    assert any(2 == len(one.expect.get("refused", ())) for one in vectors_of(ALL))


# mistakes of an embedding


def reads(change):
    """An embedding that changes each answer before it asks the library; `change` gets the question too."""

    def embedding(protocol, answers):
        return advise(
            protocol, {one: change(protocol.questions.get(one), given) for one, given in answers.items()}
        )

    return embedding


def keeps(wanted):
    """An embedding that passes over some answers."""

    def embedding(protocol, answers):
        return advise(
            protocol, {one: given for one, given in answers.items() if wanted(protocol, one, given)}
        )

    return embedding


def kind(question):
    return question.answer.kind if question else None


def is_number(question, given):
    return (
        bool(question and question.answer.is_number) and isinstance(given, int | float) and given is not True
    )


def not_asked_is_no(protocol, answers):
    yes_no = [one for one, question in protocol.questions.items() if kind(question) == "yes-no"]
    return advise(protocol, {**dict.fromkeys(yes_no, False), **answers})


def forgets_the_unit(_, given):
    return given["value"] if isinstance(given, dict) and "value" in given else given


def converts_roughly(_, given):
    if isinstance(given, dict) and str(given.get("unit")).endswith("F"):
        return round((given["value"] - 32) / 1.8, 1)
    return given


def clips(question, given):
    if is_number(question, given):
        return min(max(given, question.answer.low), question.answer.high)
    return given


def passes_over_what_does_not_apply(protocol, answers):
    contrary = {one.question for one in advise(protocol, answers, watch=False).contradictions}
    return advise(protocol, {one: given for one, given in answers.items() if one not in contrary})


def advises_beside_a_refusal(protocol, answers):
    try:
        return advise(protocol, answers)
    except AnswersError as error:
        bad = {one.question for one in error.problems}
        return advise(protocol, {one: given for one, given in answers.items() if one not in bad})


def changed(**changes):
    def embedding(protocol, answers):
        expect = expected_of(advise(protocol, answers, watch=False))
        return expect | {part: change(expect, protocol) for part, change in changes.items()}

    return embedding


MISTAKES = {
    "unknown is no": reads(lambda _, given: False if given is None else given),
    "unknown is not asked": keeps(lambda *answer: answer[2] is not None),
    "not asked is no": not_asked_is_no,
    "rounds": reads(lambda _, given: round(given, 1) if isinstance(given, float) else given),
    "forgets the unit": reads(forgets_the_unit),
    "converts roughly": reads(converts_roughly),
    "takes 1 for yes": reads(
        lambda one, given: bool(given) if (kind(one), given) == ("yes-no", 1) else given
    ),
    "cuts off the fraction": reads(
        lambda one, given: int(given) if kind(one) == "whole-number" and isinstance(given, float) else given
    ),
    "clips": reads(clips),
    "passes over unknown questions": keeps(lambda protocol, one, _: one in protocol.questions),
    "passes over what does not apply": passes_over_what_does_not_apply,
    "advises beside a refusal": advises_beside_a_refusal,
    "shows what is known alone": changed(level=lambda expect, _: expect["at_least"]),
    "shows what could be": changed(level=lambda expect, _: expect["could_be"]),
    "one rule is enough": changed(rules=lambda expect, _: expect["rules"][:1]),
    "settles in the order of the alphabet": changed(settle=lambda expect, _: sorted(expect["settle"])),
    "never at the end": changed(finished=lambda *_: False),
    "always at the end": changed(finished=lambda *_: True),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_an_embedding_with_a_mistake_is_found_out(mistake):
    protocol = loaded(ALL)
    chosen = sorted(vectors_of(ALL), key=lambda one: (one.kind != "refused", len(one.answers)))
    assert any(check_vectors([one], lambda answers: mistake(protocol, answers)) for one in chosen)


# checking


@every_protocol
def test_the_library_itself_is_right(name):
    assert [] == check_vectors(vectors_of(name), lambda answers: advise(loaded(name), answers, watch=False))


def test_an_embedding_may_answer_in_json_text_in_its_object_or_as_expected():
    protocol = loaded(PUMP_LINE)

    def or_refused(answers, form):
        try:
            return form(advise(protocol, answers, watch=False))
        except AnswersError as error:
            return {"refused": [one.question for one in error.problems]}

    for form in (
        lambda advice: advice.to_json(),
        lambda advice: advice.to_json().encode(),
        lambda advice: json.loads(advice.to_json()),
        expected_of,
    ):
        assert [] == check_vectors(
            vectors_of(PUMP_LINE), lambda answers, form=form: or_refused(answers, form)
        )


def vector(expect, answers=None):
    return Vector("1", "test", "It is a test.", answers or {}, expect)


EXPECT = {
    "level": "amber",
    "at_least": "green",
    "could_be": "red",
    "rules": ["a", "b"],
    "settle": ["q"],
    "contradictions": [],
    "finished": False,
}


@pytest.mark.parametrize(
    ("part", "got"),
    [("level", "red"), ("rules", ["a"]), ("settle", []), ("contradictions", ["q"]), ("finished", 0)],
)
def test_a_difference_names_the_vector_the_part_and_both_values(part, got):
    (found,) = check_vectors([vector(EXPECT)], lambda _: EXPECT | {part: got})
    told = f"1 (It is a test.) {part}: expected {json.dumps(EXPECT[part])}, got {json.dumps(got)}"
    assert told == str(found)


def test_the_order_of_rules_does_not_count():
    assert [] == check_vectors([vector(EXPECT)], lambda _: EXPECT | {"rules": ["b", "a"]})


def test_advice_instead_of_a_refusal_is_a_difference_and_the_other_way_round():
    assert check_vectors([vector({"refused": ["q"]})], lambda _: EXPECT)
    assert check_vectors([vector(EXPECT)], lambda _: {"refused": ["q"]})
    (found,) = check_vectors([vector({"refused": ["q"]})], lambda _: {"refused": ["other"]})
    assert ("refused", ["q"], ["other"]) == (found.part, found.expected, found.got)


def test_a_refusal_may_be_raised():
    def refuses(_):
        raise AnswersError([AnswerProblem("q", "is no answer"), AnswerProblem("q", "nor is this")])

    assert [] == check_vectors([vector({"refused": ["q"]})], refuses)


def test_an_embedding_that_fails_is_a_difference_and_the_others_are_still_tried():
    calls = []

    def fails_once(answers):
        calls.append(answers)
        if len(calls) == 1:
            raise LookupError("no such page")
        return EXPECT

    found = check_vectors([vector(EXPECT), vector(EXPECT)], fails_once)
    assert 2 == len(calls)
    assert "LookupError: no such page" in [one.got for one in found]


def test_a_result_with_a_part_missing_is_a_difference():
    assert check_vectors([vector(EXPECT)], lambda _: {"level": "amber"})


def test_a_result_in_which_something_went_wrong_is_a_difference():
    said = EXPECT | {"problems": [{"kind": "engine: OSError", "text": "Something went wrong."}]}
    (found,) = check_vectors([vector(EXPECT)], lambda _: said)
    assert "problems" == found.part


def test_an_embedding_cannot_change_the_vectors():
    protocol = loaded(PUMP_LINE)

    def empties(answers):
        advice = advise(protocol, answers)
        answers.clear()
        return advice

    before = [json.dumps(one.answers) for one in vectors_of(PUMP_LINE)]
    check_vectors(vectors_of(PUMP_LINE), empties)
    assert before == [json.dumps(one.answers) for one in vectors_of(PUMP_LINE)]


# the command line


@pytest.fixture
def run(capsysbinary):
    def run_(*args):
        code = main(list(args))
        out, err = capsysbinary.readouterr()
        assert b"Traceback" not in out + err
        return code, out.decode(), err.decode()

    return run_


def test_the_command_writes_the_vectors_and_counts_them_apart(run):
    code, out, err = run("vectors", "pump-line", "--rules", str(PUMP_LINE.parent))
    assert (Exit.DONE, text_of(PUMP_LINE)) == (code, out)
    assert err.startswith(f"{len(vectors_of(PUMP_LINE))} vectors of pump-line: everything ")
    assert 1 == err.count("\n")


def test_the_command_writes_a_file(run, tmp_path):
    file = tmp_path / "vectors.json"
    code, out, err = run("vectors", "pump-line", "--rules", str(PUMP_LINE.parent), "-o", str(file))
    assert (Exit.DONE, "") == (code, out)
    assert text_of(PUMP_LINE).encode() == file.read_bytes()
    assert "refused" in err


def test_a_file_that_cannot_be_written_is_said(run, tmp_path):
    code, _, err = run("vectors", "pump-line", "--rules", str(PUMP_LINE.parent), "-o", str(tmp_path))
    assert Exit.NOT_SAVED == code
    assert "could not be written" in err


def test_a_protocol_that_is_not_there_is_said(run):
    code, out, err = run("vectors", "no-such-protocol")
    assert (Exit.RULES_UNUSABLE, "") == (code, out)
    assert "no-such-protocol" in err
