"""Root file systems made of Debian packages: the base images of a machine that reaches no registry."""

from collections.abc import Iterable
from pathlib import Path
from typing import IO

from drillbook.cluster.engine import Engine
from drillbook.cluster.images import DEBIAN_SUITE, base_reference
from drillbook.setup.process import run_logged

_LEFT_OUT = ("doc", "info", "locale", "man")
"""Folders of /usr/share that no container reads."""


def read_package_list(path: Path) -> tuple[str, ...]:
    """The package names of a list with one name and its reason per line (``name  # reason``)."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line)


def build_base(engine: Engine, packages: Iterable[str], scratch_dir: Path, log: IO[str]) -> str:
    """Make the base image of these packages unless the engine has it; returns its reference (takes about 25 s).

    Raises CannotRunError when a package cannot be fetched.
    """
    names = sorted(set(packages))
    reference = base_reference(names)
    if engine.has_image(reference):
        return reference
    scratch_dir.mkdir(parents=True, exist_ok=True)
    archive = scratch_dir / f"{reference.rpartition(':')[2]}.tar"
    leave_out = [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in _LEFT_OUT]
    include = f"--include={','.join(names)}"
    run_logged(["mmdebstrap", "--variant=minbase", *leave_out, include, DEBIAN_SUITE, str(archive)], log, timeout_s=900)
    engine.run("import", str(archive), reference, log=log, timeout_s=300)
    archive.unlink()
    return reference
