"""Write the review pack of a protocol, as one page or as a workbook."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from whentocall import _files
from whentocall.authoring.check import check
from whentocall.authoring.command import compare
from whentocall.authoring.mutants import mutation_gate
from whentocall.errors import ConfigError
from whentocall.protocol.load import load_folder
from whentocall.review_pack.pack import build_pack
from whentocall.review_pack.page import review_html
from whentocall.review_pack.workbook import review_xlsx


def write_review(
    folder: Path, output: Path, form: str, *, sources_dir: Path | None = None, since: str | None = None
) -> None:
    """Write the review pack of the protocol in `folder`.

    Args:
        folder: the protocol's folder.
        output: the file to write.
        form: "html" or "xlsx".
        sources_dir: folder of the documents, whose passages are then shown beside the rules.
        since: a folder, or `REVISION:folder`, to show the changes since.

    Raises:
        ConfigError: the form is neither, or there is no folder of documents.
        OSError: the file cannot be written.
    """
    if form not in ("html", "xlsx"):
        raise ConfigError(f"'{output}' ends neither in .html nor in .xlsx; say --format")
    if sources_dir is not None and not sources_dir.is_dir():
        raise ConfigError(f"there is no folder '{sources_dir}'")
    protocol = load_folder(folder)
    difference = None
    if since is not None:
        (*_, difference), *_ = compare(since, str(folder)).values()
    pack = build_pack(
        protocol,
        checked=check(folder),
        gate=mutation_gate(protocol),
        sources_dir=sources_dir,
        difference=difference,
    )
    made = date.today()  # noqa: DTZ011  the reader's own day
    if form == "html":
        _files.replace(output, review_html(pack, made).encode())
    else:
        review_xlsx(pack, output, made)
