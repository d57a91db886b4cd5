"""Writes docs/codes.md, the index of every code: ``python docs/site/codes.py``. A test tells where it is behind."""

from __future__ import annotations

import re
from pathlib import Path

from pytest_mlgate.codes import run_codes
from pytest_mlgate.gates import BUILTIN, load_gate
from pytest_mlgate.gates.base import Code
from pytest_mlgate.governance.codes import governance_codes
from pytest_mlgate.promotion_codes import promotion_codes

DOCS = Path(__file__).parents[1]
HEAD = """# Every code

Each kind of check has a stable code. It stands in the verdict, in annotations and in reports; a
[policy](promotion.md#policy) weighs by it, and `mlgate explain MLG101` says what it asks, why that matters and what to
do. A check is *named* by its id (`drift:temp`), which is what [waivers](verdict.md#waivers) go by.
"""


def families() -> list[tuple[str, str, tuple[Code, ...]]]:
    """Return title, page and codes of everything that has codes, in the order of the codes."""
    found = [("The run itself", "gates/run.md", run_codes())]
    for name in sorted(BUILTIN, key=lambda name: load_gate(name).codes[0].code):
        found.append((f"Gate `{name}`", f"gates/{name}.md", load_gate(name).codes))
    found.append(("Governance", "governance.md", governance_codes()))
    found.append(("Policy", "promotion.md", promotion_codes()))
    return found


def anchor(page: Path, code: str) -> str:
    """Return the anchor of the heading that explains a code, as GitHub and the site make it."""
    for heading in re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE):
        if re.match(rf"{code}\b", heading):
            return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    raise LookupError(f"{code} has no heading on {page.name}")


def written() -> str:
    """Return the page."""
    parts = [HEAD]
    for title, page, codes in families():
        parts.append(f"## {title}\n\n| code | what it asks |\n| --- | --- |")
        lines = {
            code.code: f"| [{code.code}]({page}#{anchor(DOCS / page, code.code)}) | {code.title} |" for code in codes
        }
        parts[-1] += "".join(f"\n{lines[code]}" for code in sorted(lines)) + "\n"
    return "\n".join(parts)


if __name__ == "__main__":
    (DOCS / "codes.md").write_text(written(), encoding="utf-8")
