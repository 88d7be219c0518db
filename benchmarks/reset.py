"""How long a reset between drills takes beyond its pods' own start: ``python benchmarks/reset.py EVIDENCE…``.

From recorded runs. A reset lasts from the revert's start until everything is ready again; a pod's own start is the time
between the first look at it and the first look that saw it ready. Looks are half a second apart, and so is the figure.
"""

import sys
from pathlib import Path

import numpy as np

from drillbook.evidence import read_evidence
from drillbook.record import DrillRecord
from drillbook.timeline import Phase, RevertFinished

TARGET_S = 2.3


def beyond_the_pods_s(record: DrillRecord) -> float | None:
    """Seconds of one drill's reset beyond the longest start of a pod; None where it was not reset."""
    started_s, finished = record.phase_at_s.get(Phase.REVERT), record.first(RevertFinished)
    if started_s is None or finished is None:
        return None
    seen_s: dict[str, float] = {}
    ready_s: dict[str, float] = {}
    for look in record.looks:
        for pod in look.pods:
            seen_s.setdefault(pod.uid, look.at_s)
            if pod.ready:
                ready_s.setdefault(pod.uid, look.at_s)
    starts = (ready_s[uid] - at_s for uid, at_s in seen_s.items() if at_s > started_s and uid in ready_s)
    return finished.at_s - started_s - max(starts, default=0.0)


def main() -> None:
    """Print one line a drill, and the 95th percentile against the target."""
    figures: list[float] = []
    for directory in sys.argv[1:]:
        for record in read_evidence(Path(directory)).drills:
            beyond_s = beyond_the_pods_s(record)
            if beyond_s is not None:
                figures.append(beyond_s)
                sys.stdout.write(f"{beyond_s:6.2f} s  {record.drill.name}\n")
    if figures:
        p95_s = float(np.percentile(figures, 95))
        sys.stdout.write(f"{p95_s:6.2f} s  95th percentile of {len(figures)} resets; target {TARGET_S} s\n")


if __name__ == "__main__":
    main()
