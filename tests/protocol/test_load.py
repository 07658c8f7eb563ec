"""Where rule folders are: by name in the shipped rules, by name in another folder, by path."""

from pathlib import Path

import pytest

from whentocall import UnknownProtocol, load
from whentocall.protocol.folders import protocol_names
from whentocall.protocol.load import load_folder, shipped_rules


def test_the_shipped_rules_are_a_folder_of_protocols():
    assert (shipped_rules() / "levels.yaml").is_file()
    assert "all-targeted-drugs" in protocol_names(shipped_rules())


def test_a_name_is_one_of_the_shipped_protocols():
    assert shipped_rules() / "emergency" == load("emergency").folder


def test_a_name_is_looked_for_in_the_rules_that_are_given(rules):
    assert rules / "mini" == load("mini", rules=rules).folder
    assert rules / "mini" == load("mini", rules=str(rules)).folder
    with pytest.raises(UnknownProtocol):
        load("emergency", rules=rules)


@pytest.mark.parametrize(
    "written",
    [
        lambda folder: folder,
        str,
        lambda folder: f"{folder}/",
        lambda folder: folder / "protocol.yaml",
        lambda folder: f"{folder}/protocol.yaml",
        lambda folder: f"{folder}/../mini",
        lambda folder: f"{folder.parent}//mini",
    ],
)
def test_a_path_is_a_protocols_folder_or_its_head(written, rules):
    protocol = load(written(rules / "mini"))

    assert "mini" == protocol.id
    assert load(rules / "mini").sha256 == protocol.sha256


def test_a_path_may_be_relative(rules, monkeypatch):
    monkeypatch.chdir(rules)

    assert "mini" == load("./mini").id
    assert "mini" == load(Path("mini")).id
    assert "mini" == load("mini/").id


def test_a_name_is_never_taken_for_a_folder_that_lies_about(rules, monkeypatch):
    """`load("mini")` means the shipped one, wherever the program was started."""
    monkeypatch.chdir(rules)
    with pytest.raises(UnknownProtocol):
        load("mini")


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(UnknownProtocol) as caught:
        load("all-targeted-drug")

    assert (
        f"there is no protocol 'all-targeted-drug' in '{shipped_rules()}'; did you mean 'all-targeted-drugs'?"
        == str(caught.value)
    )


def test_a_name_like_no_other_gets_all_of_them(rules):
    with pytest.raises(UnknownProtocol) as caught:
        load("xyz", rules=rules)

    assert f"there is no protocol 'xyz' in '{rules}'; there are: mini, signs" == str(caught.value)


def test_an_unknown_path_gets_the_nearest_folder_beside_it(rules):
    with pytest.raises(UnknownProtocol, match=r"there is no protocol 'minni' in .*; did you mean 'mini'\?"):
        load(rules / "minni")


def test_in_a_folder_without_protocols_nothing_is_suggested(tmp_path):
    with pytest.raises(UnknownProtocol) as caught:
        load(tmp_path / "mini")

    assert f"there is no protocol 'mini' in '{tmp_path}'" == str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".",
        "..",
        "/",
        "//",
        "\\",
        "~",
        "sources",
        "levels.yaml",
        "EMERGENCY",
        "emergency ",
        "a\0b",
        "*",
        "é",
    ],
)
def test_a_name_that_is_none_is_an_unknown_protocol(name):
    with pytest.raises(UnknownProtocol, match="there is no protocol"):
        load(name)


@pytest.mark.parametrize("rules_folder", ["/nowhere/at/all", "a\0b", "", "levels.yaml"])
def test_rules_that_are_nowhere_have_no_protocols(rules_folder):
    with pytest.raises(UnknownProtocol, match="there is no protocol 'mini'"):
        load("mini", rules=rules_folder)


def test_a_card_is_no_protocol(rules):
    with pytest.raises(UnknownProtocol):
        load(rules / "mini/diarrhoea.yaml")


LONG = "a" * 300


@pytest.mark.parametrize(
    "call",
    [
        lambda: load(LONG),
        lambda: load(f"./{LONG}"),
        lambda: load(f"{LONG}/emergency"),
        lambda: load("emergency", rules=LONG),
    ],
    ids=["name", "path", "folder", "rules"],
)
def test_a_name_too_long_for_a_folder_is_an_unknown_protocol(call):
    with pytest.raises(UnknownProtocol):
        call()


def test_inside_its_folder_a_protocol_loads_as_from_outside(monkeypatch, rules):
    """`whentocall check .` and `load("./")` in the folder that one is working on."""
    outside = load(rules / "mini")
    monkeypatch.chdir(rules / "mini")

    for path in (Path(), "./", Path("protocol.yaml"), "./protocol.yaml"):
        inside = load(path)
        assert ("mini", outside.sha256) == (inside.id, inside.sha256)


def test_from_a_folder_inside_it_a_protocol_has_its_own_name(monkeypatch, rules):
    (rules / "mini/drawings").mkdir()
    monkeypatch.chdir(rules / "mini/drawings")

    assert "mini" == load("../").id


def test_a_folder_named_like_the_head_is_not_suggested(rules):
    """`there is no protocol 'mini' ...; did you mean 'mini'?`."""
    (rules / "mini/protocol.yaml").unlink()
    (rules / "mini/protocol.yaml").mkdir()
    with pytest.raises(UnknownProtocol) as caught:
        load(rules / "mini")

    assert "did you mean 'mini'" not in str(caught.value)


def test_names_are_sorted_and_those_of_folders_with_a_head(rules):
    (rules / "drafts").mkdir()
    (rules / "aaa.yaml").write_text("", "utf-8")

    assert ("mini", "signs") == protocol_names(rules)


def test_no_folder_has_no_names(tmp_path):
    assert () == protocol_names(tmp_path)
    with pytest.raises(UnknownProtocol, match="there is no folder"):
        protocol_names(tmp_path / "nowhere")


def test_nothing_is_kept_between_loads(rules):
    """A changed file is read again: an editor's next look shows what stands there now."""
    before = load_folder(rules / "mini")
    card = rules / "mini/diarrhoea.yaml"
    card.write_text(card.read_text("utf-8").replace("at least 4", "at least 6"), "utf-8")

    assert before.sha256 != load_folder(rules / "mini").sha256
