"""A result replayed: the same bytes, or what has changed, in sentences; whatever the file says."""

import io
import json
import shutil
import sys
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from support.effort import examples
from whentocall import AnswersError, RulesError, UnknownProtocol, WhentocallError, advise, load
from whentocall.cli import Exit, main
from whentocall.conformance import replay as replay_module
from whentocall.conformance.replay import MAX_RESULT, NotAResult, replay
from whentocall.conformance.vectors import vectors

ALL = "all-targeted-drugs"
RULES = Path(__file__).parents[1] / "traffic_lights" / "rules"
NAME = "pump-line"
SOME = {
    "extra_poos": 2,
    "mouth": None,
    "temperature": {"value": 99.1, "unit": "°F"},
    "took_fever_medicine": True,
}

WELL = {
    "extra_poos": 0,
    "mouth": "none",
    "temperature": 36.8,
    "took_fever_medicine": False,
    "medicine": "plain",
}


@cache
def loaded(name, rules=None):
    return load(name, rules=rules)


def result(answers=None, **how):
    """A result of the made-up protocol, as the object that its JSON says."""
    return json.loads(advise(loaded(NAME, RULES), SOME if answers is None else answers, **how).to_json())


def text_of(said):
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def edited(path, value):
    """The result with one part changed, such as `contact.number`."""
    said = result()
    *parents, last = path.split(".")
    part = said
    for name in parents:
        part = part[name]
    part[last] = value
    return said


@pytest.fixture
def once_loaded(monkeypatch):
    """Rules are read once, so that hundreds of results can be replayed."""
    monkeypatch.setattr(replay_module, "load", loaded)


class Copy:
    """A copy of the rules that a test may change."""

    def __init__(self, folder):
        self.rules = shutil.copytree(RULES, folder / "rules")

    def change(self, file, before, after):
        path = self.rules / NAME / file
        text = path.read_text("utf-8")
        assert 1 == text.count(before), f"{before!r} in {file}"
        path.write_text(text.replace(before, after), "utf-8")


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path)


# the same again


@pytest.mark.parametrize("voice", ["you", "they"])
@pytest.mark.parametrize("watch", [True, False])
def test_a_result_replayed_has_the_same_bytes(voice, watch):
    before = text_of(result(voice=voice, watch=watch, numbers={"pump-team": "1", "ward": "020 7946 0000"}))
    for said in (before, before.encode(), json.loads(before)):
        replayed = replay(said, rules=RULES)
        assert (True, (), False) == (replayed.same, replayed.changes, replayed.fault)
        assert before == replayed.now.to_json()
        assert json.loads(before) == dict(replayed.before)


def test_the_phone_number_that_was_shown_is_shown_again():
    before = advise(load(ALL), {"headache": True}, numbers={"advice-line": "020 7946 0000"})
    replayed = replay(before.to_json())
    assert "020 7946 0000" == replayed.now.contact.number
    assert replayed.same


def test_the_layout_does_not_count():
    assert replay(json.dumps(result(), sort_keys=True), rules=RULES).same


@pytest.mark.one_in(2)
@pytest.mark.parametrize("name", [ALL, "neuroblastoma-targeted-therapy", NAME])
@pytest.mark.usefixtures("once_loaded")
def test_the_results_of_conformance_vectors_are_replayed_with_the_same_bytes(name):
    rules = RULES if name == NAME else None
    protocol = loaded(name, rules or replay_module.shipped_rules())
    kept = [one for one in vectors(protocol) if "refused" not in one.expect]
    for vector in kept[:: 2 if name == NAME else 5]:
        before = advise(protocol, vector.answers).to_json()
        replayed = replay(before, rules=rules)
        assert (True, before) == (replayed.same, replayed.now.to_json()), vector


# what has changed


def test_other_wording_is_named_with_the_versions_and_hashes(copy):
    before = result()
    copy.change("protocol.yaml", 'version: "1.0"', 'version: "1.1"')
    replayed = replay(before, rules=copy.rules)
    old, new = before["protocol"]["sha256"][:12], replayed.now.protocol.sha256[:12]
    told = f"the rules have changed: then version 1.0 ({old}), now version 1.1 ({new})"
    assert (False, (told,), False) == (replayed.same, replayed.changes, replayed.fault)


