"""The session of Spark in which tables are read: the user's own, or one that the configuration says how to make."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.engines import one_line

_WAYS_OUT = (
    "make a session in conftest.py before the gates run (SparkSession.builder.getOrCreate()), or say under [data.spark]"
    ' how to make one: master = "local[4]", or remote = "sc://host"'
)


@dataclass(kw_only=True)
class SparkSessions:
    """Where the session comes from in which ``spark:`` settings are read.

    The user's active session, wherever there is one. Else one is made by the options of the configuration, and that one
    alone is stopped by :meth:`stop`.

    Attributes
    ----------
    options : Mapping of str to str or None
        What ``[data.spark]`` says, by Spark's own names (``spark.master``); None: no session is made.
    """

    options: Mapping[str, str] | None = None
    _made: Any = field(default=None, repr=False)

    def get(self, text: str) -> Any:
        """Return the session in which a setting is read.

        Raises
        ------
        InputError
            pyspark is not installed, there is no session and no way to make one, or it cannot be made.
        """
        try:
            from pyspark.sql import SparkSession
        except ImportError:
            raise InputError(
                f"{text[:60]!r} is a table of Spark, and pyspark is not installed",
                fix='pip install "pytest-mlgate[spark]"',
            ) from None
        if self._made is not None:
            return self._made
        try:
            return SparkSession.active()  # of this thread, else the one of another: it is the user's as well
        except Exception as error:
            if "NO_ACTIVE_OR_DEFAULT_SESSION" not in str(error):  # a gateway whose process is gone
                raise InputError(
                    f"{text!r} cannot be read: Spark's session is lost: {one_line(error)}", fix=_WAYS_OUT
                ) from error
        if self.options is None:
            raise InputError(f"{text!r} is a table of Spark, and there is no active session", fix=_WAYS_OUT)
        self._made = _made_by(self.options)
        return self._made

    def stop(self) -> None:
        """Stop the session that was made here; a session of the user's is left alone."""
        made, self._made = self._made, None
        if made is not None:
            try:
                made.stop()
            except Exception:  # it is gone already, and what was asked of it has said so
                return


def _made_by(options: Mapping[str, str]) -> Any:
    from pyspark.sql import SparkSession

    if options.get("spark.master", "").startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # Spark takes any `python3`, which may lack pyarrow
    try:
        return SparkSession.builder.config(map=dict(options)).getOrCreate()
    except ImportError as error:
        raise InputError(
            f"the session of [data.spark] cannot be made: {one_line(error)}", fix='pip install "pyspark[connect]"'
        ) from error
    except Exception as error:  # of pyspark, py4j, gRPC or the JVM
        if "JAVA_GATEWAY_EXITED" in str(error) or isinstance(error, FileNotFoundError):
            raise InputError(
                "the session of [data.spark] cannot be made: Spark needs Java 17 or later, and none answers",
                fix="install Java 17 or later and set JAVA_HOME to it (`java -version` says which one is found)",
            ) from error
        raise InputError(
            f"the session of [data.spark] cannot be made: {one_line(error)}",
            fix="correct `master`, `remote` or `config` under [data.spark]; Spark's own log says more",
        ) from error
