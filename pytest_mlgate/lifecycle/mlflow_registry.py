"""MLflow as a registry: versions of a registered model, their tags, its aliases, and the runs that made them.

Nothing of a version is loaded here: its ``MLmodel`` says which file is the model, and that file alone is fetched.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError

from pytest_mlgate.artifacts.references import Place
from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.registries import Fetched
from pytest_mlgate.problems import explain
from pytest_mlgate.tables.files import file_digest, read_regular_file
from pytest_mlgate.tables.writing import results_folder

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

NAME = "mlflow"
FLAVORS = {"sklearn": "pickled_model", "xgboost": "data", "lightgbm": "data", "onnx": "data"}
"""Flavors whose model is one file, and the key of MLmodel that names it."""

_REFERENCE = re.compile(r"models:/(?P<name>[^/@:]+)(?:/(?P<version>[0-9]+)|@(?P<alias>[A-Za-z0-9_-]+))")
_SECRET = re.compile(r"(?<=://)[^/@\s'\"]+@")
_WAYS = {  # MLflow's own defaults make a store that is not there a matter of many minutes
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


class Options(BaseModel):
    """``[lifecycle.options]`` of this registry."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    tracking_uri: str | None = None
    """Where MLflow is; default: what the environment's ``MLFLOW_TRACKING_URI`` says."""
    model: str | None = None
    """The registered model; default: the configuration's model name."""


def open_registry(options: Mapping[str, Any], place: Place) -> MlflowRegistry:
    """Return MLflow's registry; the value of the entry point.

    Raises
    ------
    InputError
        Where the options are wrong, no store is named, its file is not there or is none, or MLflow is not installed.
    """
    try:
        said = Options.model_validate(dict(options))
    except ValidationError as error:
        problems = "; ".join(message for _, message in explain(error, Options, where="lifecycle.options"))
        raise InputError(problems, fix="mend it in the configuration") from None
    uri = said.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI")
    if not uri:
        raise InputError(
            "no MLflow store is named",
            fix='`[lifecycle.options] tracking_uri = "..."` beside `[lifecycle] registry = "mlflow"`, or the '
            "environment's MLFLOW_TRACKING_URI",
        )
    return MlflowRegistry(_store(uri, place.folder), said.model or place.model, place.fetched)


def resolve(rest: str, place: Place) -> Path:
    """Return the model file that ``mlflow:models:/NAME/VERSION`` or ``mlflow:models:/NAME@ALIAS`` means now."""
    options = place.options if place.registry == NAME else {}
    return open_registry(options, place).fetch(rest).file


