from pathlib import Path

from drillbook.checks import check_document
from drillbook.checks.catalogue import CATALOGUE
from drillbook.checks.engine import Selection
from drillbook.checks.ignore import BAD_IGNORE
from drillbook.checks.pages import pages

PAGES = Path(__file__).parents[2] / "docs" / "rules"


def test_the_pages_in_the_repository_are_those_of_the_rules() -> None:
    there = {path.name: path.read_text(encoding="utf-8") for path in PAGES.iterdir()}
    assert there == pages(), "run: python -m drillbook.checks.pages"


def test_the_engines_own_example_trips_and_passes() -> None:
    entry = next(each for each in CATALOGUE if each.id == BAD_IGNORE)
    selection = Selection(select=(BAD_IGNORE,))
    assert [each.rule for each in check_document(entry.trips.encode(), "a.md", selection)] == [BAD_IGNORE]
    assert check_document(entry.passes.encode(), "a.md", selection) == ()


def test_an_example_that_holds_fences_stays_in_its_own() -> None:
    text = pages()["RB012.md"]
    assert text.count("````markdown\n") == text.count("\n````\n") == 2
