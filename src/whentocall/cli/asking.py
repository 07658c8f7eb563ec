"""The commands that ask and advise: `ask`, `advise`, `protocols`, `questions`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from whentocall.cli.exits import Exit
from whentocall.cli.shared import common_options, phone_numbers, read_bytes, rules_folder

if TYPE_CHECKING:
    from whentocall.protocol.wording import Voice


def add_to(commands: Any) -> None:
    """Add these commands to the parser."""
    asking = commands.add_parser("ask", help="ask the questions, then say how soon to call")
    asking.add_argument("protocol", nargs="?", metavar="PROTOCOL")
    asking.add_argument("--plain", action="store_true", help="numbered lines instead of menus")
    who = asking.add_mutually_exclusive_group()
    who.add_argument("--carer", action="store_true", help="you are answering for someone else")
    who.add_argument("--me", action="store_true", help="you are the one having treatment")
    asking.add_argument("--json", metavar="FILE", help="write the result to FILE as JSON")
    asking.add_argument("--save", metavar="FILE", help="write a summary for your team to FILE")
    common_options(asking, numbers=True).set_defaults(command=ask)

    advising = commands.add_parser("advise", help="give advice on answers from a file")
    advising.add_argument("protocol", metavar="PROTOCOL")
    advising.add_argument("--answers", required=True, metavar="FILE", help="JSON; - for standard input")
    advising.add_argument("--json", action="store_true", help="print the result as JSON")
    advising.add_argument("--why-not", action="store_true", help="also say why no more urgent rule applies")
    advising.add_argument("--carer", action="store_true", help="word it for someone who answers for another")
    common_options(advising, numbers=True).set_defaults(command=advise_)

    listing = commands.add_parser("protocols", help="list the protocols")
    common_options(listing).set_defaults(command=protocols)

    questioning = commands.add_parser("questions", help="list the questions of a protocol")
    questioning.add_argument("protocol", metavar="PROTOCOL")
    questioning.add_argument("--schema", action="store_true", help="print a JSON Schema of the answers")
    common_options(questioning).set_defaults(command=questions)


def ask(arguments: argparse.Namespace) -> Exit:
    """Ask the questions, then say how soon to call."""
    from whentocall.config import numbers_from_options
    from whentocall.interview.command import run_interview

    finished, problems, saved = run_interview(
        rules=rules_folder(arguments),
        protocol=arguments.protocol,
        voice="they" if arguments.carer else "you" if arguments.me else None,
        plain=arguments.plain,
        json_file=arguments.json,
        save_file=arguments.save,
        numbers=phone_numbers(arguments),
        numbers_now=tuple(numbers_from_options(arguments.number)),
    )
    if not saved:
        return Exit.NOT_SAVED
    if problems:
        return Exit.PROBLEM
    return Exit.DONE if finished else Exit.UNFINISHED


def advise_(arguments: argparse.Namespace) -> Exit:
    """Give advice on answers from a file."""
    from whentocall.config import numbers_for, numbers_from_options, refuse_unknown_roles
    from whentocall.engine.advise import advise, why_not
    from whentocall.engine.answers import answers_from_json
    from whentocall.protocol.load import load

    protocol = load(arguments.protocol, rules=rules_folder(arguments))
    refuse_unknown_roles(numbers_from_options(arguments.number), protocol.words_for)
    answers = answers_from_json(read_bytes(arguments.answers))
    voice: Voice = "they" if arguments.carer else "you"
    numbers = numbers_for(phone_numbers(arguments), protocol.words_for)
    advice = advise(protocol, answers, voice=voice, numbers=numbers)
    why = why_not(protocol, answers, voice=voice) if arguments.why_not else ()
    if arguments.json:
        sys.stdout.write(advice.to_json())
    else:
        from whentocall.interview.render import advice_lines, paint
        from whentocall.interview.terminal import colour_wanted, page

        lines = advice_lines(protocol, advice, voice, page(sys.stdout))
        print("\n".join(paint(line, colour=colour_wanted(sys.stdout)) for line in lines))
    for reason in why:
        line = f"not {reason.level}: {reason.rule}: {reason.text}"
        print(line, file=sys.stderr if arguments.json else sys.stdout)
    return Exit.PROBLEM if advice.problems else Exit.DONE


def protocols(arguments: argparse.Namespace) -> Exit:
    """List the protocols."""
    from whentocall.protocol.folders import protocol_names
    from whentocall.protocol.load import load

    rules = rules_folder(arguments)
    for name in protocol_names(rules):
        protocol = load(name, rules=rules)
        kind = "layer" if protocol.head.layer else f"version {protocol.version}, {protocol.region.name}"
        signed = "signed off" if protocol.signed_off else "not signed off by a clinician"
        print(f"{name}\n  {protocol.title}\n  {kind}; {signed}; {protocol.sha256[:12]}")
        for document, source in protocol.sources.items():
            dates = [f"last reviewed {source.last_reviewed}" if source.last_reviewed else "no review date"]
            dates += [f"review due {source.review_due}"] if source.review_due else []
            print(f"  from {document}: {source.publisher} ({', '.join(dates)})")
    return Exit.DONE


def questions(arguments: argparse.Namespace) -> Exit:
    """List the questions of a protocol."""
    from whentocall.engine.answers import answers_schema
    from whentocall.protocol.load import load

    protocol = load(arguments.protocol, rules=rules_folder(arguments))
    if arguments.schema:
        print(answers_schema(protocol))
        return Exit.DONE
    for question in protocol.questions.values():
        kind = str(question.answer)
        if question.options:
            kind = f"one of {', '.join(question.options)}"
        print(f"{question.id}\n  {question.you}\n  {kind}")
    return Exit.DONE
