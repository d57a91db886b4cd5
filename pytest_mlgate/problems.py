"""What is wrong with a configuration, said so that it can be mended at once."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from pydantic import ValidationError


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing wrong with a configuration."""

    file: Path
    line: int | None
    message: str

    def __str__(self) -> str:
        place = f"{short(self.file)}:{self.line}" if self.line else short(self.file)
        return f"{place}: {self.message}"


class ConfigError(ValueError):
    """A configuration that cannot be used; ``problems`` has every reason, in the order of their lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line or 0)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def decoded(path: Path, raw: bytes) -> str:
    """Return the text of a TOML file; ConfigError, with the line, where it is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8 text (byte 0x{raw[error.start]:02x}); save it as UTF-8"
        raise ConfigError([Problem(file=path, line=line, message=message)]) from None


def parsed(path: Path, text: str) -> Any:
    """Return what a TOML file says; ConfigError, with the line, where it is no TOML."""
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, or an integer of too many digits
        message, _, place = str(error).partition(" (at ")  # "line 3, column 5)" or "end of document)"
        line = int(place.removeprefix("line ").split(",")[0]) if place.startswith("line ") else None
        line = text.count("\n") + 1 if place.startswith("end") else line
        raise ConfigError([Problem(file=path, line=line, message=f"is not valid TOML: {message}")]) from None


def suggest(word: str, known: Iterable[str]) -> str:
    """Return a half sentence with the nearest right spelling, or with all of them."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1)
    return f"did you mean `{near[0]}`?" if near else f"known are: {', '.join(names)}"


def explain(error: ValidationError, kind: type[Any], where: str = "") -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the place (below ``where``) and a sentence for every error that pydantic found."""
    seen = set()
    for found in error.errors(include_url=False):
        place = tuple(part for part in found["loc"] if part != "[key]")  # the table says that it is of a key
        name = dotted((*([where] if where else []), *place))
        if found["type"] == "extra_forbidden":
            known = _keys_at(kind, place[:-1])
            message = f"unknown key `{name}`" + (f"; {suggest(str(place[-1]), known)}" if known else "")
        elif found["type"] == "missing":
            message = f"`{name}` is missing"
        elif found["type"] == "string_too_short":
            message = f"`{name}` is empty"
        else:
            reason = found["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
            reason = _PLAINER.get(found["type"], reason)
            message = f"`{name}` = {_shown(found['input'])}: should be {reason}" if reason != found["msg"] else reason
            if found["type"] == "value_error":
                whole = f"{name}: {reason}" if name else reason  # of a section, or of a call's keywords
                message = f"`{name}` = {_shown(found['input'])}: {reason}" if place else whole
            elif found["type"] in ("literal_error", "enum") and isinstance(found["input"], str):
                near = difflib.get_close_matches(found["input"], _quoted(reason), n=1)
                message += f"; did you mean {near[0]!r}?" if near else ""
        if message not in seen:
            seen.add(message)
            yield place, message


_TABLE, _LIST = "a table", "a list"
_PLAINER = {
    "model_type": _TABLE,
    "dict_type": _TABLE,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "date_type": "a date without quotes, such as 2027-01-31",
}
"""What TOML calls a thing, where pydantic names Python's type."""


def _keys_at(kind: type[Any], place: Iterable[str | int]) -> list[str]:
    """Return the keys that settings of this kind may have in the table at ``place``."""
    models = [kind]
    for part in place:
        fields = {field.alias or key: field for model in models for key, field in model.model_fields.items()}
        if part in fields:
            models = list(_models(fields[str(part)].annotation))
    return [field.alias or key for model in models for key, field in model.model_fields.items()]


def _models(annotation: Any) -> Iterator[type[Any]]:
    if hasattr(annotation, "model_fields"):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date | time) else repr(value)


def _quoted(text: str) -> list[str]:
    return text.replace(" or ", ", ").replace("'", "").split(", ")


def dotted(key: Iterable[str | int]) -> str:
    """Return a key's path as TOML writes it, array positions in brackets."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def short(path: Path) -> str:
    """Return a path as a person at this working directory would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
