"""HTML pages from templates, which lie beside the module that uses them.

The only module that imports jinja2. Every value is escaped, and a name without a value is an error, not a
gap in the page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def page(
    package: str, template: str, *, filters: Mapping[str, Callable[..., str]] | None = None, **values: Any
) -> str:
    """A template filled in. The same values give the same text.

    Args:
        package: the package in whose folder the template lies, such as "whentocall.review_pack".
        template: the file's name.
        filters: further filters, by name.
        values: the names that the template uses.
    """
    environment = _environment(package, tuple((filters or {}).items()))
    return environment.get_template(template).render(**values)


def content_policy(css: str, *, form_action: str = "'none'") -> str:
    """The Content-Security-Policy of a page: its own style, no script, no other address, no frame around it.

    Args:
        css: the page's style, all of it in one element.
        form_action: where its forms may be sent.
    """
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        f"form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
    )


@cache
def _environment(package: str, filters: tuple[tuple[str, Callable[..., str]], ...]) -> Environment:
    """The templates of a package, compiled once in a process. No values are kept."""
    environment = Environment(
        loader=FileSystemLoader(str(files(package)), encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(filters)
    return environment
