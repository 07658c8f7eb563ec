"""From a folder to a `Protocol`: what is loaded, under which ids, with which hash, and nothing else."""

import contextlib
import dataclasses
import errno
import os
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from whentocall import Protocol, RulesError, UnknownProtocol, advise, load
from whentocall.protocol import files
from whentocall.protocol.conditions import Truth, questions, truth
from whentocall.protocol.folders import protocol_names
from whentocall.protocol.load import shipped_rules

SHIPPED = protocol_names(shipped_rules())


# the shipped protocols


def test_there_are_shipped_protocols():
    assert {"all-targeted-drugs", "neuroblastoma-targeted-therapy", "emergency"} <= set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_protocol_loads_under_its_folders_name(name):
    protocol = load(name)

    assert name == protocol.id
    assert protocol.rules
    assert protocol.questions


@pytest.mark.parametrize("name", SHIPPED)
def test_an_id_is_the_path_to_it(name):
    """protocol/card/rule: a finding, a reason and a case lead to the file without a search."""
    protocol = load(name)

    for card in protocol.cards:
        assert (shipped_rules() / f"{card.id}.yaml").is_file()
        assert str(shipped_rules() / f"{card.id}.yaml") == card.file
        assert card.id.split("/")[0] == card.protocol
    assert [f"{card.id}/{rule}" for card in protocol.cards for rule in card.rules] == [
        rule.id for rule in protocol.rules
    ]
    assert [one for card in protocol.cards for one in card.ask] == list(protocol.questions)


@pytest.mark.parametrize("name", SHIPPED)
def test_loading_twice_gives_the_same(name):
    first, second = load(name), load(name)

    assert first is not second
    assert first.sha256 == second.sha256
    assert [rule.terms for rule in first.rules] == [rule.terms for rule in second.rules]


@pytest.mark.parametrize("name", SHIPPED)
def test_no_shipped_protocol_claims_a_signature_that_it_does_not_have(name):
    assert load(name).signed_off is (shipped_rules() / name / "sign-off.yaml").is_file()


# how the files are put together


def test_layers_come_first_and_each_part_keeps_its_own_name(mini):
    assert ["signs/signs", "mini/diarrhoea", "mini/temperature", "mini/treatment"] == [
        card.id for card in mini.cards
    ]
    assert [True, False, False, False] == [card.is_layer for card in mini.cards]


def test_levels_go_from_least_to_most_urgent(mini):
    assert ["none", "tell", "contact", "immediately"] == [level.id for level in mini.levels]
    assert {"none": 0, "tell": 1, "contact": 2, "immediately": 3} == mini.ranks
    assert 2 == mini.unsettled_rank


def test_rules_carry_the_rank_of_their_level_and_their_terms(mini):
    ranks = {rule.id: rule.rank for rule in mini.rules}
    ways = {rule.id: len(rule.terms) for rule in mini.rules}

    assert 2 == ranks["mini/diarrhoea/many-loose-stools"]
    assert 3 == ranks["signs/signs/chest-pain"]
    assert 1 == ways["mini/treatment/shivering-on-blinatumomab"]


def test_screens_are_the_declared_ones_and_then_each_opening_question_left(mini):
    """A question that no screen names is asked on its own; a follow-up waits for its opener."""
    assert [
        ("temperature",),
        ("took_medicine", "shivery"),
        ("chest_pain",),
        ("diarrhoea",),
        ("drug",),
    ] == [screen.questions for screen in mini.screens]
    assert {"diarrhoea": ("loose_stools",)} == mini.followers


def test_a_layer_included_twice_is_there_once(edit):
    folder = edit("mini/protocol.yaml", "include: [signs]", "include: [signs, signs]")

    assert 1 == [card.id for card in load(folder).cards].count("signs/signs")


def test_a_protocols_own_levels_go_before_the_common_ones(rules):
    text = (rules / "levels.yaml").read_text("utf-8")
    (rules / "mini/levels.yaml").write_text(text.replace("word: Today", "word: Amber"), "utf-8")

    assert "Amber" == load(rules / "mini").levels[2].word
    assert "Today" == load(rules / "signs").levels[2].word


