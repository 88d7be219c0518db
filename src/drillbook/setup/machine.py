"""Looks at this machine: everything that the diagnosis is made from, without changing anything."""

import os
import shutil
from pathlib import Path

from drillbook.cluster.engine import Engine
from drillbook.cluster.images import image_reference
from drillbook.errors import CannotRunError
from drillbook.setup.diagnosis import Machine
from drillbook.setup.image_build import has_kubectl
from drillbook.setup.packages import ENGINE_PACKAGES, OFFLINE_PACKAGES, installed_packages
from drillbook.setup.tools import TOOLS, find_kind, program_version, required_go
from drillbook.setup.workshop import Workshop


def inspect_machine(workshop: Workshop) -> Machine:
    """The facts about this machine."""
    settings, supply = workshop.settings, workshop.supply
    engine = _engine(workshop)
    present = engine.images() if engine else frozenset()
    references = {name: image_reference(settings, name, supply) for name in settings.images}
    kind = find_kind(settings.state_dir)
    node_there = engine is not None and engine.has_image(supply.node_image)
    needs_go = kind is None or (supply.offline and not node_there)
    return Machine(
        root=os.geteuid() == 0,
        apt=shutil.which("apt-get") is not None,
        engine=engine.program if engine else None,
        packages=installed_packages([*ENGINE_PACKAGES, *OFFLINE_PACKAGES]),
        offline=supply.offline,
        kind=str(kind) if kind else None,
        go=program_version("go", "version") if needs_go else None,
        go_required=required_go((settings.root / TOOLS / "go.mod").read_text(encoding="utf-8"))
        if needs_go
        else (0, 0, 0),
        disk_free_gb=shutil.disk_usage(settings.root).free / 1e9,
        kernel_modules_dir=Path("/lib/modules").is_dir(),
        node_image=supply.node_image,
        node_image_present=node_there,
        kubectl=has_kubectl(settings.state_dir, supply.node_image),
        images={name: reference in present for name, reference in references.items()},
        cluster=str(workshop.cluster.find().health) if engine else "absent",
    )


def _engine(workshop: Workshop) -> Engine | None:
    try:
        return workshop.engine
    except CannotRunError:
        return None  # the diagnosis says so
