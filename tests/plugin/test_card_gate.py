"""Gate card inside pytest: the configured file, an override, a marker, and what the verdict keeps of it."""

from __future__ import annotations

import hashlib

import pytest

from tests.gates.test_card import GOOD
from tests.plugin.conftest import Project

EMPTY = "# Model card: late-2.1\n\n## Limitations\n\nTODO\n"


@pytest.fixture
def carded(project: Project) -> Project:
    """A project with a good card, and a gate that reads it."""
    project.write("MODEL_CARD.md", GOOD)
    project.write("mlgate.toml", '[model]\nstage = "validation"\n[gates.card]\npath = "MODEL_CARD.md"\n')
    return project


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_a_card_is_judged_and_identified_in_the_verdict(carded: Project, workers: tuple[str, ...]) -> None:
    carded.run(*workers)
    verdict = carded.verdict()

    assert verdict.decision == "promote"
    assert verdict.identity["inputs"]["card"] == {
        "digest": hashlib.sha256(GOOD.encode()).hexdigest(),
        "source": "MODEL_CARD.md",
        "format": "markdown",
    }


def test_the_stage_decides_what_is_asked(carded: Project) -> None:
    carded.write("MODEL_CARD.md", GOOD.partition("## Limitations")[0])

    carded.run()
    assert carded.verdict().decision == "promote"

    carded.run("--mlgate-stage", "pre-production")
    blocking = {check.id for check in carded.verdict().checks if check.blocks}
    assert {"card:limitations", "card:ethical_considerations"} <= blocking


def test_a_conftest_that_gives_another_card_comes_first(carded: Project) -> None:
    carded.write("other.md", EMPTY)
    carded.write(
        "conftest.py",
        """
        import pytest

        @pytest.fixture(scope="session")
        def mlgate_card():
            return "other.md"
        """,
    )

    carded.run()

    assert "card:intended_use" in {check.id for check in carded.verdict().checks if check.blocks}


def test_two_cards_are_two_entries(carded: Project) -> None:
    carded.write("ES.md", EMPTY)
    carded.write(
        "mlgate.toml",
        """
        [model]
        stage = "validation"
        [[gates.card]]
        path = "MODEL_CARD.md"
        [[gates.card]]
        name = "es"
        path = "ES.md"
        lang = "es"
        """,
    )

    carded.run()
    checks = {check.id: check for check in carded.verdict().checks}

    assert checks["card:intended_use"].outcome == "pass"
    assert "la tarjeta no da" in checks["card[es]:intended_use"].message
    assert not [check for check in carded.verdict().checks if check.gate == "run"]


def test_without_a_path_it_is_the_file_of_that_name_beside_the_configuration(carded: Project) -> None:
    carded.write("mlgate.toml", '[model]\nstage = "validation"\n[gates.card]\n')
    carded.run()
    assert carded.verdict().decision == "promote"

    (carded.path / "MODEL_CARD.md").unlink()
    carded.run()
    (check,) = (check for check in carded.verdict().checks if check.gate == "card")
    assert (check.outcome, "no card is configured" in check.message) == ("error", True)


def test_a_file_that_is_not_there_is_an_error(carded: Project) -> None:
    (carded.path / "MODEL_CARD.md").unlink()

    carded.run()
    (check,) = (check for check in carded.verdict().checks if check.gate == "card")

    assert (check.outcome, "MODEL_CARD.md: the card does not exist" in check.message) == ("error", True)


def test_by_hand_and_by_marker(carded: Project) -> None:
    carded.write("bad.md", EMPTY)
    carded.write(
        "test_hand.py",
        """
        import pytest

        def test_recall_by_airport(mlgate_card, mlgate):
            assert {number.group for number in mlgate_card.numbers if number.group} == {"EWR", "LGA"}
            assert mlgate.card(sections=["limitations"]).outcome == "pass"

        @pytest.mark.mlgate_card(path="bad.md", sections=["limitations"])
        def test_of_another_file():
            pass

        def test_given(mlgate):
            mlgate.card(card="bad.md", sections=["limitations"])
        """,
    )
    result = carded.pytester.runpytest("-p", "no:hypothesispytest", "test_hand.py")

    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*bad.md:5: limitations: nothing but a blank: 'TODO'*"])


def test_what_the_card_says_of_governance_is_accepted(carded: Project) -> None:
    said = "## Rollback\n\nBack to version 1.9.2, `artifacts/late-1.9.2.joblib`.\n"
    carded.write("MODEL_CARD.md", f"{GOOD}\n{said}")
    carded.run("--mlgate-stage", "production")
    checks = {check.id: check for check in carded.verdict().checks}

    assert "said in the card, MODEL_CARD.md:" in checks["governance:rollback"].message
    assert checks["governance:owner"].blocks
