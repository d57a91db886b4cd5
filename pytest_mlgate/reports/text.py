"""Text of the data's own, made safe to show: names of columns and messages of models are anybody's."""

from __future__ import annotations

import re
import shutil
import sys
import unicodedata
from textwrap import wrap

# control characters, invisible ones that turn the direction of writing, what is no character (XML cannot hold some of
# these), halves of a pair, line and paragraph ends
_UNSHOWN = frozenset({"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"})


# at the start of a line these are commands to the machine that runs GitHub's workflows
_COMMAND = re.compile(r"^(\s*)(?=::|##\[)", re.MULTILINE)


def printable(text: str) -> str:
    """Return text with everything that would steer a terminal written as an escape; line breaks stay."""
    return _COMMAND.sub(r"\1\\", visible(text))


def visible(text: str) -> str:
    """Return text with every sign that shows nothing of itself written as an escape; line breaks stay."""
    shown = (sign if _shows(sign) else sign.encode("unicode_escape").decode("ascii") for sign in text)
    return "".join(shown)


def _shows(sign: str) -> bool:
    return sign == "\n" or unicodedata.category(sign) not in _UNSHOWN


def one_line(text: str) -> str:
    """Return printable text on one line, each run of white space as one blank."""
    return printable(" ".join(text.split()))


def shortened(text: str, limit: int) -> str:
    """Return text of at most about ``limit`` signs; what is left out of a longer one is counted at its end."""
    if len(text) <= limit:
        return text
    count = f"{len(text) - limit:,}".replace(",", " ")
    return f"{text[:limit].rstrip()} ... ({count} more characters)"


def columns(*, isatty: bool) -> int:
    """Return how many columns a line may have: those of a terminal; a log's lines are not broken, to be searched."""
    return max(40, shutil.get_terminal_size().columns) if isatty else sys.maxsize


def wrapped(text: str, width: int, indent: int = 0, hanging: int = 4) -> list[str]:
    """Return text in lines of a width, further ones set in; a word that is longer, such as a path, stays whole."""
    if len(text) + indent <= width:
        return [" " * indent + text]
    first = indent or len(text) - len(text.lstrip())
    return wrap(
        text.strip(),
        width,
        initial_indent=" " * first,
        subsequent_indent=" " * max(hanging, indent),
        break_long_words=False,
        break_on_hyphens=False,
    )
