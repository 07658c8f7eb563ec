"""The same promises over protocols at random: whatever conditions a clinician may write."""

from hypothesis import assume, given
from hypothesis import strategies as st

from support import plain_reference as plain
from support.effort import examples
from whentocall import Interview, advise
from whentocall.engine.answers import check_answers
from whentocall.engine.durable import DurableEngine
from whentocall.engine.reference import AS_THEY_ARE, AT_BEST, AT_WORST, Reading
from whentocall.interview.flow import Done
from whentocall.protocol.conditions import Truth, terms, truth
from whentocall.protocol.conditions import tests as comparisons


def drawn(tools, data, **kinds):
    """A protocol at random, and answers to it."""
    protocol = data.draw(tools.protocols(**kinds))
    return protocol, data.draw(tools.answers_of(protocol, quiet=False))


def without_contradiction(protocol, answers):
    return not Reading(protocol, check_answers(protocol, answers).values).contradictory


@given(data=st.data())
@examples(60)
def test_engine_and_reference_agree(tools, data):
    protocol, answers = drawn(tools, data)
    values = check_answers(protocol, answers).values
    held = {index for index, found in enumerate(Reading(protocol, values).rules()) if found is Truth.TRUE}

    assert held == protocol.once(DurableEngine).fired(values)


ROWS = {AS_THEY_ARE: plain.NotAsked.OPEN, AT_BEST: plain.NotAsked.BEST, AT_WORST: plain.NotAsked.WORST}


@given(data=st.data())
@examples(75)
def test_the_program_says_the_same_as_its_meaning(tools, data):
    """Run on a person, against the plain recursion; also at best and at worst."""
    protocol, answers = drawn(tools, data)
    values = check_answers(protocol, answers).values
    reading = Reading(protocol, values)
    for row, not_asked in ROWS.items():
        slow = plain.plain_read(protocol, values, not_asked)
        sure, possible = reading._results.sure, reading._results.possible
        truths = [bool(one & row) + bool(other & row) for one, other in zip(sure, possible, strict=True)]
        assert list(slow.rules()) == truths

    slow = plain.plain_read(protocol, values)
    assert plain.plain_contradictions(protocol, values) == reading.contradictory
    for one in protocol.questions:
        assert plain.PlainReading(protocol, values).applies(one) is reading.applies(one)
    for rule in protocol.rules:
        assert slow.condition(rule.when) is reading.condition(rule.when)
        for test in comparisons(rule.when):
            assert slow.test(test) is reading.test(test)


@given(data=st.data())
@examples(60)
def test_terms_say_the_same_as_the_condition(tools, data):
    """The smallest sets of comparisons that the engine is given, against the condition itself."""
    protocol, answers = drawn(tools, data)
    reading = Reading(protocol, check_answers(protocol, answers).values)
    for rule in protocol.rules:
        by_terms = max(min(reading.test(test) for test in term) for term in terms(rule.when))
        assert truth(rule.when, reading.test) is by_terms
        for term in rule.terms:
            assert not any(other < term for other in rule.terms)
            assert set(term) <= set(comparisons(rule.when))


@given(data=st.data())
def test_the_level_shown_lies_between_what_is_sure_and_what_is_possible(tools, data):
    protocol, answers = drawn(tools, data)
    at_least, shown, could_be = tools.advised(protocol, answers)

    assert at_least <= shown <= could_be
    assert min(could_be, protocol.unsettled_rank) <= shown


@given(data=st.data())
@examples(50)
def test_not_knowing_never_lowers(tools, data):
    """Not known, or not asked: never below the least urgent of all that it could be.

    Rules that between them take every value of a question are in tests/engine/test_found.py.
    """
    protocol, answers = drawn(tools, data, one_way=True)
    question = data.draw(st.sampled_from(list(protocol.questions.values())))
    left_out = {one: given for one, given in answers.items() if one != question.id}
    reading = Reading(protocol, check_answers(protocol, left_out).values)
    assume(reading.applies(question.id) is not Truth.FALSE)  # else every value would be a contradiction
    with_value = [
        tools.advised(protocol, {**left_out, question.id: value}) for value in every_value(question)
    ]

    for without in (left_out, {**left_out, question.id: None}):
        assert min(shown for _, shown, _ in with_value) <= tools.advised(protocol, without)[1]


def every_value(question):
    """Every answer that can make a difference."""
    answer = question.answer
    match answer.kind:
        case "yes-no":
            return [True, False]
        case "one-of":
            return list(question.options)
        case "temperature":
            return [tenths / 10 for tenths in range(int(answer.low) * 10, int(answer.high) * 10 + 1)]
    return list(range(int(answer.low), int(answer.high) + 1))


@given(data=st.data())
@examples(50)
def test_not_knowing_never_hides_what_is_possible(tools, data):
    """An open question that applies keeps all of its values possible."""
    protocol, answers = drawn(tools, data, follow_ups=False)
    question = data.draw(st.sampled_from(list(protocol.questions.values())))
    value = data.draw(tools.known(protocol, question))
    _, _, could_be = tools.advised(protocol, {**answers, question.id: value})
    left_out = {one: given for one, given in answers.items() if one != question.id}

    assert could_be <= tools.advised(protocol, {**answers, question.id: None})[2]
    assert could_be <= tools.advised(protocol, left_out)[2]


