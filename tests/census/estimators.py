"""Fitted scikit-learn models: each estimator that it lists, options that bring other classes, and compositions."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd


def fitted() -> Iterator[tuple[str, Any]]:
    """Give a name and a fitted model, again and again; what cannot be fitted is left to :func:`unfitted`."""
    for name, make in builders().items():
        model = fit(make())
        if model is not None:
            yield name, model


def unfitted() -> list[str]:
    """Return the names of what could not be fitted on any of the tables."""
    return [name for name, make in builders().items() if fit(make()) is None]


def builders() -> dict[str, Callable[[], Any]]:
    """Return functions that make an estimator, by name."""
    return {**_plain(), **_variants(), **_compositions()}


def estimators() -> dict[str, Callable[[], Any]]:
    """Return functions that make each estimator that scikit-learn lists, by name."""
    return _plain()


def fit(model: Any) -> Any | None:
    """Return the model fitted on the first of several tables that it takes; None where it takes none."""
    return fit_on(model)[0]


def fit_on(model: Any) -> tuple[Any | None, Any]:
    """Return the fitted model, and the rows that it was fitted on."""
    for arguments in _tables():
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                return model.fit(*arguments), arguments[0]
        except Exception:  # an estimator may dislike a table in any way
            continue
    return None, None


def _plain() -> dict[str, Callable[[], Any]]:
    from sklearn.utils import all_estimators

    return {name: _maker(kind) for name, kind in all_estimators()}


def _maker(kind: Any) -> Callable[[], Any]:
    return lambda: kind(**_arguments(kind))


def _arguments(kind: Any) -> dict[str, Any]:
    """Return what a constructor needs at least, made small."""
    from sklearn.linear_model import LogisticRegression, Ridge

    regression = "Regress" in kind.__name__ or kind.__name__ in ("RegressorChain", "TransformedTargetRegressor")
    inner: Any = Ridge() if regression else LogisticRegression()
    known: dict[str, Any] = {
        "estimator": inner,
        "base_estimator": inner,
        "estimators": [("one", inner), ("two", type(inner)(**{"alpha" if regression else "C": 0.5}))],
        "transformers": [("all", "passthrough", [0, 1])],
        "transformer_list": [("one", _scaler())],
        "steps": [("one", _scaler()), ("two", inner)],
        "param_grid": {"alpha" if regression else "C": [0.5, 1.0]},
        "param_distributions": {"alpha" if regression else "C": [0.5, 1.0]},
    }
    parameters = inspect.signature(kind.__init__).parameters
    needed = {
        name: known[name]
        for name, parameter in parameters.items()
        if parameter.default is inspect.Parameter.empty and name in known
    }
    small = {"n_estimators": 3, "max_iter": 20, "n_components": 2, "n_init": 1, "random_state": 0, "batch_size": 50}
    sized = {name: value for name, value in small.items() if name in parameters}
    particular = _particular().get(kind.__name__, {})
    return {**needed, **sized, **{name: value for name, value in particular.items() if name in parameters}}


def _particular() -> dict[str, dict[str, Any]]:
    """Return what single estimators need."""
    from sklearn.linear_model import LogisticRegression

    grown = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    return {
        "FrozenEstimator": {"estimator": grown},
        "LinearDiscriminantAnalysis": {"n_components": 1},
        "OrthogonalMatchingPursuitCV": {"max_iter": 2},
        "SelfTrainingClassifier": {"estimator": LogisticRegression(), "base_estimator": LogisticRegression()},
        "SparseCoder": {"dictionary": np.eye(4)},
        "SpectralBiclustering": {"n_components": 6},
        "TSNE": {"max_iter": 250, "perplexity": 5},
    }


def _scaler() -> Any:
    from sklearn.preprocessing import StandardScaler

    return StandardScaler()


def _tables() -> list[tuple[Any, ...]]:
    random = np.random.default_rng(0)
    X = random.uniform(0.1, 2.0, (60, 4))
    y = (X[:, 0] + random.uniform(0, 0.5, 60) > 1.2).astype(int)
    words = ["one two three", "two three four", "three four five"] * 20
    return [
        (X, y),
        (X, X[:, 0] + 0.1),
        (X, np.column_stack([y, 1 - y])),
        (X, np.column_stack([X[:, 0], X[:, 1]])),
        (X,),
        (X[:, 0], X[:, 1]),
        (words, y),
        (words,),
        ([{"a": 1.0, "b": "x"}] * 60,),
        ([["a", "b"], ["b", "c"]] * 30,),
        (y,),
        (np.round(X).astype(int), y),
        (X @ X.T,),
    ]


def _variants() -> dict[str, Callable[[], Any]]:
    """Return estimators with the options that put other classes into the file."""
    from sklearn import (
        ensemble,
        gaussian_process,
        linear_model,
        naive_bayes,
        neighbors,
        neural_network,
        preprocessing,
        svm,
    )
    from sklearn.gaussian_process import kernels

    made: dict[str, Callable[[], Any]] = {}
    for loss in ("squared_error", "absolute_error", "poisson", "gamma", "quantile"):
        made[f"HistGradientBoostingRegressor {loss}"] = lambda loss=loss: ensemble.HistGradientBoostingRegressor(
            loss=loss, max_iter=3, quantile=0.5 if loss == "quantile" else None
        )
    for loss in ("squared_error", "absolute_error", "huber", "quantile"):
        made[f"GradientBoostingRegressor {loss}"] = lambda loss=loss: ensemble.GradientBoostingRegressor(
            loss=loss, n_estimators=2
        )
    made["GradientBoostingClassifier exponential"] = lambda: ensemble.GradientBoostingClassifier(
        loss="exponential", n_estimators=2
    )
    for loss in ("hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron", "huber", "epsilon_insensitive"):
        made[f"SGDClassifier {loss}"] = lambda loss=loss: linear_model.SGDClassifier(loss=loss, max_iter=5)
    for loss in ("squared_error", "huber", "epsilon_insensitive", "squared_epsilon_insensitive"):
        made[f"SGDRegressor {loss}"] = lambda loss=loss: linear_model.SGDRegressor(loss=loss, max_iter=5)
    for algorithm in ("ball_tree", "kd_tree", "brute"):
        for metric in ("euclidean", "manhattan", "chebyshev", "minkowski"):
            made[f"KNeighborsClassifier {algorithm} {metric}"] = lambda a=algorithm, m=metric: (
                neighbors.KNeighborsClassifier(algorithm=a, metric=m)
            )
    for metric, options in _metrics().items():
        made[f"KNeighborsClassifier {metric}"] = lambda m=metric, o=options: neighbors.KNeighborsClassifier(
            algorithm="ball_tree", metric=m, metric_params=o or None
        )
    made["KernelDensity"] = lambda: neighbors.KernelDensity(kernel="tophat")
    for solver in ("adam", "sgd", "lbfgs"):
        made[f"MLPClassifier {solver}"] = lambda solver=solver: neural_network.MLPClassifier(solver=solver, max_iter=3)
    for kernel in ("linear", "poly", "rbf", "sigmoid"):
        made[f"SVC {kernel}"] = lambda kernel=kernel: svm.SVC(kernel=kernel)
    shapes = {
        "Constant * RBF": kernels.ConstantKernel() * kernels.RBF(),
        "Matern + White": kernels.Matern() + kernels.WhiteKernel(),
        "RationalQuadratic": kernels.RationalQuadratic(),
        "ExpSineSquared": kernels.ExpSineSquared(2.0, 3.0, length_scale_bounds="fixed", periodicity_bounds="fixed"),
        "DotProduct ** 2": kernels.DotProduct() ** 2,
        "PairwiseKernel": kernels.PairwiseKernel(metric="rbf"),
    }
    for name, kernel in shapes.items():
        made[f"GaussianProcessRegressor {name}"] = lambda kernel=kernel: gaussian_process.GaussianProcessRegressor(
            kernel, optimizer=None
        )
        made[f"GaussianProcessClassifier {name}"] = lambda kernel=kernel: gaussian_process.GaussianProcessClassifier(
            kernel, optimizer=None
        )
    made["MultinomialNB"] = naive_bayes.MultinomialNB
    for solver in ("lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga"):
        made[f"LogisticRegression {solver}"] = lambda solver=solver: linear_model.LogisticRegression(
            solver=solver, max_iter=20
        )
    for power in (0, 1, 1.5, 2, 3):
        made[f"TweedieRegressor {power}"] = lambda power=power: linear_model.TweedieRegressor(power=power, max_iter=5)
    made["OneHotEncoder dense frequent"] = lambda: preprocessing.OneHotEncoder(
        sparse_output=False, min_frequency=2, handle_unknown="infrequent_if_exist"
    )
    made["QuantileTransformer"] = lambda: preprocessing.QuantileTransformer(n_quantiles=10)
    made["random state"] = lambda: ensemble.RandomForestClassifier(
        n_estimators=2, random_state=np.random.RandomState(3)
    )
    return made


def _metrics() -> dict[str, dict[str, Any]]:
    variances = np.ones(4)
    return {
        "seuclidean": {"V": variances},
        "mahalanobis": {"VI": np.eye(4)},
        "hamming": {},
        "canberra": {},
        "braycurtis": {},
        "jaccard": {},
        "dice": {},
        "rogerstanimoto": {},
        "russellrao": {},
        "sokalmichener": {},
        "sokalsneath": {},
        "minkowski": {"p": 3},
    }


def _compositions() -> dict[str, Callable[[], Any]]:
    """Return models as projects have them: pipelines, searches, ensembles of several kinds."""
    return {
        "pipeline on a frame": _on_a_frame,
        "pipeline with pandas output": lambda: _on_a_frame().set_output(transform="pandas"),
        "grid search": _grid_search,
        "random search": _random_search,
        "halving search": _halving_search,
        "stacking": _stacking,
        "voting": _voting,
        "calibrated sigmoid": lambda: _calibrated("sigmoid"),
        "calibrated isotonic": lambda: _calibrated("isotonic"),
        "target transformed": _target_transformed,
        "function transformer": _function_transformer,
        "text": _text,
        "feature union": _feature_union,
        "select from model": _selected,
        "threshold tuned": _threshold_tuned,
        "splines": _splines,
        "boosting of categories": _boosting_of_categories,
    }


class _OnFrame:
    """Stands for a model until it is fitted on a frame."""

    def __init__(self, model: Any, *rows: Any) -> None:
        self.model, self.rows = model, rows or frame()

    def set_output(self, **options: Any) -> _OnFrame:
        self.model[:-1].set_output(**options)
        return self

    def fit(self, X: Any, y: Any = None) -> Any:
        return self.model.fit(*self.rows)


def frame() -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Return a small table with columns of several kinds, and its labels."""
    random = np.random.default_rng(1)
    rows = 80
    table = pd.DataFrame(
        {
            "amount": random.lognormal(3, 1, rows),
            "count": random.integers(0, 9, rows),
            "city": random.choice(["Rome", "Oslo", "Lima"], rows),
            "kind": pd.Categorical(random.choice(["a", "b"], rows)),
            "flag": random.random(rows) < 0.5,
        }
    )
    table.loc[3, "amount"] = np.nan
    return table, pd.Series((table["count"] > 4).astype(int), name="late")


