"""What is particular to the system under drill: ``drillbook.toml``, validated, with every error located."""

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from drillbook.errors import InputError

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
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(found[1]), int(found[2])) if found else (None, None)
        raise InputError(f"not valid TOML: {error}", path=path, line=line, column=column) from error
    try:
        file = msgspec.convert(data, _File)
    except msgspec.ValidationError as error:
        raise _located(str(error), text, data, path) from error
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


_ERROR = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<at>[^`]*)`)?$")


def _located(message: str, text: str, data: dict[str, Any], path: Path) -> InputError:
    """Turn msgspec's message (``… - at `$.system.name```) into an error with a line and the nearest key."""
    found = _ERROR.match(message)
    what, at = (found["what"], found["at"] or "") if found else (message, "")
    keys = re.findall(r"\.\.\.|[^.\[\]]+", at)
    if "..." in keys and isinstance(table := data.get(keys[0]), dict):
        keys[1] = _offending_entry(table)
    misspelt = re.search(r"unknown field `([^`]*)`", what)
    if misspelt:
        key = misspelt[1]
        nearest = difflib.get_close_matches(key, _known_keys(keys), n=1)
        line = _line_of(text, keys, key)
        mend = f"did you mean {nearest[0]!r}?" if nearest else f"known keys: {', '.join(_known_keys(keys))}"
        return InputError(f"unknown key {key!r}", path=path, line=line, mend=mend)
    missing = re.search(r"missing required field `([^`]*)`", what)
    if missing:
        table_name = ".".join(keys) or "the file"
        return InputError(
            f"{table_name} lacks the key {missing[1]!r}", path=path, line=_line_of(text, keys, None), mend="add it"
        )
    expected = re.match(r"Expected `([^`]*)`, got `([^`]*)`", what)
    named = [key for key in keys if not key.isdecimal()]  # an entry of a list stands on the line of the list's key
    line = _line_of(text, named[:-1], named[-1] if named else None)
    if expected:
        return InputError(
            f"{'.'.join(keys)} has the wrong type", path=path, line=line, expected=expected[1], got=expected[2]
        )
    return InputError(what, path=path, line=line)


def _offending_entry(table: dict[str, Any]) -> str:
    """The name of the first image that does not validate (msgspec says only ``[...]``)."""
    for name, value in table.items():
        try:
            msgspec.convert(value, ImageSpec)
        except msgspec.ValidationError:
            return name
    return "..."


def _known_keys(keys: list[str]) -> list[str]:
    structs: dict[str, type[Struct]] = {
        "system": SystemSettings, "responder": ResponderSettings, "components": ComponentsSettings,
        "contacts": ContactsSettings, "inside": InsideSettings,
        "cluster": ClusterSettings, "images": ImageSpec,
    }  # fmt: skip
    return list((structs[keys[0]] if keys else _File).__struct_fields__)


def _line_of(text: str, tables: list[str], key: str | None) -> int | None:
    """The line of ``key`` in the table, or of the table's header; TOML libraries that keep positions also rewrite."""
    header, inside = None, not tables
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            name = re.sub(r'["\'\s]', "", stripped.split("#")[0]).strip("[]")
            inside = name == ".".join(tables) or (not tables and name.split(".")[0] == key)
            header = number if inside else header
            if inside and not tables:
                return number
        elif inside and key and re.match(rf"[\"']?{re.escape(key)}[\"']?\s*=", stripped):
            return number
    return header
