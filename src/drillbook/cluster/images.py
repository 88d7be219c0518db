"""The images of the system under drill: named by their content, so that the same content is never built twice."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from drillbook.cluster.engine import Engine
from drillbook.cluster.state import Supply, require_supply
from drillbook.errors import InputError
from drillbook.settings import ImageSpec, Settings

DEBIAN_SUITE = "bookworm"
"""The Debian release of every base image that is made here."""

PYTHON_VERSION = "3.11"
"""Of the Python in the images: Debian bookworm's own, and that of the official base images."""

_BYTECODE = "__pycache__"
_IMAGE_TOOL = ("ctr", "--namespace", "k8s.io", "images")


def image_references(settings: Settings) -> Mapping[str, str]:
    """The full reference of each image of the project, by the name that manifests call it.

    Raises NotSetUpError before the set-up has decided where images come from.
    """
    supply = require_supply(settings.state_dir)
    return {name: image_reference(settings, name, supply) for name in settings.images}


def image_reference(settings: Settings, name: str, supply: Supply) -> str:
    """``localhost/<name>:<digest>``, where the digest covers everything that goes into the image."""
    spec = settings.images[name]
    digest = hashlib.sha256()
    for part in (resolve_base(settings, spec, supply), PYTHON_VERSION, supply.node_image if spec.kubectl else ""):
        digest.update(part.encode() + b"\0")
    context = context_dir(settings, name)
    for path in context_files(context):
        digest.update(f"{path.relative_to(context)}\0{path.stat().st_mode & 0o111:o}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return f"localhost/{name}:{digest.hexdigest()[:12]}"


def context_files(context: Path) -> Iterator[Path]:
    """Every file of a build context that can make a difference, in one order on every machine."""
    for path in sorted(context.rglob("*")):
        if path.is_file() and _BYTECODE not in path.parts:
            yield path


def base_packages(settings: Settings, spec: ImageSpec) -> tuple[str, ...]:
    """The packages of the offline base image of this image.

    Images on the same official base share one when the packages of one hold all of the other's: fewer bases to make.
    """
    own = set(spec.base_packages)
    shareable = (set(other.base_packages) for other in settings.images.values() if other.base == spec.base)
    larger = sorted((packages for packages in shareable if own <= packages), key=len)
    return tuple(sorted(larger[-1] if larger else own))


def resolve_base(settings: Settings, spec: ImageSpec, supply: Supply) -> str:
    """The reference of the base image under this supply."""
    if supply.registry is None:
        return base_reference(base_packages(settings, spec))
    return mirrored(spec.base, supply.registry)


def mirrored(reference: str, registry: str) -> str:
    """Where a mirror keeps an image: the same path, on the mirror. Without one, the image's own reference.

    A digest is left out: a mirror may have repacked the image, and whoever names a mirror trusts it.
    """
    if not registry:
        return reference
    host, _, path = reference.partition("/")
    is_host = "." in host or ":" in host or host == "localhost"
    return f"{registry}/{path if is_host else reference}".partition("@")[0]


def base_reference(packages: Iterable[str]) -> str:
    """The name of the base image that is made of these Debian packages."""
    digest = hashlib.sha256("\n".join([DEBIAN_SUITE, *sorted(set(packages))]).encode()).hexdigest()
    return f"localhost/drillbook-debian:{digest[:12]}"


def context_dir(settings: Settings, name: str) -> Path:
    """The build context of an image; raises InputError when it has no Containerfile."""
    context = settings.root / settings.images[name].context
    if not (context / "Containerfile").is_file():
        raise InputError(f"image {name!r} has no Containerfile", path=context, mend="write one, or mend drillbook.toml")
    return context


def images_in_cluster(engine: Engine, node: str) -> frozenset[str]:
    """The references of every image that a node of the cluster holds."""
    return frozenset(engine.run("exec", node, *_IMAGE_TOOL, "list", "--quiet").split())


def load_images(engine: Engine, node: str, references: Iterable[str], archive: Path) -> tuple[str, ...]:
    """Put images of the engine into a node, unless it holds them; returns those that were missing.

    All go in one archive, so that layers which they share travel once. ``archive`` is a scratch file.
    """
    missing = tuple(sorted(set(references) - images_in_cluster(engine, node)))
    if missing:
        archive.parent.mkdir(parents=True, exist_ok=True)
        archive.unlink(missing_ok=True)
        several = ["--multi-image-archive"] if engine.program == "podman" else []
        engine.run("save", *several, "--output", str(archive), *missing, timeout_s=300)
        engine.run("cp", str(archive), f"{node}:/kind/images.tar", timeout_s=300)
        script = f"{' '.join(_IMAGE_TOOL)} import /kind/images.tar; code=$?; rm /kind/images.tar; exit $code"
        engine.run("exec", node, "sh", "-c", script, timeout_s=300)
        archive.unlink()
    return missing


def outdated_images(held: Iterable[str], current: Iterable[str]) -> tuple[str, ...]:
    """Of the images that an engine holds, those that a current one has replaced: the same name, another digest."""
    wanted = set(current)
    names = {reference.rpartition(":")[0] for reference in wanted}
    return tuple(sorted(image for image in held if image.rpartition(":")[0] in names and image not in wanted))


def forget_outdated(engine: Engine, current: Iterable[str]) -> None:
    """Remove replaced images from the engine, where each new build would leave some hundred megabytes behind."""
    for image in outdated_images(engine.images(), (image for image in current if image.startswith("localhost/"))):
        engine.succeeds("rmi", image)  # one that a container still uses stays
