"""Every example runs and gives what the library gives."""

import ast
import importlib.util
import json
from pathlib import Path

import pytest

import whentocall

EXAMPLES = Path(__file__).parents[2] / "examples"


def example(name):
    """An example as a module."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def notebook_code():
    """The code of the notebook's cells."""
    cells = json.loads((EXAMPLES / "explore.ipynb").read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_the_chat_asks_until_the_advice_is_settled_and_asks_again_what_it_does_not_understand():
    chat, written = example("chat"), []
    replies = iter(["perhaps", *(["no"] * 14), "38,6"])
    advice = chat.chat(read=lambda _: next(replies), write=written.append)

    assert "immediately" == advice.level
    assert 1 == sum(line.startswith("Sorry") for line in written)
    assert any(advice.headline in line for line in written)


def test_the_portal_gives_the_bytes_of_the_library_and_names_what_it_refuses(protocol):
    testclient = pytest.importorskip("fastapi.testclient")
    client = testclient.TestClient(example("portal").app)

    answers = {"temperature": 38.6}
    assert whentocall.advise(protocol, answers).to_json() == client.post("/advice", json=answers).text
    assert "unconscious" == client.post("/next", json={}).json()["id"]
    assert {"done": True} == client.post("/next", json={"unconscious": True}).json()
    refused = client.post("/advice", json={"temperature": 386})
    assert (422, ["temperature"]) == (refused.status_code, list(refused.json()["detail"]))


def test_the_notebook_runs_from_top_to_bottom():
    names = {}
    for code in notebook_code():
        exec(compile(code, "explore.ipynb", "exec"), names)

    assert "contact" == names["advice"].level
    expected = {35.0: "immediately", 36.0: "none", 37.5: "none", 37.6: "immediately"}
    assert expected == {reading: names["levels"][reading] for reading in expected}
    assert names["readings"] == names["advised"]["temperature"].to_list()


def test_examples_use_public_names_only():
    public = {f"whentocall.{name}" for name in ("tables", "fhir")} | {"whentocall"}
    codes = {path.name: path.read_text("utf-8") for path in EXAMPLES.glob("*.py")}
    codes["explore.ipynb"] = "\n".join(notebook_code())
    for name, code in codes.items():
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("whentocall"):
                assert node.module in public, name


def test_every_example_has_a_test():
    """That of the Spark job is among the tests that have Spark."""
    tests = [Path(__file__), EXAMPLES.parent / "tests" / "tables" / "test_spark_example.py"]
    codes = "\n".join(path.read_text("utf-8") for path in tests)

    assert all(path.stem in codes for path in EXAMPLES.iterdir() if path.suffix in (".py", ".ipynb"))


def test_every_example_is_listed():
    listed = (EXAMPLES / "README.md").read_text("utf-8")

    assert all(f"]({path.name})" in listed for path in EXAMPLES.iterdir() if path.suffix in (".py", ".ipynb"))
