"""The baseline gate's evidence, from a configuration to the files beside the verdict."""

from __future__ import annotations

import json

import pytest

from tests.plugin.conftest import Project

MODELS = """
    def good(rows):
        return rows["y"].to_numpy()


    def bad(rows):
        return (rows["y"] ^ (rows["origin"] == "LGA")).to_numpy()


    def half(rows):
        return (rows["x"] < 300).map({True: "near", False: "far"})
    """
CONFIG = """
    [model]
    task = "binary"
    candidate = "own_models:bad"
    baseline = "own_models:good"
    [data]
    target = "label"
    holdout = "rows.csv"
    features = ["y", "origin"]
    [[gates.baseline]]
    metric = "accuracy"
    broken_rows = 3
    slices = [["origin", {column = "x", bins = [200]}], {function = "own_models:half"}]
    """


@pytest.mark.slow
def test_flips_and_broken_rows_lie_beside_the_verdict(project: Project) -> None:
    rows = "".join(f"{i % 2},{i % 2},{'LGA' if i % 10 == 0 else 'EWR'},{i}\n" for i in range(600))
    project.write("rows.csv", f"label,y,origin,x\n{rows}")
    project.write("own_models.py", MODELS)
    project.write("mlgate.toml", CONFIG)

    project.spawn()

    results = project.path / ".mlgate"
    evidence = json.loads((results / "evidence.json").read_text())["checks"]["baseline[accuracy]"]
    subjects = {check.subject for check in project.verdict().checks}
    assert {"origin=EWR, x=[200, inf)", "half=near"} <= subjects
    assert evidence["flips"]["rows"][0] == ["", 600, 0, 60, 540, 0]
    assert (results / "broken-rows-baseline-accuracy.csv").read_text().splitlines() == [
        'row,label,candidate,baseline,confidence,"slice: origin, x",slice: half',
        '0,0,1,0,,"origin=LGA, x=(-inf, 200)",half=near',
        '10,0,1,0,,"origin=LGA, x=(-inf, 200)",half=near',
        '20,0,1,0,,"origin=LGA, x=(-inf, 200)",half=near',
    ]

    project.write("own_models.py", MODELS.replace("^ (rows", "^ 0 * (rows"))
    project.write("mlgate.toml", CONFIG.replace("own_models:bad", "own_models:good"))
    project.spawn()

    assert not list(results.glob("broken-rows-*.csv"))


def test_a_wrong_item_of_slices_is_named_with_its_line(project: Project) -> None:
    project.write("mlgate.toml", "[[gates.baseline]]\nslices = ['a', {colum = 'x'}]\n")

    result = project.run()

    assert result.ret == 4
    result.stderr.fnmatch_lines(["*mlgate.toml:2: *slices*unknown key 'colum'; did you mean 'column'?*"])
