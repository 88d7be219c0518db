"""What is planned becomes a task; what is ready becomes none."""

from pathlib import Path

import pytest

from drillbook.cluster.state import Supply
from drillbook.settings import load_settings
from drillbook.setup.diagnosis import Requirement, State
from drillbook.setup.graph import Task
from drillbook.setup.plan import log_path, plan_tasks
from drillbook.setup.workshop import Workshop

ROOT = Path(__file__).parents[2]


def _tasks(planned: list[str], registry: str | None) -> dict[str, Task]:
    workshop = Workshop(load_settings(ROOT), Supply(registry=registry, node_image="node"))
    requirements = [Requirement(key, key, "", State.PLANNED) for key in planned]
    requirements.append(Requirement("package:runc", "runc", "", State.READY))
    return {task.name: task for task in plan_tasks(workshop, requirements)}


def test_with_everything_ready_only_cluster_and_images_are_looked_at() -> None:
    assert list(_tasks([], None)) == ["cluster", "images in the cluster"]


def test_offline_the_compiler_waits_for_no_package() -> None:
    tasks = _tasks(["package:podman", "node-image", "kind"], None)
    assert tasks["compile Kubernetes"].needs == frozenset()
    assert "Debian packages" in tasks["base of the node"].needs
    assert tasks["node image"].needs >= {"compile Kubernetes", "base of the node", "base of Kubernetes"}
    assert tasks["cluster"].needs >= {"kind", "node image"}


def test_with_a_registry_nothing_is_compiled() -> None:
    tasks = _tasks(["node-image", "cluster"], "")
    assert list(tasks) == ["node image", "metrics-server", "cluster", "images in the cluster"]


def test_images_on_one_base_wait_for_it_together() -> None:
    names = list(load_settings(ROOT).images)
    tasks = _tasks([f"image:{name}" for name in names], None)
    bases = [name for name in tasks if name.startswith("base of ")]
    assert 0 < len(bases) < len(names)
    for name in names:
        assert tasks[f"image {name}"].needs & set(bases)
    assert tasks["images in the cluster"].needs == frozenset(tasks) - {"images in the cluster"}


@pytest.mark.parametrize(
    ("task", "file"), [("image shop/web", "image-shop-web.log"), ("/lib/modules", "lib-modules.log")]
)
def test_every_task_has_a_log_of_its_own(task: str, file: str) -> None:
    settings = load_settings(ROOT)
    assert log_path(settings, task) == settings.state_dir / "logs" / file
