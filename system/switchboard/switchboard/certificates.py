"""Certificates that the switchboard makes itself with openssl: an authority once, a server certificate each start."""

import subprocess
from pathlib import Path

DAYS = "825"


class CertificateError(Exception):
    """openssl would not."""


def make_authority(directory: Path) -> None:
    """Make ``ca.key`` and ``ca.pem``.

    Raises:
        CertificateError: openssl is absent or failed.
    """
    _openssl(
        directory,
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", DAYS),
        *("-subj", "/CN=switchboard of a drill, for nothing else", "-addext", "basicConstraints=critical,CA:TRUE"),
        *("-addext", "keyUsage=critical,keyCertSign", "-keyout", "ca.key", "-out", "ca.pem"),
    )


def make_server_certificate(directory: Path, names: tuple[str, ...]) -> None:
    """Make ``server.key`` and ``server.pem`` for these host names, signed by the authority in the directory.

    Raises:
        CertificateError: openssl is absent or failed.
    """
    _openssl(
        directory,
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", DAYS),
        *("-CA", "ca.pem", "-CAkey", "ca.key", "-subj", "/CN=switchboard"),
        *("-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth"),
        *("-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in names)),
        *("-keyout", "server.key", "-out", "server.pem"),
    )


def _openssl(directory: Path, *arguments: str) -> None:
    try:
        done = subprocess.run(
            ["openssl", *arguments], cwd=directory, capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise CertificateError(f"openssl: {problem}") from problem
    if done.returncode:
        raise CertificateError(f"openssl {arguments[0]}: {done.stderr.strip()}")
