"""``python3 -m switchboard``: gets its certificates, then serves TLS on one port and its operator on another."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from switchboard import accounts, authority, certificates
from switchboard.app import NAMES, administration, services
from switchboard.deliveries import Deliveries


class _Server(uvicorn.Server):
    """Leaves the signals to whoever runs several of them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures nothing."""
        yield


def main() -> int:
    """Run until a signal; the environment may set SWITCHBOARD_TLS_PORT, _ADMIN_PORT and _ACCOUNTS."""
    directory = Path(tempfile.mkdtemp(prefix="switchboard-"))
    try:
        known = accounts.load(Path(os.environ.get("SWITCHBOARD_ACCOUNTS", "/etc/switchboard-accounts/accounts.json")))
        authority.provide(directory)
        certificates.make_server_certificate(directory, NAMES)
    except (accounts.AccountsError, authority.AuthorityError, certificates.CertificateError) as problem:
        sys.stderr.write(f"switchboard: {problem}\n")
        return 1
    asyncio.run(_serve(known, directory, (directory / "ca.pem").read_text()))
    return 0


async def _serve(known: accounts.Accounts, directory: Path, ca_certificate: str) -> None:
    deliveries = Deliveries()
    outside = uvicorn.Config(
        services(known, deliveries),
        host="0.0.0.0",  # noqa: S104 - a pod's network is its own
        port=int(os.environ.get("SWITCHBOARD_TLS_PORT", "8443")),
        ssl_keyfile=str(directory / "server.key"),
        ssl_certfile=str(directory / "server.pem"),
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    inside = uvicorn.Config(
        administration(deliveries, ca_certificate),
        host="0.0.0.0",  # noqa: S104 - as above
        port=int(os.environ.get("SWITCHBOARD_ADMIN_PORT", "8080")),
        lifespan="off",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    servers = [_Server(outside), _Server(inside)]

    def close() -> None:
        for server in servers:
            server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, close)
    await asyncio.gather(*(server.serve() for server in servers))


if __name__ == "__main__":
    sys.exit(main())
