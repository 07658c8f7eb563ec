"""A signature is bound to what was signed, and void as soon as that changes."""

import importlib
from datetime import date
from functools import partial

import pytest

from whentocall import advise, load
from whentocall.authoring.check import check
from whentocall.authoring.sign import CannotSign, Signature, sign

sign_module = importlib.import_module("whentocall.authoring.sign")
ALL = "all-targeted-drugs"
DAY = date(2026, 11, 21)
DOCTOR = Signature("Dr A. O'Example", "consultant haematologist", DAY)
NURSE = Signature("B. Nurse", "specialist nurse", DAY, note="seen with Dr Example")


@pytest.fixture(autouse=True)
def without_proofs(monkeypatch):
    """Signing asks `check` for everything; the proofs have their own tests, and take seconds."""
    monkeypatch.setattr(sign_module, "check", partial(check, prove=False))


@pytest.fixture
def folder(rules):
    return rules.folder / ALL


def test_the_shipped_protocols_are_unsigned_and_the_advice_says_so():
    for name in (ALL, "neuroblastoma-targeted-therapy"):
        assert not advise(load(name), {}).protocol.signed_off


def test_a_signature_holds_for_what_was_signed(folder):
    sign(folder, DOCTOR)
    protocol = load(folder)

    assert advise(protocol, {}).protocol.signed_off
    assert [("Dr A. O'Example", DAY)] == [
        (signature.name, signature.date) for signature in protocol.signers(None)
    ]


def test_layout_and_comments_do_not_void_it(rules, folder):
    sign(folder, DOCTOR)
    rules.change(f"{ALL}/diarrhoea.yaml", "rules:\n", "# a comment\n\nrules:\n\n")

    assert load(folder).signed_off


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        (f"{ALL}/diarrhoea.yaml", "at least 4}", "at least 3}"),
        (f"{ALL}/diarrhoea.yaml", "can dry you out", "may dry you out"),
        (f"{ALL}/protocol.yaml", "when_unsettled: contact", "when_unsettled: tell"),
        ("levels.yaml", "    word: Today", "    word: Soon"),
        ("emergency/signs.yaml", "Do you have chest pain?", "Is there chest pain?"),
    ],
)
def test_any_change_of_what_it_says_voids_it(rules, folder, file, before, after):
    sign(folder, DOCTOR)
    rules.change(file, before, after)

    assert not load(folder).signed_off


def test_a_changed_card_leaves_the_other_signatures_in_place(rules, folder):
    sign(folder, DOCTOR)
    rules.change(f"{ALL}/diarrhoea.yaml", "can dry you out", "may dry you out")
    protocol = load(folder)

    assert () == protocol.signers(f"{ALL}/diarrhoea")
    assert 1 == len(protocol.signers(f"{ALL}/constipation"))


def test_check_names_the_card_that_changed_since_it_was_signed(rules, folder):
    sign(folder, DOCTOR)
    rules.change(f"{ALL}/diarrhoea.yaml", "can dry you out", "may dry you out")
    notes = check(folder, prove=False).notes

    changed = [finding for finding in notes if finding.code == "changed-since-signed"]
    assert [f"{ALL}/diarrhoea"] == [finding.about for finding in changed]
    assert "Dr A. O'Example" in changed[0].message


def test_two_different_people_can_be_required(rules, folder):
    rules.change(f"{ALL}/protocol.yaml", "written:", "signatures: 2\nwritten:")
    sign(folder, DOCTOR)
    assert not load(folder).signed_off
    sign(folder, DOCTOR)
    assert not load(folder).signed_off
    sign(folder, NURSE)
    assert load(folder).signed_off


def test_one_card_can_be_signed_alone(folder):
    sign(folder, Signature("B. Nurse", "nurse", DAY, cards=("diarrhoea", "emergency/signs")))
    protocol = load(folder)

    assert not protocol.signed_off
    signed = {card for card in protocol.card_sha256 if protocol.signers(card)}
    assert {f"{ALL}/diarrhoea", "emergency/signs"} == signed


def test_nothing_is_signed_that_check_has_findings_about(rules, folder):
    rules.change(f"{ALL}/diarrhoea.yaml", "{loose_stools: at least 4}", "{loose_stools: at least 3}")

    with pytest.raises(CannotSign, match="fix or accept them first"):
        sign(folder, DOCTOR)
    assert not (folder / "sign-off.yaml").exists()


@pytest.mark.parametrize(
    ("signature", "message"),
    [
        (Signature(" ", "nurse", DAY), "a name and a role"),
        (Signature("B. Nurse", "", DAY), "a name and a role"),
        (Signature("B.\nNurse", "nurse", DAY), "each be on one line"),
        (Signature("B. Nurse", "nurse", DAY, cards=("diarrhea",)), "no card"),
    ],
)
def test_a_signature_that_cannot_be_given_is_refused(folder, signature, message):
    with pytest.raises(CannotSign, match=message):
        sign(folder, signature)
