from pathlib import Path

import pytest
from gateway import memory

MIB = 1 << 20


def files(root: Path, **contents: str) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    for name, text in contents.items():
        (root / name.replace("__", ".")).write_text(text + "\n")
    return root


def test_version_2_without_what_the_kernel_can_drop(tmp_path: Path) -> None:
    stat = f"anon 1\ninactive_file {20 * MIB}"
    files(tmp_path, memory__current=str(100 * MIB), memory__max=str(160 * MIB), memory__stat=stat)
    found = memory.read(tmp_path)
    assert found is not None
    assert (found.usage_bytes, found.working_set_bytes, found.limit_bytes) == (100 * MIB, 80 * MIB, 160 * MIB)
    assert found.percent == pytest.approx(50)


def test_version_1(tmp_path: Path) -> None:
    files(
        tmp_path / "memory",
        memory__usage_in_bytes=str(30 * MIB),
        memory__limit_in_bytes=str(192 * MIB),
        memory__stat=f"inactive_file 0\ntotal_inactive_file {MIB}",
    )
    found = memory.read(tmp_path)
    assert found is not None
    assert (found.working_set_bytes, found.limit_bytes) == (29 * MIB, 192 * MIB)


@pytest.mark.parametrize("limit", ["max", "9223372036854771712"])
def test_no_limit_is_no_percentage(tmp_path: Path, limit: str) -> None:
    files(tmp_path, memory__current="1", memory__max=limit, memory__stat="inactive_file 0")
    found = memory.read(tmp_path)
    assert found is not None
    assert (found.limit_bytes, found.percent) == (None, None)


def test_no_accounting_is_said(tmp_path: Path) -> None:
    assert memory.read(tmp_path) is None