def test_a_lower_level_is_said_loudly_with_the_reasons_behind_it(copy):
    before = result({"mouth": "cannot_eat", "medicine": "plain"})
    assert "red" == before["level"]
    copy.change("sore-mouth.yaml", "level: red\n    because: A mouth", "level: amber\n    because: A mouth")
    replayed = replay(before, rules=copy.rules)
    assert "amber" == replayed.now.level
    _, level, at_least, *others = replayed.changes
    assert "the level was 'red' and is 'amber' now: LESS urgent" == level
    assert at_least.endswith("was 'red' and is 'amber' now: LESS urgent")
    assert "a changed reason: pump-line/sore-mouth/too-sore-to-eat" in others


def test_a_higher_level_and_a_new_reason_are_named(copy):
    before = result(WELL | {"extra_poos": 1})
    copy.change("loose-poos.yaml", "{extra_poos: at least 2}", "{extra_poos: at least 1}")
    replayed = replay(before, rules=copy.rules)
    assert "the level was 'green' and is 'amber' now: more urgent" in replayed.changes
    assert "a new reason: pump-line/loose-poos/some" in replayed.changes
    assert any(one.startswith("also changed: contact, headline, first") for one in replayed.changes)


def test_a_reason_that_is_gone_is_named(copy):
    before = result({"extra_poos": 2, "mouth": "cannot_eat"})
    copy.change("loose-poos.yaml", "{extra_poos: at least 2}", "{extra_poos: at least 3}")
    assert any(
        one.startswith("no longer a reason: ") and "pump-line/loose-poos/some" in one
        for one in replay(before, rules=copy.rules).changes
    )


def test_a_signature_since_then_is_no_fault():
    said = edited("protocol.signed_off", value=True)
    replayed = replay(said, rules=RULES)
    told = "the rules were signed off then, and are not now"
    assert (False, (told,), False) == (replayed.same, replayed.changes, replayed.fault)


def test_other_content_by_the_same_rules_is_a_fault_and_is_said_first():
    replayed = replay(edited("level", "green"), rules=RULES)
    assert replayed.fault
    assert replayed.changes[0].startswith("FAULT: the rules are exactly the same")
    assert "the level was 'green' and is 'amber' now: more urgent" in replayed.changes


UNREADABLE = "the reasons in the result cannot be read: each must name its rule, and no rule twice"


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("headline", "Wait", "also changed: headline"),
        ("finished", 0, "also changed: finished"),
        ("contact.how_soon", "Never", "also changed: contact"),
        ("at_least", None, "'at_least' was 'None' and is 'amber' now"),
        ("could_be", "blue", "'could_be' was 'blue' and is 'red' now; the old level no longer exists"),
        ("reasons", [], "a new reason: pump-line/loose-poos/some"),
        ("reasons", [1], UNREADABLE),
        ("reasons", None, UNREADABLE),
        ("unheard_of", 1, "also changed: unheard_of"),
        ("protocol.version", "9", "the result names version 9 (SHA), but these rules are version 1.0 (SHA)"),
        ("protocol.more", 1, "also changed in 'protocol': more"),
        ("request.answers.extra_poos", 2.0, "also changed: request"),
    ],
)
def test_an_edit_is_a_fault_and_what_was_edited_is_named(path, value, told):
    replayed = replay(edited(path, value), rules=RULES)
    sha = replayed.now.protocol.sha256[:12]
    assert (False, True) == (replayed.same, replayed.fault)
    assert told.replace("SHA", sha) in replayed.changes


def test_reasons_in_another_order_are_said():
    said = result({"extra_poos": 2, "mouth": "painful", "medicine": "plain"})
    said["reasons"].reverse()
    assert "the reasons are in another order" in replay(said, rules=RULES).changes


