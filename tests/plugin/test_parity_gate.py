"""Gate parity inside pytest: configured by import paths, and by hand with two functions."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.plugin.conftest import Project, outcomes

FEATURES = """
    import pandas as pd

    def build(rows):
        return pd.DataFrame({"km": rows["distance"] * 1.6, "celsius": (rows["temp"] - 32) / 1.8})

    def serve(rows):
        return build(rows.fillna({"temp": 0}))

    async def app(scope, receive, send):
        import json
        assert scope["type"] == "http"
        rows = pd.DataFrame(json.loads((await receive())["body"])).astype({"temp": float})
        assert "late" not in rows
        body = build(rows).to_json(orient="records", double_precision=15).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})
"""
HEAD = """
    [data]
    target = "late"
    holdout = "holdout.csv"
"""


@pytest.fixture
def served(project: Project, request: pytest.FixtureRequest) -> Project:
    name = f"features_{abs(hash(request.node.name))}"  # in-process sessions share what they have imported
    project.features = name  # type: ignore[attr-defined]
    project.write(f"{name}.py", FEATURES)
    rows = pd.DataFrame({"distance": [200, 300, 400], "temp": [41.0, None, 50.0], "late": [0, 1, 0]})
    rows.to_csv(project.path / "holdout.csv", index=False)
    return project


def test_sides_are_found_beside_the_configuration(served: Project) -> None:
    gates = """
    [[gates.parity]]
    name = "app"
    train = "FEATURES:build"
    examples = 0
    serve = "FEATURES:app"
    path = "/"

    [[gates.parity]]
    name = "function"
    train = "FEATURES:build"
    examples = 0
    serve = "FEATURES:serve"
    """
    served.write("mlgate.toml", (HEAD + gates).replace("FEATURES", served.features))  # type: ignore[attr-defined]

    result = served.run()

    assert outcomes(result) == {"passed": 1, "failed": 2}  # the verdict is the second that fails
    checks = served.checks()
    assert checks["parity[app]"].startswith("2 columns agree on 3 rows of holdout")
    assert checks["parity[app]"].endswith("and in a second process")
    assert checks["parity[function]:celsius"].startswith("1 of 3 rows of holdout differ, however they are asked")


def test_what_a_run_found_is_kept_beside_the_verdict_and_asked_first_by_the_next(served: Project) -> None:
    gates = """
    [gates.parity]
    train = "FEATURES:build"
    serve = "FEATURES:serve"
    examples = 10
    """
    served.write("mlgate.toml", (HEAD + gates).replace("FEATURES", served.features))  # type: ignore[attr-defined]

    served.run()
    (first,) = served.verdict().checks
    served.run()
    (second,) = served.verdict().checks

    assert (first.id, first.details["source"]) == ("parity:celsius", "real row")
    assert (second.details["source"], second.details["tried"]) == ("earlier run", 1)
    assert (served.path / ".mlgate" / "examples").is_dir()
    assert (served.path / ".mlgate" / ".gitignore").read_text() == "*\n"


def test_two_functions_are_compared_by_hand_on_the_rows_of_the_fixtures(served: Project) -> None:
    served.write("mlgate.toml", HEAD)
    served.write(
        "test_own.py",
        f"""
        from {served.features} import build, serve

        def test_the_same(mlgate):
            mlgate.parity(train=build, serve=build, examples=0)

        def test_of_these_rows(mlgate, mlgate_holdout):
            mlgate.parity(train=build, serve=serve, holdout=mlgate_holdout.dropna(), examples=0)

        def test_another(mlgate):
            mlgate.parity(train=build, serve=serve, examples=0)
        """,  # type: ignore[attr-defined]
    )

    result = served.plain("test_own.py")

    assert outcomes(result) == {"passed": 2, "failed": 1}
    result.stdout.fnmatch_lines(["*parity[[]test_own.py:test_another]:celsius  fail: 1 of 3 rows of holdout differ*"])
