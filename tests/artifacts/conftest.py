from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import numpy as np
import pandas as pd
import pytest

from pytest_mlgate.artifacts.model import Model, load_model

# A model of the user's own, asked for one misdeed at a time by the column `case`: all share one process.
MISDEEDS = '''
import os, random, sys, time, warnings
import numpy as np

calls = 0

def raises(X):
    return X["no such column"]

def random_answer(X):
    return np.random.default_rng().random(len(X))

def stateful(X):
    global calls
    calls += 1
    return np.arange(len(X)) + calls // 1 * (np.arange(len(X)) >= 2)

def changing_shape(X):
    global calls
    calls += 1
    return np.zeros(len(X) + calls % 2)

def floods(X):
    line = "x" * 1023 + "\\n"
    for stream in (sys.stdout, sys.stderr):
        for _ in range(50 * 1024):
            stream.write(line)
    sys.stderr.write("the end of it\\n")
    return np.arange(len(X))

def floods_and_raises(X):
    floods(X)
    raise RuntimeError("after the flood")

def mutates(X):
    X["a"] = 0
    del X["case"]
    return np.arange(len(X))

def forks(X):
    if os.fork() == 0:
        return np.full(len(X), 99)
    os.wait()
    return np.arange(len(X))

def sets_global_state(X):
    random.seed(1); np.random.seed(1); warnings.simplefilter("error"); os.chdir("/")
    sys.stdout.close(); sys.stderr.close()
    return np.random.random(len(X))

CASES = {
    "good": lambda X: np.arange(len(X)),
    "text": lambda X: ["late"] * len(X),
    "column": lambda X: np.arange(len(X)).reshape(-1, 1),
    "short": lambda X: np.arange(len(X) - 1),
    "scalar": lambda X: 1.0,
    "none": lambda X: None,
    "mapping": lambda X: {"a": 1},
    "matrix": lambda X: np.zeros((len(X), 2)),
    "ragged": lambda X: [[1], [1, 2]] + [[1]] * (len(X) - 2),
    "nan": lambda X: np.where(np.arange(len(X)) == 1, np.nan, 0.5),
    "infinite": lambda X: np.where(np.arange(len(X)) >= 2, np.inf, 0.5),
    "missing": lambda X: ["late", None] + ["late"] * (len(X) - 2),
    "mixed": lambda X: np.array([1, "a"] + [2] * (len(X) - 2), dtype=object),
    "complex": lambda X: np.zeros(len(X), dtype=complex),
    "dates": lambda X: np.zeros(len(X), dtype="M8[s]"),
    "exits": lambda X: sys.exit("enough"),
    "interrupts": lambda X: (_ for _ in ()).throw(KeyboardInterrupt()),
    "needs": lambda X: __import__("no_such_module_of_ours"),
    "surrogate": lambda X: ["\\ud800"] * len(X),
    **{f.__name__: f for f in (raises, random_answer, stateful, changing_shape, floods, floods_and_raises, mutates,
                               forks, sets_global_state)},
}

def predict(X):
    return CASES[X["case"].iloc[0]](X)

class Scores:
    """Asked for probabilities and scores."""

    classes_ = np.array(["no", "yes"])

    def predict_proba(self, X):
        case = X["case"].iloc[0]
        answer = np.full((len(X), 2), 0.5)
        if case == "outside":
            answer[1] = -0.5, 1.5
        elif case == "sum":
            answer[:2] = 0.7
        elif case == "three columns":
            answer = np.full((len(X), 3), 1 / 3)
        elif case == "one dimension":
            answer = answer[:, 0]
        elif case == "nan":
            answer[0, 0] = np.nan
        elif case == "text":
            answer = answer.astype(str)
        elif case == "rounded":
            answer = np.round(np.full((len(X), 2), 0.5) + [1e-7, 0], 7).astype("float32")
        elif case == "list":
            answer = [answer.tolist(), answer.tolist()]
        return answer

    def decision_function(self, X):
        return np.full((len(X), 1), np.nan) if X["case"].iloc[0] == "nan" else np.zeros((len(X), 1))

class Fragile:
    def __setstate__(self, state):
        self.weights = state["weights"]

scores = Scores()
not_a_model = {"a": 1}

def hangs(X):
    sys.stderr.write("still thinking\\n"); sys.stderr.flush()
    time.sleep(600)

def exits_hard(X):
    sys.stderr.write("farewell\\n"); sys.stderr.flush()
    os._exit(3)

def crashes(X):
    import ctypes
    ctypes.string_at(0)

def is_killed(X):
    os.kill(os.getpid(), 9)

def dies_with_a_child_left_behind(X):
    if os.fork() == 0:
        os.setpgid(0, 0)  # out of reach of the group's end; it holds every pipe open
        time.sleep(5)
        os._exit(0)
    os._exit(7)

def leaves_a_child_behind(X):
    global calls
    if not calls:
        calls = os.fork()
        if calls == 0:
            time.sleep(600)
    return [calls] * len(X)

def closes_descriptors(X):
    os.closerange(3, 4096)
    return [1] * len(X)

def writes_nonsense(X):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"nonsense" * 10)
        except OSError:
            pass
    return [1] * len(X)

def surroundings(X):
    import json
    return [json.dumps({
        "env": sorted(os.environ), "hash": os.environ["PYTHONHASHSEED"], "home": os.environ["HOME"],
        "cwd": os.getcwd(), "stdin": sys.stdin.read(), "argv": sys.argv, "isolated": sys.flags.safe_path,
        "pid": os.getpid(), "session": os.getsid(0), "first": sys.path[0],
    })] * len(X)
'''


@pytest.fixture(scope="session")
def user_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project's folder with a module of models, and one that hides a module of the standard library."""
    folder = tmp_path_factory.mktemp("their project ü")
    (folder / "models.py").write_text(dedent(MISDEEDS))
    (folder / "broken.py").write_text("raise RuntimeError('cannot start')\n")
    (folder / "exiting.py").write_text("import sys\nsys.exit(4)\n")
    (folder / "colorsys.py").write_text("raise RuntimeError('not the one of the standard library')\n")
    return folder


@pytest.fixture(scope="session")
def misbehaving(user_folder: Path) -> Iterator[Model]:
    model = load_model("models:predict", root=user_folder, timeout=60)
    yield model
    model.close()


@pytest.fixture(scope="session")
def scoring(user_folder: Path) -> Iterator[Model]:
    model = load_model("models:scores", root=user_folder, timeout=60)
    yield model
    model.close()


def rows(case: str, n: int = 4) -> pd.DataFrame:
    """Rows that name a case."""
    return pd.DataFrame({"case": [case] * n, "a": np.arange(n)})
