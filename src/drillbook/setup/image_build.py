"""Builds the images of the system under drill, each from a staged copy of its context that needs no network."""

import platform
import shutil
import sys
from pathlib import Path
from typing import IO

from drillbook.cluster.engine import Engine, replace_file
from drillbook.cluster.images import PYTHON_VERSION, base_packages, context_dir, image_reference, resolve_base
from drillbook.cluster.state import Supply
from drillbook.errors import CannotRunError
from drillbook.settings import ImageSpec, Settings
from drillbook.setup.debian import build_base
from drillbook.setup.process import run_logged

_NODE_KUBECTL = "/usr/bin/kubectl"
"""In the official node image and in that of ``offline/`` alike."""


def build_image(engine: Engine, settings: Settings, name: str, supply: Supply, log: IO[str]) -> str:
    """Build one image unless the engine has it; returns its reference. Its base image must be there already."""
    reference = image_reference(settings, name, supply)
    if engine.has_image(reference):
        return reference
    spec = settings.images[name]
    staged = settings.state_dir / "build" / "images" / name.replace("/", "-")
    shutil.rmtree(staged, ignore_errors=True)
    shutil.copytree(context_dir(settings, name), staged, ignore=shutil.ignore_patterns("__pycache__", "site-packages"))
    if spec.python_requirements is not None:
        _install_python_packages(staged, spec.python_requirements, log)
    if spec.kubectl:
        shutil.copy2(fetch_kubectl(engine, settings.state_dir, supply.node_image), staged / "kubectl")
    engine.run(
        "build", "--build-arg", f"BASE={resolve_base(settings, spec, supply)}", "--tag", reference,
        "--file", str(staged / "Containerfile"), str(staged), log=log, timeout_s=900,
    )  # fmt: skip
    shutil.rmtree(staged)
    return reference


def provide_base(engine: Engine, settings: Settings, spec: ImageSpec, supply: Supply, log: IO[str]) -> str:
    """Pull or make the base image of an image; returns its reference."""
    if supply.offline:
        return build_base(engine, base_packages(settings, spec), settings.state_dir / "build", log)
    reference = resolve_base(settings, spec, supply)
    pull(engine, reference, log)
    return reference


def pull(engine: Engine, reference: str, log: IO[str]) -> None:
    """Pull an image unless the engine has it; a registry on loopback may speak plain HTTP."""
    if engine.has_image(reference):
        return
    plain = ["--tls-verify=false"] if engine.program == "podman" and reference.startswith("127.0.0.1:") else []
    engine.run("pull", *plain, reference, log=log, timeout_s=1800)


def has_kubectl(state_dir: Path, node_image: str) -> bool:
    """Whether the kubectl of this node image is there."""
    kubectl, source = _kubectl_files(state_dir)
    return kubectl.is_file() and source.is_file() and source.read_text(encoding="utf-8") == node_image


def fetch_kubectl(engine: Engine, state_dir: Path, node_image: str) -> Path:
    """Take kubectl out of the node image, so that client and cluster are of one version; returns where it is."""
    kubectl, source = _kubectl_files(state_dir)
    if has_kubectl(state_dir, node_image):
        return kubectl
    kubectl.parent.mkdir(parents=True, exist_ok=True)
    source.unlink(missing_ok=True)
    container = engine.run("create", "--entrypoint", "/bin/true", node_image).strip()
    try:
        temporary = kubectl.with_suffix(".part")
        engine.run("cp", f"{container}:{_NODE_KUBECTL}", str(temporary))
        temporary.replace(kubectl)
    finally:
        engine.run("rm", "--force", "--volumes", container)
    replace_file(source, node_image)
    return kubectl


def _kubectl_files(state_dir: Path) -> tuple[Path, Path]:
    """Kubectl itself, and the file that says which node image it came from."""
    return state_dir / "bin" / "kubectl", state_dir / "bin" / "kubectl.source"


def _install_python_packages(staged: Path, requirements: str, log: IO[str]) -> None:
    """Install the locked packages beside the Containerfile, for the image's Python and not for this machine's."""
    run_logged(
        [
            find_uv(), "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:", "--no-deps",
            "--python", sys.executable, "--python-version", PYTHON_VERSION,
            "--python-platform", f"{_machine()}-unknown-linux-gnu",
            "--target", str(staged / "site-packages"), "--requirement", str(staged / requirements),
        ],
        log,
        timeout_s=600,
    )  # fmt: skip


def _machine() -> str:
    machine = platform.machine().lower()
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)


def find_uv() -> str:
    """The uv of the project's own set-up, else the one on PATH; raises CannotRunError when there is none."""
    beside = Path(sys.prefix).parent / ".drillbook" / "uv" / "bin" / "uv"
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if found is None:
        raise CannotRunError("uv is not installed", mend="make setup")
    return found
