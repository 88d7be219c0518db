from pathlib import Path

import pytest

from drillbook.settings import load_settings

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "drillbook"


def test_nothing_in_the_package_names_the_system_under_drill() -> None:
    settings = load_settings(ROOT)
    names = {settings.system.namespace, "ultra", "nodejs", "30080", "3005", "8081", "dpdk", "switchboard"}
    found = [
        f"{path.relative_to(ROOT)}:{number}: {name}"
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for name in names
        if name in line.lower()
    ]
    assert found == []


@pytest.mark.parametrize("word", ["utils", "common", "helpers", "core", "base", "manager"])
def test_no_module_has_a_name_that_says_nothing(word: str) -> None:
    assert not list(PACKAGE.rglob(f"{word}.py"))
