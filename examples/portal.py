"""Two endpoints in a FastAPI app: the next question, and the advice. Run it: `uvicorn portal:app`."""

from fastapi import FastAPI, HTTPException, Response

import whentocall

app = FastAPI(title="Portal")
protocol = whentocall.load("all-targeted-drugs")
interview = whentocall.Interview(protocol)


@app.post("/next")
def next_question(answers: dict[str, object]):
    """The next question, or `{"done": true}`."""
    step = checked(interview.next_question, answers)
    return {"id": step.id, "text": step.text, "kind": step.kind} if hasattr(step, "id") else {"done": True}


@app.post("/advice")
def advice(answers: dict[str, object]):
    """The advice, byte for byte as the library gives it."""
    result = checked(whentocall.advise, protocol, answers)
    return Response(result.to_json(), media_type="application/json")


def checked(function, *arguments):
    """Call it; refused answers become a 422 that names the questions."""
    try:
        return function(*arguments)
    except whentocall.AnswersError as error:
        problems = {problem.question: problem.message for problem in error.problems}
        raise HTTPException(422, problems) from None
