"""The container engine: docker where its daemon answers, else podman, configured for machines with few privileges."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from drillbook.errors import CannotRunError

CAP_SYS_RESOURCE = 24
"""Bit of the capability that raising resource limits needs (capabilities(7))."""

INSTALL = "install Docker or podman; on Debian: apt-get install podman"


class EngineError(CannotRunError):
    """The container engine refused or failed."""


@dataclass(frozen=True)
class Engine:
    """A container engine and the environment that it, and kind on top of it, must be called with."""

    program: str  # docker or podman
    environment: Mapping[str, str] = field(default_factory=dict)  # on top of the process's own

    @property
    def full_environment(self) -> dict[str, str]:
        """What a subprocess that uses the engine must be given as its environment."""
        return {**os.environ, **self.environment}

    def run(
        self,
        *arguments: str,
        timeout_s: float = 120.0,
        text_in: str | None = None,
        log: IO[str] | None = None,
    ) -> str:
        """Run a command of the engine and return its stdout; raises EngineError when it fails or takes too long.

        With ``log``, both outputs go there as they come, and nothing is returned.
        """
        command = [self.program, *arguments]
        try:
            done = subprocess.run(
                command,
                input=text_in,
                stdin=subprocess.DEVNULL if text_in is None else None,
                stdout=log or subprocess.PIPE,
                stderr=subprocess.STDOUT if log else subprocess.PIPE,
                env=self.full_environment,
                text=True,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise EngineError(f"{_shown(command)} took longer than {timeout_s:g} s") from error
        except OSError as error:
            raise EngineError(f"cannot run {self.program}: {error.strerror}", mend=INSTALL) from error
        if done.returncode:
            said = (done.stderr or "").strip() or (f"see {log.name}" if log else "it said nothing")
            raise EngineError(f"{_shown(command)} ended with exit code {done.returncode}: {said}")
        return done.stdout or ""

    def succeeds(self, *arguments: str, timeout_s: float = 30.0) -> bool:
        """Whether a command of the engine exits 0 in time."""
        try:
            self.run(*arguments, timeout_s=timeout_s)
        except EngineError:
            return False
        return True

    def has_image(self, reference: str) -> bool:
        """Whether the engine holds an image of this name."""
        return self.succeeds("image", "inspect", "--format", "{{.Id}}", reference)

    def images(self) -> frozenset[str]:
        """The names of all its images, at once: asking for one after the other takes a process each."""
        listed = self.run("images", "--format", "{{.Repository}}:{{.Tag}}")
        return frozenset(listed.split())


def detect_engine(state_dir: Path) -> Engine:
    """The engine to use on this machine; raises CannotRunError when there is none.

    ``DRILLBOOK_ENGINE`` chooses one by name. Where podman needs settings of its own they are written under
    ``state_dir``, never to the machine's configuration.
    """
    chosen = os.environ.get("DRILLBOOK_ENGINE")
    if chosen not in (None, "docker", "podman"):
        raise CannotRunError(f"DRILLBOOK_ENGINE is {chosen!r}", mend="set it to docker or podman, or unset it")
    if chosen != "podman" and shutil.which("docker"):
        docker = Engine("docker", {"KIND_EXPERIMENTAL_PROVIDER": "docker"})
        if docker.succeeds("version", "--format", "{{.Server.Version}}", timeout_s=10.0):
            return docker
    if chosen == "docker" or not shutil.which("podman"):
        raise CannotRunError("no container engine answers", mend=INSTALL)
    return Engine("podman", _podman_environment(state_dir))


def _podman_environment(state_dir: Path) -> dict[str, str]:
    environment = {"KIND_EXPERIMENTAL_PROVIDER": "podman"}
    content = podman_settings(
        unified_cgroups=Path("/sys/fs/cgroup/cgroup.controllers").exists(),
        may_raise_limits=has_capability(CAP_SYS_RESOURCE, Path("/proc/self/status").read_text(encoding="ascii")),
        has_runc=shutil.which("runc", path=f"{os.defpath}:/usr/sbin:{os.environ.get('PATH', '')}") is not None,
    )
    if content and "CONTAINERS_CONF" not in os.environ:
        path = state_dir / "containers.conf"
        if not path.is_file() or path.read_text(encoding="utf-8") != content:
            replace_file(path, content)
        environment["CONTAINERS_CONF"] = str(path)
    return environment


def podman_settings(*, unified_cgroups: bool, may_raise_limits: bool, has_runc: bool) -> str:
    """The containers.conf that this machine needs; empty where podman's own defaults work."""
    sections: list[str] = []
    if not may_raise_limits:
        # podman would give every container limits above the machine's own, which takes CAP_SYS_RESOURCE.
        sections.append('[containers]\ndefault_ulimits = ["nofile=20000:20000", "nproc=20000:20000"]\n')
    if not unified_cgroups and has_runc:
        # crun refuses cgroup v1 hierarchies mixed with v2.
        sections.append('[engine]\nruntime = "runc"\n')
    return "\n".join(sections)


def has_capability(bit: int, proc_status: str) -> bool:
    """Whether the effective capabilities in the text of a ``/proc/<pid>/status`` hold this bit."""
    for line in proc_status.splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> bit & 1)
    return True


def replace_file(path: Path, content: str, mode: int = 0o644) -> None:
    """Write a file whole or not at all, so that an interruption leaves no half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    temporary.touch(mode)
    temporary.write_text(content, encoding="utf-8")
    temporary.replace(path)


def _shown(command: Sequence[str]) -> str:
    words = " ".join(command)
    return words if len(words) <= 160 else f"{words[:157]}..."  # noqa: PLR2004 - about two terminal lines
