"""Where a registry is reached, the set-up pulls and compiles nothing: tried against one of our own on loopback."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drillbook.cluster.engine import Engine
from drillbook.cluster.images import images_in_cluster
from drillbook.cluster.kind import Health
from drillbook.cluster.state import require_supply
from drillbook.settings import Settings, load_settings
from drillbook.setup.node_image import metrics_server_reference
from drillbook.setup.tools import OFFICIAL_NODE_IMAGE, find_kind
from drillbook.setup.workshop import Workshop

pytestmark = pytest.mark.component

ROOT = Path(__file__).parents[2]
NAME = "drillbook-test-registry"
BASE = "docker.io/library/debian:bookworm-slim"
FORBIDDEN = ("go", "mmdebstrap", "apt-get")

_TOML = f"""
[system]
name = "s"
namespace = "n"
manifests = "m"
entry_url = "http://127.0.0.1:1"
runbook = "r.md"
[responder]
selector = "a=b"
container = "c"
working_directory = "/w"
[images."test/greeter"]
context = "greeter"
base = "{BASE}"
base_packages = ["bash"]
kubectl = true
"""


@pytest.fixture(scope="module")
def local() -> Workshop:
    """The project as it was set up on this machine: what it made here is what the registry will offer."""
    settings = load_settings(ROOT)
    workshop = Workshop(settings, require_supply(settings.state_dir))
    if not workshop.supply.offline:
        pytest.skip("this machine reaches a registry: its own set-up has gone this way")
    return workshop


@pytest.fixture(scope="module")
def registry(local: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a registry that offers node image, metrics-server and a base image under their official paths."""
    directory = tmp_path_factory.mktemp("registry")
    program = directory / "registry"
    build = ["go", "build", "-trimpath", "-o", str(program), "."]
    subprocess.run(build, cwd=ROOT / "offline" / "registry", check=True, timeout=900)
    with subprocess.Popen([str(program), str(directory / "images")], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        for image, official in (
            (local.supply.node_image, OFFICIAL_NODE_IMAGE),
            ("localhost/drillbook-metrics-server:offline", metrics_server_reference(ROOT)),
            ("localhost/drillbook-kubernetes:offline", BASE),
        ):
            path = official.partition("/")[2].partition("@")[0]
            local.engine.run("push", "--tls-verify=false", image, f"docker://{address}/{path}", timeout_s=600)
        yield address
        server.kill()


@pytest.fixture(scope="module")
def project(local: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project of its own: one image, a cluster without host ports, tools that tell when they are called."""
    root = tmp_path_factory.mktemp("project")
    (root / "drillbook.toml").write_text(_TOML, encoding="utf-8")
    lines = (ROOT / "kind-config.yaml").read_text(encoding="utf-8").replace("name: drillbook", f"name: {NAME}")
    (root / "kind-config.yaml").write_text(lines.partition("    extraPortMappings")[0], encoding="utf-8")
    shutil.copytree(ROOT / "offline", root / "offline")
    (root / "greeter").mkdir()
    containerfile = 'ARG BASE\nFROM ${BASE}\nCOPY kubectl /usr/local/bin/kubectl\nCMD ["sleep", "60"]\n'
    (root / "greeter" / "Containerfile").write_text(containerfile, encoding="utf-8")
    tools = root / "tools"
    tools.mkdir()
    for name in FORBIDDEN:
        (tools / name).write_text(f"#!/bin/sh\necho {name} >> {root}/forbidden\nexit 1\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    kind = find_kind(local.settings.state_dir)
    assert kind is not None
    (tools / "kind").symlink_to(kind)
    return root


def _drillbook(project: Path, registry: str, *arguments: str) -> str:
    environment = {**os.environ, "PATH": f"{project}/tools:{os.environ['PATH']}", "DRILLBOOK_REGISTRY": registry}
    command = [sys.executable, "-m", "drillbook.setup.commands", *arguments]
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def prepared(project: Path, registry: str) -> Iterator[tuple[Workshop, str]]:
    """The project after its set-up, and what that said."""
    said = _drillbook(project, registry, "setup")
    settings: Settings = load_settings(project)
    workshop = Workshop(settings, require_supply(settings.state_dir))
    yield workshop, said
    node_image = workshop.supply.node_image
    _drillbook(project, registry, "cluster", "down")
    _forget_images(workshop.engine, (node_image, workshop.metrics_server_image, f"{registry}/library/debian"))


def _forget_images(engine: Engine, names: tuple[str, ...]) -> None:
    held = [image for image in engine.images() if image.startswith((*names, "localhost/test/greeter:"))]
    engine.run("rmi", "--force", *held)


def test_it_pulls_everything_and_compiles_nothing(project: Path, prepared: tuple[Workshop, str], registry: str) -> None:
    workshop, said = prepared
    assert not (project / "forbidden").exists()
    assert workshop.supply.registry == registry
    assert workshop.supply.node_image == f"{registry}/kindest/node:v1.37.0"
    assert (
        f"✓ node image ({said.partition('✓ node image (')[2].partition(' s)')[0]} s): {registry}/kindest/node" in said
    )
    assert not (workshop.settings.state_dir / "build" / "programs").exists()


def test_the_cluster_runs_the_pulled_image_with_all_images_in_it(prepared: tuple[Workshop, str], registry: str) -> None:
    cluster = prepared[0].cluster
    found = cluster.find()
    assert found.health is Health.HEALTHY
    node = cluster.control_plane(found.nodes)
    held = images_in_cluster(cluster.engine, node)
    assert prepared[0].metrics_server_image in held
    assert [image for image in held if image.startswith("localhost/test/greeter:")]
    running = cluster.engine.run("inspect", "--format", "{{.ImageName}}", node).strip()
    assert running == f"{registry}/kindest/node:v1.37.0"


def test_the_second_run_does_nothing_and_is_quick(project: Path, prepared: tuple[Workshop, str], registry: str) -> None:
    assert prepared
    start_s = time.monotonic()
    said = _drillbook(project, registry, "setup")
    assert time.monotonic() - start_s < 5
    assert "to do" not in said
    assert "all there" in said
