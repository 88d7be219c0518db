import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from gateway import config

SYSTEM = Path(__file__).parents[2] / "system"
GATEWAY_DIR = SYSTEM / "gateway"

GOOD = """\
[api_gateway]
listen_port = 8080
health_port = 8081
upstream_url = http://nodejs-api:3005/
cache_dir = /var/cache/ultra-cpp
enable_dpdk = false
[security]
enable_audit_logging = yes
log_all_requests = off
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "ultra-cpp.conf"
    path.write_text(text)
    return path


def test_values_have_their_types(tmp_path: Path) -> None:
    found = config.load(written(tmp_path, GOOD))
    assert (found.listen_port, found.health_port, found.upstream_timeout_s) == (8080, 8081, 2.0)
    assert (found.enable_dpdk, found.enable_audit_logging, found.log_all_requests) == (False, True, False)
    assert found.upstream_url == "http://nodejs-api:3005"


def test_the_configuration_in_the_manifests_is_a_good_one(tmp_path: Path) -> None:
    config_map = yaml.safe_load((SYSTEM / "manifests" / "config.yaml").read_text())
    assert config.load(written(tmp_path, config_map["data"]["ultra-cpp.conf"])).listen_port == 8080


@pytest.mark.parametrize(
    "key",
    [
        "listen_port",
        "health_port",
        "upstream_url",
        "cache_dir",
        "enable_dpdk",
        "enable_audit_logging",
        "log_all_requests",
    ],
)
def test_each_required_key_is_missed_by_name(tmp_path: Path, key: str) -> None:
    text = "".join(line for line in GOOD.splitlines(keepends=True) if not line.startswith(key))
    with pytest.raises(config.ConfigError, match=f"lacks the required key {key}$"):
        config.load(written(tmp_path, text))


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("8081", "eighty", "health_port must be a number"),
        ("8081", "70000", "health_port must be a TCP port"),
        ("8081", "nan", "health_port must be a number"),
        ("http://nodejs-api:3005/", "nodejs-api", "upstream_url must be an http:// address"),
        ("= yes", "= maybe", "enable_audit_logging must be true or false, not 'maybe'"),
        ("[security]", "[insecurity]", r"section \[security\] is missing"),
        ("log_all_requests = off", "log_all_requests =", "log_all_requests is empty"),
        ("enable_dpdk = false", "enable_dpdk = false\n...", "cannot be parsed"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    with pytest.raises(config.ConfigError, match=complaint):
        config.load(written(tmp_path, GOOD.replace(before, after)))


def test_an_absent_file_and_one_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigError, match="No such file"):
        config.load(tmp_path / "absent.conf")
    binary = tmp_path / "binary.conf"
    binary.write_bytes(b"\xff\xfe[")
    with pytest.raises(config.ConfigError, match="is not UTF-8"):
        config.load(binary)


def test_the_fragment_that_the_runbook_as_received_writes_ends_the_process(tmp_path: Path) -> None:
    fragment = written(tmp_path, "[api_gateway]\nenable_dpdk = false\n...")
    done = subprocess.run(
        [sys.executable, "-m", "gateway"],
        cwd=GATEWAY_DIR,
        env={"ULTRA_CPP_CONF": str(fragment), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    assert done.returncode == 78
    assert '"level": "critical"' in done.stdout
    assert "cannot be parsed" in done.stdout
