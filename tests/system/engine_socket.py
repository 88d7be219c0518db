"""The container engine's API for testcontainers: docker's own socket, or one that podman is asked to serve here."""

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from drillbook.cluster.engine import Engine, detect_engine
from drillbook.cluster.images import image_reference
from drillbook.cluster.state import require_supply
from drillbook.settings import load_settings
from drillbook.setup.image_build import build_image, provide_base

ROOT = Path(__file__).parents[2]
STARTS_WITHIN_S = 15.0


class Images:
    """The project's images by name, each built when it is first asked for and absent."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._settings = load_settings(ROOT)
        self._supply = require_supply(self._settings.state_dir)

    def __getitem__(self, name: str) -> str:
        reference = image_reference(self._settings, name, self._supply)
        if not self._engine.has_image(reference):
            with TemporaryFile("w", encoding="utf-8") as log:
                provide_base(self._engine, self._settings, self._settings.images[name], self._supply, log)
                build_image(self._engine, self._settings, name, self._supply, log)
        return reference


@contextmanager
def served() -> Iterator[tuple[Engine, Mapping[str, str]]]:
    """The engine, and the environment that testcontainers needs to reach it."""
    engine = detect_engine(load_settings(ROOT).state_dir)
    # The reaper is an image of a registry that may be out of reach; the fixtures remove what they start.
    environment = {"TESTCONTAINERS_RYUK_DISABLED": "true", "TESTCONTAINERS_CONNECTION_MODE": "docker_host"}
    if engine.program == "docker":
        yield engine, environment
        return
    with TemporaryDirectory(prefix="drillbook-engine-") as directory:
        path = Path(directory) / "podman.sock"
        command = ["podman", "system", "service", "--time=0", f"unix://{path}"]
        with subprocess.Popen(
            command,
            env=engine.full_environment,
            stderr=subprocess.DEVNULL,
            cwd=path.parent,  # where a container runs out of memory, conmon leaves a file "oom"
        ) as service:
            deadline = time.monotonic() + STARTS_WITHIN_S
            while not path.exists():
                assert service.poll() is None, "podman's service ended"
                assert time.monotonic() < deadline, "podman's service does not open its socket"
                time.sleep(0.05)
            yield engine, {**environment, "DOCKER_HOST": f"unix://{path}"}
            service.terminate()
            service.wait(timeout=10)