def test_what_a_file_names_is_cut_and_made_printable():
    said = result()
    said |= {f"key{number}\x1b[2J{'x' * 500}": 1 for number in range(50)}
    (told,) = [one for one in replay(said, rules=RULES).changes if one.startswith("also changed")]
    assert told.isprintable()
    assert told.endswith(", and 40 more")
    assert len(told) < 1000


def test_a_replay_cannot_be_changed():
    replayed = replay(result(), rules=RULES)
    with pytest.raises(AttributeError):
        replayed.same = False
    with pytest.raises(TypeError):
        replayed.before["level"] = "green"


# what cannot be replayed


def test_an_answer_that_the_rules_refuse_now_is_an_answers_error():
    with pytest.raises(AnswersError, match="extra_poos: 2000 is not a whole number"):
        replay(edited("request.answers.extra_poos", 2000), rules=RULES)


def test_a_protocol_that_is_gone_is_named():
    with pytest.raises(UnknownProtocol, match="'pump-lines', which no longer exists; did you mean"):
        replay(edited("protocol.id", "pump-lines"), rules=RULES)


@pytest.mark.parametrize("name", ["", ".", "..", "../pump-line", "sources", "/", "pump-line/", "a\0b"])
def test_a_result_cannot_name_a_folder(name):
    """A file from elsewhere may say anything; only a protocol of the rules folder is read."""
    with pytest.raises(UnknownProtocol):
        replay(edited("protocol.id", name), rules=RULES)


def test_a_path_as_protocol_is_not_read(tmp_path):
    copied = Copy(tmp_path).rules / NAME
    with pytest.raises(UnknownProtocol):
        replay(edited("protocol.id", str(copied)), rules=RULES)


def test_rules_that_cannot_be_used_are_said(copy):
    copy.change("protocol.yaml", 'version: "1.0"', "colour: green")
    with pytest.raises(RulesError):
        replay(result(), rules=copy.rules)


def test_rules_that_are_not_there_are_said(tmp_path):
    with pytest.raises(UnknownProtocol, match="there is no folder"):
        replay(result(), rules=tmp_path / "none")


HOSTILE = {
    "nothing": ("", "not JSON"),
    "no JSON": ("{'level': 1}", "not JSON"),
    "two of them": (f"{text_of(result())}{text_of(result())}", "not JSON"),
    "a list": ("[]", "expected an object"),
    "a number": ("7", "expected an object"),
    "no result": ("{}", "'protocol.id' should be the name of a protocol"),
    "answers": ('{"headache": true}', "'protocol.id'"),
    "a number that is none": ('{"level": NaN}', "NaN"),
    "infinity": ('{"level": -Infinity}', "-Infinity"),
    "the same twice": ('{"level": 1, "level": 2}', "'level' appears twice"),
    "not UTF-8": (b'{"level": "\xff"}', "UTF-8"),
    "half a character": ('{"level": "\\ud800"}', "half a character"),
    "a very long number": (f'{{"level": {"9" * 5000}}}', "UTF-8"),
    "deep": ("[" * 100_000, "deep"),
    "deep and whole": ('{"a":' * 500 + "1" + "}" * 500, "deep"),
    "deep beside a result": (text_of({**result(), "a": json.loads("[" * 60 + "]" * 60)}), "deep"),
    "huge": (" " * (MAX_RESULT + 1), "at most 10,000,000 bytes"),
    "null bytes": (b"\0" * 100, "JSON"),
    "an older result": (text_of({"protocol": result()["protocol"], "level": "red"}), "'request.answers'"),
}


@pytest.mark.parametrize(("text", "told"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_result_is_refused_in_one_sentence(text, told):
    with pytest.raises(NotAResult) as caught:
        replay(text, rules=RULES)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("protocol", []),
        ("protocol.id", 1),
        ("protocol.version", None),
        ("protocol.sha256", 7),
        ("protocol.signed_off", "no"),
        ("request", None),
        ("request.answers", [1]),
        ("request.answers", None),
        ("request.voice", "we"),
        ("request.voice", ["you"]),
        ("request.watch", 1),
        ("level", {"red": 1}),
        ("contact", "advice-line"),
    ],
)
def test_a_result_without_what_a_replay_needs_is_refused_and_the_part_named(path, value):
    with pytest.raises(NotAResult, match=f"'{path}"):
        replay(edited(path, value), rules=RULES)


