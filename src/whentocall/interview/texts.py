"""Every sentence of the interface that is not in a rule file, so that all of them can be checked.

Reading age 9 to 11, short sentences, plain words. `{…}` are filled in when shown.
"""

from __future__ import annotations

INTRO = (
    "These questions help you decide how soon to call the cancer team.",
    "They do not find out what is wrong. They do not take the place of a call.",
    "If you are worried, call now. You do not need to finish.",
    "If someone cannot be woken, cannot breathe well or has chest pain, call {numbers} now.",
)
KEEP = "Your answers stay on this computer. They are not kept unless you ask for it."

WHICH_PROTOCOL = "Which treatment is this about?"
WHO_ANSWERS = "Who is answering?"
ANSWERING = {"you": "I am the one having treatment", "they": "I am answering for someone else"}

YES = "Yes"
NO = "No"
DONT_KNOW = "I don't know"
GO_BACK = "Go back"
CONTINUE = "Continue"
NONE_OF_THESE = "None of these"
NOT_SURE = "Not sure about some of these"
WHICH_NOT_SURE = "Which ones are you not sure about?"

HOW_TO_TICK = "Arrow keys move. Space or enter ticks a line. Choose 'Continue' when you are done."
HOW_TO_CHOOSE = "Arrow keys move. Space or enter chooses."
TICK_FIRST = "Nothing is ticked. Tick what applies, or choose 'None of these'."
TICK_NOT_SURE_FIRST = "Nothing is ticked. Tick what you are not sure about, or choose 'Go back'."
UNTICK_FIRST = "'{choice}' would lose what you ticked. Choose 'Continue', or untick it first."
UNTICKED = "Not ticked any more: {text}"
ALL_TICKED = "You ticked all of these, so none is left to be unsure about. Choose 'Continue'."
NOT_BOTH = "You ticked 'None of these' and something else. Untick one of them."

HOW_TO_TYPE = "Type a number. Type ? if you don't know, or < to go back."
HOW_TO_TYPE_TEMPERATURE = (
    "Type a number in {unit}, such as {example}. Add {other} for °{other}. "
    "Type ? if you don't know, or < to go back."
)
PLAIN_CHOOSE = "Type a number."
PLAIN_CHOOSE_BACK = "Type a number, or < to go back."
PLAIN_TICK = (
    "Type the numbers of all that apply, such as 2 5. Type 0 for none.",
    "Put ? after a number if you are not sure, such as 3?.",
    "Type ? alone if you are not sure about any. Type < to go back.",
)
PLAIN_YOU_SAID = "You said: {answers}"
PLAIN_PROMPT = "> "

EMPTY = "Nothing was typed. Nothing has been answered yet."
NOT_A_NUMBER = "'{text}' is not a number. {how}"
WEEKS = "{text} is {days} days. Type the days: {days}."
TOO_EXACT = "That number has too many digits. Please type it with fewer."
NOT_WHOLE = "'{text}' is not a whole number. {how}"
OUT_OF_RANGE = "{text} is not between {low} and {high}{unit}. Please check it and type it again."
IF_ABOVE = "If it really is that high: {headline}."
IF_BELOW = "If it really is that low: {headline}."
OTHER_UNIT = "If {text} is in °{other}, type {text} {other}."
NOT_ON_THE_LIST = "'{text}' is not on the list. {how}"
ALONE = "There is a ? that is not next to a number. {how}"
TYPED_TWICE = "You typed {text} twice. {how}"
NO_WAY_BACK = "This is the first question. There is nothing to go back to."
TOO_LONG = "That is too long to be an answer. Please type it again."

WHY_ASKED = "It helps your team to know."

SUMMARY_TITLE = "This is what you told us"
SUMMARY_NONE = "No to: {list}"
CONFIRM = "Is all of this right?"
CONFIRM_YES = "Yes, show the advice"
CONFIRM_CHANGE = "No, change an answer"
WHICH_CHANGE = "Which answer do you want to change?"
NOTHING_TO_CHANGE = "Nothing, it is right"

MORE = "We know enough to say how soon to call. Do you want to answer the other questions too?"
MORE_WHY = "It makes a fuller summary for your team. It cannot make the advice less urgent."
MORE_YES = "Yes, ask me the rest"
MORE_NO = "No, stop here"

SO_FAR = "You stopped before the end. This is the advice so far. It may be more urgent than it says."
SO_FAR_NOTHING = "You stopped before the end. We do not know enough to say that it can wait."
GOODBYE = "If things change or you are worried, call. You do not need to use this first."

HOW_SOON = "How soon"
NUMBER = "Number"
ALSO_NUMBER = "Or call {who}: {number}"
NUMBER_NOT_SET = "Use the number that your team gave you."
FIRST = "What to do first"
WHY = "Why"
YOU_SAID = "You said"
FROM = "From"
FROM_OTHER = "From another document"
NOT_FINISHED = "Some questions have not been asked yet. What is not known counts as possible."
UNKNOWN = "What we do not know"
UNKNOWN_WHY = "Because of this, we cannot say that it can wait longer."
UNKNOWN_MORE = "Other things that you were asked about, or will be."
WATCH = "What to watch for"
WATCH_NEAR = "Right at the limit:"
WATCH_MORE = "anything else on the lists that you were asked about"
CARE = "What you can do"
CONTRADICTION = "Two answers do not fit together"
PROBLEM = "Please note"
NOT_SIGNED = "No doctor or nurse has checked and signed this advice yet. When in doubt, call."
SIGNED = "Checked and signed by {people}."
NOT_A_DIAGNOSIS = "This is not a diagnosis. It does not take the place of a call to your team."

SAVED = "Saved in {files}. Anyone who can open them can read your answers."
SUMMARY_FOR_TEAM = "Summary for the team"
SUMMARY_MADE = "Made on {when}."
SUMMARY_UNFINISHED = "Not finished: some questions were not asked."
SUMMARY_ANSWERS = "Answers"
SUMMARY_ABOUT = {
    "you": "Answered by the person having treatment.",
    "they": "Answered by someone for the person having treatment.",
}


def every_text() -> tuple[str, ...]:
    """Every text in this module, for the checks of words and reading age."""
    values = [value for name, value in sorted(globals().items()) if name.isupper()]
    parts = ([value] if isinstance(value, str) else value for value in values)
    return tuple(text for part in parts for text in (part.values() if isinstance(part, dict) else part))
