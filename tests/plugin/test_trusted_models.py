"""A run whose candidate needs a class of its own: blocked with the lines to add, judged once they are there."""

from __future__ import annotations

import hashlib
import json

import pytest

# An in-process session forgets what it imported, and these cannot be imported twice in one process.
import scipy.stats  # noqa: F401
import sklearn.metrics  # noqa: F401

SHOP = """
import numpy as np

class Model:
    classes_ = np.array([0, 1])

    def predict(self, X):
        return (X["x"].to_numpy() > 0.5).astype(int)
"""
ROWS = "x,y\n" + "".join(f"{number % 100 / 100},{int(number % 100 > 50)}\n" for number in range(400))
CONFIGURATION = """
[model]
candidate = "model.pkl"
stage = "exploration"
[data]
target = "y"
holdout = "holdout.csv"
{artifacts}
[[gates.baseline]]
metric = "accuracy"
margin = 0.1
"""
# `shop:Model()`, as pickle writes it.
FILE = b"\x80\x04\x8c\x04shop\x8c\x05Model\x93)\x81}b."


@pytest.mark.parametrize("trusted", [False, True], ids=["not trusted", "trusted"])
def test_a_class_of_the_users_own(pytester: pytest.Pytester, trusted: bool) -> None:
    artifacts = '[artifacts]\ntrusted = ["shop:Model"]' if trusted else ""
    pytester.path.joinpath("model.pkl").write_bytes(FILE)
    pytester.path.joinpath("shop.py").write_text(SHOP)
    pytester.path.joinpath("holdout.csv").write_text(ROWS)
    pytester.path.joinpath("mlgate.toml").write_text(CONFIGURATION.format(artifacts=artifacts))

    pytester.runpytest_inprocess("--mlgate", "-p", "no:cacheprovider")

    verdict = json.loads(pytester.path.joinpath(".mlgate", "verdict.json").read_text())
    errors = [check for check in verdict["checks"] if check["outcome"] == "error"]
    if not trusted:
        assert verdict["decision"] == "block"
        assert "model.pkl: needs what is not trusted: shop:Model (byte" in errors[0]["message"]
        assert '[artifacts]\ntrusted = [\n    "shop:Model",\n]' in errors[0]["fix"]
        return
    candidate = verdict["identity"]["inputs"]["candidate"]
    assert errors == []
    assert candidate["digest"] == hashlib.sha256(FILE).hexdigest()
    assert candidate["trusted"] == ["shop:Model"]
