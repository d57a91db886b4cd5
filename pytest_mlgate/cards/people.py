"""Who is meant: a person who can be reached, or nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pytest_mlgate.cards.emptiness import is_placeholder

_MAIL = re.compile(r"(?:mailto:)?([^\s@<>]+)@([^\s@<>]+\.[^\s@<>.]{2,})")
_NAMED_MAIL = re.compile(r"[^<>@]+<([^<>]+@[^<>]+)>")
_HANDLE = re.compile(r"@[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")
_ADDRESS = re.compile(r"https?://([^/\s:]+\.[^/\s:]+)\S*|#[\w-]{2,}|\+?\d[\d ()/.-]{6,}")

# Domains and names that stand in forms where the real ones belong (RFC 2606 reserves the first).
_DUMMY_DOMAIN = re.compile(
    r"(?:.*\.)?(?:example(?:\.[a-z]+)?|[^.]*\.(?:test|invalid|localhost)|(?:your|my)[\w-]*\.\w+|(?:test|domain|company)\.com)",
    re.IGNORECASE,
)
_DUMMY_NAME = re.compile(
    r"your?[._-].*|.*(?:handle|username).*|user|name|owner|someone|somebody|email|e-mail|first[._]last|foo|bar",
    re.IGNORECASE,
)
_UNREAD = re.compile(r"no[._-]?reply|do[._-]?not[._-]?reply", re.IGNORECASE)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# English, Spanish, Portuguese: a body of people, or an office that is nobody in particular.
_BODIES = _words(
    "team teams squad group department dept division organisation organization org company committee staff crew "
    "everyone everybody all we us nobody developers devs engineers engineering maintainers authors contributors "
    "scientists science admin admins administrators support helpdesk info "
    "equipo equipos grupo departamento área area empresa comité nosotros todos nadie desarrolladores ingeniería "
    "ingenieros mantenedores científicos ciencia soporte "
    "equipe equipa comitê nós ninguém desenvolvedores engenharia ciência suporte"
)
_HEADS = _words("lead leader head chief manager director owner responsable jefe jefa líder chefe gerente")


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeOwners:
    """Who a repository's CODEOWNERS file names; ``names`` in lower case."""

    path: Path
    names: frozenset[str]


def code_owners(folder: Path) -> CodeOwners | None:
    """Return the CODEOWNERS file that holds for a folder; None where there is none.

    It is looked for from the folder up to the root of its work tree, in the places that GitHub and GitLab know.
    """
    for place in (folder, *folder.parents):
        for name in (".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"):
            path = place / name
            if path.is_file():
                return CodeOwners(path=path, names=frozenset(_named(path.read_text("utf-8", errors="replace"))))
        if (place / ".git").exists():
            break
    return None


def _named(text: str) -> Iterable[str]:
    for line in text.splitlines():
        words = re.sub(r"(?:^|\s)#.*", "", line).split()
        yield from (word.lower() for word in words if "@" in word)


def why_nobody(text: str, owners: CodeOwners | None, *, contact: str | None = None, groups: bool = False) -> str:
    """Return why a text names no person who can be found, as a half sentence; empty where it does.

    Parameters
    ----------
    text : str
        An e-mail address, with or without a name, a handle, or a name.
    owners : CodeOwners or None
        Where a handle has to stand, if there is such a file.
    contact : str or None
        How a person who is only named can be reached.
    groups : bool
        Whether a group that the forge knows (``@organisation/group``) will do: any one of them can then act.
    """
    text = text.strip()
    if is_placeholder(text):
        return f"{text!r} says nothing"
    if _HANDLE.fullmatch(text):
        return _why_not_handle(text, owners, groups)
    mail = _mail(text)
    if mail is not None:
        local = mail.group(1)
        if _is_body(re.split(r"[._+-]", local)):
            return f"{text!r} is an office and no person"
        return _why_not_mail(mail, text)
    if set(re.findall(r"[^\W\d_]+", text.casefold())) & _BODIES:
        return f"{text!r} is nobody in particular"
    if not re.search(r"[^\W\d_]{2}", text) or _DUMMY_NAME.fullmatch(text):
        return f"{text!r} is no name"
    if contact is None or why_unreachable(contact):
        return f"{text!r} is a name only, and nothing says how to reach that person"
    return ""


def why_unreachable(text: str) -> str:
    """Return why nobody can be reached by a text, as a half sentence; empty where somebody can, be it a group."""
    text = text.strip()
    if is_placeholder(text):
        return f"{text!r} says nothing"
    if _HANDLE.fullmatch(text):
        return f"{text!r} is a blank that was not filled in" if _DUMMY_NAME.fullmatch(text[1:]) else ""
    mail = _mail(text)
    if mail is not None:
        return _why_not_mail(mail, text)
    address = _ADDRESS.fullmatch(text)
    if address is None:
        return f"{text!r} is no e-mail address, handle, URL, channel or telephone number"
    if address.group(1) and _DUMMY_DOMAIN.fullmatch(address.group(1)):
        return f"{text!r} is a dummy address"
    return ""


def _mail(text: str) -> re.Match[str] | None:
    named = _NAMED_MAIL.fullmatch(text)
    return _MAIL.fullmatch(named.group(1).strip() if named else text)


def _why_not_mail(mail: re.Match[str], text: str) -> str:
    local, domain = mail.groups()
    if _UNREAD.search(local):
        return f"{text!r} is read by nobody"
    if _DUMMY_DOMAIN.fullmatch(domain) or _DUMMY_NAME.fullmatch(local):
        return f"{text!r} is a dummy address"
    return ""


def _why_not_handle(text: str, owners: CodeOwners | None, groups: bool) -> str:
    name, _, group = text[1:].partition("/")
    if _DUMMY_NAME.fullmatch(name):
        return f"{text!r} is a blank that was not filled in"
    if not groups and (group or _is_body(re.split(r"[._-]", name))):
        return f"{text!r} is a group and no person"
    if owners is not None and text.lower() not in owners.names:
        return f"{text!r} does not stand in {owners.path.name}"
    return ""


def _is_body(words: list[str]) -> bool:
    """Whether the words of a handle or an address name a body: its first or last word does, and no head of it."""
    lowered = [word.lower() for word in words if word]
    if not lowered or lowered[-1] in _HEADS or lowered[0] in _HEADS:
        return False
    return bool({lowered[0], lowered[-1]} & _BODIES)
