"""The compiled form of the shipped rules: the very same protocol, or none at all."""

import dataclasses
import os
import pickle
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import pytest

import whentocall
from whentocall.protocol import cache as compiled
from whentocall.protocol import cache_build
from whentocall.protocol import load as load_module
from whentocall.protocol.folders import protocol_names
from whentocall.protocol.load import load_folder, shipped_rules
from whentocall.protocol.model import Rule

SHIPPED = protocol_names(shipped_rules())
NAME = "all-targeted-drugs"


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The shipped rules, compiled; not to be written to."""
    folder = tmp_path_factory.mktemp("compiled")
    cache_build.compile_rules(shipped_rules(), folder)
    return folder


@pytest.fixture
def package(made, tmp_path, monkeypatch):
    """A rules folder that counts as the shipped one, beside its compiled form; both may be changed."""
    rules, folder = tmp_path / "rules", tmp_path / "compiled"
    shutil.copytree(shipped_rules(), rules)
    shutil.copytree(made, folder)
    monkeypatch.setattr(load_module, "shipped_rules", lambda: rules)
    monkeypatch.setattr(compiled, "COMPILED", folder)
    return tmp_path


@pytest.fixture
def file(package):
    """The compiled form of one protocol."""
    return package / "compiled" / f"{NAME}.pickle"


def restored(package, name=NAME):
    return compiled.restore(name, package / "rules")


def everything(value):
    """All that a value is made of, types, lines and order of mappings included, as plain tuples."""
    if dataclasses.is_dataclass(value):
        parts = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
        parts.pop("_memo", None)
        if isinstance(value, Rule):
            parts["card"] = value.card.id  # which has the rule
        return type(value), [(name, everything(part)) for name, part in parts.items()]
    if isinstance(value, dict | MappingProxyType):
        return type(value), [(everything(key), everything(item)) for key, item in value.items()]
    if isinstance(value, tuple | list):
        return type(value), [everything(one) for one in value]
    return type(value), value


# the same


@pytest.mark.parametrize("name", SHIPPED)
def test_a_restored_protocol_is_the_one_that_the_files_say(name, package):
    read, found = load_folder(package / "rules" / name), restored(package, name)

    assert found is not None
    assert everything(read) == everything(found)
    assert package / "rules" / name == found.folder


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_derived_is_the_same(name, package):
    read, found = load_folder(package / "rules" / name), restored(package, name)

    for one in ("signed_off", "ranks", "unsettled_rank", "sentence_documents", "followers"):
        assert getattr(read, one) == getattr(found, one)
    assert [(one.terms, one.card.file) for one in read.rules] == [
        (one.terms, one.card.file) for one in found.rules
    ]


@pytest.mark.parametrize("name", SHIPPED)
def test_questions_and_rules_are_those_of_the_cards(name, package):
    """Not copies of them: one object, as after reading."""
    found = restored(package, name)
    asked = {id(one) for card in found.cards for one in card.ask.values()}
    rules = {id(one) for card in found.cards for one in card.rules.values()}

    assert asked == {id(one) for one in found.questions.values()}
    assert rules == {id(one) for one in found.rules}
    assert all(one.card.rules[one.name] is one for one in found.rules)
    assert {id(one) for one in found.cards} >= {id(one.card) for one in found.rules}


def test_a_restored_protocol_cannot_be_changed(package):
    found = restored(package)

    with pytest.raises(TypeError):
        found.questions["new"] = None
    with pytest.raises(TypeError):
        found.cards[0].rules["new"] = None
    with pytest.raises(TypeError):
        found.card_sha256["new"] = ""
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.id = "other"
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.levels[0].word = "Fine"
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.rules[0].when.value = False


def test_each_restored_protocol_keeps_its_own_derived_things(package):
    one, other = restored(package), restored(package)

    assert one.once(lambda _: object()) is not other.once(lambda _: object())
    assert one._memo is not other._memo


def test_the_advice_is_the_same(package):
    answers = {"temperature": 38.6, "loose_stools": 5, "diarrhoea": True}
    read, found = load_folder(package / "rules" / NAME), restored(package)

    assert whentocall.advise(read, answers).to_json() == whentocall.advise(found, answers).to_json()


def test_the_same_rules_give_the_same_bytes_in_every_process(made):
    code = (
        "from whentocall.protocol import cache_build, load; import sys;"
        f"sys.stdout.buffer.write(cache_build.compiled(load.load_folder(load.shipped_rules() / {NAME!r})))"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=60,
        )
        assert (made / f"{NAME}.pickle").read_bytes().endswith(done.stdout)


# used where it may be


def test_load_takes_the_compiled_form_of_the_shipped_rules(package, monkeypatch):
    monkeypatch.setattr("whentocall.protocol.load.load_folder", lambda _: pytest.fail("files were read"))

    assert NAME == whentocall.load(NAME).id
    assert NAME == whentocall.load(NAME, rules=package / "rules").id
    assert NAME == whentocall.load(package / "rules" / NAME / "protocol.yaml").id


def test_a_copy_of_the_shipped_rules_is_read(package, tmp_path, monkeypatch):
    shutil.copytree(package / "rules", tmp_path / "copy")
    monkeypatch.setattr(load_module, "restore", lambda *_: pytest.fail("the compiled form was used"))

    assert tmp_path / "copy" / NAME == whentocall.load(NAME, rules=tmp_path / "copy").folder


def test_reading_a_folder_never_takes_the_compiled_form(package, monkeypatch):
    """`check`, `sign`, `fmt`, `diff` and `review` load this way."""
    monkeypatch.setattr(compiled, "restore", lambda *_: pytest.fail("the compiled form was used"))
    monkeypatch.setattr(load_module, "restore", lambda *_: pytest.fail("the compiled form was used"))

    assert NAME == load_folder(package / "rules" / NAME).id


def test_no_module_of_the_review_loads_by_name():
    source = Path(whentocall.__file__).parent
    files = [
        *(source / "authoring").rglob("*.py"),
        *(source / "review_pack").rglob("*.py"),
        source / "cli" / "authoring.py",
    ]

    assert files
    by_name = re.compile(r"protocol\.load import .*\bload\b")
    assert [] == [path.name for path in files if by_name.search(path.read_text("utf-8"))]


# never used where anything is not as it was

RULE_FILES = {
    "a limit": lambda rules: change(rules / NAME / "diarrhoea.yaml", "at least 4", "at least 5"),
    "a comment": lambda rules: change(rules / NAME / "diarrhoea.yaml", "title:", "# so\ntitle:"),
    "a level": lambda rules: change(rules / "levels.yaml", "who:", "# so\nwho:"),
    "a layer": lambda rules: change(rules / "emergency" / "signs.yaml", "title:", "# so\ntitle:"),
    "a source": lambda rules: change(rules / "sources" / "emergency-signs.yaml", "title:", "# so\ntitle:"),
    "a new card": lambda rules: (rules / NAME / "new.yaml").write_text("title: New\n", "utf-8"),
    "a new file in capitals": lambda rules: (rules / NAME / "NEW.YML").write_text("title: New\n", "utf-8"),
    "a new levels file": lambda rules: shutil.copy(rules / "levels.yaml", rules / NAME),
    "a sign-off": lambda rules: (rules / NAME / "sign-off.yaml").write_text("signed: []\n", "utf-8"),
    "a card gone": lambda rules: (rules / NAME / "headache.yaml").unlink(),
    "a card renamed": lambda rules: (rules / NAME / "headache.yaml").rename(rules / NAME / "head.yaml"),
    "two cards swapped": lambda rules: swap(rules / NAME / "headache.yaml", rules / NAME / "skin.yaml"),
    "a folder in place of a card": lambda rules: in_place(rules / NAME / "headache.yaml", Path.mkdir),
    "a pipe in place of a card": lambda rules: in_place(rules / NAME / "headache.yaml", os.mkfifo),
    "a link to nothing": lambda rules: in_place(
        rules / NAME / "headache.yaml", lambda path: path.symlink_to("nowhere")
    ),
    "a file of two megabytes": lambda rules: (rules / "big.yaml").write_bytes(b"#" * 2_000_000),
    "no rules at all": shutil.rmtree,
}


def change(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def swap(one, other):
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def in_place(path, make):
    path.unlink()
    make(path)


@pytest.mark.parametrize("changed", RULE_FILES.values(), ids=RULE_FILES)
def test_after_any_change_of_the_rule_files_they_are_read(changed, package):
    changed(package / "rules")

    assert restored(package) is None


def test_what_is_not_a_rule_file_changes_nothing(package):
    (package / "rules" / "README.md").write_text("Other words.\n", "utf-8")

    assert restored(package) is not None


def test_a_changed_limit_is_in_force_at_once(package):
    RULE_FILES["a limit"](package / "rules")
    rule = next(one for one in whentocall.load(NAME).rules if one.name == "many-loose-stools")

    assert 5 == rule.when.value


def test_a_fault_in_a_rule_file_is_found_at_once(package):
    change(package / "rules" / NAME / "diarrhoea.yaml", "title:", "titel:")

    with pytest.raises(whentocall.RulesError):
        whentocall.load(NAME)


def test_after_a_change_of_the_code_the_files_are_read(package, tmp_path, monkeypatch):
    """A new version that reads the same words in another way must not meet what the old one made."""
    code = tmp_path / "code"
    shutil.copytree(Path(compiled.__file__).parent, code)
    monkeypatch.setattr(compiled, "__file__", str(code / "compiled.py"))
    assert restored(package) is not None

    change(code / "phrases.py", '"at least": Op.AT_LEAST', '"at least": Op.ABOVE')

    assert restored(package) is None


def test_without_the_text_of_the_code_the_files_are_read(package, tmp_path, monkeypatch):
    monkeypatch.setattr(compiled, "__file__", str(tmp_path / "nowhere" / "compiled.py"))

    assert restored(package) is None


def again(file, payload):
    """The file with another payload, under sums that fit."""
    made_from = file.read_bytes()[len(compiled.HEAD) :][:32]
    file.write_bytes(compiled.HEAD + made_from + sha256(payload).digest() + payload)


class Hostile:
    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call[0], self.call[1:]


FILES = {
    "gone": Path.unlink,
    "empty": lambda file: file.write_bytes(b""),
    "cut short in its head": lambda file: file.write_bytes(file.read_bytes()[:40]),
    "cut short": lambda file: file.write_bytes(file.read_bytes()[:-1]),
    "longer": lambda file: file.write_bytes(file.read_bytes() + b"\0"),
    "of another form": lambda file: file.write_bytes(
        file.read_bytes().replace(b"protocol 1", b"protocol 0", 1)
    ),
    "one bit flipped": lambda file: flip(file, 20_000),
    "one bit of its sum flipped": lambda file: flip(file, len(compiled.HEAD) + 40),
    "a folder": lambda file: in_place(file, Path.mkdir),
    "another protocol": lambda file: shutil.copy(file.with_name("emergency.pickle"), file),
    "no protocol": lambda file: again(file, pickle.dumps({"id": NAME})),
    "no pickle": lambda file: again(file, b"whatever"),
    "a command": lambda file: again(file, pickle.dumps(Hostile(os.mkdir, str(file.parent / "done")))),
    "a command of Python": lambda file: again(
        file, pickle.dumps(Hostile(exec, f"open({str(file.parent / 'done')!r}, 'w')"))
    ),
    "too deep": lambda file: again(file, b"\x80\x05" + b"(" * 100_000 + b"t" * 100_000 + b"."),
    "a claim of much memory": lambda file: again(file, b"\x80\x05\x8e" + (1 << 62).to_bytes(8, "little")),
}


def flip(file, place):
    text = bytearray(file.read_bytes())
    text[place] ^= 1
    file.write_bytes(text)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("spoilt", FILES.values(), ids=FILES)
def test_a_spoilt_compiled_form_is_left_alone(spoilt, package, file):
    before = load_folder(package / "rules" / NAME)
    spoilt(file)

    assert restored(package) is None
    assert everything(before) == everything(whentocall.load(NAME))
    assert not (file.parent / "done").exists()


@pytest.mark.parametrize("name", ["", ".", "..", "nothing", "a\0b", "x" * 5000, "levels.yaml"])
def test_an_unknown_name_is_unknown_as_ever(name, package):
    assert restored(package, name) is None
    with pytest.raises((whentocall.UnknownProtocol, whentocall.RulesError)):
        whentocall.load(name or "no name")


# making it


def test_the_entry_writes_one_file_per_protocol_into_the_package(package, capsys):
    for old in (package / "compiled").iterdir():
        old.unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache_build, "COMPILED", package / "compiled")
        patch.setattr(cache_build, "shipped_rules", lambda: package / "rules")
        assert 0 == cache_build.main([])

    assert len(SHIPPED) == len(capsys.readouterr().out.splitlines())
    assert {f"{name}.pickle" for name in SHIPPED} == {one.name for one in (package / "compiled").iterdir()}
    assert restored(package) is not None


def test_rules_with_a_fault_are_not_compiled(package):
    change(package / "rules" / NAME / "diarrhoea.yaml", "title:", "titel:")

    with pytest.raises(whentocall.RulesError):
        cache_build.compile_rules(package / "rules", package / "new")
