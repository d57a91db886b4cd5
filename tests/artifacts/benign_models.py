"""Models as projects ship them: small, fitted in a moment, and saved in every way that people save them."""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn import (
    calibration,
    cluster,
    compose,
    decomposition,
    discriminant_analysis,
    dummy,
    ensemble,
    feature_extraction,
    feature_selection,
    gaussian_process,
    impute,
    kernel_approximation,
    linear_model,
    mixture,
    model_selection,
    multiclass,
    naive_bayes,
    neighbors,
    neural_network,
    preprocessing,
    svm,
    tree,
)
from sklearn.pipeline import make_pipeline, make_union

from pytest_mlgate.artifacts.saving import save

N = 120
OWN = "benign_classes"
# A module of the user's own, as it lies in a project.
OWN_SOURCE = """
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


def halved(X):
    return X / 2


class Threshold(ClassifierMixin, BaseEstimator):
    def __init__(self, column="amount"):
        self.column = column

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.cut_ = float(X[self.column].median())
        self.feature_names_in_ = np.array(X.columns, dtype=object)
        return self

    def predict(self, X):
        return self.classes_[(X[self.column] > self.cut_).to_numpy().astype(int)]
"""


def table() -> pd.DataFrame:
    """Return rows with columns of several kinds and a missing value."""
    random = np.random.default_rng(7)
    rows = pd.DataFrame(
        {
            "amount": random.lognormal(3, 1, N),
            "count": random.integers(0, 9, N),
            "city": random.choice(["Rome", "Oslo", "Łódź"], N),
            "kind": pd.Categorical(random.choice(["a", "b"], N), categories=["b", "a", "never"]),
            "words": random.choice(["late flight", "early flight home", "no flight at all"], N),
        }
    )
    rows.loc[3, "amount"] = np.nan
    return rows


ROWS = table()
NUMBERS = ROWS[["amount", "count"]].fillna(0.0)
NAMES = np.where(ROWS["count"] > 4, "late", "on time")
BINARY = (ROWS["count"] > 4).to_numpy()
THREE = (ROWS["count"] % 3).to_numpy()
VALUE = NUMBERS["amount"].to_numpy() * 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Benign:
    """A model, what it is asked with, and how it is saved.

    Attributes
    ----------
    make : callable
        Returns the fitted model.
    rows : DataFrame
        What it is asked with.
    write : callable
        From the model to the bytes of a file.
    trusted : tuple of str
        Names that the user trusts.
    by_digest : bool
        Whether the file is trusted by its digest, since code travels in it.
    exact : bool
        Whether the format keeps it bit for bit.
    """

    make: Callable[[], Any]
    rows: pd.DataFrame
    write: Callable[[Any], bytes]
    trusted: tuple[str, ...] = ()
    by_digest: bool = False
    exact: bool = True

    def trust(self, data: bytes) -> Sequence[str]:
        """Return what the configuration would say of it."""
        return (*self.trusted, *([f"sha256:{hashlib.sha256(data).hexdigest()}"] if self.by_digest else []))


def models() -> dict[str, Benign]:
    """Return every kind of benign model, by name."""
    plain = {name: Benign(make=make, rows=rows, write=dumped) for name, (make, rows) in _estimators().items()}
    return {**plain, **_ways_of_saving(), **_own_code(), **_other_formats()}


def dumped(model: Any, compress: Any = 0, protocol: int | None = None) -> bytes:
    """Return what ``joblib.dump`` writes."""
    stream = io.BytesIO()
    joblib.dump(model, stream, compress=compress, protocol=protocol)
    return stream.getvalue()


def _logistic() -> Any:
    return linear_model.LogisticRegression().fit(NUMBERS, NAMES)


def _columns(*, output: str = "default") -> Any:
    made = compose.make_column_transformer(
        (make_pipeline(impute.SimpleImputer(add_indicator=True), preprocessing.StandardScaler()), ["amount", "count"]),
        (preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["city", "kind"]),
        remainder="drop",
    )
    return made.set_output(transform=output)


def _text(vectorizer: Any) -> Any:
    return make_pipeline(
        compose.make_column_transformer((vectorizer, "words")), linear_model.SGDClassifier(random_state=0)
    )


