"""Tables of answers at random: every type of column, in every way in which a column may say an answer.

A table is made with one `Random`, so that the same code gives Hypothesis small tables that it can make
smaller still, and the costlier engines large ones that are always the same.
"""

import math
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

from whentocall.engine.people import People
from whentocall.engine.spelling import unit_of
from whentocall.tables.columns import Column

WIDTHS = {f"{sign}int{bits}": bits for sign in ("", "u") for bits in (8, 16, 32, 64)}
DECIMALS = {"decimal": (12, 4), "decimal-long": (38, 20)}
TEXTS = ("text", "category", "enum")
STRUCTS = ("float64", "float32", "int64", "decimal")
NUMBERS = (*WIDTHS, "float32", "float64", *DECIMALS)
KINDS = ("boolean", *NUMBERS, *TEXTS, "struct")

NAMES = (
    "A column",
    "a.b",
    'say "so"',
    "it's",
    "`back`",
    "^.*$",
    "Température (°C)",
    "SELECT",
    "{0}",
    "*",
    "%s",
)
ODD_TEXTS = (
    *(
        "",
        " ",
        "\t\r\n",
        "\N{NO-BREAK SPACE}",
        "yes",
        "no",
        "TRUE",
        "False",
        "True",
        "null",
        "None",
        "NaN",
        "nan",
    ),
    *(
        "inf",
        "-inf",
        "Infinity",
        "1e1",
        "1E1",
        "4e0",
        "0x4",
        "+4",
        "4.",
        ".5",
        "--4",
        "- 4",
        "4 4",
        "4,0",
        "4.0",
    ),
    *(
        "1,234",
        "1.234,5",
        "1_0",
        "٤",
        "４",
        "²",
        "4\u200b",
        "\ufeff4",
        "true\x00",
        "true.",
        "tru",
        "true\u2003",
    ),
    *(
        "38.6",
        "38,6",
        "38.6 C",
        "38.6\N{NO-BREAK SPACE}°C",
        "38,6°C",
        "101.5 °F",
        "101.5F",
        "38.6 °",
        "38.6 K",
    ),
    *(
        "38.6 ºC",
        "38.6 ℃",
        "38.6˚c.",
        "101.5 [degF]",
        "38.6 degrees celsius",
        "38.6 Cel",
        "３８,６ ℃",
        "4 days",
        "1 DAY",
        "4,00",
        "−4",
        "Don’t  know",
        "Not sure",
        "?",
        "UNKNOWN",
        "1.0",
        "01",
        "1.000",
        "38.611111111111114",
        "38.600000000000000",
        "37.500000000000001",
        "100.400000000000006",
        "38.6 c",
        "38.6 °c",
        "°C",
        "F",
        "38.6 ° C",
        "38.6 CC",
        "38.6 °C °C",
        "38.6\n°C",
        "C 38.6",
    ),
    *(
        "45.00000000000000000001",
        "37.500000000000000001",
        "3.99999999999999999999",
        "99999999999999999999999",
    ),
    *(
        "-0",
        "-0.0",
        "00004",
        "0038.6",
        "1" * 400,
        f"4.{'0' * 400}",
        "4\n",
        "\t 4 \r\n",
        "é",
        "e\u0301",
        "🌡",
        "'",
        '"',
        "\\",
    ),
)
ODD_UNITS = (
    "°C",
    "°F",
    "C",
    "F",
    " °F ",
    "\N{NO-BREAK SPACE}F",
    "",
    " ",
    "K",
    "°c",
    "f",
    "ºF",
    "℉",
    "°",
    "Fahrenheit",
    "deg C",
    "f.",
    None,
)
YES_NO_WORDS = {
    "Ja": True,
    "yes": True,
    "nee": False,
    "NO": False,
    "?": None,
    "-": None,
    "1": True,
    "0": False,
}


@dataclass(frozen=True)
class Series:
    """One column: what kind of values it has (of what, in a struct), and its cells; None is null."""

    kind: str
    cells: tuple
    of: str = ""


