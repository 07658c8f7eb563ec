"""A chat: one question a message, the answers held by whoever chats. Run it: `python chat.py`."""

import whentocall
from whentocall import AnswersError

HELLO = "This does not replace a call. If you are worried, call your team now."
WORDS = {"yes": True, "no": False, "?": None}


def ask(interview, answers):
    """The next question as a message; None once nothing that is left could change the advice."""
    step = interview.next_question(answers)
    return step if hasattr(step, "id") else None


def reply(protocol, question, answers, text):
    """The answers with this reply among them. What is not understood raises `AnswersError`, to ask again."""
    answer = WORDS.get(text.strip().lower(), text.strip())
    whentocall.advise(protocol, {**answers, question.id: answer}, watch=False)
    return {**answers, question.id: answer}


def chat(read=input, write=print):
    """One conversation."""
    protocol = whentocall.load("all-targeted-drugs")
    interview, answers = whentocall.Interview(protocol), {}
    write(HELLO)
    while question := ask(interview, answers):
        write(f"{question.text} {question.help}".strip())
        try:
            answers = reply(protocol, question, answers, read("> "))
        except AnswersError as error:
            write(f"Sorry, I did not understand that. {error.problems[0].message}")
    advice = whentocall.advise(protocol, answers)
    write(f"{advice.headline}. {advice.contact.how_soon}")
    for line in (*advice.first, *(reason.because for reason in advice.reasons)):
        write(f"- {line}")
    return advice


if __name__ == "__main__":
    chat()
