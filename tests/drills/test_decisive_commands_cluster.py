"""Each family's drill goes red when the command that brings the recovery is taken out of our own runbook."""

from pathlib import Path

import pytest
from tests.drills.drilling import OURS, changed, drill, failed

RESTORED = "And everything that was there before the incident is as it was"


@pytest.mark.cluster
def test_critical_system_failure_without_the_rollback(tmp_path: Path) -> None:
    crippled = tmp_path / "runbook.md"
    lines = OURS.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if "rollback.sh" not in line]
    assert len(kept) == len(lines) - 1
    crippled.write_text("".join(kept), encoding="utf-8")
    done = drill(tmp_path / "evidence", runbook=crippled, select="bad_release")
    assert done.exit_code == 1, done.output
    assert RESTORED in failed(done.only)


@pytest.mark.long
def test_memory_exhaustion_without_the_larger_limit(tmp_path: Path) -> None:
    crippled = changed(tmp_path, ('"limits": {"memory": "512Mi"}', '"limits": {"memory": "96Mi"}'))
    done = drill(tmp_path / "evidence", runbook=crippled, select="larger_limit and restarts")
    assert done.exit_code == 1, done.output
    # No limit fits, so its other branch sends users to the fallback, where they stay.
    assert "And everything but the gateways' memory limits is as it was" in failed(done.only)


@pytest.mark.cluster
def test_dpdk_network_failure_without_the_change_to_the_kernel(tmp_path: Path) -> None:
    crippled = changed(tmp_path, ("kubectl replace -f incident/configuration-kernel.yaml &&", "true &&"))
    done = drill(tmp_path / "evidence", runbook=crippled, select="kernel and both_colours")
    assert done.exit_code == 1, done.output
    assert any("users see an error rate" in line for line in failed(done.only))


@pytest.mark.cluster
def test_security_incident_without_the_isolation(tmp_path: Path) -> None:
    crippled = changed(tmp_path, ("""-p '{"spec": {"type": "ClusterIP"}}'""", "-p '{}'"))
    done = drill(tmp_path / "evidence", runbook=crippled, select="stolen_token")
    assert done.exit_code == 1, done.output
    assert any("the attack gets no answer" in line for line in failed(done.only))


@pytest.mark.cluster
def test_data_corruption_without_the_restore(tmp_path: Path) -> None:
    crippled = changed(tmp_path, ("http://localhost:8080/admin/cache/restore", "http://localhost:8080/admin/none"))
    done = drill(tmp_path / "evidence", runbook=crippled, select="snapshot and 50")
    assert done.exit_code == 1, done.output
    assert "And at least 99 % of the cached items are still there" in failed(done.only)
