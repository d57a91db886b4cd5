"""Every kind of check of the round trip."""

from __future__ import annotations

from pytest_mlgate.gates.base import Code

CODES = (
    Code(
        code="MLG401",
        title="The file loads in a fresh interpreter",
        why="A notebook remembers imports, monkey patches and classes that no file holds; production gets the file.",
        fix="Move the model's own classes to a module that can be imported, and save it again; the message names what "
        "was missing.",
    ),
    Code(
        code="MLG402",
        title="The file answers as the model that was judged",
        why="All other gates judged one loaded copy. Where another copy answers differently, they judged something "
        "else than what is shipped.",
        fix="Look for state that is not in the file: the order of a set of text, module globals, the working folder, "
        "random numbers, the clock.",
    ),
    Code(
        code="MLG403",
        title="The file's answers have the same labels, types and shapes",
        why="A service that reads `1` where it expects `yes`, or column 0 where it expects column 1, fails late and "
        "quietly.",
        fix="Save the estimator that has the labels, not a part of it.",
    ),
    Code(
        code="MLG404",
        title="The file answers the same again",
        why="An answer that depends on what was asked before can be neither tested nor explained.",
        fix="Seed what is random, and keep no state from call to call.",
    ),
    Code(
        code="MLG405",
        title="Columns are taken by their names",
        why="A table whose columns come in another order is still the same table; a model that goes by position "
        "answers all the same, and wrongly.",
        fix="Fit on data frames, so that the model knows its columns' names.",
    ),
    Code(
        code="MLG406",
        title="A row has the same answer alone",
        why="A service asks one row at a time; what is computed from the rows of a request differs there.",
        fix="Compute nothing from the rows of a request: fit it in training and keep it.",
    ),
    Code(
        code="MLG407",
        title="The threads of the service change nothing",
        why="Gates ask with one thread, a service with several: what is shared between threads without care gives "
        "answers that no test sees.",
        fix="Let threads write into arrays of their own. Rounding in the last bits is let pass.",
    ),
    Code(
        code="MLG408",
        title="Saved again, it is the same model",
        why="A copy is made sooner or later: another compression, another folder, a newer format. State that the first "
        "saving kept and the second loses is lost then.",
        fix="Mend `__getstate__`, `__setstate__` or `__reduce__` of the class that the message points to.",
    ),
    Code(
        code="MLG409",
        title="The versions that read the file are those that wrote it",
        why="A pickle is the inside of objects, and libraries promise little for one of another version: attributes "
        "change their meaning without an error.",
        fix="Install the version that wrote the file, or train and save again with the one that is installed.",
    ),
    Code(
        code="MLG410",
        title="Every format that ships answers as the model that was judged",
        why="What serves is the ONNX or skops file beside the one that was judged; converters err, and round.",
        fix="Write the file again from the judged model. Rows on a threshold are named as such: train on single "
        "precision, or decide on `max_flips`.",
    ),
    Code(
        code="MLG411",
        title="The model reaches for no network",
        why="What a model fetches is not in the file that was judged: it answers otherwise, or not at all, where the "
        "line is down.",
        fix="Take telemetry and downloads out of the model, or allow them: `network = true` under [model].",
    ),
    Code(
        code="MLG451",
        title="An environment record says what trained the file",
        why="A year from now nobody knows which versions, data, commit and seed made the file.",
        fix="Train inside of `with record_environment(...)`, or call it once the file is saved.",
    ),
    Code(
        code="MLG452",
        title="The environment record speaks of this file",
        why="A record of another file, or one that the file contradicts, says what trained something else.",
        fix="Write the record where the file is written, and keep both together.",
    ),
    Code(
        code="MLG453",
        title="The service's lock file names what trained the file",
        why="The service loads the file with what its lock file installs, not with what is installed here.",
        fix="Pin in the lock file what trained the file, or train with what it pins.",
    ),
    Code(
        code="MLG454",
        title="The file answers the same in the other environment",
        why="Two machines with other versions compute the same, or they do not: only trying tells.",
        fix="Serve with the versions that trained the file, or train with those that serve.",
    ),
    Code(
        code="MLG455",
        title="The file answers what it answered when golden predictions were taken",
        why="The file is the same, and the machine below it is another one next year.",
        fix="Find what changed since: versions (the message names them), the processor, data that the model reads.",
    ),
    Code(
        code="MLG456",
        title="Golden predictions are of this file",
        why="Answers of another file say nothing of this one; a model that was trained again has others.",
        fix="Take golden predictions of the file that is promoted: `mlgate golden predictions`.",
    ),
)
