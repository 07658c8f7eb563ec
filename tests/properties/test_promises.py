"""What the shipped protocols promise, whoever answers whatever. Each test is named as its promise."""

import os
import shutil
import subprocess
import sys

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from support.effort import examples
from whentocall import Interview, advise, load
from whentocall.engine.answers import check_answers
from whentocall.engine.durable import DurableEngine
from whentocall.engine.phrasing import watch_words
from whentocall.engine.reference import Reading
from whentocall.interview.flow import Done
from whentocall.interview.walk import Walk
from whentocall.protocol.conditions import Truth, questions
from whentocall.protocol.load import shipped_rules


def applies(protocol, answers, question):
    return Reading(protocol, check_answers(protocol, answers).values).applies(question)


# engine and reference


@given(data=st.data())
@examples(100)
def test_engine_and_reference_agree(protocol, tools, data):
    answers = data.draw(tools.answers_of(protocol))
    values = check_answers(protocol, answers).values
    held = {index for index, truth in enumerate(Reading(protocol, values).rules()) if truth is Truth.TRUE}

    assert held == protocol.once(DurableEngine).fired(values)


# not knowing


@given(data=st.data())
def test_not_knowing_never_lowers(protocol, tools, data):
    """Without an answer, the level is no lower than the least urgent of the values it could have had."""
    answers = data.draw(tools.answers_of(protocol))
    question = data.draw(st.sampled_from(list(protocol.questions.values())))
    values = [True, False] if question.answer.kind == "yes-no" else list(question.options)
    for limit in tools.limits(protocol, question) if question.answer.is_number else ():
        values += [limit - question.answer.step, limit, limit + question.answer.step]
    if not values:
        values = [data.draw(tools.known(protocol, question))]
    with_value = [tools.advised(protocol, {**answers, question.id: value}) for value in values]
    left_out = {one: given for one, given in answers.items() if one != question.id}

    for without in ({**answers, question.id: None}, left_out):
        at_least, shown, could_be = tools.advised(protocol, without)
        assert at_least <= shown <= could_be
        assert min(level for _, level, _ in with_value) <= shown
        if applies(protocol, left_out, question.id) is not Truth.FALSE:
            assert max(possible for _, _, possible in with_value) <= could_be


@given(data=st.data())
def test_answering_never_lowers_what_is_sure_nor_raises_what_is_possible(protocol, tools, data):
    """An answer to an open question that applies narrows: at_least goes up, could_be down, or neither."""
    answers = data.draw(tools.answers_of(protocol))
    open_ones = [
        one
        for one in protocol.questions
        if answers.get(one) is None and applies(protocol, answers, one) is Truth.TRUE
    ]
    assume(open_ones)
    one = data.draw(st.sampled_from(open_ones))
    before = tools.advised(protocol, answers)
    after = tools.advised(
        protocol, {**answers, one: data.draw(tools.known(protocol, protocol.questions[one]))}
    )

    assert before[0] <= after[0]
    assert before[2] >= after[2]


@given(data=st.data())
def test_nothing_reported_is_none_only_where_everything_is_answered(protocol, tools, data):
    answers = data.draw(tools.answers_of(protocol))
    advice = advise(protocol, answers, watch=False)

    if advice.level == "none":
        for one in protocol.questions:
            bears = any(one in questions(rule.when) for rule in protocol.rules)
            if bears and applies(protocol, answers, one) is Truth.TRUE:
                assert answers.get(one) is not None
        assert not advice.reasons
        assert not any(answers.get(one) is True for one in protocol.questions if "fever_medicine" not in one)


# order


@given(data=st.data())
def test_order_of_answers_does_not_matter(protocol, tools, data):
    answers = data.draw(tools.answers_of(protocol))
    shuffled = dict(data.draw(st.permutations(list(answers.items()))))

    assert advise(protocol, answers).to_json() == advise(protocol, shuffled).to_json()