def _on_a_frame() -> Any:
    from sklearn.compose import ColumnTransformer, make_column_selector
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), ["amount", "count"]),
            (
                "names",
                OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                make_column_selector(dtype_exclude="number"),
            ),
        ],
        remainder="drop",
    )
    return _OnFrame(make_pipeline(columns, LogisticRegression()))


def _grid_search() -> Any:
    from sklearn.metrics import make_scorer, roc_auc_score
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
    from sklearn.tree import DecisionTreeClassifier

    return GridSearchCV(
        DecisionTreeClassifier(),
        {"max_depth": [1, 2], "criterion": ["gini", "entropy"]},
        scoring=make_scorer(roc_auc_score),
        cv=StratifiedKFold(3, shuffle=True, random_state=1),
    )


def _random_search() -> Any:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import RandomizedSearchCV

    space = {"n_estimators": [1, 2, 3], "ccp_alpha": [1e-4, 1e-3]}  # no distributions: see allowed_names.txt
    return RandomizedSearchCV(RandomForestClassifier(), space, n_iter=2, cv=2, random_state=0)


def _halving_search() -> Any:
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import HalvingGridSearchCV

    return HalvingGridSearchCV(Ridge(), {"alpha": [0.1, 1.0, 10.0]}, cv=2)


def _stacking() -> Any:
    from sklearn.ensemble import RandomForestClassifier, StackingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    return StackingClassifier([("forest", RandomForestClassifier(3)), ("svc", SVC())], LogisticRegression(), cv=2)


