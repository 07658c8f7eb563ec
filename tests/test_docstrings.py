"""Every example in a docstring runs, and everything public has a docstring."""

import doctest
import importlib
import pkgutil

import pytest

import whentocall


def modules():
    """Every module of the package. The tests are run with all extras installed."""
    for module in pkgutil.walk_packages(whentocall.__path__, "whentocall."):
        if not module.name.endswith("__main__"):
            yield importlib.import_module(module.name)


def examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    for module in modules():
        for test in finder.find(module, module.__name__):
            if test.examples:
                yield pytest.param(test, id=test.name)


@pytest.mark.parametrize("test", list(examples()))
def test_an_example_gives_what_it_says(test):
    differences = []
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(test, out=differences.append)

    assert "" == "".join(differences)


@pytest.mark.parametrize("name", ["load", "advise", "Interview"])
def test_each_entrance_has_an_example(name):
    entrance = getattr(whentocall, name)
    documented = [entrance, *(vars(entrance).values() if isinstance(entrance, type) else [])]

    assert any(">>>" in (getattr(part, "__doc__", None) or "") for part in documented)


def test_everything_public_says_what_it_is():
    assert all(getattr(whentocall, name).__doc__ for name in whentocall.__all__)