@pytest.mark.parametrize(
    ("who", "number"), [(["team"], "1"), ("team", 1), (None, "1"), ("team", None), ({}, {})]
)
def test_a_strange_phone_number_is_not_shown(who, number):
    said = result()
    said["contact"] |= {"who": who, "number": number}
    assert replay(said, rules=RULES).now.contact.number is None


@pytest.mark.parametrize("said", [None, 7, ["level"], object()])
def test_something_else_than_a_result_is_refused(said):
    with pytest.raises(NotAResult):
        replay(said, rules=RULES)


def test_an_object_that_json_cannot_say_is_refused():
    circle = result()
    circle["more"] = circle
    for said in (
        circle,
        result() | {"more": {1, 2}},
        result() | {"more": object()},
        result() | {"more": 10**9999},
    ):
        with pytest.raises(NotAResult, match="JSON cannot represent"):
            replay(said, rules=RULES)


# the record of `ask --save`


def record(**changes):
    said = result()
    whole = {"made": "2026-11-21T07:00+00:00", "voice": "you", "finished": said["finished"]}
    return {**whole, "answers": deepcopy(said["request"]["answers"]), "advice": said, **changes}


def test_a_record_is_replayed_by_the_advice_in_it():
    replayed = replay(text_of(record()), rules=RULES)
    assert replayed.same
    assert text_of(result()) == replayed.now.to_json()
    assert result() == dict(replayed.before)


@pytest.mark.parametrize(("name", "value"), [("voice", "they"), ("answers", {}), ("finished", 1)])
def test_a_record_that_does_not_fit_its_advice_is_a_fault(name, value):
    replayed = replay(record(**{name: value}), rules=RULES)
    assert (False, True) == (replayed.same, replayed.fault)
    assert any(one.startswith(f"'{name}' in the record differs") for one in replayed.changes)


# whatever is edited

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["you", "they", "red", "green", NAME, "team", [], {}, "\ud800", 10**400])
)
VALUES = st.recursive(
    LEAVES,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
)


