"""Our load generator beside vegeta and stock Locust, on this machine: ``python -m benchmarks.load``.

A server of our own on loopback answers at once, and in the stall test answers nobody for 200 ms every 2 s. All runs of
a round are interleaved. It takes two and a half minutes, and one more the first time, to compile vegeta.
"""

import argparse
import functools
import os
import platform
import sys
from collections import defaultdict
from importlib.metadata import version

from benchmarks.figures import Row, Sample, compare, stalled_p99_ms, table
from benchmarks.generators import Generator, ours, stock_locust, vegeta
from benchmarks.tools import VEGETA, build_stub, install_vegeta, stub_server

RATE_PER_S = 500.0
QUIET_S, STALL_S, PERIOD_S = 8.0, 0.2, 2.0
STALL_TEST_S = 5 * PERIOD_S
TRUE_P99_MS = stalled_p99_ms(STALL_S, PERIOD_S)

Samples = dict[tuple[str, str], list[Sample]]
"""By scenario (``quiet``, ``stall``) and generator."""


def main() -> int:
    """Run all, print the table; 1 where a figure misses its target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each generator")
    rounds = parser.parse_args().rounds
    print(_machine(), flush=True)
    rows = _rows(_measure(rounds))
    print(table(rows))
    return int(any(row.reached is False for row in rows))


def _measure(rounds: int) -> Samples:
    peer, stub = install_vegeta(), build_stub()
    generators: dict[str, Generator] = {"ours": ours, "vegeta": vegeta(peer)}
    samples: Samples = defaultdict(list)
    for number in range(rounds):
        last: dict[str, Generator] = {"Locust": stock_locust} if number == rounds - 1 else {}
        for scenario, stall_s, duration_s in (("quiet", 0.0, QUIET_S), ("stall", STALL_S, STALL_TEST_S)):
            for name, generate in (generators | last).items():
                with stub_server(stub, stall_s=stall_s, period_s=PERIOD_S) as url:
                    samples[scenario, name].append(generate(url, RATE_PER_S, duration_s))
                print(f"  round {number + 1}, {scenario}: {name}", file=sys.stderr, flush=True)
    return samples


def _rows(samples: Samples) -> list[Row]:
    quiet, stall = (functools.partial(_of, samples, scenario) for scenario in ("quiet", "stall"))
    ours_quiet, ours_stall = quiet("ours")[1], stall("ours")[1]

    return [
        compare("stall test: p99, ms", _p99_ms, ours_stall, stall("vegeta"), (f"{TRUE_P99_MS:g} ± 3 %", _true)),
        compare("stall test: p99, ms", _p99_ms, ours_stall, stall("Locust")),
        compare("quiet: p99, ms", _p99_ms, ours_quiet, quiet("vegeta"), ("<= peer + 1", _near)),
        compare("quiet: p99, ms", _p99_ms, ours_quiet, quiet("Locust")),
        compare("quiet: start - due, p99, ms", lambda sample: sample.lag_p99_ms, ours_quiet),
        compare("quiet: achieved / scheduled, %", _achieved, ours_quiet, quiet("vegeta"), (">= 99.9", _most)),
        compare("stall test: achieved / scheduled, %", _achieved, ours_stall, stall("vegeta"), (">= 99.9", _most)),
        compare("stall test: achieved / scheduled, %", _achieved, ours_stall, stall("Locust")),
        compare("CPU s / 1,000 requests", _cpu, ours_quiet, quiet("vegeta"), ("<= 2 x peer", _twice)),
        compare("the same with start and end", _whole_cpu, ours_quiet, quiet("vegeta"), ("<= 2 x peer", _twice)),
        compare("the same with start and end", _whole_cpu, ours_quiet, quiet("Locust")),
    ]


def _of(samples: Samples, scenario: str, name: str) -> tuple[str, list[Sample]]:
    return name, samples[scenario, name]


def _p99_ms(sample: Sample) -> float:
    return sample.p99_ms


def _achieved(sample: Sample) -> float:
    return sample.achieved * 100


def _cpu(sample: Sample) -> float:
    return sample.cpu_per_1000_s


def _whole_cpu(sample: Sample) -> float:
    return sample.whole_cpu_per_1000_s


def _true(own_ms: float, _: float) -> bool:
    return abs(own_ms / TRUE_P99_MS - 1) <= 0.03  # noqa: PLR2004 - the target


def _near(own_ms: float, peer_ms: float) -> bool:
    return own_ms <= peer_ms + 1


def _twice(own: float, peer: float) -> bool:
    return own <= 2 * peer


def _most(own: float, _: float) -> bool:
    return own >= 99.9  # noqa: PLR2004 - the target


def _machine() -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"vegeta {VEGETA}, Locust {version('locust')}; load average before: {load}\n"
        f"{RATE_PER_S:g} requests per second, each on a connection of its own (Locust keeps its connections). "
        f"Ours runs as in a drill, with real-time priority where allowed; the peers as they come.\n"
        f"Stall test: nobody is answered for {STALL_S * 1000:g} ms every {PERIOD_S:g} s; a request due u ms into it "
        f"waits {STALL_S * 1000:g} - u, so the true p99 is {TRUE_P99_MS:g} ms."
    )


if __name__ == "__main__":
    sys.exit(main())
