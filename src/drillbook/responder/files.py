"""Looks at files where the responder works, beside its shell and without disturbing it."""

from collections.abc import Mapping
from hashlib import sha256

from drillbook.effects import FileState
from drillbook.responder.transport import Place, ResponderUnreachableError

READ_LIMIT_BYTES = 10_000_000
_LIST_LIMIT_BYTES = 16_000_000
_TIMEOUT_S = 30.0
_ABSENT = 44

# "-f" first: a FIFO or a device would block or never end.
_READ = f'[ -f "$1" ] || exit {_ABSENT}; exec head -c {READ_LIMIT_BYTES} -- "$1"'
_LIST = f"""
if [ -d "$1" ]; then cd -- "$1" && set -- .; elif [ -f "$1" ]; then cd -- "${{1%/*}}/" && set -- "./${{1##*/}}"
else exit {_ABSENT}; fi || exit
find "$1" -mindepth "$([ "$1" = . ] && echo 1 || echo 0)" -printf '%y %s %p\\0%l\\0'
printf '\\0'
find "$1" -type f -exec sha256sum -z -- {{}} +
exit 0
"""


def read_file(place: Place, path: str) -> bytes | None:
    """The first 10 MB of a regular file; None where there is none.

    Raises:
        ResponderUnreachableError: The file may be there, but could not be read.
    """
    done = place.execute(["bash", "-c", _READ, "drillbook", path], limit_bytes=READ_LIMIT_BYTES, timeout_s=_TIMEOUT_S)
    if done.exit_code == _ABSENT:
        return None
    if done.exit_code != 0:
        raise ResponderUnreachableError(f"{path} could not be read: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def list_files(place: Place, path: str) -> Mapping[str, FileState]:
    """By path below a directory (or by name, of one file) what is there; empty where nothing is.

    Directories end in "/". Files that vanish while they are listed are left out.

    Raises:
        ResponderUnreachableError: It could not be listed.
    """
    done = place.execute(["bash", "-c", _LIST, "drillbook", path], limit_bytes=_LIST_LIMIT_BYTES, timeout_s=_TIMEOUT_S)
    if done.exit_code == _ABSENT:
        return {}
    if done.exit_code != 0 or len(done.stdout) >= _LIST_LIMIT_BYTES:
        raise ResponderUnreachableError(f"{path} could not be listed: {done.stderr.decode(errors='replace').strip()}")
    return parse_listing(done.stdout)


def parse_listing(listing: bytes) -> Mapping[str, FileState]:
    """Read what the listing script writes: (type, size, path; link target), an empty entry, then (digest, path)."""
    entries = [entry.decode(errors="surrogateescape") for entry in listing.split(b"\0")]
    end = entries[::2].index("") * 2
    digests = {entry[66:].removeprefix("./"): entry[:64] for entry in entries[end + 1 :] if entry}
    states: dict[str, FileState] = {}
    for entry, target in zip(entries[0:end:2], entries[1:end:2], strict=True):
        kind, size, path = entry.split(" ", 2)
        name = path.removeprefix("./")
        if kind == "d":
            states[name + "/"] = FileState(0, "")
        elif kind == "l":
            states[name] = FileState(int(size), sha256(target.encode(errors="surrogateescape")).hexdigest())
        elif name in digests:
            states[name] = FileState(int(size), digests[name])
    return states
