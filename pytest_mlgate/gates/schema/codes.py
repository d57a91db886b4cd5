"""The codes of the gate ``schema``."""

from __future__ import annotations

from pytest_mlgate.gates.base import Code

CODES = (
    Code(
        code="MLG201",
        title="the table fits its schema",
        why="A model answers any row, also one that means something else than the rows it was fitted on.",
        fix="Nothing to do: this is the check of a table that fits.",
    ),
    Code(
        code="MLG202",
        title="a column is missing",
        why="What fills the gap downstream (a default, a NaN, an exception) is not what the model was fitted on.",
        fix="Restore the column where the table is made, or set `required: false` if the model can do without it.",
    ),
    Code(
        code="MLG203",
        title="a column has the wrong type",
        why="Numbers read as text, or dates as numbers, pass silently through encoders and mean something else.",
        fix="Mend the reader or the writer of the column; change its dtype in the schema if the new one is meant.",
    ),
    Code(
        code="MLG204",
        title="values are missing where none may be",
        why="A join that lost rows or a sensor that fell silent shows first as missing values.",
        fix="Find the step that loses them; set `nullable: true` if missing values are legitimate.",
    ),
    Code(
        code="MLG205",
        title="values come twice that must be unique",
        why="Duplicated rows count twice in every metric, and leak when one copy is in train and one in the holdout.",
        fix="Remove the duplicates where the table is made, or drop `unique` if repetition is legitimate.",
    ),
    Code(
        code="MLG206",
        title="values break a check of the schema",
        why="A changed unit, a new category or a sentinel such as -999 looks like any other number to a model.",
        fix="Look at the rows named; mend the data, or widen the check if the values are legitimate.",
    ),
    Code(
        code="MLG207",
        title="a column is unexpected, out of order or there twice",
        why="Models fed by position take the wrong column; a column that came twice is ambiguous.",
        fix="Remove or reorder the column, or add it to the schema.",
    ),
    Code(
        code="MLG208",
        title="a rule could not be asked",
        why="A check that raises, or has no value to look at, has found nothing wrong and nothing right.",
        fix="Correct the check that is named; it is code or a rule of your own schema.",
    ),
    Code(
        code="MLG209",
        title="the table could not be judged",
        why="An empty table, or the table of something else, breaks no rule and proves nothing.",
        fix="Check the path of the table, and that the schema is the one of this table.",
    ),
)
FIX = {code.code: code.fix for code in CODES}
CODE_OF = {
    "missing": "MLG202",
    "dtype": "MLG203",
    "nullable": "MLG204",
    "unique": "MLG205",
    "value": "MLG206",
    "other": "MLG206",
    "unexpected": "MLG207",
    "order": "MLG207",
    "raised": "MLG208",
}