def test_a_layer_loads_alone(rules):
    """A clinician checks a layer by itself; it has no region, and makes up no emergency number."""
    signs = load(rules / "signs")

    assert ["signs/signs"] == [card.id for card in signs.cards]
    assert "your local emergency number" == signs.region.emergency_number


def test_when_unsettled_is_contact_unless_said(edit):
    folder = edit("mini/protocol.yaml", "when_unsettled: contact\n", "")

    assert "contact" == load(folder).head.when_unsettled


def test_sentences_know_their_document(mini):
    assert {
        "L-01": "leaflet",
        "L-02": "leaflet",
        "L-03": "leaflet",
        "S-01": "signs",
    } == mini.sentence_documents


def test_an_escalation_is_a_level_reached_by_several_cards(edit):
    folder = edit("mini/protocol.yaml", "written:", ESCALATE + "written:")

    [escalation] = load(folder).escalations
    assert ("mini/escalate/two-contacts", 2, 2, 3) == (
        escalation.id,
        escalation.count,
        escalation.at_rank,
        escalation.rank,
    )


ESCALATE = """escalate:
  - name: two-contacts
    when: at least 2 cards at contact
    to: immediately
    because: Two together are worse.
    sentences: [L-01]
"""


# what is loaded does not change


@pytest.mark.parametrize(
    "reach",
    [
        pytest.param(lambda one: one.questions, id="questions"),
        pytest.param(lambda one: one.words_for, id="words"),
        pytest.param(lambda one: one.sources, id="sources"),
        pytest.param(lambda one: one.ranks, id="ranks"),
        pytest.param(lambda one: one.followers, id="followers"),
        pytest.param(lambda one: one.card_sha256, id="hashes"),
        pytest.param(lambda one: one.sentence_documents, id="sentences"),
        pytest.param(lambda one: one.cards[1].ask, id="ask"),
        pytest.param(lambda one: one.cards[1].rules, id="rules"),
        pytest.param(lambda one: one.cards[1].cases[0].given, id="given"),
        pytest.param(lambda one: one.questions["drug"].options, id="options"),
        pytest.param(lambda one: one.sources["leaflet"].sentences, id="sentences of a source"),
        pytest.param(lambda one: one.head.who, id="roles"),
        pytest.param(lambda one: one.head.contacts, id="contacts"),
    ],
)
def test_no_mapping_of_a_protocol_can_be_written_to(reach, mini):
    mapping = reach(mini)

    assert isinstance(mapping, Mapping)
    with pytest.raises(TypeError):
        mapping["new"] = None


def test_no_field_of_a_protocol_can_be_set(mini):
    with pytest.raises(dataclasses.FrozenInstanceError):
        mini.id = "other"
    with pytest.raises(dataclasses.FrozenInstanceError):
        mini.rules[0].rank = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        mini.rules[0].when.value = False
    with pytest.raises(dataclasses.FrozenInstanceError):
        mini.rules[0].level = "none"
    with pytest.raises(dataclasses.FrozenInstanceError):
        mini.levels[0].word = "Fine"
    with pytest.raises(dataclasses.FrozenInstanceError):
        mini.questions["drug"].short.you = "x"


@pytest.mark.parametrize("name", ["cards", "rules", "levels", "screens", "escalations", "signatures"])
def test_no_list_of_a_protocol_can_be_written_to(name, mini):
    assert isinstance(getattr(mini, name), tuple)


def test_what_is_derived_is_made_once(mini):
    made = []

    def build(protocol):
        made.append(protocol.id)
        return object()

    assert mini.once(build) is mini.once(build)
    assert ["mini"] == made


def test_a_protocol_can_be_loaded_in_many_threads_at_once(rules):
    hashes = []
    threads = [threading.Thread(target=lambda: hashes.append(load(rules / "mini").sha256)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [load(rules / "mini").sha256] * 8 == hashes


# odd folders


def as_folder(path):
    path.unlink()
    path.mkdir()


def as_loop(path):
    path.unlink()
    path.symlink_to(path.name)


def as_nothing(path):
    path.unlink()


def as_dangling(path):
    path.unlink()
    path.symlink_to("not-there.yaml")


ODD = [as_folder, as_loop, as_nothing, as_dangling]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("mini/diarrhoea.yaml", "unknown-card"),
        ("signs/protocol.yaml", "unknown-layer"),
        ("sources/leaflet.yaml", "unknown-document"),
        ("levels.yaml", "unreadable"),
    ],
)
def test_a_file_that_is_none_is_a_finding(odd, file, code, rules):
    odd(rules / file)
    with pytest.raises(RulesError) as caught:
        load(rules / "mini")

    assert code in [finding.code for finding in caught.value.findings]