@pytest.fixture(scope="module")
def turned_round(protocol, tmp_path_factory):
    """The same protocol with its cards, rules, questions and layers in the opposite order, from files."""
    rules = tmp_path_factory.mktemp("turned") / "rules"
    shutil.copytree(shipped_rules(), rules)

    class Plain(yaml.SafeLoader):
        pass

    class Quoted(yaml.SafeDumper):
        pass

    Plain.yaml_implicit_resolvers = {}  # every scalar stays the text that it is
    for path in rules.glob("*/*.yaml"):
        if path.parent.name == "sources":
            continue
        found = yaml.load(path.read_text("utf-8"), Plain)
        found.pop("cases", None)
        for part in ("ask", "rules"):
            if part in found:
                found[part] = dict(reversed(found[part].items()))
        for part in ("cards", "include", "screens", "self_care"):
            if part in found:
                found[part] = found[part][::-1]
        path.write_text(yaml.dump(found, Dumper=Quoted, sort_keys=False, allow_unicode=True), "utf-8")
    return load(rules / protocol.id)


@given(data=st.data())
def test_order_of_rules_and_cards_does_not_matter(protocol, turned_round, tools, data):
    answers = data.draw(tools.answers_of(protocol))
    one, other = advise(protocol, answers), advise(turned_round, answers)

    assert list(protocol.questions) != list(turned_round.questions)
    for name in ("level", "at_least", "could_be", "finished", "headline", "first", "contact"):
        assert getattr(one, name) == getattr(other, name)
    for name in ("reasons", "watch_for", "settle", "contradictions", "self_care"):
        assert {str(part) for part in getattr(one, name)} == {str(part) for part in getattr(other, name)}, (
            name
        )


# more never lowers


@given(data=st.data())
def test_adding_a_symptom_never_lowers(protocol, tools, data):
    """From "no", "not known" or "not asked" to "yes": nothing goes down but what was merely possible."""
    answers = data.draw(tools.answers_of(protocol))
    yes_no = [one.id for one in protocol.questions.values() if one.answer.kind == "yes-no"]
    symptom = data.draw(st.sampled_from(yes_no))
    from_no = tools.advised(protocol, {**answers, symptom: False})
    after = tools.advised(protocol, {**answers, symptom: True})

    assert from_no[0] <= after[0]
    assert from_no[1] <= after[1]


@given(data=st.data())
def test_worsening_a_value_never_lowers(protocol, tools, data):
    """More poos, more days, a temperature further from 36 to 37.5."""
    answers = data.draw(tools.answers_of(protocol))
    numbers = [one for one in protocol.questions.values() if one.answer.is_number]
    question = data.draw(st.sampled_from(numbers))
    one, other = sorted(data.draw(tools.known(protocol, question)) for _ in range(2))
    if question.answer.kind == "temperature":
        assume(one >= 36 or other <= 37.5)
        milder, worse = (one, other) if one >= 36 else (other, one)
    else:
        milder, worse = one, other
    before = tools.advised(protocol, {**answers, question.id: milder})
    after = tools.advised(protocol, {**answers, question.id: worse})

    assert before[0] <= after[0]
    assert before[1] <= after[1]


# the interview


def oracle_of(data, tools, protocol):
    """An answer to every question, "don't know" among them, from somebody who reports little or much."""
    often_no = data.draw(st.booleans())
    oracle = {}
    for one, question in protocol.questions.items():
        kinds = ["usual"] * (12 if often_no else 0) + ["known", "known", "unknown"]
        kind = data.draw(st.sampled_from(kinds))
        oracle[one] = {"usual": tools.usual(question), "unknown": None}.get(kind)
        if kind == "known":
            oracle[one] = data.draw(tools.known(protocol, question))
    return oracle


@given(data=st.data())
def test_short_interview_ends_at_the_same_level_as_asking_everything(protocol, tools, data):
    oracle = oracle_of(data, tools, protocol)
    short, end = tools.walked(protocol, oracle, everything=False)
    full, full_end = tools.walked(protocol, oracle, everything=True)

    assert set(short) <= set(full)
    assert Done("all", more=False) == full_end
    assert tools.advised(protocol, full)[1] == tools.advised(protocol, short)[1]
    assert end.more == (end.why == "settled")
    assert advise(protocol, short, watch=False).finished
    assert advise(protocol, full, watch=False).finished


@given(data=st.data())
def test_the_interview_always_ends(protocol, tools, data):
    """Whatever it starts from, each screen is new and applies, and there is a last one."""
    answers = data.draw(tools.answers_of(protocol))
    interview = Interview(protocol)
    everything = data.draw(st.booleans())
    for _ in range(len(protocol.questions) + 1):
        step = interview.next_screen(answers, everything=everything)
        if isinstance(step, Done):
            break
        for one in step.questions:
            assert one.id not in answers
            assert applies(protocol, answers, one.id) is Truth.TRUE
        answers |= {
            one.id: data.draw(tools.known(protocol, protocol.questions[one.id])) for one in step.questions
        }
    assert isinstance(step, Done)
    assert isinstance(interview.next_question(answers, everything=everything), Done)


