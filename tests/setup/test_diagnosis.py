"""The diagnosis tells apart what is there, what the set-up adds, and what only a person can add."""

from typing import Any

import pytest
from rich.console import Console

from drillbook.setup.commands import MachineNotReadyError, diagnosis_table, plan_table, refuse_missing
from drillbook.setup.diagnosis import Machine, Requirement, State, diagnose
from drillbook.setup.packages import ENGINE_PACKAGES, OFFLINE_PACKAGES

_COMPLETE: dict[str, Any] = {
    "root": True,
    "apt": True,
    "engine": "podman",
    "packages": frozenset([*ENGINE_PACKAGES, *OFFLINE_PACKAGES]),
    "offline": True,
    "kind": "/bin/kind",
    "go": (1, 26, 8),
    "go_required": (1, 26, 4),
    "disk_free_gb": 50.0,
    "kernel_modules_dir": True,
    "node_image": "localhost/node:1",
    "node_image_present": True,
    "kubectl": True,
    "images": {"shop/web": True},
    "cluster": "healthy",
}
_BARE = _COMPLETE | {
    "engine": None,
    "packages": frozenset(),
    "kind": None,
    "kernel_modules_dir": False,
    "node_image_present": False,
    "kubectl": False,
    "images": {"shop/web": False},
    "cluster": "absent",
}


def _states(**changes: object) -> dict[str, Requirement]:
    return {requirement.key: requirement for requirement in diagnose(Machine(**(_COMPLETE | changes)))}


def test_on_a_complete_machine_everything_is_ready() -> None:
    assert {requirement.state for requirement in _states().values()} == {State.READY}


def test_on_a_bare_machine_root_gets_everything_and_every_item_has_a_reason() -> None:
    requirements = diagnose(Machine(**_BARE))
    assert not [requirement for requirement in requirements if requirement.state is State.MISSING]
    planned = {requirement.key for requirement in requirements if requirement.state is State.PLANNED}
    assert {"package:podman", "package:mmdebstrap", "engine", "modules", "kind", "node-image", "cluster"} <= planned
    assert all(requirement.why for requirement in requirements)


def test_without_root_a_person_is_given_every_command() -> None:
    missing = [
        requirement
        for requirement in diagnose(Machine(**(_BARE | {"root": False})))
        if requirement.state is State.MISSING
    ]
    assert {"package:podman", "engine", "modules", "node-image"} <= {requirement.key for requirement in missing}
    assert all(requirement.mend for requirement in missing)
    with pytest.raises(MachineNotReadyError) as caught:
        refuse_missing(missing)
    assert "sudo apt-get install --no-install-recommends podman" in str(caught.value)
    assert caught.value.exit_code == 4


def test_a_laptop_with_docker_and_a_registry_needs_neither_packages_nor_go() -> None:
    states = _states(
        root=False, apt=False, engine="docker", packages=frozenset(), offline=False, go=None, kernel_modules_dir=False
    )
    assert {requirement.state for requirement in states.values()} == {State.READY}
    assert "go" not in states
    assert not [key for key in states if key.startswith("package:")]


def test_a_rootless_podman_is_taken_as_it_is() -> None:
    states = _states(root=False, packages=frozenset(), offline=False)
    assert {requirement.state for requirement in states.values()} == {State.READY}


@pytest.mark.parametrize(
    ("go", "state"), [(None, State.MISSING), ((1, 21, 0), State.MISSING), ((1, 27, 0), State.READY)]
)
def test_go_is_asked_for_only_when_something_is_compiled(go: tuple[int, int, int] | None, state: State) -> None:
    assert "go" not in _states(go=go)
    requirement = _states(go=go, node_image_present=False)["go"]
    assert requirement.state is state
    assert "1.26.4" in requirement.name
    assert (requirement.mend is None) == (state is State.READY)


def test_too_little_disk_says_how_much_to_free() -> None:
    requirement = _states(disk_free_gb=3.5, node_image_present=False)["disk"]
    assert requirement.state is State.MISSING
    assert "10.5 GB" in str(requirement.mend)
    assert _states(disk_free_gb=3.5)["disk"].state is State.READY


@pytest.mark.parametrize(
    ("health", "state"),
    [("healthy", State.READY), ("paused", State.READY), ("dead", State.PLANNED), ("absent", State.PLANNED)],
)
def test_a_cluster_that_does_not_answer_is_made_again(health: str, state: State) -> None:
    assert _states(cluster=health)["cluster"].state is state


def test_both_tables_show_what_the_diagnosis_says() -> None:
    requirements = diagnose(Machine(**(_BARE | {"root": False})))
    console = Console(width=200, record=True)
    console.print(diagnosis_table(requirements))
    console.print(plan_table([r for r in requirements if r.state is State.PLANNED]))
    text = console.export_text()
    assert "sudo mkdir -p /lib/modules" in text
    assert "compiled from its pinned Go module" in text
