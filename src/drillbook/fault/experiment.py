"""What an experiment says to drillbook beside what Chaos Toolkit reads: its ``extensions``."""

from pathlib import Path

import yaml
from msgspec import Struct, ValidationError, convert

from drillbook.errors import InputError

NAME = "drillbook"


class Extension(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The entry of ``extensions`` that is named ``drillbook``."""

    name: str
    renew: str = ""  # label selector of pods whose insides are damaged: made anew when the fault is over


def read_renews(experiment: Path) -> tuple[str, ...]:
    """The label selectors of the pods to be made anew; none where the file is absent, which injecting it will say.

    Raises:
        InputError: the extension is not of its shape.
    """
    if not experiment.is_file():
        return ()
    try:
        document = yaml.safe_load(experiment.read_text(encoding="utf-8"))
        entries = document.get("extensions") or []
        found = [convert(entry, Extension) for entry in entries if entry.get("name") == NAME]
    except (yaml.YAMLError, AttributeError, ValidationError) as error:
        expected = "extensions: [{name: drillbook, renew: LABEL SELECTOR}]"
        raise InputError(f"cannot be read: {error}", path=experiment, expected=expected) from error
    return tuple(extension.renew for extension in found if extension.renew)
