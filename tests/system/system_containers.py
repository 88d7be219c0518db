"""Containers of the project's images, and how a test reaches them and waits for them."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
from tests.system.engine_socket import Images

SYSTEM = Path(__file__).parents[2] / "system"


class Containers:
    """Starts containers on one network of their own, each under a name, and removes them."""

    def __init__(self, images: Images, network: Any, cleanup: ExitStack) -> None:  # noqa: ANN401 - untyped library
        self._images, self._network, self._cleanup = images, network, cleanup

    def start(  # noqa: PLR0913 - a container has that much around it
        self,
        image: str,
        *names: str,
        ports: tuple[int, ...] = (),
        environment: dict[str, str] | None = None,
        files: dict[Path, str] | None = None,
        capabilities: tuple[str, ...] = (),
        memory: str | None = None,
        command: str | None = None,
    ) -> Any:  # noqa: ANN401 - as above
        """Start an image of the project; ``files`` maps a file, or a folder to write to, to its path there."""
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - reads the environment at import

        container = DockerContainer(self._images[image]).with_network(self._network)
        container.with_network_aliases(*names).with_exposed_ports(*ports)
        for name, value in (environment or {}).items():
            container.with_env(name, value)
        for here, there in (files or {}).items():
            container.with_volume_mapping(str(here), there, "rw" if here.is_dir() else "ro")
        limits = {"mem_limit": memory, "cap_add": list(capabilities)}
        container.with_kwargs(**{name: limit for name, limit in limits.items() if limit})
        if command:
            container.with_command(command)
        container.start()
        self._cleanup.callback(container.stop, force=True)
        return container


def url_of(container: Any, port: int) -> str:  # noqa: ANN401 - untyped library
    """Where a container's port is reached from this machine."""
    return f"http://{container.get_container_host_ip()}:{container.get_exposed_port(port)}"


def wait_until(holds: Callable[[], bool], what: str, timeout_s: float = 20.0) -> None:
    """Poll until it holds; a connection that is refused or cut counts as "not yet"."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            if holds():
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, f"{what}: not within {timeout_s:g} s"
        time.sleep(0.05)
