"""How much of a card is read: more than any person writes, and little enough that no text takes longer than a second.

What lies beyond is left out, with a note that says where.
"""

from __future__ import annotations

MOST_CHARACTERS = 150_000
MOST_LINES = 5_000
LONGEST_LINE = 10_000
MOST_TABLE_CELLS = 8_000
MOST_CELLS = 100
"""Of one row of a table."""
