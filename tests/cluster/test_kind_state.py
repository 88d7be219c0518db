"""What is remembered survives, what is broken counts as forgotten, and two runs never share the cluster."""

import subprocess
import sys
from pathlib import Path

import pytest

from drillbook.cluster.state import (
    BusyError,
    ClusterRecord,
    NotSetUpError,
    Supply,
    forget_record,
    hold_cluster,
    read_record,
    read_supply,
    require_supply,
    write_record,
    write_supply,
)


def test_supply_and_record_are_read_back_as_written(tmp_path: Path) -> None:
    supply = Supply(registry=None, node_image="localhost/node:1")
    record = ClusterRecord(name="drillbook", uid=None, definition="abc")
    write_supply(tmp_path, supply)
    write_record(tmp_path, record)
    assert require_supply(tmp_path) == supply
    assert supply.offline
    assert read_record(tmp_path) == record
    forget_record(tmp_path)
    assert read_record(tmp_path) is None


def test_before_the_setup_the_mending_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotSetUpError, match="drillbook setup"):
        require_supply(tmp_path)


@pytest.mark.parametrize("content", ["", "{", '{"registry": 3}', "[]"])
def test_a_broken_file_counts_as_forgotten(tmp_path: Path, content: str) -> None:
    (tmp_path / "supply.json").write_text(content, encoding="utf-8")
    assert read_supply(tmp_path) is None


_HOLD = """
import sys
from drillbook.cluster.state import hold_cluster
with hold_cluster(sys.argv[1], "a game day"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_second_one_is_told_who_holds_the_cluster_and_the_lock_dies_with_its_holder() -> None:
    name = "drillbook-test-lock"
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=rf"a game day \(process {holder.pid}\)"), hold_cluster(name, "another"):
            pytest.fail("the lock was given twice")
        holder.kill()
    with hold_cluster(name, "after"):
        pass
