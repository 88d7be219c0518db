"""Every scenario declares a whole drill, without a cluster: phrases are found, and windows are long enough to tell."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from drillbook.drill import Drill
from drillbook.objective import Comparison, Start
from drillbook.promises import ComponentIs, FigureIs, PodsReady

ROOT = Path(__file__).parents[1]

ONLY_DECLARED = '''
"""Writes each drill down where it would be run."""
from pathlib import Path

import msgspec
from drillbook import pytest_plugin
from drillbook.verdict import SkippedDrill

class Declared:
    def carry_out(self, drill):
        with Path("{path}").open("ab") as file:
            file.write(msgspec.json.encode(drill) + b"\\n")
        return SkippedDrill(name=drill.name, reason="only declared")

pytest_plugin._run_of = lambda config: Declared()
'''

LASTING = """
Feature: What is demanded of the system
  Scenario: Replicas, components and figures
    Given 100 requests per second from users outside the cluster
    And for 5 seconds users see an availability of at least 99 % and a P90 latency of at most 10 ms
    When a release is rolled out whose configuration makes every gateway pod exit
    And within 2 minutes users see an error rate above 10 % over 5 seconds
    And the responder follows "Critical System Failure" literally
    Then within 5 minutes of the fault users see a throughput of at least 99 right answers per second over 10 seconds
    And within 2 minutes of its detection at least 4 gateway pods are ready for 10 seconds
    And within 2 minutes every gateway pod reports its "memory" as healthy for 10 seconds
    And within 2 minutes every gateway pod reports "usage_percent" of its component "memory" of at most 90 for 5 seconds
"""


def declared(tmp_path: Path, *features: Path) -> list[Drill]:
    drills = tmp_path / "drills.jsonl"
    (tmp_path / "only_declared.py").write_text(ONLY_DECLARED.format(path=drills), encoding="utf-8")
    path = os.pathsep.join((str(tmp_path), str(ROOT / "src"), str(ROOT)))
    command = [sys.executable, "-m", "pytest", *map(str, features), "-p", "only_declared", "-q", "--rootdir", str(ROOT)]
    done = subprocess.run(
        [*command, "-c", str(ROOT / "pyproject.toml")],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [msgspec.json.decode(line, type=Drill) for line in drills.read_bytes().splitlines()]


def test_every_scenario_of_every_feature_declares_a_drill(tmp_path: Path) -> None:
    drills = declared(tmp_path, ROOT / "features")

    assert {drill.feature for drill in drills} == {
        f"features/{path.name}" for path in (ROOT / "features").glob("*.feature")
    }


@pytest.fixture
def lasting(tmp_path: Path) -> Drill:
    (tmp_path / "lasting.feature").write_text(LASTING, encoding="utf-8")
    glue = (ROOT / "features" / "conftest.py").read_text(encoding="utf-8")
    scenarios = 'from pytest_bdd import scenarios\nscenarios("lasting.feature")\n'
    (tmp_path / "conftest.py").write_text(glue, encoding="utf-8")
    (tmp_path / "test_lasting.py").write_text(scenarios, encoding="utf-8")
    (drill,) = declared(tmp_path, tmp_path / "test_lasting.py")
    return drill


def test_a_scenario_may_demand_something_of_the_system_itself(lasting: Drill) -> None:
    assert lasting.recovery.start is Start.FAULT
    assert lasting.promises == (
        PodsReady(selector="app=ultra-cpp-gateway", least=4, window_s=10, deadline_s=120, start=Start.DETECTION),
        ComponentIs(component="memory", status="healthy", window_s=10, deadline_s=120),
        FigureIs(
            component="memory",
            figure="usage_percent",
            comparison=Comparison.AT_MOST,
            value=90,
            window_s=5,
            deadline_s=120,
        ),
    )
