"""The container's memory as the kernel accounts it: cgroup version 2 or 1."""

from dataclasses import dataclass
from pathlib import Path

UNLIMITED_BYTES = 1 << 60  # version 1 writes a number near 2^63 where there is no limit


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes charged to the container, those of them the kernel cannot simply drop, and the limit if there is one."""

    usage_bytes: int
    working_set_bytes: int
    limit_bytes: int | None

    @property
    def percent(self) -> float | None:
        """The working set in percent of the limit: what the out-of-memory killer will judge by."""
        return None if self.limit_bytes is None else 100 * self.working_set_bytes / self.limit_bytes


def read(root: Path = Path("/sys/fs/cgroup")) -> Memory | None:
    """The accounting of this container's cgroup, or None where the files are not there."""
    if (root / "memory.current").exists():
        usage, limit, cold = "memory.current", "memory.max", "inactive_file"
    elif (root / "memory/memory.usage_in_bytes").exists():
        root = root / "memory"
        usage, limit, cold = "memory.usage_in_bytes", "memory.limit_in_bytes", "total_inactive_file"
    else:
        return None
    usage_bytes = int((root / usage).read_text())
    statistics = dict(line.split() for line in (root / "memory.stat").read_text().splitlines())
    limit_text = (root / limit).read_text().strip()
    limit_bytes = None if limit_text == "max" or int(limit_text) >= UNLIMITED_BYTES else int(limit_text)
    return Memory(usage_bytes, max(0, usage_bytes - int(statistics.get(cold, 0))), limit_bytes)