@given(data=st.data())
@examples(50)
def test_adding_a_symptom_never_lowers(tools, data):
    """In a protocol of conditions on "yes" alone, without follow-ups."""
    protocol, answers = drawn(tools, data, only_yes=True, follow_ups=False)
    one = data.draw(st.sampled_from(list(protocol.questions)))
    before = tools.advised(protocol, {**answers, one: False})
    after = tools.advised(protocol, {**answers, one: True})

    assert all(low <= high for low, high in zip(before, after, strict=True))


@given(data=st.data())
@examples(50)
def test_finished_is_sound(tools, data):
    """No answers to the questions that apply and have not been asked change the level shown."""
    protocol, answers = drawn(tools, data)
    answers = dict(answers)
    assume(without_contradiction(protocol, answers))
    interview = Interview(protocol)
    finished = None
    for _ in range(len(protocol.questions) + 1):
        shown = tools.advised(protocol, answers)[1]
        if finished is not None:
            assert finished == shown
        elif Reading(protocol, check_answers(protocol, answers).values).finished:
            finished = shown
        step = interview.next_question(answers, everything=True)
        if isinstance(step, Done):
            break
        known = tools.known(protocol, protocol.questions[step.id])
        answers[step.id] = data.draw(known | st.none())
    assert finished is not None


@given(data=st.data())
@examples(50)
def test_short_interview_ends_at_the_same_level_as_asking_everything(tools, data):
    protocol = data.draw(tools.protocols())
    oracle = {
        one: data.draw(tools.known(protocol, question) | st.none())
        for one, question in protocol.questions.items()
    }
    short, _ = tools.walked(protocol, oracle, everything=False)
    full, _ = tools.walked(protocol, oracle, everything=True)

    assert tools.advised(protocol, full)[1] == tools.advised(protocol, short)[1]


@given(data=st.data())
@examples(50)
def test_watch_for_never_names_a_change_that_cannot_happen(tools, data):
    """Every line's change can be made, and making it reaches the line's level.

    Two comparisons of one answer that must hold together are in tests/engine/test_found.py.
    """
    protocol, answers = drawn(tools, data)
    advice = advise(protocol, answers)
    values = check_answers(protocol, answers).values
    reading = Reading(protocol, values)
    rules = {rule.id: rule for rule in protocol.rules}
    for item in advice.watch_for:
        reached = []
        if any(len({test.question for test in term}) < len(term) for term in rules[item.rule].terms):
            continue
        for term in rules[item.rule].terms:
            needed = [test for test in term if reading.test(test) is not Truth.TRUE]
            change = {
                test.question: tools.smallest_change(test, protocol.questions[test.question])
                for test in needed
            }
            reached.append(tools.advised(protocol, {**answers, **change})[0])
        assert max(reached) >= protocol.ranks[item.level]


@given(data=st.data())
@examples(50)
def test_settle_is_there_where_more_is_possible(tools, data):
    protocol, answers = drawn(tools, data)
    advice = advise(protocol, answers, watch=False)
    at_least, _, could_be = tools.ranks(protocol, advice)

    assert bool(advice.settle) == (could_be > at_least)
    assert could_be == max([at_least, *(protocol.ranks[one.could_reach] for one in advice.settle)])


@given(data=st.data())
@examples(30)
def test_a_stale_answer_is_named_and_counts(tools, data):
    """An answer to a question that does not apply is a contradiction, and can only raise."""
    protocol, answers = drawn(tools, data, masks=False)
    values = check_answers(protocol, answers).values
    stale = Reading(protocol, values).contradictory
    cleaned = {one: given for one, given in answers.items() if one not in stale}

    assert set(stale) == {one.question for one in advise(protocol, answers, watch=False).contradictions}
    for one in stale:
        assert Reading(protocol, values).applies(one) is Truth.FALSE
    if without_contradiction(protocol, cleaned):
        assert tools.advised(protocol, cleaned)[0] <= tools.advised(protocol, answers)[0]


def test_the_protocols_at_random_have_what_they_are_to_test(tools):
    """So that the promises above are not kept for want of anything to break them."""
    found = set()

    @given(data=st.data())
    @examples(50)
    def look(data):
        protocol, answers = drawn(tools, data)
        for one, question in protocol.questions.items():
            found.add(question.answer.kind)
            if question.only_if is not None:
                found.add("only_if")
            if question.not_reassuring_if is not None:
                found.add("not_reassuring_if")
            if answers.get(one, False) is None:
                found.add("don't know")
        found.update(type(rule.when).__name__ for rule in protocol.rules)
        found.add(advise(protocol, answers, watch=False).level)
        found.update("contradiction" for _ in Reading(protocol, answers).contradictory)

    look()
    assert {"yes-no", "whole-number", "temperature", "one-of"} <= found
    assert {"only_if", "not_reassuring_if", "don't know", "contradiction"} <= found
    assert {"Test", "AllOf", "AnyOf", "AtLeast", "none", "contact", "emergency"} <= found
