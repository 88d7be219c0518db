"""The runbook as received, family by family: each of its defects shows in the verdict by being run."""

from pathlib import Path

import pytest
from tests.drills.drilling import AS_RECEIVED, command, drill, failed, needs_the_runbook_as_received

from drillbook.verdict import Outcome, Verdict

pytestmark = needs_the_runbook_as_received

RESTORED = "is as it was"


@pytest.mark.cluster
def test_it_cannot_divert_the_traffic(tmp_path: Path) -> None:
    done = drill(tmp_path / "evidence", runbook=AS_RECEIVED, select="fallback and rollback")
    assert done.exit_code == 1, done.output
    users = [one for one in done.only.objectives if one.name.startswith("error rate")]
    assert users
    assert all(one.verdict is Verdict.FAIL for one in users)
    assert all((one.measured or 0) > 0.9 for one in users)  # the Service's selector matches nothing
    assert command(done.only, "rollback.sh").exit_code not in {0, None}


@pytest.mark.long
def test_its_dpdk_procedure_never_brings_users_back(tmp_path: Path) -> None:
    done = drill(tmp_path / "evidence", runbook=AS_RECEIVED, select="kernel and both_colours")
    assert done.exit_code == 1, done.output
    assert any("users see an error rate" in line for line in failed(done.only))
    assert command(done.only, "/dev/uio*").outcome is Outcome.FAILED  # the pod never sees the glob expanded


@pytest.mark.long
def test_its_security_procedure_never_opens_the_service_again(tmp_path: Path) -> None:
    done = drill(tmp_path / "evidence", runbook=AS_RECEIVED, select="stolen_token")
    assert done.exit_code == 1, done.output
    lines = failed(done.only)
    assert any("users see an error rate" in line for line in lines)
    assert any(RESTORED in line for line in lines)
    assert any("was told over slack" in line for line in lines)  # the channel is a comment to the shell


@pytest.mark.long
def test_its_corruption_procedure_restores_pods_that_are_going(tmp_path: Path) -> None:
    done = drill(tmp_path / "evidence", runbook=AS_RECEIVED, select="snapshot and 50")
    assert done.exit_code == 1, done.output
    lines = failed(done.only)
    assert any("users see a corrupt rate" in line for line in lines)
    # Nobody is scaled up again. What its commands come to is chance: some still meet a pod that is on its way out.
    assert any(RESTORED in line for line in lines)


@pytest.mark.long
def test_its_memory_procedure_hangs_and_takes_capacity_away(tmp_path: Path) -> None:
    done = drill(tmp_path / "evidence", runbook=AS_RECEIVED, select="larger_limit and restarts")
    assert done.exit_code == 1, done.output
    assert command(done.only, "watch kubectl top").outcome is Outcome.HUNG
    assert any(RESTORED in line for line in failed(done.only))  # replicas are never given back
