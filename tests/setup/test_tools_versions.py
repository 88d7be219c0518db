"""Versions are read from what programs say, and a kind that is too old counts as none."""

from pathlib import Path

import pytest

from drillbook.setup.debian import read_package_list
from drillbook.setup.node_image import module_version
from drillbook.setup.tools import find_kind, own_kind, parse_version, program_version, required_go


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go version go1.26.8 linux/amd64", (1, 26, 8)),
        ("kind v0.33.0 go1.26.8 linux/amd64", (0, 33, 0)),
        ("go1.27", (1, 27, 0)),
        ("none", None),
    ],
)
def test_a_version_is_found_in_words(text: str, version: tuple[int, int, int] | None) -> None:
    assert parse_version(text) == version


def _program(path: Path, says: str, code: int = 0) -> None:
    path.write_text(f"#!/bin/sh\necho {says}\nexit {code}\n", encoding="utf-8")
    path.chmod(0o755)


def test_our_own_kind_comes_before_one_on_path_and_an_old_one_is_no_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    state_dir = tmp_path / "state"
    assert find_kind(state_dir) is None
    _program(tmp_path / "kind", "kind v0.20.0")
    assert find_kind(state_dir) is None
    _program(tmp_path / "kind", "kind v0.33.0")
    assert find_kind(state_dir) == tmp_path / "kind"
    own_kind(state_dir).parent.mkdir(parents=True)
    own_kind(state_dir).touch()
    assert find_kind(state_dir) == own_kind(state_dir)


def test_a_program_that_fails_or_is_absent_has_no_version(tmp_path: Path) -> None:
    _program(tmp_path / "broken", "v1.2.3", code=1)
    assert program_version(str(tmp_path / "broken")) is None
    assert program_version(str(tmp_path / "absent")) is None


def test_a_go_mod_says_which_go_and_which_modules() -> None:
    text = "module x\n\ngo 1.26.4\n\nrequire a.io/one v1.2.3\n\nrequire (\n\ta.io/two v0.1.0\n)\n"
    assert required_go(text) == (1, 26, 4)
    assert module_version(text, "a.io/one") == "v1.2.3"
    assert module_version(text, "a.io/two") == "v0.1.0"


def test_a_package_list_holds_names_and_reasons(tmp_path: Path) -> None:
    path = tmp_path / "packages.txt"
    path.write_text("# heading\n\njq   # writes a file\nkmod\n", encoding="utf-8")
    assert read_package_list(path) == ("jq", "kmod")
