"""``mlgate policy``: what a stage requires, and which file and line says so."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from pytest_mlgate.cli.common import FILES, ConfigOption, PolicyOption, app, load, refuse
from pytest_mlgate.policies import flat
from pytest_mlgate.policy import STAGES, CodeRule
from pytest_mlgate.problems import suggest
from pytest_mlgate.reports.text import one_line

policy = typer.Typer(no_args_is_help=True, help="What a stage requires.")
app.add_typer(policy, name="policy")


@policy.command()
def show(
    config: ConfigOption = None,
    stage: Annotated[str | None, typer.Option(help="Of this stage. Default: the configured one.")] = None,
    file: PolicyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say what a stage requires, and for each value which file and line says so.

    Exit codes: 0 said; 2 bad usage or configuration.
    """
    settings = load(config, may_lack=FILES, policy=file)
    stage = stage or settings.model.stage
    if stage not in STAGES:
        refuse(f"--stage {stage}: {suggest(stage, STAGES)}")
    found = settings.policies.at(stage)
    values = {key: _plain(value) for key, value in flat(found).items()}
    if as_json:
        places = {key: found.place(key) for key in values}
        record = {"stage": stage, "digest": found.digest, "values": values, "places": places}
        typer.echo(json.dumps(record, indent=2, ensure_ascii=False))
        return
    typer.echo(f"{stage}  {found.digest}")
    off = {key: "off" for key in found.places if key not in values}
    shown = {key: _said(value) for key, value in sorted({**values, **off}.items())}
    width = max(map(len, shown))
    for key, value in shown.items():
        typer.echo(f"{key:<{width}}  {one_line(value):<12}  {one_line(found.place(key))}")


def _plain(value: Any) -> Any:
    if isinstance(value, CodeRule):
        return {"level": value.level, "reason": value.reason} if value.reason else value.level
    return value


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return f"{value['level']}: {value['reason']}"
    return "off" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