@st.composite
def edits(draw):
    """A result, or a record, with a few of its parts changed, taken out, or added to."""
    said = draw(st.sampled_from([result(), record(), result({}), result({"temperature": 38.5}, watch=False)]))
    said = deepcopy(said)
    for _ in range(draw(st.integers(1, 3))):
        part = said
        while True:
            keys = list(part) if isinstance(part, dict) else list(range(len(part)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(part[key], dict | list) and draw(st.booleans()):
                part = part[key]
                continue
            match draw(st.sampled_from(["change", "take out", "add"])):
                case "change":
                    part[key] = draw(VALUES)
                case "take out":
                    del part[key]
                case "add" if isinstance(part, dict):
                    part[draw(st.text(max_size=8))] = draw(VALUES)
            break
    return said


@examples(200)
@given(edits())
@pytest.mark.usefixtures("once_loaded")
def test_an_edited_result_is_told_from_a_true_one_and_nothing_else_escapes(said):
    try:
        replayed = replay(said, rules=RULES)
    except WhentocallError:
        return
    now = json.dumps(json.loads(replayed.now.to_json()), sort_keys=True)
    before = json.dumps(dict(replayed.before), sort_keys=True)
    beside = any("in the record differs" in one for one in replayed.changes)
    assert replayed.same == (now == before and not beside)
    assert replayed.same == (not replayed.changes)
    assert all(one.isprintable() and len(one) < 1000 for one in replayed.changes)


@examples(200)
@given(VALUES.map(json.dumps) | st.binary(max_size=50) | st.text(max_size=50))
@example('{"protocol": {"id": "pump-line"}}')
@pytest.mark.usefixtures("once_loaded")
def test_any_text_is_refused_with_an_error_of_ours(text):
    with pytest.raises(WhentocallError):
        replay(text, rules=RULES)


# the command line


@pytest.fixture
def run(capsysbinary, monkeypatch, tmp_path):
    """`run("replay", …, stdin=…)` gives exit code, output and errors."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("WHENTOCALL_RULES", raising=False)

    def run_(*args, stdin=""):
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        code = main(list(args))
        out, err = capsysbinary.readouterr()
        assert b"Traceback" not in out + err
        return code, out, err.decode()

    return run_


def test_what_advise_wrote_is_replayed_with_the_same_bytes(run, tmp_path):
    number = "advice-line=020 7946 0000"
    answers = '{"temperature": {"value": 101.5, "unit": "°F"}, "headache": null}'
    _, written, _ = run(
        "advise", ALL, "--answers", "-", "--json", "--carer", "--number", number, stdin=answers
    )
    file = tmp_path / "result.json"
    file.write_bytes(written)
    assert b"020 7946 0000" in written
    assert (Exit.DONE, written, "") == run("replay", str(file))
    assert (Exit.DONE, written, "") == run("replay", "-", stdin=written)


def test_what_ask_wrote_is_replayed(run, tmp_path):
    result_file, summary = tmp_path / "result.json", tmp_path / "summary.txt"
    run("ask", ALL, "--me", "--plain", "--json", str(result_file), "--save", str(summary), stdin="3\n")
    written = result_file.read_bytes()
    assert (Exit.DONE, written, "") == run("replay", str(result_file))
    assert (Exit.DONE, written, "") == run("replay", str(tmp_path / "summary.txt.json"))


def test_a_change_is_said_apart_from_the_result_of_now(run, copy):
    before = result({"mouth": "cannot_eat", "medicine": "plain"})
    copy.change("sore-mouth.yaml", "level: red\n    because: A mouth", "level: amber\n    because: A mouth")
    code, out, err = run("replay", "-", "--rules", str(copy.rules), stdin=text_of(before))
    assert (Exit.FINDINGS, "amber") == (code, json.loads(out)["level"])
    lines = err.splitlines()
    assert all(line.startswith("whentocall: ") for line in lines)
    assert "whentocall: the level was 'red' and is 'amber' now: LESS urgent" in lines


def test_a_fault_is_said(run):
    code, _, err = run("replay", "-", "--rules", str(RULES), stdin=text_of(edited("level", "green")))
    assert Exit.FINDINGS == code
    assert err.startswith("whentocall: FAULT: ")


def test_a_result_in_which_something_goes_wrong_now_has_its_own_exit_code(run, monkeypatch):
    before = text_of(result())

    def fails(*_):
        raise OSError

    monkeypatch.setattr("whentocall.engine.advise.watch_for", fails)
    code, out, _ = run("replay", "-", "--rules", str(RULES), stdin=before)
    assert Exit.PROBLEM == code
    assert json.loads(out)["problems"]


@pytest.mark.parametrize(
    ("path", "value", "code", "told"),
    [
        ("request.answers.extra_poos", 2000, Exit.ANSWERS_REFUSED, "extra_poos: 2000 is not"),
        ("protocol.id", "gone", Exit.RULES_UNUSABLE, "'gone'"),
        ("request.voice", "we", Exit.USAGE, "request.voice"),
    ],
)
def test_what_cannot_be_replayed_has_its_exit_code_and_nothing_on_standard_output(
    run, path, value, code, told
):
    got, out, err = run("replay", "-", "--rules", str(RULES), stdin=text_of(edited(path, value)))
    assert (code, b"") == (got, out)
    assert told in err


def test_a_file_that_is_not_there_is_said(run, tmp_path):
    for file in (tmp_path / "none.json", tmp_path):
        code, _, err = run("replay", str(file))
        assert (Exit.USAGE, True) == (code, f"{file}: cannot be read" in err)


def test_a_huge_file_is_not_read_to_its_end(run, tmp_path):
    file = tmp_path / "huge.json"
    with file.open("wb") as opened:
        opened.truncate(50 * MAX_RESULT)  # a sparse file: it takes no room
    code, _, err = run("replay", str(file))
    assert (Exit.USAGE, True) == (code, "at most 10,000,000 bytes" in err)
