"""What the tests of the system under drill stand on: its fallback as a process, and its images as containers."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.system.engine_socket import Images, served
from tests.system.system_containers import SYSTEM, Containers

from drillbook.cluster.state import NotSetUpError


@pytest.fixture(scope="session")
def fallback_url() -> Iterator[str]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed here")
    with subprocess.Popen(
        [node, str(SYSTEM / "fallback" / "server.js")],
        env={"PORT": "0", "DRAIN_MS": "0"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        port = re.search(r'"port":(\d+)', first)
        assert port, first
        yield f"http://127.0.0.1:{port[1]}"
        process.terminate()
        assert process.wait(timeout=5) == 0


@pytest.fixture(scope="session")
def images_and_network() -> Iterator[tuple[Images, Any]]:
    with served() as (engine, environment), pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        try:
            images = Images(engine)
        except NotSetUpError as problem:
            pytest.skip(str(problem))
        from testcontainers.core.network import Network  # noqa: PLC0415 - reads the environment at import

        with Network() as network:
            yield images, network


@pytest.fixture(scope="module")
def containers(images_and_network: tuple[Images, Any]) -> Iterator[Containers]:
    with ExitStack() as cleanup:
        yield Containers(*images_and_network, cleanup)


@pytest.fixture(scope="session")
def dpdk_config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configuration of the manifests, as a file."""
    path = tmp_path_factory.mktemp("config") / "ultra-cpp.conf"
    path.write_text(yaml.safe_load((SYSTEM / "manifests" / "config.yaml").read_text())["data"]["ultra-cpp.conf"])
    return path


@pytest.fixture(scope="session")
def gateway_config(dpdk_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for a gateway that has no port beside it: the kernel's network."""
    text = dpdk_config.read_text()
    assert "enable_dpdk = true" in text
    path = tmp_path_factory.mktemp("kernel-config") / "ultra-cpp.conf"
    path.write_text(text.replace("enable_dpdk = true", "enable_dpdk = false"))
    return path
