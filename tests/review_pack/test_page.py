"""The page shows the whole pack, needs nothing else, and can be read by anybody."""

from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from whentocall import load
from whentocall._text import capital, title_of
from whentocall.authoring.check import check
from whentocall.authoring.diff import Change, Difference, TextChange
from whentocall.authoring.mutants import Gate, mutants, mutation_gate
from whentocall.review_pack.map import PAGE_HEIGHT, WIDTH, map_panels
from whentocall.review_pack.pack import build_pack
from whentocall.review_pack.page import anchor, review_html
from whentocall.review_pack.words import day_words, given_words

PROTOCOLS = ("all-targeted-drugs", "neuroblastoma-targeted-therapy")
DAY = date(2026, 11, 22)
VOID = {"meta", "col", "br", "rect", "path"}


class Page(HTMLParser):
    """A page taken apart; it fails where tags do not match."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.attributes, self.words = [], [], [], [], []
        self.tables, self.labelled, self._open = [], [], []
        self.feed(text)
        self.close()
        assert [] == self._open

    def handle_starttag(self, tag, attributes):
        self.take(tag, dict(attributes))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.take(tag, dict(attributes))

    def take(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attributes.items()]
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if "href" in attributes:
            self.links.append(attributes["href"])
        self.labelled += attributes.get("aria-labelledby", "").split()
        if tag == "table":
            self.tables.append([])
        elif self.tables and "table" in self._open:
            self.tables[-1].append((tag, attributes))

    def handle_endtag(self, tag):
        assert tag == self._open.pop(), self.getpos()

    def handle_data(self, data):
        if "style" not in self._open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module", params=PROTOCOLS)
def pack(request):
    protocol = load(request.param)
    checked = check(protocol.folder, prove=False)
    return build_pack(protocol, checked=checked, gate=mutation_gate(protocol))


@pytest.fixture(scope="module")
def html(pack):
    return review_html(pack, DAY)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def plain(text):
    return " ".join(text.split())


def test_every_rule_is_on_the_page(pack, page):
    for rule in pack.protocol.rules:
        assert f"rule-{anchor(rule.id)}" in page.ids
        texts = (title_of(rule.id), pack.words(rule.when), rule.because.you, rule.because.they)
        for text in (*texts, rule.interpretation or ""):
            assert plain(text) in page.text


def test_every_case_question_sentence_and_finding_is_on_the_page(pack, page):
    for card in pack.protocol.cards:
        for case in card.cases:
            assert plain(case.name) in page.text
            assert plain(given_words(pack.protocol, case)) in page.text
    for question in pack.protocol.questions.values():
        assert plain(question.you) in page.text
        assert plain(question.they) in page.text
    for sentence in pack.sentences.values():
        assert f"sentence-{anchor(sentence.id)}" in page.ids
        assert plain(sentence.set_aside or "") in page.text
        assert plain(pack.text_of(sentence)) in page.text
    checked = pack.checked
    assert checked.notes
    for finding, because in (*((note, "") for note in checked.notes), *checked.accepted):
        assert capital(plain(finding.message)) in page.text
        assert plain(because) in page.text
    assert () == checked.findings


def test_levels_self_care_and_what_differs_are_on_the_page(pack, page):
    protocol = pack.protocol
    for level in protocol.levels:
        assert plain(protocol.headline(level, "you")) in page.text
        assert plain(protocol.how_soon(level, "they")) in page.text
    for card in protocol.cards:
        for line in card.self_care:
            assert plain(line.text.you) in page.text
            assert plain(pack.words(line.unless)) in page.text
        for guidance in card.differs:
            assert plain(guidance.says) in page.text


def test_the_page_loads_nothing_and_runs_nothing(html, page):
    for outside in ("http:", "https:", "src=", "@import", "url(", "<script", "<link", "javascript:"):
        assert outside not in html.lower()
    assert {"#"} == {link[0] for link in page.links}
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]


def test_headings_landmarks_and_language(page):
    assert ["h1"] == [tag for tag in page.tags if tag == "h1"]
    levels = [int(tag[1]) for tag in page.tags if tag in ("h1", "h2", "h3", "h4", "h5")]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert {"main", "nav", "header", "footer"} <= set(page.tags)
    assert ("html", "lang", "en") in page.attributes
    assert "#main" == page.links[0]


def test_every_table_has_a_caption_and_scopes(page):
    assert page.tables
    for table in page.tables:
        assert "caption" == table[0][0]
        heads = [attributes for tag, attributes in table if tag == "th"]
        assert heads
        assert all("scope" in attributes for attributes in heads)


def test_ids_are_unique_and_every_link_has_its_target(page):
    assert len(page.ids) == len(set(page.ids))
    assert set() == {link[1:] for link in page.links} - set(page.ids)
    assert set() == set(page.labelled) - set(page.ids)


def test_the_same_pack_and_day_give_the_same_bytes(pack, html):
    assert html == review_html(pack, DAY)
    assert "22 November 2026" in html
    assert "Pack made" not in review_html(pack)


def test_the_map_has_every_rule_and_fits_on_pages(pack):
    panels = map_panels(pack)

    links = [box.link for panel in panels for box in panel.boxes if box.kind == "rule"]
    assert [f"rule-{rule.id}" for rule in pack.protocol.rules] == links
    for panel in panels:
        assert panel.height <= PAGE_HEIGHT
        assert all(0 <= box.x and box.x + box.width <= WIDTH for box in panel.boxes)
        assert all(0 <= box.y and box.y + box.height <= panel.height for box in panel.boxes)


def test_no_two_boxes_of_the_map_overlap(pack):
    for panel in map_panels(pack):
        columns = {}
        for box in panel.boxes:
            columns.setdefault(box.x, []).append((box.y, box.y + box.height))
        for spans in columns.values():
            spans.sort()
            assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_without_documents_no_passage_is_shown_and_the_page_says_so(page):
    assert "please have the documents beside you" in page.text
    assert "please do not pass them on" not in page.text


def test_what_a_card_says_never_becomes_markup(rules):
    rules.change(
        "all-targeted-drugs/headache.yaml",
        "title: Headache",
        "title: \"<script>alert('x')</script> & <b>more</b>\"",
    )
    html = review_html(build_pack(load(rules.folder / "all-targeted-drugs")))

    page = Page(html)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert "<script>alert('x')</script> & <b>more</b>" in page.text


def test_a_colour_that_is_not_known_is_grey(rules):
    rules.change("levels.yaml", "colour: orange", "colour: '\"><i>'")
    pack = build_pack(load(rules.folder / "all-targeted-drugs"))

    assert "grey" == pack.colour(pack.level("urgently"))
    assert "red strong" == pack.colour(pack.level("emergency"))
    assert "red" == pack.colour(pack.level("immediately"))
    assert "i" not in Page(review_html(pack)).tags


def is_of_document(sentence):
    return sentence.startswith("A-")


def test_a_changed_source_is_said_at_the_top_and_at_the_rule(rules, tmp_path):
    (tmp_path / "cruk-all-targeted-2021.txt").write_text("Nothing of it is left.", "utf-8")
    pack = build_pack(load(rules.folder / "all-targeted-drugs"), sources_dir=tmp_path)
    text = Page(review_html(pack)).text

    cited = [rule for rule in pack.protocol.rules if any(map(is_of_document, rule.sentences))]
    assert len(cited) == len(pack.outdated)
    assert f"{len(cited)} rules cite sentences no longer in the source" in text
    cards = pack.protocol.cards
    lines = sum(any(map(is_of_document, line.sentences)) for card in cards for line in card.self_care)
    assert len(cited) + lines == text.count("Read the document again before you sign.")
    assert "The document has changed since its rules were written." in text


def test_a_pack_without_checks_says_so():
    text = Page(review_html(build_pack(load("neuroblastoma-targeted-therapy")))).text

    assert "This pack was made without the checks." in text
    assert "This was not tried for this pack." in text


def test_anchors_of_different_ids_differ():
    ids = ["a/b", "a.b", "a b", "a-b", "a_b", 'a"b', "ä"]

    assert len(ids) == len({anchor(one) for one in ids})


def test_a_date_reads_the_same_everywhere():
    assert "1 May 2027" == day_words(date(2027, 5, 1))


def test_changes_survivors_failing_cases_and_several_cards_together_are_shown(rules):
    rules.change("all-targeted-drugs/headache.yaml", "{headache: yes}", "{headache: no}")
    rules.append(
        "all-targeted-drugs/protocol.yaml",
        "\nescalate:\n  - {name: two-calls, when: at least 2 cards at contact, to: urgently, "
        "only_if: {dizzy: yes}, because: Two together., sentences: [A-45]}\n",
    )
    protocol = load(rules.folder / "all-targeted-drugs")
    change = Change("lowered", "contact", "gone-level", {"dizzy": True}, (), complete=True)
    difference = Difference((change,), (), (TextChange("a / b", None, "new words"),), ())
    gate = Gate(1, (next(mutants(protocol)),))
    text = Page(review_html(build_pack(protocol, gate=gate, difference=difference))).text

    assert "At least two cards have a rule at “Today” or more urgent, and also: Dizziness" in text
    assert "✗ Fails" in text
    assert "Less urgent" in text
    assert "gone-level" in text
    assert "new words" in text
    assert "Mistakes that no case noticed" in text
