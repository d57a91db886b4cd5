"""What may be secret in an address, a command line or a setting, taken out of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

MASK = "***"

# Parts of names, between anything but letters and digits: `api_key`, `--db-password`, `AWS_SECRET_ACCESS_KEY`.
_SECRET_WORDS = frozenset(
    (
        *("password", "passwd", "pwd", "passphrase", "pass", "secret", "secrets", "token", "tokens", "credential"),
        *("credentials", "auth", "authorization", "bearer", "apikey", "accesskey", "privatekey", "secretkey", "sas"),
        *("signature", "sig", "cookie", "jwt", "pat"),
    )
)
_KEYS_BEFORE = frozenset(("api", "access", "private", "secret", "account", "encryption", "signing", "ssh", "auth"))
# Signs that a value is a secret whatever it is called: tokens of well-known services and private keys.
_SECRET_VALUE = re.compile(
    r"(?:ghp|gho|ghu|ghs|ghr|github_pat|glpat|hf|sk|pk|rk|xox[abprs]|npm|pypi|dop_v1)[-_][A-Za-z0-9_-]{16,}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}|ya29\.[A-Za-z0-9_-]{16,}|AIza[A-Za-z0-9_-]{30,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\"'<>]+")
_ASSIGNMENT = re.compile(r"(?P<name>[\w.-]+)(?P<sign>[=:])(?P<value>.+)", re.DOTALL)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def is_secret_name(name: str) -> bool:
    """Whether an option, a variable or a part of a query of this name may hold a secret: ``apiKey``, ``--db-password``.

    Rather one too many: what is masked is only not shown.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    return any(_is_secret(words[: end + 1]) for end in range(len(words)))


def is_secret_setting(name: str) -> bool:
    """Whether a setting of this name is a secret itself: ``api_key``, but not ``token_pattern``."""
    return _is_secret([word.lower() for word in _WORD.findall(name)])


def _is_secret(words: list[str]) -> bool:
    """Whether the last of a name's words says so, alone or with the one before it."""
    key = len(words) > 1 and words[-1] in ("key", "keys") and words[-2] in _KEYS_BEFORE
    return key or (bool(words) and words[-1] in _SECRET_WORDS)


def mask_text(text: str) -> str:
    """Return a text with the secrets of every address in it, and what looks like a token, replaced by ``***``."""
    return _SECRET_VALUE.sub(MASK, _URL.sub(lambda found: _mask_address(found.group()), text))


def mask_arguments(arguments: Iterable[str]) -> list[str]:
    """Return a command's arguments with secrets replaced by ``***``.

    ``--password x``, ``--password=x`` and ``password=x`` lose their ``x``, addresses what :func:`mask_text` takes away.

    Parameters
    ----------
    arguments : iterable of str
        As in ``sys.argv``.
    """
    masked: list[str] = []
    hide_next = False
    for argument in arguments:
        if hide_next and not argument.startswith("--"):
            masked.append(MASK)
            hide_next = False
            continue
        hide_next = argument.startswith("-") and "=" not in argument and is_secret_name(argument)
        found = _ASSIGNMENT.fullmatch(argument.lstrip("-"))
        if found is not None and "://" not in found["name"] and is_secret_name(found["name"]):
            dashes = argument[: len(argument) - len(argument.lstrip("-"))]
            masked.append(f"{dashes}{found['name']}{found['sign']}{MASK}")
        else:
            masked.append(mask_text(argument))
    return masked


def _mask_address(url: str) -> str:
    """Return an address without the password and the secret parts of its query."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # no address after all, or one with a port that is no number
        return MASK if "@" in url else url
    if "@" in parts.netloc:
        place = f"[{host}]" if host and ":" in host else host or ""
        place = f"{MASK}@{place}" + (f":{port}" if port is not None else "")
        parts = SplitResult(parts.scheme, place, parts.path, parts.query, parts.fragment)
    return urlunsplit(parts._replace(query=_mask_query(parts.query), fragment=_mask_query(parts.fragment)))


def _mask_query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(is_secret_name(name) for name, _ in pairs):
        return query
    return urlencode([(name, MASK if is_secret_name(name) else value) for name, value in pairs], safe="*/:@")