def _voting() -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, VotingClassifier
    from sklearn.naive_bayes import GaussianNB

    return VotingClassifier(
        [("boosting", HistGradientBoostingClassifier(max_iter=3)), ("bayes", GaussianNB())], voting="soft"
    )


def _calibrated(method: str) -> Any:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import LinearSVC

    return CalibratedClassifierCV(LinearSVC(), method=method, cv=2)


def _target_transformed() -> Any:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.linear_model import Ridge

    return TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1)


def _function_transformer() -> Any:
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    return make_pipeline(*(FunctionTransformer(f) for f in (np.log1p, np.sqrt, np.abs)), Ridge())


def _text() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline

    return make_pipeline(TfidfVectorizer(ngram_range=(1, 2), dtype=np.float32), SGDClassifier())


def _feature_union() -> Any:
    from sklearn.decomposition import PCA
    from sklearn.feature_selection import SelectKBest, f_classif, mutual_info_classif
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    union = make_union(PCA(2), SelectKBest(f_classif, k=2), SelectKBest(mutual_info_classif, k=1))
    return make_pipeline(union, LogisticRegression())


def _selected() -> Any:
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.feature_selection import SelectFromModel
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    return make_pipeline(SelectFromModel(ExtraTreesClassifier(3)), LogisticRegression())


def _threshold_tuned() -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import TunedThresholdClassifierCV

    return TunedThresholdClassifierCV(LogisticRegression(), cv=2)


def _splines() -> Any:
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import SplineTransformer

    return make_pipeline(SplineTransformer(n_knots=4), Ridge())


def _boosting_of_categories() -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    table, labels = frame()
    model = HistGradientBoostingClassifier(max_iter=3, categorical_features="from_dtype")
    return _OnFrame(model, table.drop(columns="city"), labels)
