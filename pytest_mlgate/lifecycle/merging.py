"""Merging a ledger's histories after branches of the code, each with events of its own, were merged."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace

from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.events import Merge, now
from pytest_mlgate.lifecycle.ledger import Ledger, extended
from pytest_mlgate.lifecycle.reconciling import Disputed
from pytest_mlgate.problems import short


def merged(ledger: Ledger, *, actor: str, reason: str = "", serving: Mapping[str, str]) -> tuple[Ledger, Merge | None]:
    """Return a ledger without the markers of git, and the merge of its histories; None where it has only one.

    Parameters
    ----------
    ledger : Ledger
        As a git merge left it: with markers, or one history after the other.
    actor, reason : str
    serving : Mapping of str to str
        Of models whose histories disagree: the version that serves from here on; empty text: none.

    Raises
    ------
    Disputed
        Where the histories disagree on what serves and ``serving`` does not say.
    InputError
        Where there is nothing to merge, or ``serving`` says what nobody disputes.
    """
    place = short(ledger.path)
    if len(ledger.heads) < 2 and ledger.conflict is None:
        raise InputError(f"{place}: has one history, and nothing to merge", fix="nothing is to be done")
    clean = replace(ledger, conflict=None)
    if len(ledger.heads) < 2:  # both sides of the conflict had the same events, or one had none of its own
        return clean, None
    first, *others = ledger.heads
    merge = Merge(
        id=uuid.uuid4().hex,
        time=now(),
        actor=actor,
        reason=reason,
        previous=first,
        merged=tuple(others),
        serving=dict(serving),
    )
    idle = set(serving) - _disputed(clean, merge)
    if idle:
        raise InputError(
            f"{', '.join(sorted(idle))}: the histories do not disagree on what serves", fix="leave `--serving` out"
        )
    return clean, merge


def _disputed(ledger: Ledger, merge: Merge) -> set[str]:
    if not merge.serving:
        return set()
    try:
        extended(ledger, replace(merge, serving={}))
    except Disputed as error:
        return set(error.models)
    return set()
