"""A cluster is defined by its configuration and its node image; both are needed, and both are told apart."""

from pathlib import Path

import pytest
import yaml

from drillbook.cluster.kind import metrics_server_manifest, read_definition, verify_cluster
from drillbook.cluster.state import ClusterRecord, write_record
from drillbook.errors import CannotRunError, InputError
from drillbook.settings import load_settings

ROOT = Path(__file__).parents[2]


def test_the_projects_own_definition_listens_on_loopback_only() -> None:
    definition = read_definition(ROOT / "kind-config.yaml", "image")
    config = yaml.safe_load(definition.config.read_text(encoding="utf-8"))
    assert definition.name == "drillbook"
    assert config["networking"]["apiServerAddress"] == "127.0.0.1"
    mappings = [mapping for node in config["nodes"] for mapping in node.get("extraPortMappings", [])]
    assert mappings
    assert {mapping["listenAddress"] for mapping in mappings} == {"127.0.0.1"}


def test_another_configuration_or_node_image_is_another_definition(tmp_path: Path) -> None:
    config = tmp_path / "kind.yaml"
    config.write_text("name: one\n", encoding="utf-8")
    first = read_definition(config, "image:1")
    assert read_definition(config, "image:1") == first
    assert read_definition(config, "image:2").digest != first.digest
    config.write_text("name: one # changed\n", encoding="utf-8")
    assert read_definition(config, "image:1").digest != first.digest


@pytest.mark.parametrize("content", ["", "kind: Cluster\n", "name: 3\n", "- a\n", "a: [\n", "name: ''\n"])
def test_a_configuration_without_a_usable_name_is_refused_with_its_path(tmp_path: Path, content: str) -> None:
    config = tmp_path / "kind.yaml"
    config.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"kind\.yaml"):
        read_definition(config, "image")


def test_an_absent_configuration_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.yaml"):
        read_definition(tmp_path / "absent.yaml", "image")


def test_metrics_server_gets_the_pinned_image_and_may_only_read() -> None:
    documents = list(yaml.safe_load_all(metrics_server_manifest("registry/metrics-server:v1")))
    images = [
        container["image"]
        for document in documents
        if document["kind"] == "Deployment"
        for container in document["spec"]["template"]["spec"]["containers"]
    ]
    assert images == ["registry/metrics-server:v1"]
    rules = [rule for document in documents if document["kind"] == "ClusterRole" for rule in document["rules"]]
    assert rules
    assert {verb for rule in rules for verb in rule["verbs"]} <= {"get", "list", "watch"}
    roles = {document["roleRef"]["name"] for document in documents if "roleRef" in document}
    assert "cluster-admin" not in roles


def _project(tmp_path: Path) -> Path:
    (tmp_path / "drillbook.toml").write_text(
        '[system]\nname = "s"\nnamespace = "n"\nmanifests = "m"\nentry_url = "http://127.0.0.1:1"\nrunbook = "r.md"\n'
        '[responder]\nselector = "a=b"\ncontainer = "c"\nworking_directory = "/w"\n',
        encoding="utf-8",
    )
    return tmp_path


def test_without_a_record_nothing_is_trusted(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="drillbook cluster up"):
        verify_cluster(load_settings(_project(tmp_path)))


def test_a_half_created_cluster_is_not_trusted(tmp_path: Path) -> None:
    settings = load_settings(_project(tmp_path))
    write_record(settings.state_dir, ClusterRecord(name="x", uid=None, definition="d"))
    settings.kubeconfig.write_text("{}", encoding="utf-8")
    with pytest.raises(CannotRunError, match="no cluster yet"):
        verify_cluster(settings)


def test_a_broken_kubeconfig_says_that_the_cluster_does_not_answer(tmp_path: Path) -> None:
    settings = load_settings(_project(tmp_path))
    write_record(settings.state_dir, ClusterRecord(name="x", uid="u", definition="d"))
    settings.kubeconfig.write_text("{}", encoding="utf-8")
    with pytest.raises(CannotRunError, match="does not answer"):
        verify_cluster(settings)
