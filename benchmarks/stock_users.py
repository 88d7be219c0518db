"""Locust as it comes, for comparison: its own user, pace and clock; each request's start and time are kept."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from locust import FastHttpUser, events, task
from locust.user.wait_time import constant_throughput

_kept: list[str] = []


class Reader(FastHttpUser):
    """Reads one item again and again."""

    def wait_time(self) -> float:
        """As ``constant_throughput`` has it, at the rate that the command line says."""
        return constant_throughput(self.environment.parsed_options.per_user_per_s)(self)

    @task
    def read(self) -> None:
        """Read it."""
        self.client.get("/api/items/1")


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--per-user-per-s", type=float, default=1.0)
    parser.add_argument("--kept", type=Path, default=None)


def _keep(*, response_time: float, start_time: float, exception: object, **_: object) -> None:
    _kept.append(f"{start_time!r},{response_time!r},{int(exception is None)}\n")


def _write(environment: Any, **_: object) -> None:  # noqa: ANN401 - as Locust gives it
    environment.parsed_options.kept.write_text("".join(_kept), "ascii")


for _hook, _listener in (
    (events.init_command_line_parser, _add_options),
    (events.request, _keep),
    (events.quitting, _write),
):
    _hook.add_listener(_listener)  # type: ignore[no-untyped-call] # Locust does not type it
