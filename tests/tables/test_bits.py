"""Packed bits: what each row has, counted and listed, against plain loops."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from whentocall.tables import bits


@st.composite
def packed(draw):
    """Some yes and no for some rows: as lists, and packed, with anything in the bits after the last row."""
    rows = draw(st.integers(0, 70))
    held = draw(st.lists(st.lists(st.booleans(), min_size=rows, max_size=rows), max_size=140))
    after = draw(st.booleans())
    sides = [np.packbits(np.array([*one, *[after] * (-rows % 8)], bool), bitorder="little") for one in held]
    for place in draw(st.sets(st.integers(0, max(len(held) - 1, 0)))) if held else ():
        sides[place] = value = draw(st.booleans())
        held[place] = [value] * rows
    return rows, held, sides


@given(packed())
def test_each_row_is_counted(table):
    rows, held, sides = table

    assert [sum(one[row] for one in held) for row in range(rows)] == bits.counted(sides, rows).tolist()


@given(packed())
def test_the_rows_of_a_bit_are_named_and_counted(table):
    rows, held, sides = table

    named = [[row for row in range(rows) if one[row]] for one in held]
    assert named == [bits.rows_in(rows, side).tolist() for side in sides]
    assert [len(one) for one in named] == [bits.how_many(rows, side) for side in sides]


@given(packed())
def test_each_row_has_the_list_of_its_bits_in_their_order(table):
    rows, held, sides = table
    ends, places = bits.listed(sides, rows)
    found = [places[ends[row] : ends[row + 1]].tolist() for row in range(rows)]

    assert [[place for place, one in enumerate(held) if one[row]] for row in range(rows)] == found
    assert len(places) == ends[-1]


def test_lists_are_right_across_blocks(monkeypatch):
    """Blocks of rows are only for speed."""
    random = np.random.default_rng(5)
    held = random.random((90, 1000)) < 0.1
    sides = [np.packbits(one, bitorder="little") for one in held]
    whole = bits.listed(sides, 1000)
    monkeypatch.setattr(bits, "_BLOCK", 64)
    blocks = bits.listed(sides, 1000)

    assert [whole[0].tolist(), whole[1].tolist()] == [blocks[0].tolist(), blocks[1].tolist()]
    assert np.flatnonzero(held.T).size == len(whole[1])
