"""Words for patients: short sentences, reading age 9 to 11, plain words. Loops over every text there is."""

import re
from pathlib import Path

import pytest

from support import words
from whentocall import load
from whentocall.interview import texts
from whentocall.protocol.load import shipped_rules
from whentocall.web import texts as web_texts

PROTOCOLS = ("all-targeted-drugs", "neuroblastoma-targeted-therapy")
VOICES = ("you", "they")
LONGEST_SENTENCE = 20
HARDEST_GRADE = 6.0  # the end of age 11

# Words that patients should not meet, and what to say instead.
BANNED = {
    "triage": "how soon to call",
    "rule": "reason",
    "rules": "reasons",
    "protocol": "questions",
    "protocols": "questions",
    "fever": "high temperature",
    "febrile": "with a high temperature",
    "stool": "poo",
    "stools": "poos",
    "faeces": "poo",
    "bowel": "poo",
    "urine": "pee",
    "urinate": "pee",
    "urination": "peeing",
    "vomited": "been sick (only in brackets)",
    "nausea": "feeling sick",
    "abdominal": "tummy",
    "abdomen": "tummy",
    "myalgia": "aching muscles",
    "dyspnoea": "breathless",
    "fatigue": "very tired",
    "haemorrhage": "bleeding",
    "petechiae": "tiny red spots",
    "epistaxis": "nosebleeds",
    "pruritus": "itching",
    "clinician": "doctor or nurse",
    "medication": "medicine",
    "oncology": "cancer",
    "adverse": "side effect",
    "symptomatic": "ill",
    "asymptomatic": "without problems",
    "onset": "start",
    "assess": "check",
    "assessment": "check",
    "threshold": "limit",
    "algorithm": "questions",
    "administer": "give",
    "experience": "have or get",
    "experiencing": "having",
    "suffer": "have",
    "suffering": "having",
}
IN_BRACKETS = re.compile(r"\([^)]*\)")


def cards():
    for name in PROTOCOLS:
        for card in load(name).cards:
            if all(question.context for question in card.ask.values()) and not card.rules:
                continue  # one question of five words is too little to measure
            for voice in VOICES:
                yield pytest.param(card, voice, id=f"{name}:{card.id}:{voice}")


def every_text():
    for name in PROTOCOLS:
        protocol = load(name)
        for voice in VOICES:
            yield from words.frame_texts(protocol, voice)
            for card in protocol.cards:
                yield from words.card_texts(card, voice)
    yield from texts.every_text()
    yield from web_texts.every_text()


def test_no_sentence_is_longer_than_20_words():
    too_long = [
        one
        for text in every_text()
        for one in words.sentences(text)
        if len(words.words(one)) > LONGEST_SENTENCE
    ]

    assert [] == too_long


@pytest.mark.parametrize(("card", "voice"), list(cards()))
def test_a_card_reads_at_age_11_at_the_most(card, voice):
    names = {
        text.to(voice)
        for question in card.ask.values()
        if question.context
        for text in question.options.values()
    }
    read = [text for text in words.card_texts(card, voice) if text not in names]

    assert words.grade(read) <= HARDEST_GRADE


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_words_around_the_cards_read_at_age_11_at_the_most(name, voice):
    assert words.grade(list(words.frame_texts(load(name), voice))) <= HARDEST_GRADE


def test_the_words_of_the_interface_read_at_age_11_at_the_most():
    assert words.grade([*texts.every_text(), *web_texts.every_text()]) <= HARDEST_GRADE


def test_no_text_has_a_word_that_patients_should_not_meet():
    met = [
        (word, text)
        for text in every_text()
        for word in words.words(IN_BRACKETS.sub("", text))
        if word.lower() in BANNED
    ]

    assert [] == met


def test_never_suggests_a_medicine_that_hides_a_high_temperature():
    """Close reading, A-X26: not as self-care, not anywhere but in the question that asks about it."""
    for name in PROTOCOLS:
        for card in load(name).cards:
            for line in card.self_care:
                for voice in VOICES:
                    text = line.text.to(voice).lower()
                    assert not re.search("paracetamol|ibuprofen|aspirin|painkiller|steroid", text)


def test_the_measure_tells_easy_from_hard():
    easy = ["Call your team now. Tell them how you feel."]
    hard = ["Immediate consultation with the responsible haematological department is recommended."]

    assert words.grade(easy) < 3
    assert words.grade(hard) > 12


def test_the_shipped_rules_are_those_of_this_checkout():
    """So that the tests above look at the files that a change changes."""
    assert Path(__file__).parents[1] / "rules" == shipped_rules()
