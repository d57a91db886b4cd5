"""The HTML report: what it says, in which order, and that nothing of anybody's text does anything."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from pytest_mlgate.reports.html import showing
from pytest_mlgate.reports.html.building import MOST_CARDS
from pytest_mlgate.reports.html.showing import MOST_PLOTS
from tests.reports.made import check, drifted, large, levels, numbers, page_of, small, verdict_of
from tests.reports.reading import Read, read, without_drawings

GOLDEN = Path(__file__).parent / "golden" / "report.html"
HOSTILE = [
    "</script><script>alert(1)</script>",
    "</style></title></svg><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' & &lt; &#x3c;",
    "$x^$ \\frac{1}{0} $$",
    "{{ 7 * 7 }}{% raw %}",
    "\u202eright to left\u202c",
    "\x00\x1b[31m\ud800\u2028",
    "عمود مثال",
    "名前 🛫",
    "",
    "x" * 10_000,
]


@pytest.fixture(scope="module")
def page() -> str:
    return page_of(*small())


@pytest.fixture(scope="module")
def found(page: str) -> Read:
    return read(page)


def test_the_page_is_the_golden_one(page: str) -> None:
    text = without_drawings(page)

    assert text == GOLDEN.read_text(encoding="utf-8")


def test_the_same_verdict_and_evidence_make_the_same_page(page: str) -> None:
    assert page_of(*small()) == page


def test_the_decision_stands_first_then_what_blocks_then_everything(found: Read) -> None:
    sections = [said for level, said in found.headings if level <= 2]

    assert sections == [
        "flights-late to production",
        "What blocks",
        "Open, and not blocking at this stage",
        "Every gate",
        "Waivers",
        "What was judged",
        "Environment",
        "What is not on this page",
    ]


def test_what_blocks_has_its_evidence_beside_it(page: str) -> None:
    blocks = _section(page, "blocks")

    for words in (
        "baseline[roc_auc]:origin=LGA",
        "candidate minus baseline",
        "Difference with its 90 % interval, limit -0.01. all rows +0.004 [-0.004, +0.012], pass",
        "The smallest row that shows it",
        "def test_parity():\n    assert 1 &lt; 2 &amp; 3 &gt; 2",
        "The smallest example",
        "Most changed: between",
        "The card says",
        "| ROC AUC | 0.741 |",
        "What to do",
    ):
        assert words in blocks


def test_every_check_is_listed_and_every_table_of_evidence_is_there(page: str, found: Read) -> None:
    verdict, _ = small()
    text = "".join(found.text).replace("\u00a0", " ")

    assert [one.message for one in verdict.checks if one.message not in text] == []
    captions = "".join(found.texts["caption"])
    for caption in (
        "Flips: rows that the candidate fixed and broke",
        "Confusion of the candidate: 84.0\u00a0% of 1\u00a0000 rows right",
        "Broken rows: right before, wrong now, the surest first",
        "carrier: error_rate by group",
        "Lines of the card, and what was found of them",
        "Waived checks",
        "Models and tables",
        "Packages",
    ):
        assert caption in captions
    for plot in ("ROC", "Precision and recall", "Calibration", "temp over windows of 7 days", "visib", "carrier"):
        assert plot in found.texts["title"]
    assert "10 more are broken" in text


def test_nothing_is_loaded_and_nothing_runs(page: str, found: Read) -> None:
    assert found.loads == []
    assert found.handlers == []
    assert not {"script", "link", "iframe", "img", "object", "embed", "form", "base"} & set(found.tags)
    assert "default-src 'none'" in page
    assert "@import" not in page


def test_every_id_is_there_once_and_every_pointer_leads_somewhere(found: Read) -> None:
    assert len(found.ids) == len(set(found.ids))
    assert set(found.targets) <= set(found.ids)


def test_headings_go_down_one_level_at_a_time(found: Read) -> None:
    levels_found = [level for level, _ in found.headings]

    assert levels_found[0] == 1
    assert levels_found.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels_found))


def test_every_plot_says_what_it_shows(page: str) -> None:
    drawings = re.findall(r"<svg (.*?)><title [^>]*>(.*?)</title><desc [^>]*>(.*?)</desc>", page)

    assert len(drawings) == page.count("<svg ") > 8
    assert all(
        'role="img"' in attributes and title and re.search(r"\d", words) for attributes, title, words in drawings
    )


def test_plots_have_no_colour_of_their_own(page: str) -> None:
    drawings = re.findall(r"</desc>(.*?)</svg>", page, flags=re.DOTALL)

    assert drawings
    assert not any(re.search(r"#[0-9a-fA-F]{6}\b|black|white", drawing) for drawing in drawings)


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_text_of_anybody_is_only_text(name: str) -> None:
    checks = (
        check("drift", name, name, "fail", name, fix=name, details={"traceback": name, "reason": name}),
        drifted(name, 0.5),
        check("card", "", name, "fail", name),
        check("parity", "", name, "fail", name, details={"rows": [{name: name}], "telling": [name]}),
        check(name, name, name, "inconclusive", name, severity="warn"),
    )
    verdict = verdict_of(*checks, model=name, owner=name, notes=(name,), environment={"packages": {name: name}})
    evidence = {
        f"drift[{name}]:{name}": {"distribution": levels([name, "other"])},
        f"drift:{name}": {"distribution": numbers(3)},
        f"card:{name}": {"lines": [[1, name]]},
    }

    page = page_of(verdict, evidence)

    found = read(page)
    assert found.loads == []
    assert found.handlers == []
    assert not {"script", "img", "iframe"} & set(found.tags)
    assert set(found.targets) <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\u2028\ud800-\udfff]", page)
    assert "49" not in found.texts["title"][0]
    if name.isprintable() and 0 < len(name) < 100:
        assert name in "".join(found.texts["title"])
    assert len(page) < 200_000


def test_names_with_dollars_are_drawn_as_they_are() -> None:
    names = ["$x^$", "a $ b $ c", "$\\frac{1}{0}$"]

    page = page_of(verdict_of(drifted("price", 0.1)), {"drift:price": {"distribution": levels(names)}})

    (drawing,) = re.findall(r"</desc>(.*?)</svg>", page, flags=re.DOTALL)
    assert [name for name in names if f">{name}</text>" not in drawing] == []


@pytest.mark.parametrize(
    "odd",
    [
        {"distribution": {"kind": "number"}},
        {"distribution": {**numbers(), "start": "yesterday", "stop": "today"}},
        {"distribution": {**levels(["a"]), "reference": "many"}},
        {"curves": {"candidate": {"roc": {"fpr": [0, 1], "tpr": [0]}}}},
        {"flips": {"columns": [], "rows": [[]]}},
        {"confusion": {"labels": ["a"]}},
        {"trend": {"windows": 3}},
        {"lines": 5},
        {"groups": {"a": 1, "b": None}},
        "text",
        None,
    ],
    ids=str,
)
def test_evidence_of_an_unknown_form_is_no_reason_to_have_no_page(odd: object) -> None:
    page = page_of(
        verdict_of(drifted("temp", 0.5), check("card", "", "x", "fail", "m")), {"drift:temp": odd, "card:x": odd}
    )

    read(page)
    assert "BLOCK" in page


def test_what_cannot_be_shown_is_told() -> None:
    page = page_of(verdict_of(drifted("temp", 0.5)), {"drift:temp": {"distribution": {"kind": "number"}}})

    assert "evidence in a form that this version does not know: drift:temp" in _section(page, "left-out")


def test_a_run_without_a_check_has_a_page() -> None:
    page = page_of(verdict_of(), {})

    assert "no gate made any check" in _section(page, "blocks")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_and_marks_stand_out_from_what_is_behind_them(page: str, mode: str) -> None:
    """Contrast as WCAG 2.2 counts it: AA asks 4.5 of text (1.4.3) and 3 of what a plot is read by (1.4.11)."""
    style = page.partition("<style>")[2].partition("@media print")[0]
    first, second = re.findall(r":root\{(.*?)\}", style, flags=re.DOTALL)
    found = dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{3,6})", first if mode == "light" else second))

    text = [
        ("ink", "paper"),
        ("muted", "paper"),
        ("link", "paper"),
        ("ink", "raised"),
        ("ink", "open-tint"),
        ("paper", "bad"),
    ]
    text += [(name, behind) for name in ("good", "bad", "open") for behind in ("paper", f"{name}-tint")]
    text += [(name, f"{tint}-tint") for name in ("ink", "muted") for tint in ("good", "bad")]
    drawn = [(name, "paper") for name in ("new", "old")]
    assert [pair for pair in text if _contrast(*(found[name] for name in pair)) < 4.5] == []
    assert [pair for pair in drawn if _contrast(*(found[name] for name in pair)) < 3] == []


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted(map(_luminance, (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour, as WCAG 2.2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "slices", "most"), [(50, 10, 1_500_000), (500, 50, 6_000_000)])
def test_a_page_of_many_columns_and_slices_stays_small(columns: int, slices: int, most: int) -> None:
    verdict, evidence = large(columns, slices)

    page = page_of(verdict, evidence)

    assert len(page.encode()) < most
    names = {one.subject for one in verdict.checks if one.subject}
    assert not names - set(read(page).texts["bdi"])
    undrawn = [one for one in evidence if "distribution" in evidence[one]][MOST_PLOTS:]
    told = f"drift: {len(undrawn)} plots are not drawn: {MOST_PLOTS} are, the worst first"
    assert (told in _section(page, "left-out")) is bool(undrawn)


def test_of_many_plots_the_worst_are_drawn_and_the_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "MOST_PLOTS", 4)
    checks = [drifted(f"c{at:03}", at / 1000) for at in range(9)]
    evidence = {one.id: {"distribution": numbers(at, bins=3)} for at, one in enumerate(checks)}

    page = page_of(verdict_of(*checks), evidence)

    drawn = re.findall(r"<title id=[^>]*>(c\d+)</title>", page)
    assert drawn == ["c008", "c007", "c006", "c005"]
    assert "drift: 5 plots are not drawn: 4 are, the worst first" in _section(page, "left-out")


def test_of_many_that_block_the_rest_has_a_line() -> None:
    checks = [check("schema", "", f"c{at:03}", "fail", "odd") for at in range(MOST_CARDS + 5)]

    page = page_of(verdict_of(*checks), {})

    assert _section(page, "blocks").count("<article ") == MOST_CARDS
    assert all(one.subject in _section(page, "blocks") for one in checks)
    assert f"5 of {len(checks)} checks that block are listed in a line each" in _section(page, "left-out")


def _section(page: str, place: str) -> str:
    return page.partition(f'<h2 id="{place}"')[2].partition("<h2 ")[0]
