"""The gallery of broken rule files: one fault each, and exactly one finding, at its line, in its words.

A file of the gallery is a whole rule file. Its first comments say which file of `good/` it stands for
and what must be found: `# file`, `# line` (0: the whole file), `# says`, `# code`; `# found in` where the
finding is about another file; `# says not` where a message used to mislead. To add a fault, add a file.
"""

import re
from pathlib import Path

import pytest

from whentocall import load

GALLERY = Path(__file__).parents[1] / "broken_rules"
FILES = sorted(GALLERY.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_one_fault_gives_one_finding_at_its_line_in_its_words(path, broken):
    expected, found = broken(path)

    assert [(expected.found_in, expected.line, expected.code)] == [
        (file, line, code) for file, line, _, code in found
    ]
    assert expected.says in found[0][2]
    assert expected.says_not is None or expected.says_not not in found[0][2]
    assert not re.search(r"\n|Input should|pydantic|Traceback|<class|Block\(", found[0][2])


def test_the_gallery_is_broken_by_its_faults_alone(good):
    """The files that the faults are laid over load without a finding."""
    assert "mini" == load(good / "mini").id
    assert "signs" == load(good / "signs").id


def test_the_gallery_is_complete_enough_to_be_one():
    """A glob that finds nothing would pass every test above."""
    assert len(FILES) >= 200
