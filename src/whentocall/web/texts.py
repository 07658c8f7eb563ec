"""Every sentence of the web face that the other faces do not have, so that all of them can be checked.

Reading age 9 to 11, short sentences, plain words. `{…}` are filled in when shown.
"""

from __future__ import annotations

NAME = "How soon to call"
SKIP = "Skip to the main part"
HEADING = "How soon to call the cancer team"
KEEP = "We do not keep your answers. Close this page and they are gone."
WAY_BACK = "To go back, use the button on the page."
EMERGENCY_FOR = "{number} ({place})"
OR = "or"

START_AGAIN = "Start again"
STOP = "Stop and see the advice so far"
RESUME = "Go back to the questions"

WHY_WE_ASK = "Why we ask this"
LEFT = "At most {count} questions left"
LAST = "The last question"

UNIT = "Degrees in"
HOW_TO_TYPE = "Type a number, such as {example}."
UNIT_DAYS = "days"
ALL_OF_THESE = "All of these"

CHECK = "Please check your answer"
PROBLEM = "Problem"
CHOOSE_ONE = "Choose one of the answers."
TICK_FIRST = "Tick all that apply. If nothing does, tick 'None of these'."
TICK_UNSURE = "Tick the ones that you are not sure about, or go back."
TYPE_FIRST = "Type a number. If you don't know it, tick 'I don't know'."
NOT_BOTH_NUMBER = "You typed something and ticked 'I don't know'. Keep one of them."
TWO_UNITS = "You typed one unit and chose another. Keep one of them."

CHANGE = "Change"
CHANGE_ANSWER = "Change an answer"
CALL = "Call {number}"
SAVE = "Save the result for your team"
SAVE_WHY = "This gives you a file with your answers in it. Anyone who can open it can read them."
PRINT = "You can print this page, or keep it open while you call."

CANNOT_READ = "We could not read that page"
CANNOT_READ_WHY = "What was sent does not fit our questions. Nothing was worked out from it."
CHANGED = "The questions have changed"
CHANGED_WHY = "They were changed while you were answering. Please start again."
TOO_LARGE = "That was too much to read"
TOO_LARGE_WHY = "It was longer than any of our pages. Nothing was worked out from it."
TOO_SLOW = "Your answers did not all get here"
TOO_SLOW_WHY = "They took too long to arrive. Nothing was worked out from them."
OTHER_WAY_WHY = "It was not sent in the way that our pages send it. Nothing was worked out from it."
WENT_WRONG = "Something went wrong here"
WENT_WRONG_WHY = "This is not your fault. Do not wait for this page."
CALL_ANYWAY = "If you feel unwell or are worried, call your team now. Do not wait until this works."


def every_text() -> tuple[str, ...]:
    """Every text in this module, for the checks of words and reading age."""
    return tuple(value for name, value in sorted(globals().items()) if name.isupper())
