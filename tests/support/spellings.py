"""How answers may be written, and what each spelling means: the list that every door is held to.

One list for what is typed, texts in JSON, cells of tables, FHIR quantities and fields of forms. A new
spelling in `engine/spelling.py` gets a line here, and so a test at every door.
"""

from types import MappingProxyType

PROTOCOL = "all-targeted-drugs"
QUESTIONS = MappingProxyType(
    {
        "yes-no": "chest_pain",
        "one-of": "drug",
        "temperature": "temperature",  # from 30 to 45 °C
        "whole-number": "loose_stools",  # from 0 to 60
        "days": "constipation_days",  # from 0 to 365
    }
)
"""A question of each kind, all of `PROTOCOL`."""


def fahrenheit(value):
    """An answer in the unit that is not the question's own."""
    return {"value": value, "unit": "°F"}


DONT_KNOW = (
    *("?", "？", " ? ", "unknown", "Unknown", "UNKNOWN", "not sure", "Not Sure"),
    *("don't know", "Don’t know", "don`t know", "DON´T KNOW", "dont know", "do not know", "do  not\tknow"),
    *("I don't know", "i dont know", "\ufeffdon't know", "don't\u00a0know"),
)
"""Words for "I don't know", whatever the question."""

BLANK = ("", " ", "\t", "\r\n", "\u00a0", "\u200b", "\ufeff", "\u3000", " \u00ad ")
"""Nothing that can be seen: an empty cell of a table; elsewhere no answer, asked for again or refused."""

SPELLINGS = MappingProxyType(
    {
        "yes-no": [
            *((text, True) for text in ("yes", "Yes", "YES", " yes ", "yes\r", "\u200byes")),
            *((text, True) for text in ("true", "True", "TRUE", "\u00a0true")),
            *(
                (text, False)
                for text in ("no", "No", "NO", "no\t", "false", "False", "FALSE", " FALSE\u2009")
            ),
        ],
        "one-of": [
            *(
                (text, "imatinib")
                for text in ("imatinib", "Imatinib", "IMATINIB", " imatinib ", "\ufeffimatinib")
            ),
            *((text, "imatinib") for text in ("Imatinib (Glivec)", "imatinib\u00a0(GLIVEC)")),
            *(
                (text, "car_t")
                for text in ("car_t", "CAR_T", "CAR T-cell therapy", "car t\u2011cell  therapy")
            ),
        ],
        "temperature": [
            *(
                (text, 38.6)
                for text in ("38.6", "38,6", " 38.6 ", "+38.6", "38.60", "038.6", "３８．６", "38，6")
            ),
            *((text, 38) for text in ("38", "38.", "38,", "38.0", "38,00", "38.000", "+38")),
            *(
                (text, 38.6)
                for text in ("38.6 °C", "38.6°C", "38,6 °c", "38.6C", "38.6 c", "38.6 C.", "38.6°C.")
            ),
            *((text, 38.6) for text in ("38.6 ºC", "38.6˚C", "38.6 ∘C", "38.6℃", "38,6 ℃", "38.6\u00a0°C")),
            *((text, 38.6) for text in ("38.6 ° C", "38.6 Celsius", "38.6 deg c", "38.6 degrees celsius")),
            *((text, 38.6) for text in ("38.6 centigrade", "38.6 degree C", "38.6 Cel", "38.6 cel")),
            *(
                (text, 38.6)
                for text in ("38.6°", "38.6 º", "38.6˚", "38.6 deg", "38.6 degrees", "38.6 degree.")
            ),
            *((text, fahrenheit(101.5)) for text in ("101.5 F", "101,5f", "101.5°F", "101.5 ºF", "101.5˚f")),
            *((text, fahrenheit(101.5)) for text in ("101.5℉", "101.5 degrees Fahrenheit", "101.5 [degF]")),
            *((text, fahrenheit(101)) for text in ("101 F", "101. F", "101,0 fahrenheit", "+101 °F.")),
            *((text, 37.5) for text in ("37.5", "37,5", "37.500000000000000", "37.5 c")),
            ("37.50000000000001", 37.50000000000001),  # a float holds it: above 37.5
            ("30", 30),
            ("45,0 °C", 45),
        ],
        "whole-number": [
            *((text, 4) for text in ("4", " 4 ", "04", "+4", "4.0", "4,0", "4.", "4,", "4.00", "4,00", "４")),
            *((text, 0) for text in ("0", "-0", "+0", "0.0", "000")),
            ("60", 60),
        ],
        "days": [
            *(
                (text, 3)
                for text in ("3", "3 days", "3 day", "3days", "3 Days", " 3\u00a0DAYS ", "3.0 days", "3,")
            ),
            ("1 day", 1),
            ("0", 0),
        ],
    }
)
"""Kind of question to texts and the answer that each is, in its JSON form. `DONT_KNOW` is for every kind."""

_NO_ANSWER = ("none", "maybe", "n/a", "NA", "null", "nan", "-", "--", ".", ",", "x", "??", "🤒", "\x00?\x00x")

REFUSED = MappingProxyType(
    {
        "yes-no": (
            *("y", "n", "yes no", "yes, please", "nope", "1.0", "-1", "yes?", "not yes", "tru", "on", "off"),
            *_NO_ANSWER,
        ),
        "one-of": ("imatini", "imatinib or not", "imatinib dasatinib", "imatinib?", *_NO_ANSWER),
        "temperature": (
            *("hot", "38.6.1", "38..6", "3 8", "38 6", "38 .6", "- 38", "--38", ".5", "1e1", "3.86e1"),
            *(
                "38.6.",
                "38..",
                "38.6 ..",
                "38.6 C..",
                "38.6 K",
                "38.6 days",
                "38.6 C F",
                "38.6 F C",
                "38.6 c6",
                "38;6",
            ),
            *("about 38", "38.6?", "38½", "٣٨", "inf", "1,038.6", "38.6 °X", "yes", "true", "C", "°"),
            *("29.9", "45.1", "-38.6", "386", "101.5", "38.6 F", "101.5 C", "1000000000", "9" * 400),
            *("37.500000000000001", "38.600000000000001", "38.6000000000000000", "99.500000000000001 F"),
            *_NO_ANSWER,
        ),
        "whole-number": (
            *("3.5", "4.000", "1,000", "4.0001", "0.5", "-1", "61", "4 days", "4 C", "four", "4 5", "4-5"),
            *("4+", "1e1", "4½", "٤", "inf", "about 4", "yes", "true", "9" * 400),
            *_NO_ANSWER,
        ),
        "days": (
            *("2 weeks", "1 week", "3 C", "3.5 days", "3 dayss", "days", "-1", "366", "three", "1,000 days"),
            *_NO_ANSWER,
        ),
    }
)
"""Kind of question to texts that no door takes: out of range, too exact, two things at once, no answer."""

DIGITS = ("0", "1", "2")
"""Never yes, no or a choice by themselves, but a place on the list where a terminal numbers the choices."""
