"""Locust as it comes, for comparison: its own user, pace and clock; each request's start and time are kept."""

from argparse import ArgumentParser
from pathlib import Path

from locust import FastHttpUser, events, task
from locust.env import Environment
from locust.user.wait_time import constant_throughput

_kept: list[str] = []


class Reader(FastHttpUser):
    """Reads one item again and again."""

    def wait_time(self) -> float:
        """As ``constant_throughput`` has it, at the rate that the command line says."""
        return constant_throughput(self.environment.parsed_options.per_user_per_s)(self)  # type: ignore[no-any-return]

    @task
    def read(self) -> None:
        """Read it."""
        self.client.get("/api/items/1")


@events.init_command_line_parser.add_listener
def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--per-user-per-s", type=float, default=1.0)
    parser.add_argument("--kept", type=Path, default=None)


@events.request.add_listener
def _keep(*, response_time: float, start_time: float, exception: object, **_: object) -> None:
    _kept.append(f"{start_time!r},{response_time!r},{int(exception is None)}\n")


@events.quitting.add_listener
def _write(environment: Environment, **_: object) -> None:
    environment.parsed_options.kept.write_text("".join(_kept), "ascii")
