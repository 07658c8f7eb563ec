"""`whentocall impact`, from git revisions and files to the page that a committee reads."""

import base64
import json
import os
import re
import shutil
import subprocess

import polars as pl
import pytest

from support import axe
from whentocall import load
from whentocall.cli import main
from whentocall.protocol.load import shipped_rules

NAME = "all-targeted-drugs"
MANY = f"{NAME}/diarrhoea/many-loose-stools"
WIDTHS = (1280, 800, 400)
PAPER = 672  # pixels: A4 less the margins of page.css, 178 mm, at 96 pixels an inch
A4 = (595, 842)  # points
PATIENCE = 120  # seconds; a slow machine is no failure


def git(folder, *arguments):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def edit(path, before, after, *, flags=re.DOTALL | re.MULTILINE):
    text, count = re.subn(before, after, path.read_text("utf-8"), count=1, flags=flags)
    assert 1 == count
    path.write_text(text, "utf-8")


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository of rules: four loose poos were a reason to call, and a headache was a lesser one."""
    folder = tmp_path_factory.mktemp("repository")
    shutil.copytree(shipped_rules(), folder / "rules")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Rules")
    cards = folder / "rules" / NAME
    edit(cards / "diarrhoea.yaml", r"^  many-loose-stools:\n    when:.*?(?=^  \S)", "")
    edit(cards / "headache.yaml", "level: tell", "level: urgently")
    git(folder, "commit", "-q", "-a", "-m", "Other rules")
    return folder


@pytest.fixture
def there(repository, monkeypatch):
    monkeypatch.chdir(repository)
    monkeypatch.delenv("WHENTOCALL_RULES", raising=False)
    return repository


@pytest.fixture(scope="module")
def people():
    """Three people with many loose poos, two with a headache, five with nothing."""
    protocol = load(NAME)
    well = {one.id: False for one in protocol.questions.values() if one.answer.kind == "yes-no"}
    well |= {"temperature": 36.8, "loose_stools": None, "diarrhoea_days": None, "constipation_days": None}
    well |= {"drug": next(iter(protocol.questions["drug"].options))}
    loose = well | {"diarrhoea": True, "loose_stools": 5, "diarrhoea_days": 1}
    return [loose] * 3 + [well | {"headache": True}] * 2 + [well] * 5


@pytest.fixture(scope="module")
def table(people, tmp_path_factory):
    path = tmp_path_factory.mktemp("answers") / "answers.parquet"
    pl.DataFrame(people).with_columns(pl.lit("Ann Example").alias("patient")).write_parquet(path)
    return path


BOTH = ("HEAD~1:rules", "HEAD:rules")


def run(capfd, *arguments):
    """The command's exit code, output and messages."""
    code = main(["impact", *map(str, arguments)])
    return code, *capfd.readouterr()


def test_two_revisions_of_a_repository(there, table, capfd):  # noqa: ARG001
    code, text, _ = run(capfd, *BOTH, table, "--protocol", NAME)
    assert 0 == code
    assert "LOWERED from 'contact' to 'tell': 3 rows" in text
    assert "RAISED from 'tell' to 'urgently': 2 rows" in text
    assert f"{MANY}: is no longer there: 3 rows" in text
    assert "Loose, watery poos in the last 24 hours: 5" in text
    assert "Ann Example" not in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"HEAD~1:rules/{NAME}", f"rules/{NAME}"),  # a revision and what is there now
        (NAME, f"rules/{NAME}"),  # the shipped one by its name
        ("HEAD~1:rules", f"rules/{NAME}"),  # the one protocol that both have
    ],
)
def test_old_and_new_may_be_said_in_every_way(old, new, there, table, capfd):  # noqa: ARG001
    code, text, _ = run(capfd, old, new, table, "--json", "-", "--examples", 0)
    assert 0 == code
    assert (3, 2, 5) == tuple(json.loads(text)[one] for one in ("lowered", "raised", "same"))


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("fail_on", "new", "expected"),
    [
        ("never", "HEAD:rules", 0),
        ("lowered", "HEAD:rules", 1),
        ("changed", "HEAD:rules", 1),
        ("lowered", "HEAD~1:rules", 0),
        ("changed", "HEAD~1:rules", 0),
    ],
)
def test_the_exit_code_is_what_fail_on_says(fail_on, new, expected, there, table, capfd):  # noqa: ARG001
    code, *_ = run(capfd, "HEAD~1:rules", new, table, "--protocol", NAME, "--fail-on", fail_on)
    assert expected == code


