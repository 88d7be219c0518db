"""A real cluster of its own goes through its life: created, adopted, paused, refused, recreated, deleted."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drillbook.cluster.engine import Engine, EngineError, detect_engine
from drillbook.cluster.kind import MARK, ClusterError, Health, KindCluster, read_definition
from drillbook.cluster.state import read_record, require_supply
from drillbook.settings import load_settings
from drillbook.setup.tools import find_kind
from drillbook.setup.workshop import Workshop

pytestmark = pytest.mark.component  # its cluster is its own: the project's one is not touched

ROOT = Path(__file__).parents[2]
NAME = "drillbook-test"


@pytest.fixture(scope="module")
def workshop() -> Workshop:
    settings = load_settings(ROOT)
    return Workshop(settings, require_supply(settings.state_dir))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own definition without its name and its host port, which the project's own cluster holds."""
    lines = (ROOT / "kind-config.yaml").read_text(encoding="utf-8").splitlines()
    kept = lines[: next(number for number, line in enumerate(lines) if "extraPortMappings" in line)]
    path = tmp_path_factory.mktemp("life") / "kind.yaml"
    path.write_text("\n".join(kept).replace("name: drillbook", f"name: {NAME}") + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def cluster(workshop: Workshop, config: Path) -> Iterator[KindCluster]:
    cluster = _cluster(workshop, config, config.parent / "state")
    cluster.up(workshop.metrics_server_image)
    yield cluster
    cluster.down()


def _cluster(workshop: Workshop, config: Path, state_dir: Path) -> KindCluster:
    kind = find_kind(workshop.settings.state_dir)
    assert kind is not None
    definition = read_definition(config, workshop.supply.node_image)
    return KindCluster(workshop.engine, kind, definition, state_dir)


def _kubectl(cluster: KindCluster, *arguments: str) -> str:
    node = cluster.control_plane(cluster.find_nodes())
    return cluster.engine.run("exec", node, "kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", *arguments)


def _die_unnoticed(engine: Engine, node: str) -> None:
    """End the node as the end of the process tree that started it does: podman goes on calling it "Up"."""
    if engine.program != "podman":
        engine.run("kill", node)
        return
    watcher, init = engine.run("inspect", "--format", "{{.State.ConmonPid}} {{.State.Pid}}", node).split()
    os.kill(int(watcher), signal.SIGKILL)
    os.kill(int(init), signal.SIGKILL)


def _volumes(engine: Engine) -> set[str]:
    return set(engine.run("volume", "ls", "--quiet").split())


def test_a_new_cluster_is_healthy_recorded_and_private(cluster: KindCluster) -> None:
    found = cluster.find()
    assert found.health is Health.HEALTHY
    assert found.mark == cluster.definition.digest
    record = read_record(cluster.state_dir)
    assert record is not None
    assert record.uid == found.uid
    assert cluster.kubeconfig.stat().st_mode & 0o777 == 0o600


def test_kubectl_top_works(cluster: KindCluster) -> None:
    deadline_s = time.monotonic() + 90
    while True:
        try:
            figures = _kubectl(cluster, "top", "nodes", "--no-headers")
        except EngineError:
            assert time.monotonic() < deadline_s, "no figures within 90 s"
            continue
        assert NAME in figures
        return


def test_a_fresh_clone_adopts_it(cluster: KindCluster, workshop: Workshop, config: Path, tmp_path: Path) -> None:
    clone = _cluster(workshop, config, tmp_path / "state")
    record = clone.up(workshop.metrics_server_image)
    assert record.uid == cluster.find().uid
    assert clone.kubeconfig.stat().st_mode & 0o777 == 0o600


def test_paused_it_stays_paused_until_up_wakes_it(cluster: KindCluster, workshop: Workshop) -> None:
    before = cluster.find().uid
    cluster.pause()
    assert cluster.find().health is Health.PAUSED
    start_s = time.monotonic()
    assert cluster.up(workshop.metrics_server_image).uid == before
    assert time.monotonic() - start_s < 10


def test_one_that_bears_no_mark_is_left_alone(
    cluster: KindCluster, workshop: Workshop, config: Path, tmp_path: Path
) -> None:
    stranger = _cluster(workshop, config, tmp_path / "state")
    _kubectl(cluster, "--namespace", "kube-system", "delete", "configmap", MARK)
    try:
        with pytest.raises(ClusterError, match="did not create") as caught:
            stranger.up(workshop.metrics_server_image)
        with pytest.raises(ClusterError, match="did not create"):
            stranger.down()
        assert f"delete cluster --name {NAME}" in str(caught.value.mend)
        assert cluster.find().health is Health.HEALTHY
    finally:
        literal = f"--from-literal=definition={cluster.definition.digest}"
        _kubectl(cluster, "--namespace", "kube-system", "create", "configmap", MARK, literal)


def test_a_dead_one_is_recreated_also_by_a_fresh_clone(
    cluster: KindCluster, workshop: Workshop, config: Path, tmp_path: Path
) -> None:
    before = cluster.find()
    _die_unnoticed(cluster.engine, before.nodes[0])
    assert cluster.find().health is Health.DEAD
    record = _cluster(workshop, config, tmp_path / "state").up(workshop.metrics_server_image)
    assert record.uid not in (None, before.uid)


def test_another_definition_recreates_it_and_no_volume_stays_behind(
    cluster: KindCluster, workshop: Workshop, config: Path
) -> None:
    cluster.up(workshop.metrics_server_image)
    before = cluster.find()
    volumes = _volumes(cluster.engine)
    config.write_text(config.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    changed = _cluster(workshop, config, cluster.state_dir)
    record = changed.up(workshop.metrics_server_image)
    assert record.uid not in (None, before.uid)
    assert len(_volumes(cluster.engine)) <= len(volumes)
    assert changed.down()
    assert changed.find().health is Health.ABSENT
    assert not changed.down()
    assert read_record(changed.state_dir) is None


def test_the_engine_is_found_on_this_machine(tmp_path: Path) -> None:
    assert detect_engine(tmp_path).succeeds("version")
