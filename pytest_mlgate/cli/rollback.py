"""``mlgate rollback``: a version serves again that did before, after it was tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import (
    FILES,
    ActorOption,
    ConfigOption,
    NoticedOption,
    app,
    block,
    load,
    past_moment,
    refuse,
    say,
    two_lines,
)
from pytest_mlgate.cli.registry import follow

if TYPE_CHECKING:
    from pytest_mlgate.config import Config
    from pytest_mlgate.lifecycle.ledger import Ledger


@app.command()
def rollback(
    reason: Annotated[str, typer.Option(help="Why; stays in the ledger.")],
    config: ConfigOption = None,
    to: Annotated[str | None, typer.Option(metavar="VERSION", help="Default: the one before what serves.")] = None,
    model: Annotated[str | None, typer.Option(help="Default: the configuration's.")] = None,
    approver: Annotated[str | None, typer.Option(help="Who agreed.")] = None,
    actor: ActorOption = None,
    noticed: NoticedOption = None,
) -> None:
    """Let a version serve that did before: no gate runs, nothing is trained; it is loaded and asked first.

    A registry that follows the ledger has to say what it says first; with --to it need not, nor answer.
    Exit codes: 0 it serves; 1 refused; 2 bad usage or configuration; 3 it serves by the ledger, and the registry did
    not follow.
    """
    from pytest_mlgate.lifecycle.appending import append, read_ledger
    from pytest_mlgate.lifecycle.archive import answers
    from pytest_mlgate.lifecycle.people import who
    from pytest_mlgate.lifecycle.states import PRODUCTION, next_event, refuse_rollback

    if not reason.strip():
        refuse("--reason is blank; a rollback has one")
    settings = load(config, may_lack=FILES)
    name = model or settings.name
    since = None if noticed is None else past_moment(noticed, option="--noticed")
    try:
        ledger = read_ledger(settings.ledger).whole()
        known = ledger.model(name)
        version = to or known.target()
        if version is None:
            raise InputError(f"{name} has no version to go back to", fix="name one that once served: `--to`")
        refuse_rollback(known, name, version)
        followed = name == settings.name
        can_follow = followed and _can_follow(settings, ledger, version, named=to is not None)
        answers(
            known.versions[version],
            version,
            folder=settings.ledger.parent,
            archive=settings.archive,
            load=settings.loading,
        )
        event = next_event(
            known,
            "rollback",
            model=name,
            version=version,
            to_stage=PRODUCTION,
            actor=actor or who(settings.folder),
            approver=approver,
            reason=reason.strip(),
            noticed=since,
        )
        append(settings.ledger, lambda ledger: event)
    except InputError as error:
        block(two_lines(error))
    say(f"{name} {version} serves")
    if followed:
        follow(settings, restore=(PRODUCTION,), verified=(event.registered or "",) if can_follow else ())


def _can_follow(config: Config, ledger: Ledger, version: str, *, named: bool) -> bool:
    """Whether the registry has this version's file; InputError where it is in the way.

    It is where it knows more than this ledger does, or has another file; and, unless the version was named, where it
    says otherwise than the ledger, does not have the version, or does not answer.
    """
    from pytest_mlgate.lifecycle.divergence import compare
    from pytest_mlgate.lifecycle.mirroring import verify
    from pytest_mlgate.lifecycle.registries import registry_of

    fix = "`--to VERSION` goes back in the ledger all the same, and `mlgate registry sync` follows"
    known = ledger.model(config.name)
    uri = known.versions[version].registered
    alias = config.lifecycle.aliases.get("production", "no alias")
    try:
        registry = registry_of(config)
        if registry is None:
            return False
        differences = compare(ledger, config.name, registry, config.lifecycle.aliases).differences
    except InputError as error:
        if named:
            return False
        raise InputError(f"{error.message}; nothing was changed", fix=fix) from None
    for one in differences:
        if one.kind == "ahead" or (one.kind != "gone" and not named):
            raise InputError(f"{one.message}; nothing was changed", fix=one.fix if one.kind == "ahead" else fix)
    if uri is not None:
        verify(registry, uri, known)
    elif not named:
        raise InputError(
            f"no event says that the registry has version {version!r}: {alias} would stay where it is",
            fix=f"`--to {version}` goes back in the ledger; then set the alias yourself",
        )
    return uri is not None