@dataclass(frozen=True)
class Table:
    """Columns by name, in order; what is said about them; and how many rows there are."""

    series: dict
    rows: int
    columns: dict = field(default_factory=dict)


# what a cell may be


def fits(kind, number):
    """Whether a column of this kind can hold the number exactly."""
    if kind in WIDTHS:
        low, high = int_range(kind)
        return number == math.floor(number) and low <= number <= high
    if kind in DECIMALS:
        digits, places = DECIMALS[kind]
        scaled = Fraction(str(number)) * 10**places
        return scaled.denominator == 1 and abs(scaled) < 10**digits
    return True


def int_range(kind):
    bits = WIDTHS[kind]
    return (0, 2**bits - 1) if kind.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def typed(kind, number):
    """The number as a cell of a column of numbers; None where it cannot be one."""
    if not fits(kind, number):
        return None
    if kind in WIDTHS:
        return int(number)
    if kind in DECIMALS:
        return Decimal(str(number))
    return float(np.float32(number)) if kind == "float32" else float(number)


def beside(kind, number):
    """The nearest numbers of the same kind on both sides."""
    if kind == "float64":
        return math.nextafter(number, -math.inf), math.nextafter(number, math.inf)
    if kind == "float32":
        single = np.float32(number)
        return tuple(float(np.nextafter(single, np.float32(way))) for way in (-np.inf, np.inf))
    if kind in DECIMALS:
        hair = Decimal(1).scaleb(-DECIMALS[kind][1])
        return number - hair, number + hair
    return number - 1, number + 1


def numbers(kind, points):
    """Cells of a column of numbers: at every point, next to it, and the extremes of the kind."""
    found = [typed(kind, point) for point in (*points, -1, 0, 1, 4, 1000)]
    found = [one for one in found if one is not None]
    near = [other for one in found for other in beside(kind, one)]
    if kind in WIDTHS:
        low, high = int_range(kind)
        return [one for one in (*found, *near, low, high) if low <= one <= high]
    if kind in DECIMALS:
        digits, places = DECIMALS[kind]
        most = Decimal((0, (9,) * digits, -places))
        return [*found, *near, *(one + Decimal("0.5") for one in found), most, most.copy_negate()]
    largest = float(np.finfo(np.float32).max) if kind == "float32" else 1.7976931348623157e308
    strange = [
        math.nan,
        math.inf,
        -math.inf,
        -0.0,
        largest,
        -largest,
        2.0**53,
        2.0**63,
        2.0**64,
        0.5,
        1e-45,
        5e-324,
    ]
    halves = [one + 0.5 for one in found]
    return [
        float(np.float32(one)) if kind == "float32" else one for one in (*found, *near, *halves, *strange)
    ]


def in_unit(number, own, unit):
    """A temperature in a unit, as the double nearest to it."""
    exact = Fraction(str(number))
    if unit[-1] != own[-1]:
        exact = exact * 9 / 5 + 32 if unit.endswith("F") else (exact - 32) * 5 / 9
    return round(float(exact), 6)


# what a column may be


