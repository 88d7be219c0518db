"""An image is named by everything that goes into it, and by nothing else."""

from pathlib import Path

import pytest

from drillbook.cluster.images import (
    base_packages,
    base_reference,
    image_reference,
    image_references,
    mirrored,
    outdated_images,
    resolve_base,
)
from drillbook.cluster.state import NotSetUpError, Supply
from drillbook.errors import InputError
from drillbook.settings import Settings, parse_settings

OFFLINE = Supply(registry=None, node_image="localhost/node:1")
ONLINE = Supply(registry="", node_image="docker.io/kindest/node:v1")

_TOML = """
[system]
name = "s"
namespace = "n"
manifests = "m"
entry_url = "http://127.0.0.1:1"
runbook = "r.md"
[responder]
selector = "a=b"
container = "c"
working_directory = "/w"
[images."shop/web"]
context = "web"
base = "docker.io/library/python:3.11"
base_packages = ["python3", "curl", "iproute2"]
[images."shop/mail"]
context = "mail"
base = "docker.io/library/python:3.11"
base_packages = ["python3", "curl"]
kubectl = true
[images."shop/other"]
context = "other"
base = "docker.io/library/debian:12"
base_packages = ["curl"]
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for name in ("web", "mail", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Containerfile").write_text("ARG BASE\nFROM ${BASE}\n", encoding="utf-8")
    return parse_settings(_TOML, tmp_path)


def _web(settings: Settings) -> str:
    return image_reference(settings, "shop/web", OFFLINE)


def test_the_same_content_has_the_same_name(settings: Settings) -> None:
    first = _web(settings)
    assert first.startswith("localhost/shop/web:")
    (settings.root / "web" / "Containerfile").touch()
    bytecode = settings.root / "web" / "__pycache__"
    bytecode.mkdir()
    (bytecode / "x.pyc").write_bytes(b"x")
    assert _web(settings) == first


def test_any_change_of_content_changes_the_name(settings: Settings) -> None:
    seen = {_web(settings)}
    script = settings.root / "web" / "start"
    script.write_text("one", encoding="utf-8")
    seen.add(_web(settings))
    script.write_text("two", encoding="utf-8")
    seen.add(_web(settings))
    script.chmod(0o755)
    seen.add(_web(settings))
    script.rename(script.with_name("begin"))
    seen.add(_web(settings))
    assert len(seen) == 5


def test_the_supply_and_the_source_of_kubectl_are_part_of_the_name(settings: Settings) -> None:
    assert _web(settings) != image_reference(settings, "shop/web", ONLINE)
    newer = Supply(registry=None, node_image="localhost/node:2")
    assert image_reference(settings, "shop/mail", OFFLINE) != image_reference(settings, "shop/mail", newer)
    assert image_reference(settings, "shop/web", OFFLINE) == image_reference(settings, "shop/web", newer)


def test_a_base_is_shared_only_by_images_on_the_same_official_one(settings: Settings) -> None:
    web, mail, other = settings.images.values()
    assert base_packages(settings, mail) == base_packages(settings, web) == ("curl", "iproute2", "python3")
    assert base_packages(settings, other) == ("curl",)
    assert resolve_base(settings, mail, OFFLINE) == resolve_base(settings, web, OFFLINE)


def test_a_base_is_named_by_its_packages_in_any_order() -> None:
    assert base_reference(["b", "a", "a"]) == base_reference(["a", "b"])
    assert base_reference(["a"]) != base_reference(["b"])


@pytest.mark.parametrize(
    ("reference", "registry", "expected"),
    [
        ("docker.io/library/python:3.11", "", "docker.io/library/python:3.11"),
        ("docker.io/library/python:3.11", "127.0.0.1:5000", "127.0.0.1:5000/library/python:3.11"),
        ("docker.io/kindest/node:v1@sha256:ab", "mirror.example", "mirror.example/kindest/node:v1"),
        ("library/python:3.11", "mirror.example", "mirror.example/library/python:3.11"),
        ("localhost:5000/a/b:1", "mirror.example", "mirror.example/a/b:1"),
    ],
)
def test_a_mirror_keeps_the_path(reference: str, registry: str, expected: str) -> None:
    assert mirrored(reference, registry) == expected


def test_a_context_without_a_containerfile_is_refused_with_its_path(settings: Settings) -> None:
    (settings.root / "web" / "Containerfile").unlink()
    with pytest.raises(InputError, match="web"):
        _web(settings)


def test_before_the_setup_there_are_no_references(settings: Settings) -> None:
    with pytest.raises(NotSetUpError):
        image_references(settings)


def test_only_replaced_images_of_the_same_name_are_outdated() -> None:
    held = ["localhost/shop/web:old", "localhost/shop/web:new", "localhost/shop/webmail:old", "127.0.0.1:5000/x:1"]
    assert outdated_images(held, ["localhost/shop/web:new"]) == ("localhost/shop/web:old",)
