"""Which names the files of fitted models need, and what the files do with them: a census of the list of allowed names.

``python -m tests.census.names`` fits the models, saves each of them in every way, and prints what the list lacks, with
uses, as lines that could stand in it; then what stands in it and was not met. Whether a name may stand there is for a
reader to decide: whatever imports, reads, writes, runs or calls what it is given stays out.
"""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import joblib

from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.names import Names
from pytest_mlgate.artifacts.inspection.permissions import Permissions, allowed_names
from pytest_mlgate.artifacts.inspection.source import BytesFeed, Source
from pytest_mlgate.artifacts.inspection.trust import Trust
from pytest_mlgate.artifacts.inspection.values import Bound, Global
from pytest_mlgate.artifacts.inspection.walking import Budget, Walker

USES = ("value", "new", "arguments", "call", "build", "items")


class _Noting:
    """Permissions that allow everything and note what was asked for."""

    listed = True

    def __init__(self) -> None:
        self.uses: set[str] = set()

    def __getattr__(self, use: str) -> bool:
        if use not in USES:
            raise AttributeError(use)
        self.uses.add(use)
        return True


class _Census(Names):
    """Names that are all allowed; each use is noted."""

    def __init__(self) -> None:
        super().__init__(Trust(), vouched=False)
        self.noted: dict[str, _Noting] = {}

    def _judged(self, full: str, position: int) -> Global:
        noting = self.noted.setdefault(full, _Noting())
        return Bound(full, noting)  # type: ignore[arg-type]


def uses_in(data: bytes) -> dict[str, set[str]]:
    """Return the names that a file needs, each with its uses."""
    census, limits = _Census(), Limits()
    walker = Walker(Source(BytesFeed(data), limits), census, Budget(limits), raw_arrays=True)
    walker.walk()
    for name, count in walker.owed.items():
        if count > 0:
            census.noted[name].uses.add("value")
    return {name: noting.uses for name, noting in census.noted.items()}


def saved(model: Any) -> Iterator[bytes]:
    """Give the bytes of a model, saved by joblib and by pickle with each protocol."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        try:
            yield pickle.dumps(model, protocol)
        except TypeError:  # protocols 0 and 1 cannot save a class with slots
            if protocol > 1:
                raise
    for protocol in (2, pickle.DEFAULT_PROTOCOL, pickle.HIGHEST_PROTOCOL):
        stream = io.BytesIO()
        joblib.dump(model, stream, protocol=protocol)
        yield stream.getvalue()


def census(models: Iterable[tuple[str, Any]]) -> dict[str, set[str]]:
    """Return names and uses in the files of all models."""
    found: dict[str, set[str]] = {}
    for label, model in models:
        try:
            files = list(saved(model))
        except Exception as error:  # a model that cannot be pickled is in no file
            print(f"{label}: cannot be saved: {error}", file=sys.stderr)
            continue
        for data in files:
            for name, uses in uses_in(data).items():
                found.setdefault(name, set()).update(uses)
    return found


def lacking(found: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return what the list of allowed names lacks, with the uses."""
    allowed = allowed_names()
    nothing = Permissions(listed=False)
    missing = {
        name: {use for use in uses if not getattr(allowed.get(name, nothing), use)} for name, uses in found.items()
    }
    return {name: uses for name, uses in missing.items() if uses or name not in allowed}


def main() -> None:
    """Print the difference between the files of models and the list."""
    from tests.census.estimators import fitted
    from tests.census.holdings import holdings

    found = census(chain(holdings(), fitted()))
    missing = lacking(found)
    groups: dict[str, list[str]] = {}
    for name, uses in missing.items():
        groups.setdefault(" ".join(use for use in USES if use in uses), []).append(name)
    for words, names in sorted(groups.items()):
        print(f"\n[{words}]")
        print("\n".join(sorted(names)))
    unmet = sorted(set(allowed_names()) - set(found))
    print(f"\n# {len(found)} names met, {len(missing)} lacking; {len(unmet)} allowed and not met:")
    print("\n".join(f"# {name}" for name in unmet))


if __name__ == "__main__":
    main()