def _estimators() -> dict[str, tuple[Callable[[], Any], pd.DataFrame]]:
    lm, en = linear_model, ensemble
    on_frame = {
        "column transformer": lambda: make_pipeline(_columns(), lm.LogisticRegression()).fit(ROWS, NAMES),
        "pandas output": lambda: make_pipeline(_columns(output="pandas"), lm.LogisticRegression()).fit(ROWS, NAMES),
        "boosting of categories": lambda: _categories().fit(ROWS[["amount", "count", "kind"]], BINARY),
        "text, tf-idf": lambda: _text(feature_extraction.text.TfidfVectorizer(ngram_range=(1, 2))).fit(ROWS, NAMES),
        "text, hashed": lambda: _text(feature_extraction.text.HashingVectorizer(n_features=64)).fit(ROWS, NAMES),
        "target encoder": lambda: make_pipeline(
            compose.make_column_transformer((preprocessing.TargetEncoder(random_state=0, cv=2), ["city"])), lm.Ridge()
        ).fit(ROWS, VALUE),
        "ordinal encoder": lambda: make_pipeline(
            compose.make_column_transformer((preprocessing.OrdinalEncoder(), ["city"])),
            tree.DecisionTreeClassifier(random_state=0),
        ).fit(ROWS, THREE),
        "grid search over a pipeline": lambda: model_selection.GridSearchCV(
            make_pipeline(_columns(), lm.LogisticRegression()), {"logisticregression__C": [0.1, 1.0]}, cv=2
        ).fit(ROWS, NAMES),
        "sparse columns": lambda: make_pipeline(
            compose.make_column_transformer((preprocessing.OneHotEncoder(), ["city"])), naive_bayes.MultinomialNB()
        ).fit(ROWS, THREE),
    }
    classifiers = {
        "random forest": en.RandomForestClassifier(5, random_state=0),
        "extra trees": en.ExtraTreesClassifier(5, random_state=0),
        "gradient boosting": en.GradientBoostingClassifier(n_estimators=5, random_state=0),
        "histogram boosting": en.HistGradientBoostingClassifier(max_iter=5),
        "ada boost": en.AdaBoostClassifier(n_estimators=3, random_state=0),
        "bagging": en.BaggingClassifier(n_estimators=3, random_state=0),
        "calibrated, sigmoid": calibration.CalibratedClassifierCV(svm.LinearSVC(), cv=2),
        "calibrated, isotonic": calibration.CalibratedClassifierCV(naive_bayes.GaussianNB(), method="isotonic", cv=2),
        "stacking": en.StackingClassifier([("a", naive_bayes.GaussianNB()), ("b", svm.SVC())], cv=2),
        "voting": en.VotingClassifier([("a", naive_bayes.GaussianNB()), ("b", lm.LogisticRegression())], voting="soft"),
        "support vectors": make_pipeline(preprocessing.RobustScaler(), svm.SVC(probability=False)),
        "neighbours": neighbors.KNeighborsClassifier(),
        "network": make_pipeline(
            preprocessing.StandardScaler(), neural_network.MLPClassifier((4,), max_iter=5, random_state=0)
        ),
        "discriminant": discriminant_analysis.LinearDiscriminantAnalysis(),
        "one against the rest": multiclass.OneVsRestClassifier(lm.LogisticRegression()),
        "gaussian process": gaussian_process.GaussianProcessClassifier(optimizer=None),
        "threshold tuned": model_selection.TunedThresholdClassifierCV(lm.LogisticRegression(), cv=2),
        "selection": make_pipeline(feature_selection.SelectKBest(k=1), lm.LogisticRegression()),
        "union": make_pipeline(
            make_union(decomposition.PCA(1, random_state=0), preprocessing.MinMaxScaler()), lm.LogisticRegression()
        ),
        "kernel approximation": make_pipeline(
            kernel_approximation.Nystroem(n_components=5, random_state=0), lm.LogisticRegression()
        ),
        "function transformer of numpy's": make_pipeline(
            preprocessing.FunctionTransformer(np.log1p), lm.LogisticRegression()
        ),
        "dummy": dummy.DummyClassifier(),
    }
    regressors = {
        "ridge": lm.Ridge(),
        "splines": make_pipeline(preprocessing.SplineTransformer(n_knots=4), lm.Ridge()),
        "bins": make_pipeline(
            preprocessing.KBinsDiscretizer(4, encode="ordinal", strategy="uniform"), lm.LinearRegression()
        ),
        "target transformed": compose.TransformedTargetRegressor(lm.Ridge(), func=np.log1p, inverse_func=np.expm1),
        "quantiles": en.HistGradientBoostingRegressor(loss="quantile", quantile=0.9, max_iter=5),
        "poisson": lm.PoissonRegressor(),
        "forest of values": en.RandomForestRegressor(5, random_state=0),
        "neighbours with imputation": make_pipeline(impute.KNNImputer(), neighbors.KNeighborsRegressor()),
    }
    others = {
        "clusters": cluster.KMeans(3, n_init=1, random_state=0),
        "mixture": mixture.GaussianMixture(2, random_state=0),
        "outliers": en.IsolationForest(n_estimators=5, random_state=0),
    }
    fitted: dict[str, tuple[Callable[[], Any], pd.DataFrame]] = {}
    for name, make in on_frame.items():
        fitted[name] = make, ROWS[["amount", "count", "kind"]] if "categories" in name else ROWS
    for labels, group in ((NAMES, classifiers), (VALUE, regressors), (None, others)):
        for name, model in group.items():
            fitted[name] = partial(model.fit, NUMBERS, labels), NUMBERS
    return fitted


def _categories() -> Any:
    return ensemble.HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype")


