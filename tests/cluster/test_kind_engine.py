"""The engine's settings depend on the machine's privileges and cgroups, and a failure says what failed."""

from pathlib import Path

import pytest

from drillbook.cluster.engine import (
    CAP_SYS_RESOURCE,
    Engine,
    EngineError,
    detect_engine,
    has_capability,
    podman_settings,
    replace_file,
)
from drillbook.errors import CannotRunError


def test_a_machine_with_all_privileges_needs_no_settings() -> None:
    assert podman_settings(unified_cgroups=True, may_raise_limits=True, has_runc=True) == ""


def test_limits_stay_below_the_machines_own_where_they_cannot_be_raised() -> None:
    settings = podman_settings(unified_cgroups=True, may_raise_limits=False, has_runc=True)
    assert "default_ulimits" in settings
    assert "runtime" not in settings


def test_runc_is_chosen_for_mixed_cgroups_only_where_it_is_installed() -> None:
    assert 'runtime = "runc"' in podman_settings(unified_cgroups=False, may_raise_limits=True, has_runc=True)
    assert podman_settings(unified_cgroups=False, may_raise_limits=True, has_runc=False) == ""


@pytest.mark.parametrize(("mask", "expected"), [("0000000001000000", True), ("00000000fe7fffff", False)])
def test_a_capability_is_read_from_the_effective_mask(mask: str, expected: bool) -> None:  # noqa: FBT001 - a table
    mask = mask if expected else f"{0xFFFFFFFFFF & ~(1 << CAP_SYS_RESOURCE):016x}"
    status = f"Name:\tx\nCapPrm:\tffffffffffffffff\nCapEff:\t{mask}\n"
    assert has_capability(CAP_SYS_RESOURCE, status) is expected


def test_a_failing_command_is_quoted_with_its_words() -> None:
    engine = Engine("sh")
    with pytest.raises(EngineError, match="exit code 3: it broke"):
        engine.run("-c", "echo it broke >&2; exit 3")
    assert not engine.succeeds("-c", "exit 1")
    assert engine.run("-c", "cat", text_in="héllo") == "héllo"


def test_a_command_that_takes_too_long_is_ended() -> None:
    with pytest.raises(EngineError, match=r"longer than 0\.2 s"):
        Engine("sleep").run("30", timeout_s=0.2)


def test_an_absent_engine_says_how_to_get_one() -> None:
    with pytest.raises(EngineError) as caught:
        Engine("no-such-engine").run("version")
    assert caught.value.mend is not None


def test_an_unknown_engine_is_refused_with_the_known_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRILLBOOK_ENGINE", "dokcer")
    with pytest.raises(CannotRunError, match="docker or podman"):
        detect_engine(tmp_path)


def test_without_any_engine_the_mending_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotRunError, match="no container engine answers"):
        detect_engine(tmp_path)


def test_a_replaced_file_has_its_mode_and_leaves_no_temporary(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    replace_file(path, "one", mode=0o600)
    replace_file(path, "two", mode=0o600)
    assert path.read_text(encoding="utf-8") == "two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]
