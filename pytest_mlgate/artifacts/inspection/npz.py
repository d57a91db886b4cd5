"""numpy's archives of arrays, ``.npz``."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from pytest_mlgate.artifacts.inspection.archives import Archive, MemberFeed
from pytest_mlgate.artifacts.inspection.holding import Held
from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.npy import pass_array
from pytest_mlgate.artifacts.inspection.refusal import Refused, shown
from pytest_mlgate.artifacts.inspection.source import Source


def is_npz(archive: Archive) -> bool:
    """Whether all members are arrays, by their names."""
    return bool(archive.members) and all(name.endswith(".npy") for name in archive.members)


def read_arrays(archive: Archive, limits: Limits, objects: Callable[[Source], Any] | None) -> None:
    """Pass over all arrays of an archive.

    Parameters
    ----------
    archive : Archive
    limits : Limits
    objects : callable or None
        Follows the pickle of an array of objects; None: there must be none.
    """
    for name in archive.members:
        source = Source(MemberFeed(archive, name), limits)
        pass_array(source, None if objects is None else partial(objects, source))


def pass_arrays(outer: Archive, name: str, limits: Limits) -> None:
    """Pass over an archive of arrays without objects that is a member of another archive."""
    with tempfile.TemporaryFile(prefix="mlgate-") as copy:
        for part in outer.parts(name):
            copy.write(part)
        copy.flush()
        size = os.fstat(copy.fileno()).st_size
        inner = Archive(Held(descriptor=copy.fileno(), size=size, digest="", folder=Path()), limits)
        try:
            if not is_npz(inner):
                raise Refused("foreign member", f"its member {shown(name)!r} is no archive of arrays")
            read_arrays(inner, limits, None)
        finally:
            inner.close()
