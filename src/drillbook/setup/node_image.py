"""The kind node image built from Go modules and Debian packages, for a machine that reaches no container registry."""

import hashlib
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from drillbook.cluster.engine import Engine
from drillbook.cluster.images import base_reference
from drillbook.errors import CannotRunError
from drillbook.setup.debian import build_base, read_package_list
from drillbook.setup.process import run_logged

SOURCE = Path("offline/node")
"""From the project's root."""

_REGISTRY = "registry.k8s.io"
_IMPORT = """
set -e
containerd > /tmp/containerd.log 2>&1 & containerd=$!
for attempt in $(seq 100); do ctr version > /dev/null 2>&1 && break; sleep 0.1; done
# Not unpacked: the build runs on an overlay, and an overlay cannot stand on another one.
ctr --namespace k8s.io images import --no-unpack /images.tar
kill $containerd && wait $containerd || true
rm /tmp/containerd.log
"""


def node_image_reference(root: Path) -> str:
    """The name of the node image that ``offline/node`` makes, by the digest of every file in it."""
    source = root / SOURCE
    digest = hashlib.sha256()
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(source)} {path.stat().st_mode & 0o111}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return f"localhost/drillbook-node:{digest.hexdigest()[:12]}"


def module_version(go_mod: str, module: str) -> str:
    """The version of a module in the text of a go.mod."""
    found = re.search(rf"^(?:require\s+|\s+){re.escape(module)}\s+(v\S+)", go_mod, re.MULTILINE)
    if found is None:
        raise CannotRunError(f"go.mod does not require {module}")
    return found[1]


def compile_programs(root: Path, out_dir: Path, log: IO[str]) -> None:
    """Compile Kubernetes, kubectl and pause: about 10 minutes on 2 cores, half of one from a warm cache."""
    version = module_version((root / SOURCE / "go.mod").read_text(encoding="utf-8"), "k8s.io/kubernetes")
    major, minor, _ = version.removeprefix("v").split(".", 2)
    stamp = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    flags = " ".join(["-s -w", *(f"-X k8s.io/component-base/version.{name}={value}" for name, value in stamp.items())])
    out_dir.mkdir(parents=True, exist_ok=True)
    run_logged(
        ["go", "build", "-trimpath", "-ldflags", flags, "-o", f"{out_dir}/", "./cmd/..."],
        log,
        cwd=root / SOURCE,
        environment={"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"},
        timeout_s=3600,
    )


def node_packages(root: Path) -> tuple[str, ...]:
    """Debian packages of the node."""
    return read_package_list(root / SOURCE / "packages.txt")


def image_packages(root: Path) -> tuple[str, ...]:
    """Debian packages of the images that run Kubernetes."""
    return read_package_list(root / SOURCE / "image-packages.txt")


def assemble_node_image(engine: Engine, root: Path, programs_dir: Path, scratch_dir: Path, log: IO[str]) -> str:
    """Put programs and base images together; returns the reference. The image gets its name only when it is whole."""
    reference = node_image_reference(root)
    kubernetes_base = build_base(engine, image_packages(root), scratch_dir, log)
    images = _build_images(engine, root, programs_dir, kubernetes_base, log)
    archive = scratch_dir / "kubernetes-images.tar"
    _save(engine, images, archive, log)
    node = _build_node(engine, root, programs_dir, scratch_dir, log)
    container = f"drillbook-import-{reference.rpartition(':')[2]}"
    engine.run("rm", "--force", container, log=log)
    mount = f"{archive}:/images.tar:ro"
    command = ("run", "--name", container, "--privileged", "--entrypoint", "bash", "--volume", mount, node)
    engine.run(*command, "-c", _IMPORT, log=log, timeout_s=300)
    entrypoint = 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]'
    engine.run("commit", "--change", entrypoint, "--change", "CMD []", container, reference, log=log, timeout_s=300)
    engine.run("rm", "--force", "--volumes", container, log=log)
    archive.unlink()
    return reference


