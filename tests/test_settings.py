from pathlib import Path

import pytest

from drillbook.errors import InputError
from drillbook.settings import find_root, load_settings, parse_settings

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "drillbook.toml").read_text(encoding="utf-8")


def test_our_own_file_is_valid() -> None:
    settings = load_settings(ROOT)
    assert settings.system.namespace
    assert settings.state_dir == ROOT / ".drillbook"
    assert settings.kubeconfig == ROOT / ".drillbook" / "kubeconfig"
    assert (ROOT / settings.system.runbook).is_file()


@pytest.mark.parametrize(
    ("old", "new", "line_of", "what", "mend"),
    [
        ("namespace =", "namespce =", "namespce", "unknown key 'namespce'", "did you mean 'namespace'?"),
        ("[responder]", "[respnder]", "[respnder]", "unknown key 'respnder'", "did you mean 'responder'?"),
        ("kubectl = true", "kubctl = true", "kubctl", "unknown key 'kubctl'", "did you mean 'kubectl'?"),
        ("kubectl = true", "zzz = true", "zzz", "unknown key 'zzz'", "known keys: context, base"),
        ("kubectl = true", 'kubectl = "x"', 'kubectl = "x"', "has the wrong type", ""),
        ("config =", "config", "config", "not valid TOML", ""),
        ('["channel", "routed_to"]', '["channel", 1]', "address_keys", "address_keys.1 has the wrong type", ""),
        ('container = "inside-user"', 'box = "x"', "box", "unknown key 'box'", "known keys: selector, container"),
        ('path = "/deliveries"', "path = 1", "path = 1", "contacts.path has the wrong type", ""),
    ],
)
def test_a_wrong_key_is_located(old: str, new: str, line_of: str, what: str, mend: str) -> None:
    text = TEXT.replace(old, new, 1)
    line = next(number for number, one in enumerate(text.splitlines(), 1) if one.startswith(line_of))
    with pytest.raises(InputError) as caught:
        parse_settings(text, Path("project"))
    error = caught.value
    assert (error.path, error.line) == (Path("project/drillbook.toml"), line)
    assert what in error.what
    assert mend in (error.mend or "")


def test_a_missing_key_is_named() -> None:
    text = "\n".join(line for line in TEXT.splitlines() if not line.startswith("entry_url"))
    with pytest.raises(InputError, match="system lacks the key 'entry_url'") as caught:
        parse_settings(text, Path("project"))
    assert caught.value.line == text.splitlines().index("[system]") + 1


def test_a_missing_table_is_named() -> None:
    with pytest.raises(InputError, match="the file lacks the key 'system'"):
        parse_settings("", Path("project"))


def test_the_root_is_found_from_below_and_missed_outside(tmp_path: Path) -> None:
    assert find_root(ROOT / "src" / "drillbook") == ROOT
    with pytest.raises(InputError, match=r"no drillbook\.toml"):
        find_root(tmp_path)
    with pytest.raises(InputError, match="cannot read it"):
        load_settings(tmp_path)
