import os
from hashlib import sha256
from pathlib import Path

import pytest
from gateway.store import RECORD, ItemStore, SnapshotMissingError


def body_of(item_id: int) -> bytes:
    return f"item {item_id} ".encode() * (item_id % 50 + 1)


def put(store: ItemStore, *item_ids: int) -> None:
    for item_id in item_ids:
        store.put(item_id, body_of(item_id), sha256(body_of(item_id)).hexdigest())


def flip(path: Path, offset: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)
        file.seek(offset)
        file.write(bytes([byte[0] ^ 0xFF]))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "items.log"


def test_what_is_put_is_got_with_its_checksum(path: Path) -> None:
    store = ItemStore(path)
    put(store, 1, 2, 3)
    assert store.get(2) == (body_of(2), sha256(body_of(2)).hexdigest())
    assert store.get(4) is None
    assert (len(store), store.size_bytes) == (3, path.stat().st_size)


def test_a_store_opened_again_holds_the_same(path: Path) -> None:
    first = ItemStore(path)
    put(first, *range(1, 100))
    first.close()
    second = ItemStore(path)
    assert len(second) == 99
    assert second.get(73) == (body_of(73), sha256(body_of(73)).hexdigest())


def test_bytes_flipped_on_disk_are_served_and_found(path: Path) -> None:
    store = ItemStore(path)
    put(store, 7, 8)
    flip(path, RECORD.size + 2)
    damaged, checksum = store.get(7) or (b"", "")
    assert damaged != body_of(7)
    assert checksum == sha256(body_of(7)).hexdigest()  # the source's own, so that a client can tell
    found = store.verify()
    assert (found.checked, found.corrupt) == (2, (7,))


def test_a_torn_last_record_is_cut_off(path: Path) -> None:
    store = ItemStore(path)
    put(store, 1, 2)
    whole = store.size_bytes
    put(store, 3)
    store.close()
    os.truncate(path, store.size_bytes - 4)
    again = ItemStore(path)
    assert (len(again), again.size_bytes) == (2, whole)
    put(again, 3)
    assert again.get(3) == (body_of(3), sha256(body_of(3)).hexdigest())


def test_clear_gives_the_disk_back_and_leaves_the_snapshot(path: Path) -> None:
    store = ItemStore(path)
    put(store, 1, 2)
    assert store.snapshot() == 2
    assert store.clear() == 2
    assert (len(store), path.stat().st_size) == (0, 0)
    assert store.adopt(store.prepare_restore()) == 2
    assert store.get(1) == (body_of(1), sha256(body_of(1)).hexdigest())
    put(store, 9)
    assert store.get(9) == (body_of(9), sha256(body_of(9)).hexdigest())


def test_damage_reaches_neither_the_snapshot_nor_what_is_restored(path: Path) -> None:
    store = ItemStore(path)
    put(store, 1, 2, 3)
    flip(path, RECORD.size)
    assert store.snapshot() == 2
    flip(store.snapshot_path, store.snapshot_path.stat().st_size - 1)
    assert store.adopt(store.prepare_restore()) == 1
    assert store.verify().corrupt == ()


def test_without_a_snapshot_there_is_nothing_to_restore(path: Path) -> None:
    with pytest.raises(SnapshotMissingError):
        ItemStore(path).prepare_restore()