@pytest.mark.parametrize("odd", ODD)
def test_a_folder_without_a_head_is_no_protocol(odd, rules):
    odd(rules / "mini/protocol.yaml")
    with pytest.raises(UnknownProtocol, match="there is no protocol 'mini' in"):
        load(rules / "mini")


@pytest.mark.parametrize("name", ["old.yaml", "old.yml", ".#diarrhoea.yaml"])
def test_no_card_lies_about_unread(name, rules, findings):
    (rules / "mini" / name).write_text("title: Old\n", "utf-8")

    assert [(f"mini/{name}", 0, "unlisted-card")] == [
        (file, line, code) for file, line, _, code in findings()
    ]


def test_what_is_no_yaml_lies_where_it_likes(rules):
    (rules / "mini/README.md").write_text("Notes.", "utf-8")
    (rules / "mini/drawings").mkdir()

    assert "mini" == load(rules / "mini").id


def test_a_linked_folder_and_a_linked_card_load(rules, tmp_path):
    shutil.move(rules / "mini", tmp_path / "kept")
    (rules / "mini").symlink_to(tmp_path / "kept")
    shutil.move(tmp_path / "kept/diarrhoea.yaml", tmp_path / "card.yaml")
    (tmp_path / "kept/diarrhoea.yaml").symlink_to(tmp_path / "card.yaml")

    assert "mini/diarrhoea" == load(rules / "mini").cards[1].id


@pytest.mark.parametrize("layer", ["", ".", "..", "/", "/etc", "é", "signs/signs", "*"])
def test_a_layer_is_a_folder_beside_this_one(layer, edit):
    folder = edit(
        "mini/protocol.yaml", "include: [signs]", f'include: [signs, "{layer}"]'.replace("\\\\", "\\")
    )
    with pytest.raises(RulesError) as caught:
        load(folder)

    assert ["unknown-layer"] == [finding.code for finding in caught.value.findings]


@pytest.mark.parametrize(
    "card", ["../signs/signs", "/etc/passwd", "a/b", "", ".", "diarrhoea.yaml", "Diarrhoea"]
)
def test_a_card_is_a_file_in_this_folder(card, edit):
    folder = edit("mini/protocol.yaml", "  - treatment\n", f'  - treatment\n  - "{card}"\n')
    with pytest.raises(RulesError) as caught:
        load(folder)

    assert ["unknown-card"] == [finding.code for finding in caught.value.findings]


@pytest.mark.parametrize("document", ["../levels", "/etc/passwd", "a/b", "", ".", "leaflet.yaml"])
def test_a_document_is_a_file_in_the_sources(document, edit):
    folder = edit("mini/protocol.yaml", "[leaflet]", f'[leaflet, "{document}"]')
    with pytest.raises(RulesError) as caught:
        load(folder)

    assert ["unknown-document"] == [finding.code for finding in caught.value.findings]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("include: [signs]", 'include: [signs, "a\\0b"]'),
        ("  - treatment\n", '  - treatment\n  - "a\\0b"\n'),
        ("[leaflet]", '[leaflet, "a\\0b"]'),
        ("title: A small", 'title: "\\e[2JA small"'),
        ('version: "1.0"', 'version: "1\\r0"'),
        ("name: Nowhere", 'name: "\\u202eerehwoN"'),
    ],
    ids=["layer", "card", "document", "terminal code", "return", "writing backwards"],
)
def test_a_character_that_a_screen_obeys_is_refused(old, new, edit, findings):
    """Written as an escape it passes YAML; it could hide a word, or the whole advice."""
    edit("mini/protocol.yaml", old, new.replace('small"', 'small" #'))

    assert [("mini/protocol.yaml", "hidden-character")] == [(file, code) for file, _, _, code in findings()]


