"""The codes of the gate ``parity``."""

from __future__ import annotations

from pytest_mlgate.gates.base import Code

CODES = (
    Code(
        code="MLG301",
        title="the service computes what training computed",
        why="A model that is served other features than it was fitted on is another model, and no error says so.",
        fix="Nothing to do: this is the check of two sides that agree.",
    ),
    Code(
        code="MLG302",
        title="a column has other values in the service",
        why="Two implementations of one feature drift apart: a unit, a default, a time zone, an off-by-one.",
        fix="Compute the column in one function that both sides call; the rows named show where the two part.",
    ),
    Code(
        code="MLG303",
        title="the service returns other columns",
        why="A model takes what it finds under a name or at a position, and fills or ignores the rest.",
        fix="Return the same columns from both sides; name under `exclude` what is no feature.",
    ),
    Code(
        code="MLG304",
        title="a second call has another answer",
        why="A service that keeps something between calls answers by what was asked before, and no two replicas agree.",
        fix="Keep no state from call to call: no running mean, no counter, no cache that outlives its key.",
    ),
    Code(
        code="MLG305",
        title="a row's answer depends on the rows beside it",
        why="Requests come alone, or in other company than training rows: a statistic of the batch is another number.",
        fix="Compute over the batch nothing but what training stored: means, levels, quantiles, filled values.",
    ),
    Code(
        code="MLG306",
        title="a row's answer depends on the order of the rows",
        why="Differences, ranks and fills from the row before are right in a sorted table; requests are not sorted.",
        fix="Sort inside the function and restore the order, or send what is needed of earlier rows with each row.",
    ),
    Code(
        code="MLG307",
        title="a row's answer depends on the order of its columns",
        why="Columns taken by position are the wrong ones as soon as a client writes its fields in another order.",
        fix="Take columns by name.",
    ),
    Code(
        code="MLG308",
        title="another process has another answer",
        why="Text hashes differ from process to process and time zones from machine to machine, and so will features.",
        fix="Use a stable hash (`hashlib`, `zlib.crc32`), sort what comes out of a set, and name the time zone.",
    ),
    Code(
        code="MLG309",
        title="a side changes the rows that it is given",
        why="Whoever uses the rows afterwards, a log or a second feature, gets others than were sent.",
        fix="Work on a copy: `rows = rows.copy()`, or `rows.assign(...)`.",
    ),
    Code(
        code="MLG310",
        title="a side raises, or cannot be reached",
        why="A row on which the service fails has no answer in production either.",
        fix="Mend what is raised for the rows named; rows that nobody may ask about do not belong into the tables.",
    ),
    Code(
        code="MLG311",
        title="a side gives no answer in time",
        why="What was not answered was not compared.",
        fix="Find what it waits for; `timeout` gives a call more seconds.",
    ),
    Code(
        code="MLG312",
        title="a side answers with an error status, or with nothing that can be compared",
        why="An error for a row that training took means that production refuses what the model was fitted on.",
        fix="Look at the service's log; `request` and `response` map bodies that are not lists of objects.",
    ),
    Code(
        code="MLG313",
        title="a side returns another number of rows, or moves them",
        why="Answers are matched to requests by their place: one row lost, and each one after it gets its neighbour's.",
        fix="Return exactly one answer for each row, in the order in which they came.",
    ),
    Code(
        code="MLG314",
        title="training has another answer the second time",
        why="What differs from itself cannot be what the service is compared with.",
        fix="Seed what is random, and keep no state between calls.",
    ),
    Code(
        code="MLG315",
        title="a changed row shows a difference that no real row shows",
        why="The tables hold no such row yet; the first one that comes gets other features than training gives it.",
        fix="Mend the difference; `schema` says which values a column may hold, `examples = 0` leaves the search out.",
    ),
)
FIX = {code.code: code.fix for code in CODES}
OF_ERROR = {
    "raised": "MLG310",
    "timeout": "MLG311",
    "refused": "MLG312",
    "status": "MLG312",
    "content": "MLG312",
    "rows": "MLG313",
}
