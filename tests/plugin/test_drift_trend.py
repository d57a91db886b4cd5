"""The trend of the gate drift, from a configuration to the file beside the verdict."""

from __future__ import annotations

import json

from tests.plugin.conftest import Project

CONFIG = """
    [data]
    time = "day"
    reference = "before.csv"
    current = "after.csv"
    [gates.drift]
    trend = "last 7 days"
    window = "14 days"
    within = ["g"]
    block = 20
    """


def test_the_trend_lies_beside_the_verdict_and_the_run_says_which_rows_were_compared(project: Project) -> None:
    for name, month in (("before", "01"), ("after", "02")):
        rows = "".join(
            f"2024-{month}-{day:02d}T{hour:02d}:00:00Z,{(day * 7 + hour) % 10},{'ab'[hour % 2]}\n"
            for day in range(1, 29)
            for hour in range(24)
        )
        project.write(f"{name}.csv", f"day,x,g\n{rows}")
    project.write("mlgate.toml", CONFIG)

    project.spawn()

    checks = {check.id: check for check in project.verdict().checks}
    evidence = json.loads((project.path / ".mlgate" / "evidence.json").read_text())["checks"]["drift:trend"]
    assert checks["drift:rows"].message.startswith("336 of 672 current rows, the last 14 days (2024-02-15T00:00:00 to ")
    assert "together: a, b" in checks["drift:g=(small groups)"].message
    assert [window["rows"] for window in evidence["trend"]["windows"]] == [72, 168, 168, 168, 96, 168, 168, 168, 168]
    assert set(evidence["trend"]["columns"]) == {"x", "g"}
