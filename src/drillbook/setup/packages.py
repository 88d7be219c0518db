"""The Debian packages that the set-up installs where they are missing, each with its reason."""

import subprocess
from collections.abc import Iterable, Mapping
from typing import IO

from drillbook.setup.process import run_logged

ENGINE_PACKAGES: Mapping[str, str] = {
    "podman": "the container engine that kind runs on",
    "runc": "starts containers, also on cgroup v1, where crun refuses",
    "netavark": "the network between containers",
    "aardvark-dns": "names in that network, by which kind's nodes find each other",
    "iptables": "the network's port mappings",
    "uidmap": "podman asks for it",
}
"""For a machine without a container engine."""

OFFLINE_PACKAGES: Mapping[str, str] = {
    "mmdebstrap": "makes base images of Debian packages, because no registry is reached",
    "kmod": "podman loads the network's kernel modules with it",
}
"""For a machine that reaches no container registry, on top."""


def installed_packages(wanted: Iterable[str]) -> frozenset[str]:
    """Those of the packages that dpkg has; none on a machine without dpkg."""
    names = sorted(wanted)
    try:
        done = subprocess.run(
            ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Abbrev}\\n", *names],
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
    except OSError:
        return frozenset()
    lines = (line.split() for line in done.stdout.splitlines())
    return frozenset(words[0] for words in lines if len(words) > 1 and words[1] == "ii")


def install_packages(names: Iterable[str], log: IO[str]) -> None:
    """Install Debian packages; raises ProgramFailedError with apt's own words."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    # Another apt (a machine that is just starting updates itself) holds the lock for a while: wait, do not fail.
    patience = "-o=DPkg::Lock::Timeout=120"
    run_logged(["apt-get", patience, "update", "--quiet"], log, environment=quiet, timeout_s=300)
    install = ["apt-get", patience, "install", "--yes", "--quiet", "--no-install-recommends", *sorted(names)]
    run_logged(install, log, environment=quiet, timeout_s=1200)
