"""The advice for a whole table of answers, in memory or on the engine that the table lives on.

Needs `pip install 'whentocall[batch]'`.
"""

from __future__ import annotations

from whentocall.tables.advising import TableWarning, advise_table
from whentocall.tables.bad_cells import bad_cells
from whentocall.tables.columns import Column, Columns
from whentocall.tables.impact import Impact, impact_of

__all__ = ["Column", "Columns", "Impact", "TableWarning", "advise_table", "bad_cells", "impact_of"]
