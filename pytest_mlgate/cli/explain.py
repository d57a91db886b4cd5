"""``mlgate explain``: what a check found, why it matters, what to do."""

from __future__ import annotations

import difflib
import sys
from typing import Annotated

import typer

from pytest_mlgate.checks import Check, describe, worst_first
from pytest_mlgate.cli.common import ConfigOption, app, load, refuse
from pytest_mlgate.gates.base import Code

_NEAR = 0.4


@app.command()
def explain(
    name: Annotated[str, typer.Argument(metavar="CHECK", help="A check's id, as the verdict names it, or a code.")],
    config: ConfigOption = None,
) -> None:
    """Say what a check of the last verdict found, why it matters and what to do; or what a gate or a code means."""
    from pytest_mlgate.codes import all_codes
    from pytest_mlgate.reports.text import columns
    from pytest_mlgate.verdict import read_verdict

    codes, width = all_codes(), columns(isatty=sys.stdout.isatty())
    if name in codes:
        typer.echo(_page(codes[name], width))
        return
    path = load(config).results / "verdict.json"
    if not path.is_file():
        refuse(f"{path}: there is no verdict yet; `mlgate check` writes one")
    try:
        checks = {found.id: found for found in read_verdict(path).checks}
    except (OSError, ValueError) as error:
        refuse(f"{path}: {error}")
    of_gate = [found for found in checks.values() if name in (found.gate, found.id.partition(":")[0])]
    if name not in checks and of_gate:
        typer.echo("\n".join(_fitted(describe(found), width) for found in worst_first(of_gate)))
        return
    if name not in checks:
        near = _nearest(name, [*checks, *codes]) or [*checks, *codes][:3]
        refuse(f"the verdict has no check {name!r}; near: {', '.join(near)}")
    typer.echo(_explanation(checks[name], width))
    if checks[name].code in codes:
        typer.echo("\n" + _page(codes[checks[name].code], width))


def _nearest(name: str, known: list[str]) -> list[str]:
    """Return the nearest names; of equally near ones first those that have the same signs in the same places."""

    def nearness(other: str) -> tuple[float, int]:
        ratio = difflib.SequenceMatcher(None, other, name).ratio()
        return ratio, sum(a == b for a, b in zip(other, name, strict=False))

    found = [other for other in known if nearness(other)[0] >= _NEAR]
    return sorted(found, key=nearness, reverse=True)[:5]


def _explanation(check: Check, width: int) -> str:
    lines = [describe(check), ""]
    if check.interval is not None:
        ends = ["open" if end is None else f"{end:.6g}" for end in (check.interval.low, check.interval.high)]
        lines.append(f"interval: {ends[0]} to {ends[1]} ({check.interval.level:.0%}, {check.interval.method})")
    for key in ("observed", "limit", "n", "p", "p_adjusted"):
        value = getattr(check, key)
        if value is not None:
            lines.append(f"{key}: {value:.6g}" if isinstance(value, float) else f"{key}: {value}")
    lines = [_fitted(line, width) for line in lines]
    details = {key: value for key, value in check.details.items() if value not in (None, "", [], {})}
    lines += [_detail(key, value, width) for key, value in details.items() if "traceback" not in key]
    if "traceback" in details:  # the model's own frames
        lines.append(str(details["traceback"]).rstrip())
    if check.waiver is not None:
        waiver = check.waiver
        lines.append(_fitted(f"waived until {waiver.expires} by {waiver.author}: {waiver.reason}", width))
    return "\n".join(lines)


def _detail(key: str, value: object, width: int) -> str:
    """Return a detail in lines of a width; a text of several stands between fences, to be copied as it is."""
    if isinstance(value, str) and "\n" in value.rstrip():
        return f"{key}:\n```\n{value.rstrip()}\n```"
    return _fitted(f"{key}: {value}", width)


def _page(code: Code, width: int) -> str:
    return _fitted(f"{code.code}  {code.title}\n\n{code.why}\n\nWhat to do: {code.fix}", width, hanging=0)


def _fitted(text: str, width: int, hanging: int = 4) -> str:
    from pytest_mlgate.reports.text import wrapped

    return "\n".join(part for line in text.split("\n") for part in wrapped(line, width, hanging=hanging))
