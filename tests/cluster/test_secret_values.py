from pathlib import Path

import pytest

from drillbook.cluster.secret_values import SecretValues, SecretValuesError


def test_values_are_recalled_by_name_or_not_at_all() -> None:
    values = SecretValues(None)
    values.remember({"digest-1": "one", "digest-2": "two"})
    assert values.recall({"a": "digest-2", "b": "digest-1"}) == {"a": "two", "b": "one"}
    assert values.recall({"a": "digest-2", "b": "never seen"}) is None
    assert values.recall({}) == {}


def test_a_later_process_knows_them_and_nobody_else_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "state" / "secrets.json"
    SecretValues(file).remember({"digest": "value"})
    SecretValues(file).remember({"other": "more"})
    assert SecretValues(file).recall({"a": "digest", "b": "other"}) == {"a": "value", "b": "more"}
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secrets.json"]


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    values = SecretValues(file)
    values.remember({})
    assert not file.exists()
    values.remember({"digest": "value"})
    written = file.stat().st_ino
    values.remember({"digest": "value"})
    assert file.stat().st_ino == written


def test_a_damaged_or_unwritable_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    file.write_text("[")
    with pytest.raises(SecretValuesError, match="cannot read"):
        SecretValues(file).recall({})
    with pytest.raises(SecretValuesError, match="cannot write"):
        SecretValues(file / "below a file").remember({"digest": "value"})