@dataclass(frozen=True)
class Layout:
    """How one question's column says its answers."""

    question: object
    column: Column
    kind: str
    points: tuple
    of: str = ""
    _odd: list = field(default_factory=list)

    def cells(self, random, answers):
        """A cell for each answer; now and then whatever else the column can hold."""
        return tuple(
            self.odd(random) if random.random() < 0.12 else self.cell(random, one) for one in answers
        )

    def cell(self, random, answer):  # noqa: PLR0911  one for each kind of column
        """A cell that says the answer, if one can."""
        words = [
            text
            for text, meant in self.column.words.items()
            if type(meant) is type(answer) and meant == answer
        ]
        if words and random.random() < 0.8:
            return self.worded(random, random.choice(words))
        if answer is None:
            return None
        if self.kind in TEXTS:
            return self.said(random, answer)
        if isinstance(answer, bool):
            return answer if self.kind == "boolean" else self.odd(random)
        if isinstance(answer, str) or self.kind == "boolean":
            return self.odd(random)
        if self.kind == "struct":
            unit = random.choice(("°C", "°F", "C", "F"))
            return typed(self.of, in_unit(answer, self.question.answer.unit, unit)), unit
        unit = self.column.unit
        return typed(self.kind, answer if unit is None else in_unit(answer, self.question.answer.unit, unit))

    def worded(self, random, word):
        """A word as a cell, for a typed column the value that has this text."""
        if self.kind in TEXTS:
            return random.choice(("", " ", "\t")) + word + random.choice(("", "\r\n", "\N{NO-BREAK SPACE}"))
        return word == "true" if self.kind == "boolean" else typed(self.kind, int(word))

    def said(self, random, answer):
        """An answer as text."""
        if isinstance(answer, bool | str):
            text = random.choice((str(answer).lower(), str(answer).upper(), self.worded_as(random, answer)))
        elif self.question.answer.kind != "temperature":
            text = random.choice((f"{answer}", f"{answer}", f"{answer}.0", f"0{answer}"))
        else:
            own = self.question.answer.unit
            unit = random.choice((None, None, "°C", "°F", "C", "F", "℃", "fahrenheit", "ºF."))
            into = unit_of(unit or self.column.unit or own)
            text = (
                f"{in_unit(answer, own, into)}{random.choice(('', ' '))}{unit}"
                if unit
                else f"{in_unit(answer, own, into)}"
            )
        if random.random() < 0.3:
            text = text.replace(".", ",")
        return random.choice(("", "", "", " ", "\t")) + text + random.choice(("", "", "", " ", "\r"))

    def worded_as(self, random, answer):
        """An answer in one of its words."""
        if isinstance(answer, bool):
            return random.choice(("Yes", "yes") if answer else ("No", "NO"))
        return random.choice((self.question.options[answer].you, self.question.options[answer].they))

    def odd(self, random):
        """Whatever else the column can hold."""
        return random.choice(self.every_odd())

    def every_odd(self):
        """All of that: the limits, the extremes of the type, what nobody should write."""
        if self._odd:
            return self._odd
        if self.kind == "boolean":
            found = [True, False, None]
        elif self.kind in TEXTS:
            options = (*self.question.options, *(one.upper() for one in self.question.options))
            written = [text for point in self.points for text in (f"{point}", f"{point}0".replace(".", ","))]
            found = [*ODD_TEXTS, *options, *written, *self.column.words, None, "38.6"]
        elif self.kind == "struct":
            values = (None, *numbers(self.of, self.points))
            found = [(one, unit) for one in values for unit in ("°C", "F")]
            found += [None, *((typed(self.of, 38), unit) for unit in ODD_UNITS)]
        else:
            found = [None, *numbers(self.kind, self.points)]
        self._odd.extend({repr(one): one for one in found}.values())
        return self._odd


def layout(random, people, question, name):
    """A way in which a column may say the answers to a question."""
    kind = random.choice(KINDS if question.answer.kind == "temperature" else KINDS[:-1])
    if question.answer.kind in ("yes-no", "one-of") and random.random() < 0.6:
        kind = random.choice(("boolean", "text") if question.answer.kind == "yes-no" else TEXTS)
    points = [float(one) for one in people.values[question.id]] if question.answer.is_number else []
    said = {}
    if question.answer.kind == "temperature" and kind not in ("boolean", "struct"):
        points += [in_unit(one, question.answer.unit, unit) for one in points for unit in ("°C", "°F")]
        if random.random() < 0.4:
            said["unit_column"] = f"{name} unit"
        else:
            said["unit"] = random.choice((None, None, "°C", "°F", "C", "F"))
    if kind != "struct":
        said["words"] = words(random, question, kind)
    of = random.choice(STRUCTS) if kind == "struct" else ""
    return Layout(question, Column(name, **said), kind, tuple(points), of)


