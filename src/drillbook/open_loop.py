"""Locust users whose requests start at fixed times, whether or not earlier ones have ended.

Only Locust may import this module: it brings gevent's monkey-patching with it. The base class of a locustfile's users
is ``OpenLoopUser``; importing it adds its options to Locust's command line.
"""

import gc
import logging
import os
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import gevent
from locust import User, events, task
from locust.env import Environment
from locust.event import EventHook
from locust.exception import StopUser
from locust.runners import Runner

from drillbook.http_once import Answer, HttpOnce
from drillbook.priority import go_first
from drillbook.schedule import Recorder, Schedule, users_needed
from drillbook.source_ports import SourcePorts

log = logging.getLogger(__name__)

_FLUSH_EVERY_S = 0.1


class OpenLoopUser(User):
    """One of the people who use the system; a locustfile's class says in ``request`` what they ask for.

    Each request opens a connection of its own, because users are many people, and because only a new connection feels
    at once what a Service now points to. ``keep_alive = True`` makes each user keep one instead.
    """

    abstract = True
    keep_alive: ClassVar[bool] = False
    schedule: ClassVar[Schedule]
    timeout_s: ClassVar[float]
    ports: ClassVar[SourcePorts]

    def __init__(self, environment: Environment) -> None:
        """Called by Locust."""
        super().__init__(environment)
        if not self.host:
            msg = "say with --host where the users come in"
            raise ValueError(msg)
        self.http = HttpOnce(self.host, timeout_s=self.timeout_s, keep_alive=self.keep_alive, ports=self.ports)

    def request(self) -> Answer:
        """Ask the system for something, once, through ``self.http``; latency counts to the end of this answer."""
        raise NotImplementedError

    def is_corrupt(self, answer: Answer) -> bool:  # noqa: ARG002 - for subclasses
        """Whether a 2xx answer is not what the system should have said."""
        return False

    @task
    def follow_schedule(self) -> None:
        """Locust's entry: requests at their due times until there are no more."""
        while (due_us := self.schedule.take()) is not None and self.schedule.start(due_us):
            self._request_and_record(due_us)
        raise StopUser

    def _request_and_record(self, due_us: int) -> None:
        answer, corrupt = Answer(0, failure="the locustfile's request raised"), False
        started_s = time.perf_counter()
        try:
            answer = self.request()
            corrupt = 200 <= answer.status < 300 and self.is_corrupt(answer)  # noqa: PLR2004 - the 2xx class
        finally:  # an exception of the locustfile's own goes on to Locust, which logs it
            self.schedule.finish(due_us, answer.status, corrupt=corrupt, end_us=answer.end_us)
            self._tell_locust(answer, time.perf_counter() - started_s, corrupt=corrupt)

    def _tell_locust(self, answer: Answer, elapsed_s: float, *, corrupt: bool) -> None:
        failure = answer.failure or ("wrong checksum" if corrupt else "")
        if not failure and not 200 <= answer.status < 300:  # noqa: PLR2004 - the 2xx class
            failure = f"status {answer.status}"
        self.environment.events.request.fire(
            request_type="GET",
            name=type(self).__name__,
            response_time=elapsed_s * 1000,
            response_length=len(answer.body),
            exception=RuntimeError(failure) if failure else None,
            context={},
        )


def add_options(parser: ArgumentParser) -> None:
    """The open loop's own options, beside Locust's."""
    group = parser.add_argument_group("Open loop")
    group.add_argument("--rate-per-s", type=float, default=100.0, help="requests that are due per second")
    group.add_argument("--request-timeout-s", type=float, default=2.0, help="from connecting to the last byte")
    group.add_argument("--records", type=Path, default=None, help="file to which one line per request is appended")
    group.add_argument("--parent-pid", type=int, default=None, help="end when this is no longer the parent process")


def set_up(environment: Environment, runner: Runner, **_: object) -> None:
    """Tie the schedule to Locust's life: begin when every user has started, close before any is stopped."""
    options = environment.parsed_options
    if options is None:
        raise RuntimeError("an open loop takes its rate from Locust's command line")
    options.num_users = users_needed(options.rate_per_s, options.request_timeout_s)
    options.spawn_rate = options.num_users
    recorder = Recorder(options.records)
    schedule = Schedule(options.rate_per_s, recorder)
    OpenLoopUser.schedule, OpenLoopUser.timeout_s = schedule, options.request_timeout_s
    OpenLoopUser.ports = SourcePorts(options.rate_per_s)
    patience_s: float = options.request_timeout_s

    def begin(**_: object) -> None:
        gc.collect()
        gc.freeze()  # Locust's modules are not garbage: going through them again would stop every user for 20 ms
        log.info("the users run with %s", go_first())
        schedule.begin()

    def close(**_: object) -> None:
        schedule.close(patience_s)

    _listen(environment.events.spawning_complete, begin)
    _listen(environment.events.test_stopping, close)
    _listen(environment.events.quitting, close)
    gevent.spawn(_keep_flushing, recorder, runner, options.parent_pid)


def _listen(hook: EventHook, listener: Callable[..., None]) -> None:
    hook.add_listener(listener)  # type: ignore[no-untyped-call] # Locust does not type it


def _keep_flushing(recorder: Recorder, runner: Runner, parent_pid: int | None) -> None:
    while parent_pid is None or os.getppid() == parent_pid:
        recorder.flush()
        gevent.sleep(_FLUSH_EVERY_S)
    runner.quit()  # whoever started the traffic is gone, and nobody else would ever stop it


_listen(events.init_command_line_parser, add_options)
_listen(events.init, set_up)
