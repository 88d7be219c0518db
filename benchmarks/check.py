"""What ``drillbook check`` costs: 1,000 runbooks of 10 KB on one core, one of 10 MB, and its start.

    python benchmarks/check.py [--runs 3] [--runbooks 1000] [--large-mb 10]

Each figure is of a fresh process, seen by the kernel: its processor time with that of its children (shfmt), its wall
time and its highest resident size. The runbooks are made here, the same in every run.
"""

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

_RUNBOOK_BYTES = 10_000
_COMMANDS = (
    "kubectl get pods -n {ns} -l app={app} -o wide",
    "kubectl get events -n {ns} --sort-by=.lastTimestamp | tail -20",
    "kubectl rollout status deployment/{app} -n {ns} --timeout=120s",
    "kubectl scale deployment/{app} -n {ns} --replicas={n}",
    'kubectl exec -n {ns} deployment/{app} -- sh -c "ps aux | head -{n}"',
    'kubectl patch service {app} -n {ns} -p \'{{"spec":{{"selector":{{"app":"{app}"}}}}}}\'',
    "curl --fail --max-time {n} http://{app}.{ns}.svc:8080/health",
    "curl -s http://{app}.{ns}.svc/metrics | grep -E 'errors_total|latency' | sort -rn | head -{n}",
    'POD=$(kubectl get pod -n {ns} -l app={app} -o jsonpath="{{.items[0].metadata.name}}")',
    'kubectl logs -n {ns} "$POD" --since={n}m > {app}-{n}.log',
    "for i in 1 2 3; do\n  curl -m 5 -fsS http://{app}.{ns}.svc/ready && break\n  sleep {n}\ndone",
    "slack-notify '#{app}' \"{app} in {ns} is back\" || exit 1",
    "systemctl restart {app}.service && journalctl -u {app} --since '-{n}min' --no-pager",
    "cat <<EOF > {app}.yaml\nreplicas: {n}\nimage: registry.example.org/{app}:1.{n}\nEOF",
    "aws ec2 describe-instances --filters Name=tag:app,Values={app} --query 'Reservations[].Instances[].InstanceId'",
    "psql -h {app}-db.{ns} -c 'select count(*) from pg_stat_activity where state = $$active$$'",
)
_PROSE = (
    "Users of {app} see errors within {n} minutes once the queue in {ns} holds more than {n}0 % of its limit.",
    "If the pods do not come back, go on with the next step and call the owner of {app}.",
    "- [ ] Tell support in `#{app}` what users will see, every {n} minutes during the incident.",
    "> The figures come from the dashboard **{app} overview**; they are {n} seconds late.",
    "| {n}-{n}5 min | on-call of {app} | head of {ns} |",
)
_APPS = ("web", "store", "checkout", "search", "mailer", "ledger")
_SPACES = ("shop", "payments", "prod", "edge")


class Cost(NamedTuple):
    """Of one process."""

    wall_s: float
    processor_s: float
    memory_mb: float


def pieces(dice: random.Random) -> Iterator[str]:
    """Sections of a runbook without end."""
    number = 0
    while True:
        number += 1
        app = dice.choice(_APPS)
        names = {"app": app, "ns": dice.choice(_SPACES), "n": dice.randint(1, 9)}
        yield f"\n## {app.capitalize()} is down ({number})\n\n"
        for step in range(1, dice.randint(3, 6)):
            prose = "\n".join(dice.choice(_PROSE).format(**names) for _ in range(dice.randint(1, 4)))
            commands = "\n".join(dice.choice(_COMMANDS).format(**names) for _ in range(dice.randint(1, 4)))
            yield f"### {step}. Look at {app}\n\n{prose}\n\n```bash\n{commands}\n```\n\n"


def runbook(seed: int, size: int) -> str:
    """One document of about that many bytes."""
    made = [f"# Runbook {seed}\n"]
    length = len(made[0])
    for piece in pieces(random.Random(seed)):  # noqa: S311 - nothing secret
        if length + len(piece) > size:
            return "".join(made)
        made.append(piece)
        length += len(piece)
    raise AssertionError


def measure(*arguments: str | Path) -> Cost:
    """Run ``drillbook`` on one core and wait for it."""
    command = [sys.executable, "-c", "from drillbook.cli import main; main()", *map(str, arguments)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
        memory_kb = watch_memory(process)
    wall = perf_counter() - begin
    if process.returncode not in (0, 1):
        sys.exit(f"drillbook {arguments[0]} ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, processor, memory_kb / 1000)


def watch_memory(process: subprocess.Popen[bytes]) -> int:
    """The process's highest resident size in kB: the kernel keeps it, and the last look before the end has it."""
    highest = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        except (OSError, ProcessLookupError):
            break
        found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
        highest = max(highest, int(found[0])) if found else highest
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
    return highest


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--runbooks", type=int, default=1000)
    options.add_argument("--large-mb", type=float, default=10.0)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        many, large, small = Path(scratch, "many"), Path(scratch, "large.md"), Path(scratch, "small.md")
        many.mkdir()
        for seed in range(chosen.runbooks):
            (many / f"{seed:04}.md").write_text(runbook(seed, _RUNBOOK_BYTES), encoding="utf-8")
        large.write_text(runbook(0, int(chosen.large_mb * 1e6) - 1000), encoding="utf-8")
        small.write_text("# Runbook\n\n```bash\nls\n```\n", encoding="utf-8")
        cases: dict[str, tuple[str | Path, ...]] = {
            f"{chosen.runbooks:,} runbooks of 10 KB": ("check", many),
            f"one of {chosen.large_mb:g} MB": ("check", large),
            "start: check of five lines": ("check", small),
            "start: --help": ("--help",),
        }
        table(cases, chosen.runs)


def table(cases: dict[str, tuple[str | Path, ...]], runs: int) -> None:
    """A line for each case and figure; the runs of all cases take turns."""
    seen: dict[str, list[Cost]] = {name: [] for name in cases}
    for _ in range(runs):
        for name, arguments in cases.items():
            seen[name].append(measure(*arguments))
    print(f"{'':34}{'min':>9}{'median':>9}{'max':>9}   ({runs} runs)")
    for name, costs in seen.items():
        for label, values in zip(("wall s", "processor s", "memory MB"), zip(*costs, strict=True), strict=True):
            low, middle, high = min(values), statistics.median(values), max(values)
            print(f"{name:27}{label:>12}{low:9.2f}{middle:9.2f}{high:9.2f}")


if __name__ == "__main__":
    main()
