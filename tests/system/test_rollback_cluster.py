import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.system.system_containers import SYSTEM

from drillbook.cluster.images import image_references
from drillbook.settings import load_settings

pytestmark = pytest.mark.cluster

ROOT = SYSTEM.parent
NAMESPACE = "drillbook-rollback"
COLOURS = ("blue", "green")
TOKENS = {"Secret/ultra-cpp-api-tokens", "ConfigMap/ultra-cpp-revoked-tokens"}
WANTED = {"ConfigMap/ultra-cpp-config", "Service/ultra-cpp-gateway", "Secret/responder-contacts", *TOKENS}
RIGHTS = {"ServiceAccount/responder", "Role/responder", "RoleBinding/responder"}
DEPLOYMENTS = {"Deployment/responder", *(f"Deployment/ultra-cpp-gateway-{colour}" for colour in COLOURS)}
SCRIPT = "./k8s/ultra-cpp/scripts/rollback.sh"
READY_URL = f"http://ultra-cpp-gateway.{NAMESPACE}.svc.cluster.local/health/ready"


class Trial:
    """The gateways and the responder alone, in a namespace of their own, beside whatever else is in the cluster."""

    def __init__(self, directory: Path) -> None:
        settings = load_settings(ROOT)
        kubectl = shutil.which("kubectl", path=f"{settings.state_dir / 'bin'}:{os.environ['PATH']}")
        assert kubectl
        self._command = [kubectl, "--kubeconfig", str(settings.kubeconfig), "--namespace", NAMESPACE]
        self._images = image_references(settings)
        self._file = directory / "objects.yaml"
        self.used = False

    def kubectl(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [*self._command, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=90, check=check)

    def deploy(self) -> None:
        self._file.write_text(yaml.safe_dump_all(self._objects()))
        self.kubectl("apply", "--filename", str(self._file))
        self._wait_until_ready("responder", *(f"ultra-cpp-gateway-{colour}" for colour in COLOURS))

    def renew_gateways(self) -> None:
        """As if they had never had another release."""
        names = [f"ultra-cpp-gateway-{colour}" for colour in COLOURS]
        self.kubectl("delete", "deployment", *names, "--cascade=orphan")
        # Nothing waits for a graceful end here: these are not drills.
        self.kubectl("delete", "replicasets,pods", "-l", "app=ultra-cpp-gateway", "--grace-period=0", "--force")
        self.deploy()

    def release_bad_configuration(self) -> None:
        """A release whose configuration makes every gateway exit; returns when all of them crash."""
        volumes = [{"name": "config", "configMap": {"name": "bad"}}]
        patch = json.dumps({"spec": {"template": {"spec": {"volumes": volumes}}}})
        for colour in COLOURS:
            self.kubectl("patch", "deployment", f"ultra-cpp-gateway-{colour}", "--patch", patch)
        self.wait_until(lambda: self.exit_codes() == [78] * 4, "every gateway has ended with its configuration's error")

    def exit_codes(self) -> list[int]:
        """How each gateway's container ended last, where it has."""
        pods = json.loads(self.kubectl("get", "pods", "-l", "app=ultra-cpp-gateway", "-o", "json").stdout)["items"]
        statuses = [status for pod in pods for status in pod["status"].get("containerStatuses", [])]
        ends = [status[part].get("terminated") for status in statuses for part in ("state", "lastState")]
        return [end["exitCode"] for end in ends if end][: len(pods)]

    def rollback(self, *arguments: str) -> tuple[int, str]:
        mode, *others = arguments
        where = ("--namespace", NAMESPACE, "--ready-url", READY_URL, "--timeout", "45")
        done = self.in_responder(SCRIPT, mode, *where, *others)
        return done.returncode, done.stdout + done.stderr

    def in_responder(self, *command: str) -> subprocess.CompletedProcess[str]:
        return self.kubectl("exec", "deployment/responder", "--", *command, check=False)

    def generations(self) -> list[int]:
        items = json.loads(self.kubectl("get", "deployments", "-l", "app=ultra-cpp-gateway", "-o", "json").stdout)
        return [item["metadata"]["generation"] for item in items["items"]]

    def wait_until(self, holds: Any, what: str, timeout_s: float = 45.0) -> None:  # noqa: ANN401 - any predicate
        deadline = time.monotonic() + timeout_s
        while not holds():
            assert time.monotonic() < deadline, f"{what}: not within {timeout_s:g} s"
            time.sleep(0.2)

    def delete(self) -> None:
        self.kubectl("delete", "namespace", NAMESPACE, "--wait=false")

    def _wait_until_ready(self, *names: str) -> None:
        for name in names:
            self.kubectl("rollout", "status", f"deployment/{name}", "--timeout=60s")

    def _objects(self) -> list[dict[str, Any]]:
        rendered = self.kubectl("kustomize", str(SYSTEM / "manifests")).stdout.replace(
            "namespace: ultra-cpp\n", f"namespace: {NAMESPACE}\n"
        )
        every = {f"{item['kind']}/{item['metadata']['name']}": item for item in yaml.safe_load_all(rendered)}
        chosen = [every[name] for name in sorted(WANTED | RIGHTS | DEPLOYMENTS)]
        for item in chosen:
            if item["kind"] == "Service":
                item["spec"]["type"] = "ClusterIP"  # the NodePort is taken by the system under drill itself
                item["spec"]["ports"][0].pop("nodePort")
            if item["kind"] == "Deployment":
                self._make_fit(item["spec"]["template"]["spec"])
        bad = {"ultra-cpp.conf": "[api_gateway]\nenable_dpdk = false\n..."}
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        bad_config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "bad", "namespace": NAMESPACE}}
        return [namespace, {**bad_config, "data": bad}, *chosen]

    def _make_fit(self, pod: dict[str, Any]) -> None:
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            container["image"] = self._images[container["image"]]
        for volume in pod["volumes"]:
            if volume["name"] == "switchboard-ca":  # nobody plays the outside world here
                volume["configMap"]["optional"] = True


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    trial = Trial(tmp_path_factory.mktemp("trial"))
    trial.deploy()
    yield trial
    trial.delete()


