"""Everything that the set-up fetches is pinned by hash, and no lock names where it is fetched from."""

import re
from pathlib import Path

import pytest

from drillbook.setup.debian import read_package_list
from drillbook.setup.node_image import metrics_server_reference, module_version
from drillbook.setup.tools import OFFICIAL_NODE_IMAGE

ROOT = Path(__file__).parents[2]
LOCKS = [ROOT / "requirements.lock", ROOT / "requirements" / "uv.lock", *ROOT.glob("system/*/requirements.lock")]
MODULES = sorted(path.parent for path in ROOT.glob("offline/*/go.mod"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_python_package_has_a_version_and_hashes(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    packages = [entry for entry in entries if re.match(r"[A-Za-z0-9._-]+==", entry)]
    assert packages
    assert all("--hash=sha256:" in entry for entry in packages)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_lock_names_an_index(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"https?://|--index-url|--find-links|--extra-index-url", text)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_every_required_go_module_has_a_hash(module: Path) -> None:
    go_mod = (module / "go.mod").read_text(encoding="utf-8")
    required = re.findall(r"^(?:require\s+|\t)(\S+\.\S+/\S+) (v\S+)", go_mod, flags=re.MULTILINE)
    sums = (module / "go.sum").read_text(encoding="utf-8")
    assert required
    assert [f"{path} {version}" for path, version in required if f"{path} {version}/go.mod h1:" not in sums] == []
    assert "replace" not in go_mod


@pytest.mark.parametrize("name", ["packages.txt", "image-packages.txt"])
def test_every_debian_package_has_a_reason(name: str) -> None:
    path = ROOT / "offline" / "node" / name
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert len(lines) == len(read_package_list(path))
    assert all(re.search(r"\S+\s+# \S", line) for line in lines)


def test_the_node_image_is_pinned_by_digest_and_metrics_server_by_the_module() -> None:
    assert re.search(r":v[\d.]+@sha256:[0-9a-f]{64}$", OFFICIAL_NODE_IMAGE)
    go_mod = (ROOT / "offline" / "node" / "go.mod").read_text(encoding="utf-8")
    assert metrics_server_reference(ROOT).endswith(":" + module_version(go_mod, "sigs.k8s.io/metrics-server"))


def test_both_node_images_are_of_the_same_minor_version() -> None:
    go_mod = (ROOT / "offline" / "node" / "go.mod").read_text(encoding="utf-8")
    ours = module_version(go_mod, "k8s.io/kubernetes").rpartition(".")[0]
    assert f":{ours}." in OFFICIAL_NODE_IMAGE
