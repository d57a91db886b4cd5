"""The HTML report in a real browser: wide and narrow, light and dark, on paper, from the keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.reports.browser import Browser, faults
from tests.reports.made import check, drifted, levels, page_of, small, verdict_of

pytestmark = pytest.mark.slow

LONG = "a_name_without_any_blank_" * 12


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("browser")
    browser = Browser(folder)
    odd = verdict_of(
        drifted(LONG, 0.5),
        check("parity", LONG, LONG, "fail", LONG, details={"rows": [{LONG: LONG, "عمود": "名前"}], "telling": [LONG]}),
        check(LONG, "", "", "error", f"<b>{LONG}</b>", details={"traceback": LONG}),
        model=LONG,
        owner=LONG,
        notes=(LONG,),
        environment={"packages": {LONG: LONG}},
    )
    pages = {
        "blocked": page_of(*small()),
        "promoted": page_of(verdict_of(drifted("temp", 0.01)), {"drift:temp": {"distribution": levels(["a", "b"])}}),
        "odd": page_of(odd, {f"drift:{LONG}": {"distribution": levels([LONG, "b"])}}),
    }
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return browser.look(*(folder / f"{name}.html" for name in pages))


def test_axe_finds_nothing_nothing_is_asked_for_and_nothing_is_wider_than_a_phone(seen: list[dict[str, Any]]) -> None:
    assert len(seen) == 12
    assert faults(seen) == []


def test_the_machine_says_whether_it_is_light_or_dark_and_paper_is_always_light(seen: list[dict[str, Any]]) -> None:
    grounds = {one["scheme"]: one["ground"] for one in seen}

    assert grounds["light"] == "rgb(255, 255, 255)"
    assert grounds["dark"] != grounds["light"]
    assert {one["paper"] for one in seen} == {"rgb(255, 255, 255)"}


def test_what_is_folded_is_printed(seen: list[dict[str, Any]]) -> None:
    assert any(one["folded"] for one in seen)
    assert not any(one["unprinted"] for one in seen)


def test_the_keyboard_comes_to_what_blocks_first(seen: list[dict[str, Any]]) -> None:
    assert all(one["focused"][0] == "Skip to what blocks" for one in seen)
    assert all(one["focused"][1] == "What blocks" for one in seen)


def test_a_fault_is_noticed(tmp_path: Path) -> None:
    page = page_of(verdict_of(drifted("temp", 0.5)), {})
    worse = page.replace('lang="en"', "").replace(
        "</main>", '<img src="more.png"><p style="width:200vw">wide</p></main>'
    )
    (tmp_path / "worse.html").write_text(worse, encoding="utf-8")

    found = faults(Browser(tmp_path).look(tmp_path / "worse.html"))

    assert {one[3] for one in found} >= {"violates", "is wider than the window by"}
    assert any("html-has-lang" in str(one) for one in found)
    assert any("image-alt" in str(one) for one in found)
