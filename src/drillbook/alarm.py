"""Wakes greenlets at absolute times, to about a twentieth of a millisecond where the kernel has timer files (Linux).

The event loop's own timers are a millisecond late: it waits in ``epoll``, which counts in whole ones.
"""

import ctypes
import heapq
import itertools
import os
import time

import gevent
from gevent.hub import Waiter

from drillbook.wire import READ

_CLOSE_ON_EXEC_NONBLOCKING = 0o2004000
_ABSOLUTE = 1


def now_us() -> int:
    """Microseconds on the clock that Python calls monotonic; on Linux all processes share it."""
    return time.monotonic_ns() // 1000


class Alarm:
    """For the greenlets of one thread. It lasts as long as its process."""

    def __init__(self) -> None:
        """Nobody is waiting yet."""
        self._waiting: list[tuple[int, int, Waiter]] = []  # a heap; the number keeps those of one time in order
        self._numbers = itertools.count()
        self._timer = _TimerFile.open()
        if self._timer is not None:
            self._watcher = gevent.get_hub().loop.io(self._timer.fileno, READ)
            self._watcher.start(self._ring)

    def sleep_until(self, due_us: int) -> None:
        """Let others run until then."""
        if self._timer is None:
            while (left_us := due_us - now_us()) > 0:
                gevent.sleep(left_us / 1e6)
        elif due_us > now_us():
            waiter = Waiter()
            heapq.heappush(self._waiting, (due_us, next(self._numbers), waiter))
            if self._waiting[0][2] is waiter:
                self._timer.set(due_us)
            waiter.get()

    def _ring(self) -> None:
        """Wake whom it is time for, the longest due first; somebody who stopped waiting meanwhile is not there."""
        assert self._timer is not None  # noqa: S101 - it has just rung
        while self._waiting and self._waiting[0][0] <= now_us():
            heapq.heappop(self._waiting)[2].switch(None)
        if self._waiting:
            self._timer.set(self._waiting[0][0])
        else:
            self._timer.set(0)


class _Spec(ctypes.Structure):
    """``struct itimerspec``."""

    _fields_ = (
        ("every_s", ctypes.c_long),
        ("every_ns", ctypes.c_long),
        ("first_s", ctypes.c_long),
        ("first_ns", ctypes.c_long),
    )


class _TimerFile:
    """A file that can be read from a time on. Python has them from 3.13 on."""

    def __init__(self, libc: ctypes.CDLL, fileno: int) -> None:
        self._libc, self.fileno = libc, fileno

    @classmethod
    def open(cls) -> "_TimerFile | None":
        """None where there are none."""
        libc = ctypes.CDLL(None, use_errno=True)
        if not hasattr(libc, "timerfd_create"):
            return None
        fileno = libc.timerfd_create(time.CLOCK_MONOTONIC, _CLOSE_ON_EXEC_NONBLOCKING)
        return cls(libc, fileno) if fileno >= 0 else None

    def set(self, at_us: int) -> None:
        """The one time from which on it can be read; never for 0."""
        seconds, us = divmod(at_us, 1_000_000)
        spec = _Spec(0, 0, seconds, us * 1000)
        if self._libc.timerfd_settime(self.fileno, _ABSOLUTE, ctypes.byref(spec), None):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