def _ways_of_saving() -> dict[str, Benign]:
    made = {
        f"joblib, {method}": partial(dumped, compress=(method, 3))
        for method in ("zlib", "gzip", "bz2", "xz", "lzma", "lz4")
    }
    made |= {f"pickle, protocol {number}": partial(pickle.dumps, protocol=number) for number in range(6)}
    made["pickle, gzipped"] = lambda model: gzip.compress(pickle.dumps(model))
    made["joblib, protocol 5"] = partial(dumped, protocol=5)
    made["joblib, level 9"] = partial(dumped, compress=9)
    ways = {name: Benign(make=_logistic, rows=NUMBERS, write=write) for name, write in made.items()}
    large = Benign(make=_large, rows=NUMBERS, write=dumped)
    mapped = Benign(make=_large, rows=NUMBERS, write=_dumped_from_a_map)
    return {**ways, "large arrays": large, "large arrays from a memory map": mapped}


def _large() -> Any:
    repeated = pd.concat([NUMBERS] * 200, ignore_index=True)
    noise = np.random.default_rng(0).normal(size=repeated.shape) * 1e-3
    return neighbors.KNeighborsRegressor(algorithm="brute").fit(repeated + noise, np.tile(VALUE, 200))


def _dumped_from_a_map(model: Any) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.joblib")
        joblib.dump(model, path)
        return dumped(joblib.load(path, mmap_mode="r"))


def _own_code() -> dict[str, Benign]:
    import importlib

    def own(name: str) -> Any:
        return getattr(importlib.import_module(OWN), name)

    def classifier() -> Any:
        return own("Threshold")().fit(NUMBERS, NAMES)

    def transformed() -> Any:
        halved = preprocessing.FunctionTransformer(own("halved"))
        return make_pipeline(halved, linear_model.Ridge()).fit(NUMBERS, VALUE)

    def by_value() -> Any:
        doubled = preprocessing.FunctionTransformer(lambda X: X * 2)
        return make_pipeline(doubled, linear_model.Ridge()).fit(NUMBERS, VALUE)

    return {
        "a class of the user's": Benign(make=classifier, rows=NUMBERS, write=dumped, trusted=(f"{OWN}:Threshold",)),
        "a function of the user's": Benign(make=transformed, rows=NUMBERS, write=dumped, trusted=(f"{OWN}:halved",)),
        "a class of the user's in skops": Benign(
            make=classifier, rows=NUMBERS, write=partial(save, form="skops"), trusted=(f"{OWN}:Threshold",)
        ),
        "cloudpickle": Benign(make=_logistic, rows=NUMBERS, write=partial(save, form="cloudpickle")),
        "cloudpickle with code": Benign(
            make=by_value, rows=NUMBERS, write=partial(save, form="cloudpickle"), by_digest=True
        ),
    }


def _other_formats() -> dict[str, Benign]:
    skops = partial(save, form="skops")
    onnx = partial(save, form="onnx", rows=NUMBERS)
    forest = ensemble.RandomForestClassifier(5, random_state=0)
    boosted = ensemble.HistGradientBoostingClassifier(max_iter=5)
    voting = ensemble.VotingClassifier([("a", naive_bayes.GaussianNB()), ("b", linear_model.LogisticRegression())])
    mixed = make_pipeline(_columns(), linear_model.LogisticRegression())
    return {
        "skops": Benign(make=_logistic, rows=NUMBERS, write=skops),
        "skops, a forest": Benign(make=partial(forest.fit, NUMBERS, NAMES), rows=NUMBERS, write=skops),
        "skops, a pipeline": Benign(make=partial(mixed.fit, ROWS, NAMES), rows=ROWS, write=skops),
        "skops, boosting": Benign(make=partial(boosted.fit, NUMBERS, NAMES), rows=NUMBERS, write=skops),
        "skops, voting": Benign(make=partial(voting.fit, NUMBERS, NAMES), rows=NUMBERS, write=skops),
        "onnx": Benign(make=_logistic, rows=NUMBERS, write=onnx, exact=False),
        "onnx, boosting": Benign(make=partial(boosted.fit, NUMBERS, NAMES), rows=NUMBERS, write=onnx, exact=False),
    }


def boosters() -> dict[str, Benign]:
    """Return models of XGBoost and LightGBM in their own files; needs both."""
    import lightgbm
    import xgboost

    def boosted() -> Any:
        return xgboost.XGBClassifier(n_estimators=3, max_depth=2).fit(NUMBERS, BINARY.astype(int))

    def light() -> Any:
        return lightgbm.LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1).fit(NUMBERS, BINARY.astype(int))

    return {
        "xgboost, json": Benign(make=boosted, rows=NUMBERS, write=partial(save, form="xgboost-json")),
        "xgboost, ubj": Benign(make=boosted, rows=NUMBERS, write=partial(save, form="xgboost-ubj")),
        "lightgbm, text": Benign(make=light, rows=NUMBERS, write=partial(save, form="lightgbm")),
    }
