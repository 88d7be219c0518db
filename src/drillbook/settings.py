"""What is particular to the system under drill: ``drillbook.toml``, validated, with every error located."""

from pathlib import Path

from msgspec import Struct

from drillbook.errors import InputError
from drillbook.toml_text import convert_toml, parse_toml

FILE_NAME = "drillbook.toml"


class SystemSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The system: where it lives in the cluster, and where its users come in."""

    name: str
    namespace: str
    manifests: str
    entry_url: str
    features: str = "features"
    runbook: str
    ready_timeout_s: float = 120.0
    fidelity: tuple[str, ...] = ()  # what about the system is simulated: said in every report


class ResponderSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The pod in which runbook commands run, and how patient its person is."""

    selector: str
    container: str
    working_directory: str
    command_timeout_s: float = 60.0
    patience_s: float = 30.0


class ComponentsSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which pods report on their components, and where.

    The answer is JSON with ``components``: objects with ``name``, ``status`` and ``details``.
    """

    selector: str
    port: int
    path: str


class ContactsSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who keeps the record of messages: a Service that answers with JSON, ``deliveries``.

    Each has ``number``, ``time`` (ISO 8601), ``service``, ``accepted`` and ``details``, an object in which one of
    ``address_keys`` names the channel or person; ``?after=N`` leaves out the first N.
    """

    service: str
    port: int
    path: str
    address_keys: tuple[str, ...]


class InsideSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Users inside the cluster: pods that print one JSON object a request, with ``due`` (Unix time) and ``status``."""

    selector: str
    container: str


class ClusterSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The kind cluster."""

    config: str = "kind-config.yaml"


class ImageSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An image of the system, built from ``context/Containerfile`` on ``base`` or, offline, on Debian packages."""

    context: str
    base: str
    base_packages: tuple[str, ...]
    python_requirements: str | None = None
    kubectl: bool = False


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    system: SystemSettings
    responder: ResponderSettings
    components: ComponentsSettings | None = None
    contacts: ContactsSettings | None = None
    inside: InsideSettings | None = None
    cluster: ClusterSettings = ClusterSettings()
    images: dict[str, ImageSpec] = {}
    check: dict[str, object] = {}  # for ``drillbook check``, which alone reads and validates it


class Settings(Struct, frozen=True, kw_only=True):
    """A project: its root directory and what its ``drillbook.toml`` says."""

    root: Path
    system: SystemSettings
    responder: ResponderSettings
    components: ComponentsSettings | None
    contacts: ContactsSettings | None
    inside: InsideSettings | None
    cluster: ClusterSettings
    images: dict[str, ImageSpec]

    @property
    def state_dir(self) -> Path:
        """Everything drillbook keeps between runs: kubeconfig, tools, open faults."""
        return self.root / ".drillbook"

    @property
    def kubeconfig(self) -> Path:
        """The private kubeconfig; the user's own is never read or written."""
        return self.state_dir / "kubeconfig"


def find_root(start: Path) -> Path:
    """The nearest directory at or above ``start`` that holds a ``drillbook.toml``."""
    for directory in (start, *start.parents):
        if (directory / FILE_NAME).is_file():
            return directory
    raise InputError(
        f"no {FILE_NAME} in {start} or above it", mend=f"run drillbook inside a project, or write a {FILE_NAME} for it"
    )


def load_settings(root: Path) -> Settings:
    """Read and validate ``root/drillbook.toml``; raises InputError with file, line and the nearest key."""
    path = root / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read it: {error.strerror}", path=path) from error
    return parse_settings(text, root)


def parse_settings(text: str, root: Path) -> Settings:
    """Validate the text of a ``drillbook.toml`` that stands in ``root``."""
    path = root / FILE_NAME
    file = convert_toml(parse_toml(text, path), _File, text, path)
    return Settings(
        root=root,
        system=file.system,
        responder=file.responder,
        components=file.components,
        contacts=file.contacts,
        inside=file.inside,
        cluster=file.cluster,
        images=file.images,
    )
