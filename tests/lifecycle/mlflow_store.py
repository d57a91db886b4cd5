"""A store of MLflow's in a SQLite file, and models that are registered in it: the real library."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

if TYPE_CHECKING:
    from mlflow import MlflowClient


class MlflowStore:
    """A store that was made once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.uri = f"sqlite:///{folder / 'mlflow.db'}"
        with self.used() as mlflow:
            self.experiment = mlflow.create_experiment("toys", artifact_location=(folder / "artifacts").as_uri())

    @contextmanager
    def used(self) -> Iterator[Any]:
        """Give the library with this store as its own; its warnings are not ours."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import mlflow
            import mlflow.sklearn

            before = mlflow.get_tracking_uri()
            mlflow.set_tracking_uri(self.uri)
            try:
                yield mlflow
            finally:
                mlflow.set_tracking_uri(before)
                os.environ.pop("MLFLOW_TRACKING_URI", None)

    @property
    def client(self) -> MlflowClient:
        from mlflow import MlflowClient

        return MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)

    def register(self, name: str, model: Any, *, flavor: str = "sklearn", **said: Any) -> str:
        """Log a model in a run of its own, and register it; return its version."""
        with self.used() as mlflow, mlflow.start_run(experiment_id=self.experiment):
            log_model = getattr(__import__(f"mlflow.{flavor}").__dict__[flavor], "log_model")  # noqa: B009
            said = {"registered_model_name": name, "pip_requirements": ["scikit-learn"], **said}
            log_model(model, "model", **said)
        return str(max(int(one.version) for one in self.client.search_model_versions(f"name = '{name}'")))

    @property
    def ways(self) -> list[str]:
        """The forms in which this version of MLflow keeps a scikit-learn model."""
        with self.used() as mlflow:
            return list(mlflow.sklearn.SUPPORTED_SERIALIZATION_FORMATS)

    def served(self, name: str, alias: str) -> Any:
        """Load a model as a service does."""
        with self.used() as mlflow:
            return mlflow.sklearn.load_model(f"models:/{name}@{alias}")

    def files(self, name: str, version: str) -> Path:
        """Return the folder that a version's files lie in."""
        return Path(self.client.get_model_version_download_uri(name, version).removeprefix("file://"))
