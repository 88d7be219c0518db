"""What the load generator measures where there is nothing to measure: the floor under every latency on this machine.

Users with the schedule, the client and the priority of those of a drill ask a responder of our own on loopback, for a
moment (``null_users.py``).
"""

import subprocess
import sys

import numpy as np

from drillbook.errors import CannotRunError
from drillbook.load_records import HEADER, LoadRecords, parse_records
from drillbook.timeline import Floor

_TIMEOUT_S = 30.0  # it takes 2 s on a quiet machine


class CalibrationError(CannotRunError):
    """The generator could not even measure a responder of our own."""


class RunningCalibration:
    """A calibration that goes on in a process of its own, and ends by itself."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Made by ``calibrate``."""
        self._process = process

    def floor(self) -> Floor:
        """Wait for its end; raises ``CalibrationError`` where it measured nothing."""
        try:
            records, said = self._process.communicate(timeout=_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            records, said = self._process.communicate()
        measured = parse_records(f"{HEADER}\n".encode() + records, clock_offset_s=0.0)
        if self._process.returncode or not measured.status.any():
            raise CalibrationError(f"the load generator cannot be calibrated\n{said.decode(errors='replace')}")
        return floor_of(measured)


def calibrate(rate_per_s: float) -> RunningCalibration:
    """Start to measure the floor at a rate."""
    command = [sys.executable, "-m", "drillbook.null_users", repr(rate_per_s)]
    return RunningCalibration(
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    )


def floor_of(records: LoadRecords) -> Floor:
    """Medians and 99th percentiles (nearest rank) of the lag and the latency."""
    lag_ms, latency_ms = ((times_s - records.due_s) * 1000 for times_s in (records.start_s, records.end_s))
    lag_p50_ms, lag_p99_ms = np.percentile(lag_ms, (50, 99), method="inverted_cdf")
    latency_p50_ms, latency_p99_ms = np.percentile(latency_ms, (50, 99), method="inverted_cdf")
    return Floor(
        requests=len(records),
        lag_p50_ms=float(lag_p50_ms),
        lag_p99_ms=float(lag_p99_ms),
        latency_p50_ms=float(latency_p50_ms),
        latency_p99_ms=float(latency_p99_ms),
    )