@given(data=st.data())
@examples(15)
def test_random_walks_equal_a_fresh_run(protocol, tools, data):
    """Answer, back, change, go on: what is left is what a fresh run on the same answers has."""
    walk = Walk(Interview(protocol))
    for _ in range(data.draw(st.integers(1, 14))):
        step = walk.step()
        kinds = ["answer"] * 4 + ["back", "go on"] + ["change"] * bool(walk.answers)
        match data.draw(st.sampled_from(kinds)):
            case "answer" if not isinstance(step, Done):
                walk = walk.answer(
                    {one.id: data.draw(answer_to(protocol, tools, one.id)) for one in step.questions}
                )
            case "back":
                walk = walk.back()
            case "change":
                one = data.draw(st.sampled_from(list(walk.answers)))
                walk = walk.change({one: data.draw(answer_to(protocol, tools, one))})
            case "go on":
                walk = walk.go_on()

    fresh = (
        Walk(Interview(protocol)).answer(dict(walk.answers)) if walk.answers else Walk(Interview(protocol))
    )
    assert walk.answers == fresh.answers
    assert advise(protocol, fresh.answers).to_json() == advise(protocol, walk.answers).to_json()
    for one in walk.answers:
        assert applies(protocol, walk.answers, one) is not Truth.FALSE
    assert set(walk.answers) <= {one for step in walk.trail for one in step}
    while walk.can_go_back:
        shorter = walk.back()
        assert len(shorter.answers) < len(walk.answers)
        walk = shorter
    assert {} == dict(walk.answers)


def answer_to(protocol, tools, one):
    question = protocol.questions[one]
    yes_or_no = st.sampled_from([tools.usual(question), None])
    return tools.known(protocol, question) | yes_or_no


# open ends


@given(data=st.data())
@examples(20)
def test_watch_for_really_raises(protocol, tools, data):
    """The change that each line names, made, raises the level at least to the line's own."""
    answers = data.draw(tools.answers_of(protocol))
    advice = advise(protocol, answers)
    reading = Reading(protocol, check_answers(protocol, answers).values)
    rules = {rule.id: rule for rule in protocol.rules}
    for item in advice.watch_for:
        assert protocol.ranks[advice.level] < protocol.ranks[item.level]
        raised = []
        for term in rules[item.rule].terms:
            needed = [test for test in term if reading.test(test) is not Truth.TRUE]
            words = {watch_words(test, protocol.questions[test.question], "you") for test in needed}
            if words == set(item.text.split(" and ")) or " and ".join(words) == item.text:
                change = {
                    test.question: tools.smallest_change(test, protocol.questions[test.question])
                    for test in needed
                }
                raised.append(tools.advised(protocol, {**answers, **change})[1])
        assert raised
        assert max(raised) >= protocol.ranks[item.level]


@given(data=st.data())
@examples(20)
def test_settle_questions_matter(protocol, tools, data):
    """They are there where more is possible, reach what they say, and answering them all settles it."""
    answers = data.draw(tools.answers_of(protocol))
    while True:
        advice = advise(protocol, answers, watch=False)
        at_least, _, could_be = tools.ranks(protocol, advice)
        open_ones = [one.question for one in advice.settle]
        assert bool(open_ones) == (could_be > at_least)
        if open_ones:
            assert could_be == max(protocol.ranks[one.could_reach] for one in advice.settle)
        for one in advice.settle:
            assert protocol.ranks[one.could_reach] > at_least
        unknown = [one for one in open_ones if answers.get(one) is None]
        if not unknown:
            break
        answers[unknown[0]] = data.draw(tools.known(protocol, protocol.questions[unknown[0]]))
    for one in open_ones:  # known, and yet open: hidden by a medicine, or contradicted
        hidden = protocol.questions[one].not_reassuring_if is not None
        assert hidden or advice.contradictions