LONG = "a" * 300


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("  - treatment\n", f"  - treatment\n  - {LONG}\n", "unknown-card"),
        ("include: [signs]", f"include: [signs, {LONG}]", "unknown-layer"),
        ("documents: [leaflet]", f"documents: [leaflet, {LONG}]", "unknown-document"),
    ],
    ids=["card", "layer", "document"],
)
def test_a_name_too_long_for_a_file_is_a_finding(old, new, code, edit, findings):
    """`Path.is_file` raises OSError (ENAMETOOLONG) for these."""
    edit("mini/protocol.yaml", old, new)

    assert [code] == [one for _, _, _, one in findings()]


def layers(rules, count, include):
    """`count` layers l0, l1 ...; `include` gives the names that each one includes."""
    head = (rules / "signs/protocol.yaml").read_text("utf-8").replace("cards: [signs]", "cards: [card]")
    card = (rules / "signs/signs.yaml").read_text("utf-8")
    for number in range(count):
        folder = rules / f"l{number}"
        folder.mkdir()
        named = ", ".join(include(number))
        (folder / "protocol.yaml").write_text(f"{head}include: [{named}]\n", "utf-8")
        (folder / "card.yaml").write_text(card.replace("chest_pain", f"chest_pain_{number}"), "utf-8")


def test_a_thousand_layers_deep_is_no_recursion_error(rules):
    count = 1100
    layers(rules, count, lambda number: [f"l{number + 1}"] if number + 1 < count else [])
    with contextlib.suppress(RulesError):
        assert count == len(load(rules / "l0").cards)


def test_each_file_is_read_once_however_often_it_is_included(rules, monkeypatch):
    """Layers that include each other twice over would else take 2 to the power of their number."""
    count, reads = 9, []
    layers(rules, count, lambda number: [f"l{number + 1}"] * 2 if number + 1 < count else [])
    real = files.read
    monkeypatch.setattr(files, "read", lambda path, shown: (reads.append(path), real(path, shown))[1])
    load(rules / "l0")

    assert sorted(set(reads)) == sorted(reads)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_place_of_the_levels_is_refused_unopened(rules, findings):
    """Reading it would wait for ever. Here somebody writes to it, so that this test does not."""
    pipe = rules / "levels.yaml"
    text = pipe.read_bytes()
    pipe.unlink()
    os.mkfifo(pipe)

    def write():
        with contextlib.suppress(OSError):
            pipe.write_bytes(text)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    try:
        assert ["levels.yaml"] == [file for file, _, _, _ in findings()]
    finally:
        os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))
        writer.join(1)


def test_a_file_name_that_is_not_utf_8_can_be_shown(rules):
    """The finding names the file; printing it must not fail."""
    name = os.fsencode(str(rules / "mini")) + b"/caf\xe9.yaml"
    try:
        Path(os.fsdecode(name)).write_text("title: x\n", "utf-8")
    except OSError:
        pytest.skip("this file system has UTF-8 names alone")
    with pytest.raises(RulesError) as caught:
        load(rules / "mini")

    assert b"unlisted-card" in str(caught.value).encode()


NOISE = [
    b"\x00" * 100,
    b"\xff\xfe\x00",
    b"{" * 1000,
    b"[[]]: [[]]",
    b"? ? ?",
    b"--- |\n---\n",
    b"key: |\n\t\n",
    b'a: "\\x',
    b"'",
    b"%",
    b"&",
    b"!<",
    b"- - - - -",
    "\u2028\u2029\u0085: \u202e".encode(),
    ("x" * 5000 + ": y").encode(),
    b"rules: {rules: {rules: {}}}",
    b"title:\nsource:\nask:\nrules:\nself_care:\ndiffers:\ncases:\n",
    b"title: {}\nsource: []\nask: []\nrules: []\nself_care: {}\ndiffers: x\ncases: {}\n",
    b"title: x\nsource: {document: leaflet}\nask: {a: {}}\nrules: {b: {}}\ncases: [{}]\nself_care: [{}]\n",
    b"levels: {a: {}}\nwho: {b: []}\n",
    b"documents: [[]]\ncards: [{}]\ninclude: {a: b}\nscreens: [[]]\nescalate: [x]\nregion: []\nwho: []\n",
    b"sentences: {a: [], '': {}}\nseen: []\ntitle: x\npublisher: y\n",
]
FILES = [
    "levels.yaml",
    "mini/protocol.yaml",
    "mini/diarrhoea.yaml",
    "signs/protocol.yaml",
    "sources/leaflet.yaml",
    "mini/sign-off.yaml",
]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("noise", NOISE, ids=range(len(NOISE)))
def test_nothing_but_findings_comes_out_of_a_hostile_file(file, noise, rules):
    (rules / file).write_bytes(noise)
    with pytest.raises(RulesError) as caught:
        load(rules / "mini")

    assert [one for one in caught.value.findings if one.file == str(rules / file)]


