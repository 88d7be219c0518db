"""The programs that the set-up needs on this machine: kind and Go, in which versions, and how kind is built."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import IO

from drillbook.setup.process import run_logged

TOOLS = Path("offline/tools")
"""The Go module that pins the tools; from the project's root."""

KIND_MODULE = "sigs.k8s.io/kind"
OLDEST_KIND = (0, 30, 0)
"""Older ones do not know how to start the node image below."""

OFFICIAL_NODE_IMAGE = (
    "docker.io/kindest/node:v1.37.0@sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5"
)
"""What kind v0.33.0 uses by default; named here so that every kind starts the same Kubernetes."""

Version = tuple[int, int, int]


def parse_version(text: str) -> Version | None:
    """The first ``1.2.3`` or ``1.2`` in a text."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def program_version(*command: str) -> Version | None:
    """The version that a program says it has; None when it is absent or does not say."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_version(done.stdout)


def own_kind(state_dir: Path) -> Path:
    """Where the kind goes that the set-up builds."""
    return state_dir / "bin" / "kind"


def find_kind(state_dir: Path) -> Path | None:
    """The kind to use: our own build, else one on PATH that is new enough."""
    own = own_kind(state_dir)
    if own.is_file():
        return own
    on_path = shutil.which("kind")
    if on_path is None:
        return None
    version = program_version(on_path, "version")
    return Path(on_path) if version and version >= OLDEST_KIND else None


def build_tool(root: Path, package: str, target: Path, log: IO[str]) -> None:
    """Compile a tool that ``offline/tools`` pins by hash; it appears at ``target`` only when it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    command = ["go", "build", "-trimpath", "-ldflags", "-s -w", "-o", str(temporary), package]
    environment = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
    run_logged(command, log, cwd=root / TOOLS, environment=environment, timeout_s=1200)
    temporary.replace(target)


def required_go(go_mod: str) -> Version:
    """The oldest Go that a go.mod allows."""
    found = re.search(r"^go (\S+)", go_mod, re.MULTILINE)
    return (found and parse_version(found[1])) or (0, 0, 0)