def test_a_raised_level_is_a_change_and_not_lowered(there, people, tmp_path, capfd):  # noqa: ARG001
    path = tmp_path / "answers.ndjson"
    pl.DataFrame(people[3:]).write_ndjson(path)
    assert 0 == run(capfd, *BOTH, path, "--protocol", NAME, "--fail-on", "lowered")[0]
    assert 1 == run(capfd, *BOTH, path, "--protocol", NAME, "--fail-on", "changed")[0]


def test_cells_that_are_no_answer_say_so_in_the_exit_code(there, people, tmp_path, capfd):  # noqa: ARG001
    path = tmp_path / "answers.csv"
    pl.DataFrame(people).with_columns(pl.lit("warm").alias("temperature")).write_csv(path)
    code, text, _ = run(capfd, *BOTH, path, "--protocol", NAME)
    assert 4 == code
    assert "temperature: 10 with both" in text


def test_json_on_standard_output_is_nothing_but_json(there, table, capfd):  # noqa: ARG001
    _, text, _ = run(capfd, *BOTH, table, "--protocol", NAME, "--json", "-")
    read = json.loads(text)
    assert 10 == read["rows"]
    assert [1, 2, 3] == [one["row"] for one in read["changes"][0]["examples"]]
    assert 5 == read["changes"][0]["examples"][0]["answers"]["loose_stools"]


def test_files_can_be_read_by_whoever_can_read_the_answers(there, table, tmp_path, capfd):  # noqa: ARG001
    mine = tmp_path / "mine.parquet"
    shutil.copy(table, mine)
    mine.chmod(0o600)
    outputs = tmp_path / "a.json", tmp_path / "a.html"
    outputs[0].write_text("an older one")
    code, *_ = run(capfd, *BOTH, mine, "--protocol", NAME, "--json", outputs[0], "-o", outputs[1])
    assert 0 == code
    assert [0o600, 0o600] == [one.stat().st_mode & 0o777 for one in outputs]
    assert {"mine.parquet", "a.json", "a.html"} == set(os.listdir(tmp_path))
    read = json.loads(outputs[0].read_text("utf-8"))
    assert f'id="count-lowered">{read["lowered"]}<' in outputs[1].read_text("utf-8")


def test_without_examples_nobodys_answers_are_anywhere(there, table, tmp_path, capfd):  # noqa: ARG001
    outputs = tmp_path / "a.json", tmp_path / "a.html"
    _, text, _ = run(
        capfd, *BOTH, table, "--protocol", NAME, "--examples", 0, "--json", outputs[0], "-o", outputs[1]
    )
    assert "for example" not in text
    assert all("for example" not in one.read_text("utf-8") for one in outputs)
    assert '"answers"' not in outputs[0].read_text("utf-8")


def test_a_mapping_may_speak_of_a_question_that_only_one_of_them_asks(there, people, tmp_path, capfd):
    old = tmp_path / "old"
    shutil.copytree(there / "rules", old)
    edit(old / NAME / "dizziness.yaml", r"^  dizzy:", "  giddy:")
    for path in old.rglob("*.yaml"):
        path.write_text(re.sub(r"\bdizzy\b(?=[:,\]}\s])", "giddy", path.read_text("utf-8")), "utf-8")
    table = tmp_path / "answers.csv"
    frame = pl.DataFrame(people).with_columns(
        pl.lit("Nein").alias("Schwindel"), pl.lit("Nein").alias("Taumel")
    )
    frame.drop("dizzy").write_csv(table)
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("words: {no: [Nein]}\ncolumns: {dizzy: Schwindel, giddy: Taumel}\n", "utf-8")
    code, text, _ = run(capfd, old / NAME, there / "rules" / NAME, table, "--mapping", mapping, "--json", "-")
    assert 0 == code
    read = json.loads(text)
    assert ([], []) == (read["old"]["absent"], read["new"]["absent"])


def test_another_mapping_for_the_new_rules(there, people, tmp_path, capfd):  # noqa: ARG001
    table, mapping = tmp_path / "answers.csv", tmp_path / "new.yaml"
    pl.DataFrame(people).rename({"dizzy": "Schwindel"}).write_csv(table)
    mapping.write_text("columns: {dizzy: Schwindel}\n", "utf-8")
    _, text, _ = run(
        capfd, *BOTH, table, "--protocol", NAME, "--mapping-new", mapping, "--json", "-", "--examples", 0
    )
    read = json.loads(text)
    assert "dizzy" in read["old"]["absent"][0]
    assert [] == read["new"]["absent"]


