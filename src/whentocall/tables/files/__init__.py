"""Tables as files: read by parts, and written so that there is never half of one."""

from __future__ import annotations

from pathlib import Path

from whentocall.tables.files.columnar import open_arrow, open_parquet
from whentocall.tables.files.csv_file import open_csv
from whentocall.tables.files.formats import refuse_other_content
from whentocall.tables.files.ndjson_file import open_ndjson
from whentocall.tables.files.source import Reading, Source


def open_table(path: Path, reading: Reading, *, to: str) -> Source:
    """Open a file with a table.

    Args:
        path: the file.
        reading: how to read it.
        to: the format of the output.

    Raises:
        TableError: it cannot be read so.
    """
    refuse_other_content(path, reading.format)
    match reading.format:
        case "csv":
            return open_csv(path, reading)
        case "parquet":
            return open_parquet(path, reading)
        case "arrow":
            return open_arrow(path, reading)
    return open_ndjson(path, reading, typed=to != "ndjson")