def words(random, question, kind):
    """What cells may say, to the answers that they mean; often nothing."""
    if random.random() < 0.5:
        return {}
    texts = {"boolean": ("true", "false")}.get(kind) or ("0", "1", "2", "9")
    if question.answer.kind == "yes-no":
        if kind in TEXTS:
            return YES_NO_WORDS
        means = random.choice(((True, False), (False, True, None), (True, None, False, False)))
        return dict(zip(texts, means, strict=False))
    if question.answer.kind == "one-of":
        means = list(question.options)
        random.shuffle(means)
    else:
        low = math.ceil(question.answer.low)
        means = [low, None, low + 1.0 if question.answer.kind == "temperature" else low + 1, low]
        if (
            question.answer.kind == "temperature" and kind != "boolean"
        ):  # a number that would be one by itself
            texts = (texts[0], f"{low + 2}", *texts[2:])
    texts = (*texts, "none", "many", "3 to 5") if kind in TEXTS else texts
    return dict(zip(texts, [*means[:3], None, *means[:2], None], strict=False))


# tables


def people_of(random, people, rows):
    """For each question the answers of that many people: some report little, some much, some know little."""
    moods = [random.choice(("quiet", "quiet", "quiet", "mixed", "unknown")) for _ in range(rows)]
    found = {}
    for one in people.protocol.questions:
        found[one] = [_answer(random, people, one, mood) for mood in moods]
    return found


def _answer(random, people, one, mood):
    chance = random.random()
    if chance < {"quiet": 0.85, "mixed": 0.2, "unknown": 0.1}[mood]:
        question = people.protocol.questions[one]
        return None if question.only_if is not None and chance < 0.6 else people.rest[one]
    if chance > {"quiet": 0.95, "mixed": 0.8, "unknown": 0.3}[mood]:
        return None
    return random.choice(people.values[one])


def make(random, protocol, rows, *, named=NAMES, kinds=KINDS):
    """A table of answers, with columns that are no answers, and some questions that have none.

    Args:
        random: where chance comes from.
        protocol: whose questions.
        rows: how many.
        named: names that columns may have other than their question's id.
        kinds: the kinds of column that there may be.
    """
    people = protocol.once(People.of)
    answers = people_of(random, people, rows)
    series, columns = {"row": Series("int64", tuple(range(rows)))}, {}
    spare = list(named)
    asked = [one for one in protocol.questions if random.random() < 0.94] or list(protocol.questions)
    for one in asked:
        question = protocol.questions[one]
        name = spare.pop(random.randrange(len(spare))) if spare and random.random() < 0.3 else one
        chosen = layout(random, people, question, name)
        while chosen.kind not in kinds or (chosen.of and chosen.of not in kinds):
            chosen = layout(random, people, question, name)
        if name != one or random.random() < 0.8 or chosen.column != Column(name):
            columns[one] = chosen.column
        series[name] = Series(chosen.kind, chosen.cells(random, answers[one]), chosen.of)
        if chosen.column.unit_column is not None:
            units = (
                random.choice(("°C", "°F")) if random.random() < 0.7 else random.choice(ODD_UNITS)
                for _ in range(rows)
            )
            kind = random.choice([kind for kind in TEXTS if kind in kinds])
            series[chosen.column.unit_column] = Series(kind, tuple(units))
    series["whatever else"] = Series("text", tuple(random.choice(ODD_TEXTS) for _ in range(rows)))
    return Table(series, rows, columns)


def with_places(table):
    """The table with a first column that numbers its rows, for engines that keep no order."""
    return Table(
        {"place": Series("int64", tuple(range(table.rows))), **table.series}, table.rows, table.columns
    )


@st.composite
def tables(draw, protocol, *, most=6):
    """A table of answers at random, of few rows."""
    random = draw(st.randoms(use_true_random=False))
    return make(random, protocol, draw(st.integers(1, most)))


# every odd cell


