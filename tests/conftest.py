import signal
from pathlib import Path

import pytest

from drillbook.settings import load_settings

ROOT = Path(__file__).parents[1]

# Whoever starts the tests in the background makes them ignore Ctrl-C, and all that they start inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def deployed_system() -> None:
    """The system under drill is ready in the project's cluster."""
    from drillbook.run import open_cluster  # noqa: PLC0415 - most tests need no cluster

    with open_cluster(load_settings(ROOT)):
        pass


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every cluster test finds the system deployed, in whichever order the tests run."""
    for item in items:
        if item.get_closest_marker("cluster"):
            item.fixturenames.insert(0, "deployed_system")  # type: ignore[attr-defined]  # pytest.Function has it
