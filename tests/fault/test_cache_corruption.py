import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from chaoslib.loader import load_experiment
from gateway.store import ItemStore

EXPERIMENT = Path(__file__).parents[2] / "experiments" / "cache_corruption.yaml"
ENTRIES = 40


def run(name: str, directory: Path, **environment: str) -> str:
    """Run the Python part of one of the experiment's scripts, on the store of this directory."""
    activity = next(part for part in load_experiment(str(EXPERIMENT))["method"] if part["name"] == name)
    script = activity["provider"]["arguments"]["script"].split("'PYTHON'\n")[1].removesuffix("PYTHON\n")
    script = script.replace("/var/cache/ultra-cpp", str(directory))
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def store(tmp_path: Path) -> ItemStore:
    store = ItemStore(tmp_path / "items.log")
    for item in range(1, ENTRIES + 1):
        body = b"item %d, and what there is to say of it" % item
        store.put(item, body, sha256(body).hexdigest())
    store.snapshot()
    return store


@pytest.mark.parametrize(("share", "damaged"), [("0.5", ENTRIES // 2), ("1.0", ENTRIES), ("0.1", ENTRIES // 10)])
def test_the_gateway_finds_as_many_damaged_entries_as_were_asked_for_and_can_restore_them(
    store: ItemStore, tmp_path: Path, share: str, damaged: int
) -> None:
    said = run("flip a byte in the entries of the cache", tmp_path, SHARE=share, BACKUP="kept")
    assert said == f"{damaged} of {ENTRIES} entries damaged, backup kept"
    assert len(store.verify().corrupt) == damaged
    assert store.verify().checked == ENTRIES
    assert store.adopt(store.prepare_restore()) == ENTRIES
    assert store.verify().corrupt == ()


def test_the_backup_can_be_lost_with_it(store: ItemStore, tmp_path: Path) -> None:
    run("flip a byte in the entries of the cache", tmp_path, SHARE="1.0", BACKUP="lost")
    assert not store.snapshot_path.exists()


def test_a_snapshot_of_the_whole_cache_is_recognised(store: ItemStore, tmp_path: Path) -> None:
    assert run("wait for a snapshot that holds them all", tmp_path) == f"{store.size_bytes} bytes cached and backed up"
