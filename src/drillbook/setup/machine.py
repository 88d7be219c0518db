"""Looks at this machine: everything that the diagnosis is made from, without changing anything."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from drillbook.cluster.engine import Engine, detect_engine
from drillbook.cluster.images import image_reference, mirrored
from drillbook.cluster.kind import KindCluster, read_definition
from drillbook.cluster.state import ClusterRecord, Supply, hold_cluster, read_supply, require_supply
from drillbook.errors import CannotRunError
from drillbook.settings import Settings
from drillbook.setup.diagnosis import Machine
from drillbook.setup.image_build import has_kubectl
from drillbook.setup.node_image import metrics_server_reference
from drillbook.setup.packages import ENGINE_PACKAGES, OFFLINE_PACKAGES, installed_packages
from drillbook.setup.registry import decide_supply
from drillbook.setup.tools import TOOLS, find_kind, own_kind, program_version, required_go


@dataclass(frozen=True)
class Workshop:
    """A project on this machine, and the things that building needs; each is looked for when it is first used."""

    settings: Settings
    supply: Supply

    @cached_property
    def engine(self) -> Engine:
        """The container engine; raises CannotRunError where there is none (yet)."""
        return detect_engine(self.settings.state_dir)

    @property
    def cluster(self) -> KindCluster:
        """The project's cluster, whether it exists or not."""
        definition = read_definition(self.settings.root / self.settings.cluster.config, self.supply.node_image)
        kind = find_kind(self.settings.state_dir) or own_kind(self.settings.state_dir)
        return KindCluster(self.engine, kind, definition, self.settings.state_dir)

    @property
    def metrics_server_image(self) -> str:
        """The reference of metrics-server's image."""
        official = metrics_server_reference(self.settings.root)
        return official if self.supply.registry is None else mirrored(official, self.supply.registry)


@contextmanager
def use_cluster(settings: Settings, purpose: str, *, pause_after: bool) -> Iterator[ClusterRecord]:
    """Hold the project's cluster for a drill: nobody else's while it lasts, awake (resumed or adopted), paused again after.

    Raises NotSetUpError before the set-up, BusyError while another drillbook uses it, and what ``KindCluster.up`` raises.
    """
    workshop = Workshop(settings, require_supply(settings.state_dir))
    with hold_cluster(workshop.cluster.definition.name, purpose):
        record = workshop.cluster.up(workshop.metrics_server_image)
        try:
            yield record
        finally:
            if pause_after:
                workshop.cluster.pause()


def open_workshop(settings: Settings) -> Workshop:
    """Decide where images come from (asks the network, for at most 4 s, the first time only) and start from there."""
    return Workshop(settings, decide_supply(settings.root, read_supply(settings.state_dir)))


def inspect_machine(workshop: Workshop) -> Machine:
    """The facts about this machine."""
    settings, supply = workshop.settings, workshop.supply
    try:
        engine: Engine | None = workshop.engine
    except CannotRunError:
        engine = None
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