def odd_tables(protocol, kinds=KINDS):
    """Tables that between them have every odd cell in every kind of column, for every kind of question.

    The questions of one kind take turns: where there are many of them, few tables are enough.
    """
    people = protocol.once(People.of)
    alike = {}
    for question in protocol.questions.values():
        alike.setdefault(str(question.answer), []).append(question)
    ways = {
        question.id: list(_ways(people, question, kinds))[place :: len(group)]
        for group in alike.values()
        for place, question in enumerate(group)
    }
    for place in range(max(map(len, ways.values()))):
        chosen = {one: each[place % len(each)] for one, each in ways.items() if each}
        rows = max(len(cells) for _, _, cells, _ in chosen.values())
        series, columns = {}, {}
        for one, (way, column, cells, units) in chosen.items():
            columns[one] = column
            series[one] = Series(way.kind, _repeated(cells, rows), way.of)
            if units is not None:
                series[column.unit_column] = Series("text", _repeated(units, rows))
        yield Table(series, rows, columns)


def _repeated(cells, rows):
    return tuple(cells[row % len(cells)] for row in range(rows))


def _ways(people, question, kinds):
    """For one question each way to lay out its column: with all cells, and the units beside them, if any."""
    temperature = question.answer.kind == "temperature"
    points = [float(one) for one in people.values[question.id]] if question.answer.is_number else []
    if temperature:
        points += [in_unit(one, question.answer.unit, unit) for one in points for unit in ("°C", "°F")]
    for kind in (one for one in kinds if one != "struct"):
        said = ({}, {"words": _every_word(question, kind)})
        if temperature and kind != "boolean":
            said = (
                *said,
                {"unit": "°F"},
                {"unit": "C"},
                {"unit_column": "beside", "words": _every_word(question, kind)},
            )
        for more in said:
            way = Layout(question, Column(question.id, **more), kind, tuple(points))
            cells = way.every_odd()
            if way.column.unit_column is None:
                yield way, way.column, cells, None
            else:
                column = Column(question.id, unit_column=f"{question.id} unit", words=way.column.words)
                pairs = [(one, unit) for one in cells for unit in ("°C", "F")] + [
                    (cells[-1], one) for one in ODD_UNITS
                ]
                yield way, column, [one for one, _ in pairs], [unit for _, unit in pairs]
    for of in STRUCTS if temperature and "struct" in kinds else ():
        if of in kinds:
            way = Layout(question, Column(question.id), "struct", tuple(points), of)
            yield way, way.column, way.every_odd(), None


def _every_word(question, kind):
    """Words for a column, as many as can be."""
    if question.answer.kind == "yes-no":
        return (
            YES_NO_WORDS
            if kind in TEXTS
            else {"1": True, "0": False, "4": None, "true": False, "false": True}
        )
    means = (
        [*question.options, None]
        if question.options
        else [math.ceil(question.answer.low), int(question.answer.high), None]
    )
    texts = ("true", "false", "1", "4", "1000") if kind not in TEXTS else ("none", "4,0", "1", "38.6 °C", "-")
    return dict(zip(texts, means, strict=False))


# vectors


def of_vectors(protocol, vectors, form):
    """The vectors' answers as a table, and those vectors that can be said in it.

    Args:
        protocol: whose vectors.
        vectors: the vectors.
        form: "typed", each answer in the type that suits it; "text", all as text; "beside", numbers for yes
            and no, temperatures with their units in a column of their own, decimals and categories.
    """
    kinds = {one: FORMS[form][question.answer.kind] for one, question in protocol.questions.items()}
    said = [
        {one: _said(kinds[one], answer) for one, answer in vector.answers.items() if one in kinds}
        for vector in vectors
    ]
    kept = [
        place
        for place, cells in enumerate(said)
        if len(cells) == len(vectors[place].answers) and CANNOT not in cells.values()
    ]
    series, columns = {}, {}
    for one, kind in kinds.items():
        cells = [said[place].get(one) for place in kept]
        if kind == "beside":
            series[f"{one} unit"] = Series("text", tuple(cell and cell[1] for cell in cells))
            cells = [cell and cell[0] for cell in cells]
            columns[one] = Column(one, unit_column=f"{one} unit")
        if kind == "int8":
            columns[one] = Column(one, words={"1": True, "0": False})
        series[one] = Series(
            {"beside": "float64"}.get(kind, kind), tuple(cells), "float64" if kind == "struct" else ""
        )
    return Table(series, len(kept), columns), [vectors[place] for place in kept]