@pytest.mark.parametrize(
    ("arguments", "expected", "words"),
    [
        ((*BOTH, "TABLE"), 5, "should have one protocol in common, or --protocol should say which"),
        ((*BOTH, "TABLE", "--protocol", "none"), 5, "has no protocol 'none': there are all-targeted-drugs"),
        (("HEAD~7:rules", "rules", "TABLE"), 5, "git does not know the revision"),
        ((*BOTH, "missing.csv", "--protocol", NAME), 2, "missing.csv: cannot be read"),
        ((*BOTH, "missing", "--protocol", NAME), 2, "unknown ending; use one of"),
        ((*BOTH, "TABLE", "--protocol", NAME, "-o", "page.pdf"), 2, "the report must be an .html file"),
        ((*BOTH, "TABLE", "--protocol", NAME, "-o", "no/page.html"), 7, "no/page.html: could not be written"),
    ],
)
def test_what_cannot_be_done_is_said(arguments, expected, words, there, table, capfd):  # noqa: ARG001
    code, _, said = run(capfd, *(table if one == "TABLE" else one for one in arguments))
    assert expected == code
    assert words in said


@pytest.mark.parametrize("number", ["-1", "1001", "many", "²"])
def test_a_number_of_examples_is_a_whole_number(number, there, table, capfd):  # noqa: ARG001
    with pytest.raises(SystemExit) as stopped:
        run(capfd, *BOTH, table, f"--examples={number}")
    assert 2 == stopped.value.code


def test_the_help_says_that_examples_are_patients_data(capfd):
    with pytest.raises(SystemExit):
        main(["impact", "--help"])
    assert "patients' data" in " ".join(capfd.readouterr().out.split())


# the page in a browser


@pytest.fixture(scope="module")
def driver(start_chromium):
    found = start_chromium()
    found.set_script_timeout(PATIENCE)
    found.set_page_load_timeout(PATIENCE)
    found.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    try:
        yield found
    finally:
        found.quit()


@pytest.fixture(scope="module")
def page(driver, repository, people, tmp_path_factory):  # noqa: ARG001  no page is made where no browser is
    """The address of a page with everything that one can have."""
    folder = tmp_path_factory.mktemp("page")
    table = folder / "answers.csv"
    frame = pl.DataFrame(people).drop("dizzy").with_columns(pl.lit("none of these").alias("drug"))
    pl.concat([frame] * 123).write_csv(table)
    archive = folder / "old"
    archive.mkdir()
    tar = subprocess.run(["git", "archive", "HEAD~1"], cwd=repository, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x"], input=tar, cwd=archive, check=True)
    old, new = archive / "rules" / NAME, repository / "rules" / NAME
    assert 4 == main(["impact", str(old), str(new), str(table), "-o", str(folder / "a.html"), "--quiet"])
    return (folder / "a.html").as_uri()


def resize(driver, width, media="screen"):
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def overflow(driver):
    return driver.execute_script("return document.documentElement.scrollWidth - window.innerWidth")


def test_axe_finds_nothing_to_object_to_at_any_width(driver, page):
    driver.get(page)
    for width in WIDTHS:
        resize(driver, width)
        assert 0 == overflow(driver), width
        assert {} == axe.violations(driver), width


def test_no_text_of_the_picture_lies_on_another_or_outside(driver, page):
    resize(driver, WIDTHS[0])
    driver.get(page)
    boxes = driver.execute_script(
        "return [...document.querySelectorAll('figure > svg text')].map(one => {"
        "const box = one.getBBox();"
        "return [one.textContent, box.x, box.y, box.x + box.width, box.y + box.height]})"
    )
    width, height = driver.execute_script(
        "const box = document.querySelector('figure > svg').viewBox.baseVal; return [box.width, box.height]"
    )
    assert len(boxes) > 12
    for one in boxes:
        assert one[1] >= -1, one
        assert one[2] >= 0, one
        assert one[3] <= width, one
        assert one[4] <= height, one
    touching = [
        (one[0], other[0])
        for place, one in enumerate(boxes)
        for other in boxes[place + 1 :]
        if one[1] < other[3] and other[1] < one[3] and one[2] + 3 < other[4] and other[2] + 3 < one[4]
    ]
    assert [] == touching


def test_it_prints_on_a4(driver, page):
    driver.get(page)
    pdf = base64.b64decode(driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", pdf)
    assert {A4} == {(round(float(width)), round(float(height))) for width, height in boxes}
    resize(driver, PAPER, media="print")
    assert 0 == overflow(driver)


def test_the_page_asks_for_nothing_and_says_the_numbers_to_a_screen_reader(driver, page):
    driver.get(page)
    assert [] == driver.execute_script("return performance.getEntriesByType('resource').map(one => one.name)")
    assert [] == driver.get_log("browser")
    said = driver.execute_script("return document.getElementById('figure-text').textContent")
    assert "369 rows from Today to Soon: lowered." in said
    assert "246 rows from Soon to Urgently: raised." in said
