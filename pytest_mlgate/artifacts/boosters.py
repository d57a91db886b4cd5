"""Files of XGBoost and LightGBM as models that are asked with data frames. In the model's process only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def xgboost_model(payload: bytes) -> Any:
    """Return the model in a JSON or UBJ file: a classifier, a ranker or a regressor, as its objective says.

    Such a file holds no labels: classes are 0, 1, ...
    """
    import xgboost

    booster = xgboost.Booster()
    booster.load_model(bytearray(payload))
    objective = _objective(booster)
    kinds = {"binary": xgboost.XGBClassifier, "multi": xgboost.XGBClassifier, "rank": xgboost.XGBRanker}
    model = kinds.get(objective.partition(":")[0], xgboost.XGBRegressor)()
    model.load_model(bytearray(payload))
    return model


def _objective(booster: Any) -> str:
    import json

    config = json.loads(booster.save_config())
    name: str = config["learner"]["objective"]["name"]
    return name


class LightgbmRegressor:
    """Answers with the booster's predictions."""

    def __init__(self, booster: Any) -> None:
        self._booster = booster
        self.feature_names_in_ = list(booster.feature_name())

    def predict(self, X: pd.DataFrame) -> Any:
        """Return one value a row."""
        return self._booster.predict(X[self.feature_names_in_])


class LightgbmClassifier(LightgbmRegressor):
    """Answers with labels 0, 1, ... and probabilities: such a file holds no others."""

    def __init__(self, booster: Any, classes: int) -> None:
        import numpy as np

        super().__init__(booster)
        self.classes_ = np.arange(classes)

    def predict(self, X: pd.DataFrame) -> Any:
        """Return the label of each row."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X: pd.DataFrame) -> Any:
        """Return one probability a row and class."""
        import numpy as np

        said = self._booster.predict(X[self.feature_names_in_])
        return np.column_stack([1 - said, said]) if said.ndim == 1 else said


def lightgbm_model(payload: bytes) -> LightgbmRegressor:
    """Return the model in a text file."""
    import lightgbm

    booster = lightgbm.Booster(model_str=payload.decode())
    objective = str(booster.dump_model(num_iteration=1).get("objective", "")).split(" ")[0]
    if objective == "binary":
        return LightgbmClassifier(booster, 2)
    if objective in ("multiclass", "multiclassova"):
        return LightgbmClassifier(booster, booster.num_model_per_iteration())
    return LightgbmRegressor(booster)