FORMS = {
    "typed": dict.fromkeys(("whole-number", "days"), "float64")
    | {"yes-no": "boolean", "temperature": "struct", "one-of": "text"},
    "text": dict.fromkeys(("yes-no", "whole-number", "days", "temperature", "one-of"), "text"),
    "beside": dict.fromkeys(("whole-number", "days"), "decimal")
    | {"yes-no": "int8", "temperature": "beside", "one-of": "category"},
}
CANNOT = object()


def _said(kind, answer):  # noqa: PLR0911  one for each kind of column
    """An answer as a cell; `CANNOT` where that kind of column cannot say it."""
    if answer is None:
        return None
    quantity = isinstance(answer, dict) and answer.keys() == {"value", "unit"}
    number = answer["value"] if quantity else answer
    measured = isinstance(number, int | float) and not isinstance(number, bool)
    match kind:
        case "boolean" | "int8":
            return CANNOT if not isinstance(answer, bool) else answer if kind == "boolean" else int(answer)
        case "struct" | "beside":
            return (float(number), answer["unit"] if quantity else "°C") if measured else CANNOT
        case "float64" | "decimal":
            return typed(kind, answer) if measured and not quantity and fits(kind, answer) else CANNOT
    if isinstance(answer, bool):
        return str(answer).lower()
    if quantity and measured:
        return f"{number} {answer['unit']}"
    if isinstance(answer, str):  # in a table, blanks around it say nothing, and no text is "don't know"
        return answer if answer and answer == answer.strip(" ") else CANNOT
    return str(answer) if isinstance(answer, int | float) else CANNOT


# as frames


def polars(table):
    """The table as a Polars DataFrame."""
    return pl.DataFrame([_polars(name, one) for name, one in table.series.items()])


def _polars(name, one):
    if one.kind == "struct":
        value, unit = (
            pl.Series(part, [None if cell is None else cell[at] for cell in one.cells], kind)
            for at, (part, kind) in enumerate((("value", _polars_type(one.of)), ("unit", pl.String)))
        )
        whole = pl.DataFrame([value, unit]).to_struct(name)
        known = pl.Series([cell is not None for cell in one.cells], dtype=pl.Boolean)
        return pl.select(pl.when(known).then(whole).alias(name)).to_series()
    if one.kind == "enum":
        return pl.Series(
            name, one.cells, pl.Enum(list(dict.fromkeys(cell for cell in one.cells if cell is not None)))
        )
    return pl.Series(name, one.cells, _polars_type(one.kind))


def _polars_type(kind):
    if kind in DECIMALS:
        return pl.Decimal(*DECIMALS[kind])
    plain = {
        "boolean": pl.Boolean,
        "float32": pl.Float32,
        "float64": pl.Float64,
        "text": pl.String,
        "category": pl.Categorical,
    }
    return plain.get(kind) or getattr(
        pl, kind.replace("uint", "UInt") if kind.startswith("u") else f"Int{kind[3:]}"
    )


def arrow(table):
    """The table as a pyarrow Table."""
    return pa.table({name: _arrow(one) for name, one in table.series.items()})


def _arrow(one):
    if one.kind == "struct":
        cells = [None if cell is None else {"value": cell[0], "unit": cell[1]} for cell in one.cells]
        return pa.array(cells, pa.struct([("value", _arrow_type(one.of)), ("unit", pa.string())]))
    if one.kind in ("category", "enum"):
        return pa.array(one.cells, pa.string()).dictionary_encode()
    return pa.array(one.cells, _arrow_type(one.kind))


def _arrow_type(kind):
    if kind in DECIMALS:
        return pa.decimal128(*DECIMALS[kind])
    plain = {"boolean": pa.bool_(), "text": pa.string()}
    return plain.get(kind) or getattr(pa, kind)()
