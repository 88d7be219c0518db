"""Looks through programs that only run another one: sudo, watch, timeout, env, xargs and their like."""

from collections.abc import Sequence

from msgspec import Struct

from drillbook.checks.shell import Word

# For each wrapper: its flags that take a value from the next word, and how many words stand before the program.
_WRAPPERS: dict[str, tuple[frozenset[str], int]] = {
    "sudo": (frozenset({"-u", "-g", "-h", "-p", "-U", "-C", "-r", "-t", "--user", "--group"}), 0),
    "doas": (frozenset({"-u", "-C"}), 0),
    "env": (frozenset({"-u", "-C", "-S", "--unset", "--chdir"}), 0),
    "watch": (frozenset({"-n", "--interval"}), 0),
    "timeout": (frozenset({"-k", "-s", "--kill-after", "--signal"}), 1),
    "xargs": (
        frozenset({"-n", "-I", "-P", "-L", "-d", "-a", "-s", "-E", "--max-args", "--max-procs", "--replace"}),
        0,
    ),
    "nohup": (frozenset(), 0),
    "nice": (frozenset({"-n"}), 0),
    "ionice": (frozenset({"-c", "-n"}), 0),
    "stdbuf": (frozenset({"-i", "-o", "-e"}), 0),
    "time": (frozenset({"-f", "-o"}), 0),
    "exec": (frozenset({"-a"}), 0),
    "command": (frozenset(), 0),
    "builtin": (frozenset(), 0),
}


class Program(Struct, frozen=True, kw_only=True):
    """The program that a call comes down to, and what it is wrapped in."""

    words: tuple[Word, ...]
    wrappers: tuple[str, ...] = ()  # the outermost first

    @property
    def name(self) -> str:
        """Its name without its directory, "" where it is not literal or there is none."""
        return self.words[0].value.rpartition("/")[2] if self.words and self.words[0].literal else ""


def program_of(words: Sequence[Word]) -> Program:
    """The innermost program of a call's words."""
    rest = tuple(words)
    wrappers: list[str] = []
    while rest and rest[0].literal and (known := _WRAPPERS.get(rest[0].value.rpartition("/")[2])):
        inner = _behind(rest[1:], *known, assignments=rest[0].value.endswith(("env", "sudo")))
        if not inner:
            break
        wrappers.append(rest[0].value.rpartition("/")[2])
        rest = inner
    return Program(words=rest, wrappers=tuple(wrappers))


def _behind(words: tuple[Word, ...], valued: frozenset[str], before: int, *, assignments: bool) -> tuple[Word, ...]:
    index = 0
    while index < len(words):
        value = words[index].value
        if value == "--":
            index += 1
            break
        if value.startswith("-"):
            index += 2 if value in valued else 1
        elif assignments and "=" in value and value.partition("=")[0].isidentifier():
            index += 1
        else:
            break
    return words[index + before :]