@given(data=st.data())
def test_finished_means_nothing_left_can_change_the_level(protocol, tools, data):
    """Whatever is answered to the questions that apply and have not been asked."""
    answers = data.draw(tools.answers_of(protocol))
    advice = advise(protocol, answers, watch=False)
    if not advice.finished:
        answers, _ = tools.walked(protocol, oracle_of(data, tools, protocol), everything=False)
        advice = advise(protocol, answers, watch=False)
    assert advice.finished
    interview = Interview(protocol)
    while not isinstance(step := interview.next_question(answers, everything=True), Done):
        answers[step.id] = data.draw(answer_to(protocol, tools, step.id))
        assert protocol.ranks[advice.level] == tools.advised(protocol, answers)[1]


# the same, every time


@pytest.fixture(scope="module")
def again(protocol):
    """The same protocol, loaded once more."""
    return load(protocol.id)


@given(data=st.data())
@examples(10)
def test_same_answers_same_bytes(protocol, again, tools, data):
    answers = data.draw(tools.answers_of(protocol))

    first = advise(protocol, answers).to_json().encode()
    assert first == advise(protocol, dict(answers)).to_json().encode()
    assert first == advise(again, dict(answers)).to_json().encode()


@pytest.mark.one_in(2)
def test_same_answers_same_bytes_in_another_process_with_other_hashes(protocol):
    """Python's hashes of texts differ from process to process; no order may follow them."""
    code = (
        "import sys, whentocall as w\n"
        "p = w.load(sys.argv[1]); ids = list(p.questions)\n"
        "for start in range(4):\n"
        "    a = {q: True for q in ids[start::5] if p.questions[q].answer.kind == 'yes-no'}\n"
        "    print(w.advise(p, a).to_json())\n"
        "print(w.advise(p, {}).to_json())\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, protocol.id],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in (1, 2, 3)
    }

    assert 1 == len(outputs)


# every sentence of the documents that tells people to contact somebody

REACHED = {
    "A-C1": ("all-targeted-drugs", {"thinks_infection": True}, "immediately", "A-07"),
    "A-C2 high": ("all-targeted-drugs", {"temperature": 37.6}, "immediately", "A-08"),
    "A-C2 low": ("all-targeted-drugs", {"temperature": 35.9}, "immediately", "A-08"),
    "A-C2 unwell": ("all-targeted-drugs", {"generally_unwell": True}, "immediately", "A-08"),
    "A-C3": ("all-targeted-drugs", {"diarrhoea": True, "loose_stools": 4}, "contact", "A-23"),
    "A-C4": ("all-targeted-drugs", {"diarrhoea": True, "cannot_replace_fluid": True}, "contact", "A-24"),
    "A-C5": ("all-targeted-drugs", {"diarrhoea": True, "diarrhoea_days": 4}, "contact", "A-25"),
    "A-C6": ("all-targeted-drugs", {"constipation": True, "constipation_days": 4}, "tell", "A-31"),
    "A-C7": ("all-targeted-drugs", {"tummy_pain": True}, "tell", "A-37"),
    "A-C8": ("all-targeted-drugs", {"headache": True, "muscle_aches": True}, "urgently", "A-40"),
    "A-C9": ("all-targeted-drugs", {"headache": True}, "tell", "A-41"),
    "A-C10": ("all-targeted-drugs", {"something_else": True}, "tell", "A-45"),
    "N-C1": ("neuroblastoma-targeted-therapy", {"side_effect": True}, "tell", "N-15"),
    "N-C1 thinks": ("neuroblastoma-targeted-therapy", {"side_effect_unsure": True}, "tell", "N-15"),
}


@pytest.mark.parametrize("sentence", REACHED)
def test_every_contact_sentence_is_reached(tools, sentence):
    """By a person with nothing else, at the sentence's own level, with the sentence as its source."""
    name, reported, level, cited = REACHED[sentence]
    protocol = tools.loaded(name)
    nothing = {one.id: tools.usual(one) for one in protocol.questions.values() if one.only_if is None}
    rest = {
        one.id: tools.usual(one) if one.answer.kind == "yes-no" else 0
        for one in protocol.questions.values()
        if one.only_if is not None and set(questions(one.only_if)) & set(reported)
    }
    rest |= {"when_started": "during"} if "when_started" in rest else {}
    advice = advise(protocol, {**nothing, **rest, **reported})

    assert (level, ()) == (advice.level, advice.problems)
    assert cited in {one for reason in advice.reasons for one in reason.source.sentences}
