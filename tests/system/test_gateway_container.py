import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.system.system_containers import Containers, url_of, wait_until

pytestmark = pytest.mark.component

CONFIG = "/etc/ultra-cpp/ultra-cpp.conf"
TOKENS = "/etc/ultra-cpp-tokens/tokens"
AUTHORIZATION = {"Authorization": "Bearer of-this-test"}
FLIP = (
    "f = open('/var/cache/ultra-cpp/items.log', 'r+b'); f.seek(60); byte = f.read(1); f.seek(60);"
    " f.write(bytes([byte[0] ^ 255]))"
)


class Gateway:
    """A gateway container that is ready, and its two listeners."""

    def __init__(self, containers: Containers, config: Path, memory: str = "192m") -> None:
        tokens = config.with_name("tokens")
        tokens.write_text("test of-this-test\n")
        files = {config: CONFIG, tokens: TOKENS}
        self.container = containers.start(
            "ultra-cpp/gateway", "gateway", ports=(8080, 8081), files=files, memory=memory
        )
        self.api = httpx.Client(base_url=url_of(self.container, 8080), timeout=5, headers=AUTHORIZATION)
        self.health = httpx.Client(base_url=url_of(self.container, 8081), timeout=5)
        wait_until(lambda: self.api.get("/health/ready").status_code == 200, "the gateway is ready")


@pytest.fixture(scope="module", autouse=True)
def fallback(containers: Containers) -> Any:  # noqa: ANN401 - untyped library
    container = containers.start("ultra-cpp/fallback", "nodejs-api", ports=(3005,))
    url = url_of(container, 3005)
    wait_until(lambda: httpx.get(f"{url}/health").status_code == 200, "the fallback is healthy")
    return container


@pytest.fixture(scope="module")
def gateway(containers: Containers, gateway_config: Path) -> Gateway:
    return Gateway(containers, gateway_config)


def test_gateway_and_fallback_give_the_same_bytes_with_the_same_checksum(
    gateway: Gateway,
    fallback: Any,  # noqa: ANN401 - untyped library
) -> None:
    through, straight = gateway.api.get("/api/items/42"), httpx.get(f"{url_of(fallback, 3005)}/api/items/42")
    assert through.content == straight.content
    assert through.headers["x-checksum-sha256"] == straight.headers["x-checksum-sha256"]
    assert through.headers["x-served-by"] != straight.headers["x-served-by"]


def test_every_component_is_well_and_memory_is_the_containers_own(gateway: Gateway) -> None:
    found = gateway.health.get("/health").json()
    components = {component["name"]: component for component in found["components"]}
    assert found["overall_status"] == "healthy"
    assert {name: component["status"] for name, component in components.items()} == {
        "memory": "healthy",
        "cache": "healthy",
        "dpdk": "disabled",
        "security": "healthy",
        "upstream": "healthy",
    }
    assert components["memory"]["details"]["limit_bytes"] == 192 << 20
    assert 5 < components["memory"]["details"]["usage_percent"] < 60


def test_bytes_flipped_under_the_running_gateway_reach_users_until_the_cache_is_cleared(gateway: Gateway) -> None:
    gateway.api.post("/admin/cache/clear")
    sound = gateway.api.get("/api/items/7")
    assert gateway.container.exec(["python3", "-c", FLIP]).exit_code == 0
    damaged = gateway.api.get("/api/items/7")
    assert damaged.headers["x-checksum-sha256"] != sha256(damaged.content).hexdigest()
    assert gateway.api.post("/admin/cache/verify").json()["corrupt"] == [7]
    assert gateway.api.post("/admin/data/verify").json()["different"] == [7]
    gateway.api.post("/admin/cache/clear")
    assert gateway.api.get("/api/items/7").content == sound.content


def test_administration_from_outside_needs_a_token_and_from_inside_none(gateway: Gateway) -> None:
    clear = f"{gateway.api.base_url}/admin/cache/clear"
    assert httpx.post(clear).status_code == 401
    assert gateway.api.post("/admin/cache/clear").status_code == 200
    inside = "curl --fail --silent --request POST http://localhost:8080/admin/cache/clear"
    assert gateway.container.exec(inside.split()).exit_code == 0


def test_what_an_operator_reaches_for_is_in_the_image(gateway: Gateway) -> None:
    for command in (
        "curl --version",
        "ip link show",
        "tar --version",
        "tcpdump --version",
        "cat /var/log/ultra-cpp/gateway.log",
    ):
        assert gateway.container.exec(command.split()).exit_code == 0, command


def test_a_configuration_that_cannot_be_parsed_ends_the_container(containers: Containers, tmp_path: Path) -> None:
    (tmp_path / "bad.conf").write_text("[api_gateway]\nenable_dpdk = false\n...")
    container = containers.start("ultra-cpp/gateway", "bad", files={tmp_path / "bad.conf": CONFIG})
    assert container.get_wrapped_container().wait(timeout=20)["StatusCode"] == 78
    assert b"cannot be parsed" in container.get_logs()[0]


def test_on_sigterm_it_says_not_ready_before_it_goes(containers: Containers, gateway_config: Path) -> None:
    gateway = Gateway(containers, gateway_config)
    asked = time.monotonic()
    gateway.container.get_wrapped_container().kill("SIGTERM")
    wait_until(lambda: gateway.api.get("/health/ready").status_code == 503, "readiness is off", 3)
    assert gateway.api.get("/api/items/3").status_code == 200
    assert gateway.container.get_wrapped_container().wait(timeout=20)["StatusCode"] == 0
    assert time.monotonic() - asked < 5


def test_queries_that_never_repeat_fill_the_memory_until_the_kernel_ends_it(
    containers: Containers, gateway_config: Path
) -> None:
    gateway = Gateway(containers, gateway_config, memory="64m")
    with pytest.raises(httpx.TransportError):
        ask_without_end(gateway)
    assert (
        gateway.container.get_wrapped_container().wait(timeout=20)["StatusCode"] == 137
    )  # SIGKILL, sent by nobody here


def ask_without_end(gateway: Gateway) -> None:
    for nonce in range(3000):  # of 67 kB each: three times the container's memory
        gateway.api.get(f"/api/items/{nonce % 500 + 1}?history=2000&nonce={nonce}")
