"""A project on this machine: its engine, its cluster, and where its images come from."""

from dataclasses import dataclass
from functools import cached_property

from drillbook.cluster.engine import Engine, detect_engine
from drillbook.cluster.images import mirrored
from drillbook.cluster.kind import KindCluster, read_definition
from drillbook.cluster.state import Supply, read_supply
from drillbook.settings import Settings
from drillbook.setup.node_image import metrics_server_reference
from drillbook.setup.registry import decide_supply
from drillbook.setup.tools import find_kind, own_kind


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


def open_workshop(settings: Settings) -> Workshop:
    """Decide where images come from (asks the network, for at most 4 s, the first time only) and start from there."""
    return Workshop(settings, decide_supply(settings.root, read_supply(settings.state_dir)))
