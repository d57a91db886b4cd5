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
    Code(
        code="MLG210",
        title="the candidate's answers are what answers may be",
        why="NaN, a probability of 1.2 or 90 answers for 100 rows go through whatever reads them next, and end in a "
        "decision.",
        fix="Mend the model, or the step after it that makes its answer; widen `low` and `high` where the values are "
        "legitimate.",
    ),
    Code(
        code="MLG211",
        title="the candidate answers classes that are known",
        why="A label that nobody uses, or the right one in another spelling, falls through every comparison after it.",
        fix="Map the model's answers to the labels of the training rows, or list the class under `classes`.",
    ),
    Code(
        code="MLG212",
        title="the candidate does not give one and the same answer",
        why="A model that says the same to nearly everyone has stopped looking at its features, and shows no error.",
        fix="Look at the features it was asked with; raise `max_constant_share` where one answer is that common.",
    ),
    Code(
        code="MLG213",
        title="rows of the holdout are not among the training rows",
        why="A model remembers the rows it was fitted on, and a holdout that has them says it is better than it is.",
        fix="Remove duplicates before the split, and split by what a row belongs to (a customer), not by row.",
    ),
    Code(
        code="MLG214",
        title="the holdout is younger than the training rows",
        why="In production every row is younger than those the model was fitted on; a holdout that is not flatters it.",
        fix="Split at a moment; where the split is at random on purpose, exclude `time_overlap`.",
    ),
    Code(
        code="MLG215",
        title="no single column tells the label",
        why="A column that nearly is the label is mostly known only afterwards, or was made from the label.",
        fix="Find out when the column is known; take it out of the features, or list it under `expected`.",
    ),
    Code(
        code="MLG216",
        title="a label is written in one way",
        why='"Yes", "yes " and "YES" are three classes to a model, and "1" is not 1.',
        fix="Normalise the labels where the tables are made, in all tables alike.",
    ),
    Code(
        code="MLG217",
        title="no column was sorted on its own",
        why="A column that was sorted without its rows still has the right values, each beside the wrong ones.",
        fix="Look for a sort, a join or an index that was dropped between reading the column and writing the table.",
    ),
    Code(
        code="MLG218",
        title="no feature is known only afterwards",
        why="What is not known when the model is asked is missing or another value in production.",
        fix="Take the column out of the features; list moments that are planned ahead under `planned`.",
    ),
    Code(
        code="MLG219",
        title="a table has as many rows as is asked for",
        why="Half a day's file breaks no rule of any column.",
        fix="Find out what was lost or came twice; correct `rows` of the schema, or `min_rows` and "
        "`max_rows` of the place, where the volume has changed.",
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
