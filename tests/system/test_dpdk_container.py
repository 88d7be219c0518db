"""The image that owns a DPDK port, asked as the gateway asks it."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway.dpdk import Link, link
from tests.system.system_containers import Containers, url_of, wait_until

pytestmark = pytest.mark.component

CAPABILITIES = ("NET_ADMIN", "MKNOD")


class Port:
    """A container that owns a port, and the folder in which its telemetry socket stands."""

    def __init__(self, containers: Containers, folder: Path, command: str | None = None) -> None:
        self._folder = folder
        self.container: Any = containers.start(
            "ultra-cpp/dpdk", "dpdk", files={folder: "/var/run/dpdk"}, capabilities=CAPABILITIES, command=command
        )

    @property
    def link(self) -> Link:
        return link(self._folder / "rte" / "dpdk_telemetry.v2", 0)

    def set_link(self, state: str) -> None:
        assert self.container.exec(["ip", "link", "set", "dtap0", state]).exit_code == 0

    @property
    def log(self) -> str:
        return str(b"".join(self.container.get_logs()), "utf-8", "replace")


@pytest.fixture(scope="module")
def port(containers: Containers, tmp_path_factory: pytest.TempPathFactory) -> Port:
    return Port(containers, tmp_path_factory.mktemp("dpdk"))


def test_the_port_comes_up_and_follows_its_interface(port: Port) -> None:
    wait_until(lambda: port.link is Link.UP, "the port is up", 10)
    port.set_link("down")
    wait_until(lambda: port.link is Link.DOWN, "the port is down", 3)
    port.set_link("up")
    wait_until(lambda: port.link is Link.UP, "the port is up again", 3)


def test_a_link_that_somebody_takes_down_stays_down(port: Port) -> None:
    wait_until(lambda: port.link is Link.UP, "the port is up", 10)
    port.set_link("down")
    wait_until(lambda: port.link is Link.DOWN, "the port is down", 3)
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        assert port.link is Link.DOWN
    port.set_link("up")


def test_it_leaves_at_once_when_it_is_told_to(containers: Containers, tmp_path: Path) -> None:
    port = Port(containers, tmp_path)
    wait_until(lambda: port.link is Link.UP, "the port is up", 10)
    asked = time.monotonic()
    port.container.get_wrapped_container().kill("SIGTERM")
    assert port.container.get_wrapped_container().wait(timeout=10)["StatusCode"] == 0
    assert time.monotonic() - asked < 3
    assert port.link is Link.ABSENT


def test_a_port_that_cannot_be_had_ends_nothing_and_is_tried_again(containers: Containers, tmp_path: Path) -> None:
    port = Port(containers, tmp_path, command="--no-such-option")
    wait_until(lambda: port.log.count("the port's owner ended with") > 1, "it was tried twice", 10)
    assert port.link is Link.ABSENT
    assert port.container.get_wrapped_container().status in {"created", "running"}


def test_a_gateway_serves_as_long_as_the_port_beside_it_is_up(
    containers: Containers, dpdk_config: Path, tmp_path: Path
) -> None:
    port = Port(containers, tmp_path)
    fallback = containers.start("ultra-cpp/fallback", "nodejs-api", ports=(3005,))
    wait_until(lambda: httpx.get(f"{url_of(fallback, 3005)}/health").status_code == 200, "the fallback is healthy")
    files = {dpdk_config: "/etc/ultra-cpp/ultra-cpp.conf", tmp_path: "/var/run/dpdk"}
    gateway = containers.start("ultra-cpp/gateway", "gateway", ports=(8080,), files=files)
    url = url_of(gateway, 8080)

    def answers(path: str, status: int) -> bool:
        return httpx.get(f"{url}{path}").status_code == status

    wait_until(lambda: answers("/health/ready", 200) and answers("/api/items/1", 200), "it serves over the port")
    port.set_link("down")
    wait_until(lambda: answers("/health/ready", 503) and answers("/api/items/1", 503), "it refuses", 3)
    assert answers("/health/live", 200)
    port.set_link("up")
    wait_until(lambda: answers("/health/ready", 200) and answers("/api/items/1", 200), "it serves again", 3)