def _build_images(
    engine: Engine, root: Path, programs_dir: Path, base: str, log: IO[str]
) -> Mapping[str, tuple[str, ...]]:
    """Build the images of the control plane; returns, by local image, the references by which they are asked for."""
    local = {}
    for target in ("kubernetes", "coredns", "metrics-server", "pause"):
        local[target] = f"localhost/drillbook-{target}:offline"
        file = root / SOURCE / "images.Containerfile"
        engine.run(
            "build", "--target", target, "--build-arg", f"BASE={base}", "--tag", local[target],
            "--file", str(file), str(programs_dir), log=log, timeout_s=600,
        )  # fmt: skip
    wanted = [*_wanted_by_kubeadm(engine, root, local["kubernetes"]), metrics_server_reference(root)]
    return {image: tuple(w for w in wanted if _provider(w, local) == image) for image in local.values()}


def _wanted_by_kubeadm(engine: Engine, root: Path, kubernetes: str) -> list[str]:
    """Ask the kubeadm that was just built: only it knows which etcd, CoreDNS and pause it goes with."""
    version = module_version((root / SOURCE / "go.mod").read_text(encoding="utf-8"), "k8s.io/kubernetes")
    script = f"exec -a kubeadm /usr/local/bin/kubernetes config images list --kubernetes-version {version}"
    wanted = engine.run("run", "--rm", "--network", "none", "--entrypoint", "bash", kubernetes, "-c", script).split()
    sandbox = re.search(
        r'sandbox_image = "(.*)"', (root / SOURCE / "rootfs/etc/containerd/config.toml").read_text(encoding="utf-8")
    )
    if sandbox is None or sandbox[1] not in wanted:
        raise CannotRunError(f"containerd's sandbox_image is none of {wanted}", mend="mend its config.toml")
    return wanted


def metrics_server_reference(root: Path) -> str:
    """The image of metrics-server, in the version that ``offline/node`` pins."""
    version = module_version((root / SOURCE / "go.mod").read_text(encoding="utf-8"), "sigs.k8s.io/metrics-server")
    return f"{_REGISTRY}/metrics-server/metrics-server:{version}"


def _provider(wanted: str, local: Mapping[str, str]) -> str:
    name = wanted.rpartition("/")[2].partition(":")[0]
    return local.get(name, local["kubernetes"])


def _save(engine: Engine, images: Mapping[str, tuple[str, ...]], archive: Path, log: IO[str]) -> None:
    for image, references in images.items():
        for reference in references:
            engine.run("tag", image, reference, log=log)
    archive.unlink(missing_ok=True)
    tagged = [reference for group in images.values() for reference in group]
    several = ["--multi-image-archive"] if engine.program == "podman" else []
    engine.run("save", *several, "--output", str(archive), *tagged, log=log, timeout_s=300)
    engine.run("rmi", *tagged, log=log)  # the names only: the engine has no use for them


def _build_node(engine: Engine, root: Path, programs_dir: Path, scratch_dir: Path, log: IO[str]) -> str:
    base = build_base(engine, node_packages(root), scratch_dir, log)
    context = scratch_dir / "node-context"
    shutil.rmtree(context, ignore_errors=True)
    shutil.copytree(root / SOURCE / "rootfs", context / "rootfs")
    version = module_version((root / SOURCE / "go.mod").read_text(encoding="utf-8"), "k8s.io/kubernetes")
    (context / "rootfs/kind/version").write_text(version + "\n", encoding="ascii")
    for program in ("kubernetes", "kubectl"):
        shutil.copy2(programs_dir / program, context / program)
    tag = "localhost/drillbook-node-empty:offline"
    file = root / SOURCE / "node.Containerfile"
    engine.run(
        "build", "--build-arg", f"BASE={base}", "--tag", tag, "--file", str(file), str(context),
        log=log, timeout_s=600,
    )  # fmt: skip
    shutil.rmtree(context)
    return tag


def offline_bases(root: Path) -> tuple[str, ...]:
    """The base images that the node image stands on."""
    return base_reference(node_packages(root)), base_reference(image_packages(root))