@pytest.mark.parametrize("file", [one for one in FILES if one != "mini/sign-off.yaml"])
@pytest.mark.parametrize("cut", range(7))
def test_a_file_that_was_cut_off_while_it_was_saved_never_fails_otherwise(file, cut, rules):
    """Half a file is refused, or says less and has another hash; it is never taken for the whole."""
    whole = load(rules / "mini").sha256
    data = (rules / file).read_bytes()
    (rules / file).write_bytes(data[: len(data) * cut // 7])
    with contextlib.suppress(RulesError):
        assert whole != load(rules / "mini").sha256


def test_a_file_without_permission_is_a_finding(monkeypatch, findings):
    """Root reads everything, so the refusal is made up."""

    def refuse(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)

    assert ("levels.yaml", 0, "cannot be read: Permission denied", "unreadable") in findings()


@pytest.mark.parametrize("parser", ["libyaml", "pure Python"])
def test_half_a_surrogate_is_refused_by_both_parsers(parser, rules, edit, monkeypatch):
    """It could be neither hashed nor printed."""
    if parser == "pure Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    edit("mini/diarrhoea.yaml", "because: Your team needs to know.", 'because: "\\ud800"')
    with pytest.raises(RulesError) as caught:
        load(rules / "mini")

    assert [str(rules / "mini/diarrhoea.yaml")] == [one.file for one in caught.value.findings]


def test_a_protocol_is_what_load_gives(mini):
    assert isinstance(mini, Protocol)
    assert ("A small protocol", "1.0") == (mini.title, mini.version)


# what loads must work


@pytest.mark.parametrize("written", ["36.8", "36.8 °C", "36.8°C", '" 36.8"'])
def test_a_usual_value_is_kept_without_its_unit(written, edit, mini):
    """The checks and the proofs read it as a number in the question's own unit."""
    protocol = load(edit("mini/temperature.yaml", "usual: 36.8", f"usual: {written}"))

    assert "36.8" == protocol.questions["temperature"].usual
    assert mini.sha256 == protocol.sha256


def test_every_condition_that_loads_has_a_truth(rules, edit):
    """`loose_stools: []` loads as an `any` of nothing: no truth, no way to come true."""
    edit("mini/treatment.yaml", "drug: is blinatumomab", "drug: []")
    try:
        protocol = load(rules / "mini")
    except RulesError:
        return
    for rule in protocol.rules:
        assert rule.terms
        assert questions(rule.when)
        assert truth(rule.when, lambda _: Truth.TRUE) is Truth.TRUE


@pytest.mark.parametrize("text", ["{who:d}", "{who:{x}}", "{who!x}", "{who:99999}"])
def test_every_headline_that_loads_can_be_shown(text, rules, edit):
    """The advice itself fails with ValueError or KeyError at the level that it matters for most."""
    edit("levels.yaml", "headline: Call {who} now", f"headline: Call {text} now")
    try:
        protocol = load(rules / "mini")
    except RulesError:
        return
    assert "Call your advice line now" == protocol.headline(protocol.levels[-1], "you")


def test_nothing_answered_is_never_nothing_to_report(rules, edit):
    """With `when_unsettled: none`, somebody who answers nothing at all is shown "Nothing to report"."""
    edit("mini/protocol.yaml", "when_unsettled: contact", "when_unsettled: none")
    try:
        protocol = load(rules / "mini")
    except RulesError:
        return
    assert "none" != advise(protocol, {}).level
