from pathlib import Path

import pytest
from chaoslib.experiment import ensure_experiment_is_valid
from chaoslib.loader import load_experiment

EXPERIMENTS = Path(__file__).parents[2] / "experiments"


def test_there_are_experiments() -> None:
    assert list(EXPERIMENTS.glob("*.yaml"))


@pytest.mark.parametrize("path", sorted(EXPERIMENTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_an_experiment_is_whole(path: Path) -> None:
    experiment = load_experiment(str(path))
    ensure_experiment_is_valid(experiment)
    assert experiment["steady-state-hypothesis"]["probes"], "without a gate, what was broken before counts as its work"
    assert experiment["method"], "without a method nothing is broken"
    assert experiment["rollbacks"], "without rollbacks nothing is taken back"
    assert "secrets" not in experiment, "secrets would stand in the journal"
