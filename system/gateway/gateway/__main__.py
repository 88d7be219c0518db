"""``python3 -m gateway``: reads the configuration before anything heavy is loaded, so that a bad one fails fast."""

import logging
import os
import sys
from pathlib import Path

from gateway import config, logs

CONFIG_PATH = "/etc/ultra-cpp/ultra-cpp.conf"
EX_CONFIG = 78  # sysexits.h: something is wrong with the configuration

log = logging.getLogger("gateway")


def main() -> int:
    """Run; the exit status is 0 after a signal, 78 for a configuration that cannot be used, 1 for a missing resource.

    The environment variable ULTRA_CPP_CONF names another configuration file.
    """
    logs.to_stdout()
    try:
        settings = config.load(Path(os.environ.get("ULTRA_CPP_CONF", CONFIG_PATH)))
    except config.ConfigError as problem:
        logs.to_file(Path("/var/log/ultra-cpp"))
        log.critical("configuration: %s", problem)
        return EX_CONFIG
    chosen = {"gateway.audit": settings.enable_audit_logging, "gateway.requests": settings.log_all_requests}
    logs.to_file(settings.log_dir, audited=[name for name, on in chosen.items() if on])
    from gateway import server  # noqa: PLC0415 - half a second of imports that a bad configuration does not pay for

    try:
        server.run(settings)
    except OSError as problem:
        log.critical("cannot start: %s", problem)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
