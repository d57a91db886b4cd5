"""What models hold beside estimators: arrays, tables, functions, and what small things Python has."""

from __future__ import annotations

import collections
import datetime
import decimal
import functools
import pathlib
import random
import re
import types
import uuid
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

# Functions of numpy that people hand to a FunctionTransformer.
ELEMENTWISE = (
    *("log", "log2", "log10", "log1p", "exp", "exp2", "expm1", "sqrt", "square", "cbrt", "absolute", "fabs", "sign"),
    *("reciprocal", "negative", "positive", "floor", "ceil", "rint", "trunc", "isnan", "isfinite", "isinf", "sin"),
    *("cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "deg2rad"),
    *("rad2deg", "logical_not", "add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "mod"),
    *("floor_divide", "hypot", "arctan2", "logaddexp", "greater", "less", "equal", "not_equal"),
)
FUNCTIONS = (
    *("mean", "median", "std", "var", "sum", "prod", "max", "min", "amax", "amin", "percentile", "quantile"),
    *("nan_to_num", "clip", "round", "ravel", "reshape", "transpose", "squeeze", "cumsum", "diff", "sort", "argsort"),
    *("argmax", "argmin", "asarray", "array", "nanmean", "nanmedian", "nanstd", "nanmax", "nanmin", "nansum"),
    *("concatenate", "hstack", "vstack", "column_stack", "stack", "where", "isclose", "unique", "interp", "digitize"),
    *("log", "average", "cov", "corrcoef", "dot", "matmul", "atleast_1d", "atleast_2d", "expand_dims", "identity"),
)
TYPES = (
    *("float16", "float32", "float64", "longdouble", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"),
    *("uint64", "bool_", "str_", "bytes_", "object_", "complex64", "complex128", "datetime64", "timedelta64", "void"),
)


def holdings() -> Iterator[tuple[str, Any]]:
    """Give names and values that fitted models may hold."""
    yield from _of_python()
    yield from _of_numpy()
    yield from _of_pandas()
    yield from _of_scipy()
    yield from _of_sklearn()


def _of_python() -> Iterator[tuple[str, Any]]:
    day = datetime.datetime(2024, 5, 17, 12, 30, tzinfo=datetime.UTC)
    yield (
        "plain",
        [1, 2.5, "a", b"b", bytearray(b"c"), None, True, (1,), {"a": {2}}, frozenset("a"), 1j, range(3), slice(1)],
    )
    yield "dates", [day, day.date(), day.time(), datetime.timedelta(1), datetime.timezone(datetime.timedelta(hours=2))]
    yield "pattern", re.compile(r"\w+", re.IGNORECASE)
    yield "paths", [pathlib.PurePosixPath("a/b"), pathlib.PosixPath("a")]
    yield "namespace", types.SimpleNamespace(a=1)
    yield "random", random.Random(1)
    yield "id", uuid.UUID(int=1)
    yield "partial", functools.partial(np.clip, a_min=0, a_max=1)
    yield "decimal number", decimal.Decimal("1.5")
    yield (
        "collections",
        [
            collections.OrderedDict(a=1),
            collections.defaultdict(list, a=[1]),
            collections.defaultdict(int),
            collections.Counter("abc"),
            collections.deque([1, 2], maxlen=3),
        ],
    )
    yield "types", [int, float, str, bool, object, list, dict, tuple, set, bytes, complex, len, abs, sum, round]


def _of_numpy() -> Iterator[tuple[str, Any]]:
    yield (
        "arrays",
        [
            np.zeros((2, 3)),
            np.asfortranarray(np.ones((2, 3), np.float32)),
            np.array(["a", "bc"]),
            np.array([b"a"]),
            np.array(["a", None, 1], dtype=object),
            np.array([True]),
            np.array([1j]),
            np.array(["2024-01-01"], dtype="M8[ns]"),
            np.array([3], dtype="m8[D]"),
            np.zeros(2, dtype=[("a", "f8"), ("b", "i4", (2,))]),
            np.zeros(2, dtype=[("a", "f8"), ("b", "O")]),
            np.zeros(2, dtype=np.dtype([("a", "i1"), ("b", "f8")], align=True)),
            np.rec.array([(1, 2.0)], dtype=[("x", "i4"), ("y", "f8")]),
            np.ma.masked_array([1.0, 2.0], mask=[True, False]),
            np.ma.masked_array(["a", None], mask=[True, False], dtype=object),
            np.zeros((2, 2)).view(np.matrix),
            np.float64(1),
            np.int32(2),
            np.str_("a"),
            np.bool_(True),
            np.datetime64("2024-01-01"),
            np.timedelta64(1, "D"),
            np.dtype("f4"),
            np.zeros(0),
            np.zeros(()),
            np.array(None, dtype=object),
        ],
    )
    yield "dtypes", [np.dtype(code) for code in ("f8", ">i4", "U3", "S2", "O", "M8[us]", "?", "V5")]
    yield "ufuncs", [getattr(np, name) for name in ELEMENTWISE]
    yield "functions", [getattr(np, name) for name in FUNCTIONS]
    yield "scalar types", [getattr(np, name) for name in TYPES]
    for kind in (np.random.MT19937, np.random.PCG64, np.random.PCG64DXSM, np.random.Philox, np.random.SFC64):
        yield f"generator {kind.__name__}", [np.random.Generator(kind(1)), np.random.RandomState(np.random.MT19937(1))]
    yield "seed sequence", np.random.SeedSequence(3)


def _of_pandas() -> Iterator[tuple[str, Any]]:
    table = pd.DataFrame(
        {
            "a": [1.5, None, 2.0],
            "b": [1, 2, 3],
            "c": ["x", "y", None],
            "d": pd.Categorical(["u", "v", "u"], ordered=True),
            "e": pd.to_datetime(["2024-01-01"] * 3),
            "f": pd.to_datetime(["2024-01-01"] * 3).tz_localize("UTC"),
            "g": [True, False, True],
            "h": pd.array([1, None, 3], dtype="Int64"),
            "i": pd.array([1.0, None, 3], dtype="Float64"),
            "j": pd.array([True, None, False], dtype="boolean"),
            "k": pd.to_timedelta([1, 2, 3], unit="D"),
        }
    )
    yield "frame", table
    yield "frame of objects", table.astype(object)
    for column in table:
        yield f"series {column}", table[column]
    yield "string series", pd.Series(["a", None], dtype="string")
    yield "python string series", pd.Series(["a", None], dtype=pd.StringDtype("python"))
    yield (
        "indexes",
        [
            pd.Index(["a", "b"]),
            pd.Index([1, 2]),
            pd.Index([1.5]),
            pd.RangeIndex(3),
            pd.MultiIndex.from_tuples([(1, "a"), (2, "b")]),
            pd.CategoricalIndex(["a", "b"]),
            pd.DatetimeIndex(["2024-01-01"]),
            pd.TimedeltaIndex(["1D"]),
            pd.period_range("2024-01", periods=2, freq="M"),
            pd.interval_range(0, 3),
        ],
    )
    yield "interval bins", pd.cut(pd.Series([1.0, 2.0, 3.0]), 2)
    yield (
        "moments",
        [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-01", tz="UTC"), pd.Timedelta("1D"), pd.NaT, pd.NA],
    )
    yield "intervals", [pd.Interval(0, 1), pd.Period("2024-01", "M")]
    yield (
        "dtypes",
        [
            pd.CategoricalDtype(["a", "b"], ordered=True),
            pd.StringDtype(),
            pd.Int64Dtype(),
            pd.Float32Dtype(),
            pd.BooleanDtype(),
            pd.DatetimeTZDtype(tz="UTC"),
            pd.IntervalDtype("int64"),
            pd.PeriodDtype("D"),
        ],
    )


def _of_scipy() -> Iterator[tuple[str, Any]]:
    from scipy import interpolate, sparse

    matrix = sparse.random(4, 4, 0.5, format="csr", random_state=1)
    for kind in ("csr", "csc", "coo", "lil", "dok", "dia", "bsr"):
        yield f"sparse {kind}", matrix.asformat(kind)
        yield f"sparse array {kind}", sparse.csr_array(matrix).asformat(kind)
    yield "spline", interpolate.make_interp_spline([0, 1, 2, 3], [0, 1, 4, 9])


def _of_sklearn() -> Iterator[tuple[str, Any]]:
    from sklearn import feature_selection, metrics, model_selection
    from sklearn.gaussian_process import kernels

    for name in metrics.get_scorer_names():
        yield f"scorer {name}", metrics.get_scorer(name)
    for name in feature_selection.__all__:
        function = getattr(feature_selection, name)
        if not isinstance(function, type) and callable(function):
            yield f"score function {name}", function
    for name in ("rbf", "linear", "polynomial", "sigmoid", "laplacian", "cosine", "chi2"):
        yield f"kernel {name}", metrics.pairwise.PAIRWISE_KERNEL_FUNCTIONS[name]
    for name in ("accuracy_score", "f1_score", "log_loss", "mean_squared_error", "mean_absolute_error", "r2_score"):
        yield f"metric {name}", getattr(metrics, name)
    for name in dir(model_selection):
        kind = getattr(model_selection, name)
        if isinstance(kind, type) and hasattr(kind, "split"):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    yield f"splitter {name}", kind(**_SPLITTERS.get(name, {}))
            except TypeError:  # an abstract one
                continue
    yield "compound kernel", kernels.CompoundKernel([kernels.RBF(), kernels.WhiteKernel()])


_SPLITTERS: dict[str, dict[str, Any]] = {
    "PredefinedSplit": {"test_fold": [0, 1]},
    "LeavePOut": {"p": 1},
    "LeavePGroupsOut": {"n_groups": 1},
}