@pytest.fixture
def trial(deployed: Trial) -> Trial:
    if deployed.used:
        deployed.renew_gateways()
    deployed.used = True
    return deployed


def test_without_a_previous_revision_it_says_so_and_touches_nothing(trial: Trial) -> None:
    before = trial.generations()
    code, output = trial.rollback("emergency")
    assert code == 3
    assert output.count("NO PREVIOUS REVISION") == 2
    assert trial.generations() == before


def test_a_bad_release_is_rolled_back_and_a_dry_run_only_says_how(trial: Trial) -> None:
    trial.release_bad_configuration()
    before = trial.generations()
    code, output = trial.rollback("emergency", "--dry-run")
    assert (code, output.count("would go from revision 2 to 1")) == (0, 2)
    assert trial.generations() == before
    code, output = trial.rollback("emergency")
    assert (code, output.count("rolled out"), "the Service is ready" in output) == (0, 2, True), output
    assert trial.in_responder("curl", "-fsS", "--max-time", "3", READY_URL).returncode == 0


def test_going_back_to_what_never_worked_is_a_failure_and_so_is_having_nowhere_to_go(trial: Trial) -> None:
    trial.release_bad_configuration()
    assert trial.rollback("emergency")[0] == 0
    # Now the previous revision is the bad one; and green is made to keep none.
    trial.kubectl("patch", "deployment", "ultra-cpp-gateway-green", "-p", '{"spec": {"revisionHistoryLimit": 0}}')
    sets = ("get", "replicasets", "-l", "version=green", "-o", "name")
    trial.wait_until(lambda: len(trial.kubectl(*sets).stdout.split()) == 1, "green has no history")
    code, output = trial.rollback("emergency", "--timeout", "8")
    assert code == 1
    assert "ultra-cpp-gateway-green: NO PREVIOUS REVISION" in output


@pytest.mark.parametrize(
    ("verb", "resource", "allowed"),
    [
        ("patch", "deployments.apps", True),
        ("create", "pods/exec", True),
        ("patch", "services", True),
        ("create", "pods", False),
        ("create", "secrets", False),
        ("delete", "deployments.apps", False),
        ("delete", "nodes", False),
        ("create", "rolebindings.rbac.authorization.k8s.io", False),
    ],
)
def test_the_responder_may_do_what_the_runbook_needs_and_no_more(
    deployed: Trial, verb: str, resource: str, *, allowed: bool
) -> None:
    name, _, subresource = resource.partition("/")
    part = ["--subresource", subresource] if subresource else []
    answer = deployed.in_responder("kubectl", "auth", "can-i", verb, name, *part, "--namespace", NAMESPACE)
    assert answer.stdout.strip() == ("yes" if allowed else "no")