class MlflowRegistry:
    """A registered model in a store of MLflow's.

    Parameters
    ----------
    uri : str
        Of the tracking store, absolute.
    model : str
        The registered model whose aliases are set.
    folder : Path
        Where fetched files go, each under its SHA-256.
    """

    def __init__(self, uri: str, model: str, folder: Path) -> None:
        self.uri, self.model, self.folder = uri, model, folder
        with self._asking():
            self.client = _client(uri)

    def fetch(self, reference: str) -> Fetched:
        """Return the version that a reference means now, and fetch its model file."""
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            raise InputError(
                f"{reference!r} names no version in a registry",
                fix="models:/NAME/VERSION or models:/NAME@ALIAS; a run's model is registered first",
            )
        name, number, alias = match["name"], match["version"], match["alias"]
        with self._asking():
            found = (
                self.client.get_model_version(name, number)
                if number
                else self.client.get_model_version_by_alias(name, alias)
            )
            source = self.client.get_model_version_download_uri(name, str(found.version))
        uri = f"models:/{name}/{found.version}"
        return Fetched(uri=uri, version=str(found.version), file=self._file(source, uri), ours=name == self.model)

    def tags(self, uri: str) -> Mapping[str, str] | None:
        """Return the tags of a version; None where there is no such version."""
        found = self._version(uri)
        return None if found is None else dict(found.tags)

    def set_tags(self, uri: str, tags: Mapping[str, str]) -> None:
        """Set tags of a version."""
        name, version = _split(uri)
        with self._asking():
            for key, value in tags.items():
                self.client.set_model_version_tag(name, version, key, value)

    def alias(self, name: str) -> str | None:
        """Return the version that an alias of the registered model points to."""
        with self._asking():
            version = self.client.get_registered_model(self.model).aliases.get(name)
        return None if version is None else f"models:/{self.model}/{version}"

    def set_alias(self, name: str, uri: str | None) -> None:
        """Let an alias of the registered model point to a version; None: remove it."""
        with self._asking():
            if uri is None:
                self.client.delete_registered_model_alias(self.model, name)
            else:
                self.client.set_registered_model_alias(self.model, name, _split(uri)[1])

    def attach(self, uri: str, name: str, files: Mapping[str, Path]) -> bool:
        """Log files to the run that made a version; False where no run did."""
        found = self._version(uri)
        if found is None or not found.run_id:
            return False
        with tempfile.TemporaryDirectory() as folder:
            for called, path in files.items():
                shutil.copyfile(path, Path(folder, called))
            with self._asking():
                self.client.log_artifacts(found.run_id, folder, artifact_path=name)
        return True

    def _version(self, uri: str) -> ModelVersion | None:
        from mlflow.exceptions import MlflowException

        with self._asking():
            try:
                return self.client.get_model_version(*_split(uri))
            except MlflowException as error:
                if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                    return None
                raise

    def _file(self, source: str, uri: str) -> Path:
        """Fetch the model file of a version, and return it by its SHA-256; one that is whole is put there at once."""
        results_folder(self.folder.parent)
        self.folder.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".part-") as folder:
            described = self._download(source, "MLmodel", folder)
            name = model_file(read_regular_file(described, what="MLmodel", limit=1 << 20), uri)
            fetched = self._download(source, name, folder)
            digest, _ = file_digest(fetched, what="model")
            target = self.folder / f"{digest}{PurePosixPath(name).suffix}"
            os.replace(fetched, target)
        return target

    def _download(self, source: str, name: str, folder: str) -> Path:
        from mlflow.artifacts import download_artifacts

        with self._asking():
            return Path(download_artifacts(f"{source}/{name}", dst_path=folder, tracking_uri=self.uri))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Ask MLflow something: without telemetry and warnings, for a bounded time, with no secret in an error."""
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # to stay: it reports later than it is asked
        ours = {key: value for key, value in _WAYS.items() if key not in os.environ}
        os.environ.update(ours)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except InputError:
            raise
        except ImportError as error:
            raise InputError(
                f"MLflow cannot be imported: {error}",
                fix="pip install pytest-mlgate[mlflow]; a database as its store needs the whole of mlflow",
            ) from None
        except Exception as error:  # its own, the database's, the network's
            said = next(iter(_SECRET.sub("***@", str(error)).splitlines()), "") or type(error).__name__
            raise InputError(
                f"MLflow at {_SECRET.sub('***@', self.uri)}: {said[:500]}",
                fix="mend what the message names: the reference, the store, or the way there",
            ) from None
        finally:
            for key in ours:
                os.environ.pop(key, None)


def model_file(described: bytes, uri: str) -> str:
    """Return which file is the model, by a version's ``MLmodel``: a path relative to it.

    Raises
    ------
    InputError
        Where it is none that can be inspected alone: another flavor, or one that brings code of its own.
    """
    import yaml

    try:
        flavors = dict(yaml.safe_load(described)["flavors"])
        flavor = next((name for name in FLAVORS if name in flavors), None)
        said = dict(flavors[flavor]) if flavor else {}
        code = [dict(flavors[name]).get("code") for name in (flavor, "python_function") if name in flavors]
        name = PurePosixPath(said[FLAVORS[flavor]]) if flavor else None
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), "")
        raise InputError(f"{uri}: its MLmodel cannot be read: {reason}", fix="log the model again") from None
    if name is None:
        raise InputError(
            f"{uri} has the flavors {', '.join(sorted(flavors))}, and none of {', '.join(FLAVORS)}: there is no file "
            "that could be inspected before it runs",
            fix="log the model with one of these flavors",
        )
    if any(code):
        raise InputError(
            f"{uri} brings code of its own (code_paths), which runs as it is loaded and which no gate inspects",
            fix="put the code into a package that is installed, and name its classes under `[artifacts] trusted`",
        )
    if name.is_absolute() or ".." in name.parts or not name.parts:
        raise InputError(f"{uri}: its MLmodel names {str(name)!r}, which is no file below it", fix="log it again")
    return str(name)


def _client(uri: str) -> MlflowClient:
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def _split(uri: str) -> tuple[str, str]:
    match = _REFERENCE.fullmatch(uri)
    if match is None or match["version"] is None:
        raise InputError(f"{uri!r} is no version of MLflow's", fix="models:/NAME/VERSION is one")
    return match["name"], match["version"]


def _store(uri: str, folder: Path) -> str:
    """Return the store's address with absolute paths; what would be made anew by being asked is refused."""
    scheme, _, rest = uri.partition("://")
    if scheme.partition("+")[0] == "sqlite":
        path, question, query = rest.removeprefix("/").partition("?")
        file = Path(os.path.normpath(folder / path))
        _refuse_no_store(file, uri)
        return f"{scheme}:///{file}{question}{query}"
    if scheme == "file" or ("://" not in uri and not uri.startswith("databricks")):
        place = Path(os.path.normpath(folder / (rest or uri)))  # a folder, as older versions of MLflow have it
        if not place.is_dir():
            raise InputError(f"tracking_uri = {uri!r}: there is no folder {place}", fix=_NAME_ONE)
        return place.as_uri()
    return uri


_NAME_ONE = "name the store that the models are registered in; none is made here"


def _refuse_no_store(file: Path, uri: str) -> None:
    if not file.is_file():
        raise InputError(f"tracking_uri = {uri!r}: there is no file {file}", fix=_NAME_ONE)
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)) as database:
            tables = database.execute("SELECT name FROM sqlite_master WHERE name = 'registered_models'").fetchall()
    except sqlite3.Error as error:
        raise InputError(f"tracking_uri = {uri!r}: {file.name} cannot be read: {error}", fix=_NAME_ONE) from None
    if not tables:
        raise InputError(f"tracking_uri = {uri!r}: {file.name} is no store of MLflow's", fix=_NAME_ONE)
