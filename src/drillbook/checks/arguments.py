"""Takes a program's arguments apart into flags and the rest, without knowing whether they are right."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct

from drillbook.checks.model import Spot
from drillbook.checks.shell import Word


def words(text: str) -> frozenset[str]:
    """A set of words, written with spaces between them."""
    return frozenset(text.split())


class Flag(Struct, frozen=True, kw_only=True):
    """A flag, and its value where it takes one."""

    name: str  # with its dashes: "-n", "--namespace"
    value: Word | str | None  # a str where it is joined: "--namespace=x", "-nx"
    word: Word  # that the flag's name stands in
    spot: Spot  # of the flag with its value

    @property
    def text(self) -> str:
        """The value, "" where there is none."""
        return self.value.value if isinstance(self.value, Word) else self.value or ""

    @property
    def literal(self) -> bool:
        """Whether the value holds no expansion."""
        return (self.value if isinstance(self.value, Word) else self.word).literal


class Arguments(Struct, frozen=True, kw_only=True):
    """Flags, other words, and the words behind a bare ``--``."""

    flags: tuple[Flag, ...] = ()
    words: tuple[Word, ...] = ()
    behind: tuple[Word, ...] = ()
    dashes: bool = False  # a bare -- stands there

    def flag(self, *names: str) -> Flag | None:
        """The last flag of one of these names, since it wins."""
        return next((each for each in reversed(self.flags) if each.name in names), None)

    def has(self, *names: str) -> bool:
        """Whether such a flag is there and is not switched off by ``=false``."""
        found = self.flag(*names)
        return found is not None and found.text != "false"

    def text(self, *names: str) -> str:
        """The value of such a flag, "" where there is none."""
        found = self.flag(*names)
        return found.text if found else ""


class Grammar(Struct, frozen=True, kw_only=True):
    """Which flags take a value from the next word."""

    valued: AbstractSet[str]
    switches: AbstractSet[str] | None = None  # where it is known which do not: all other long ones are taken to
    clustered: bool = True  # -it is -i -t, -nx is -n x


def split_arguments(words: Sequence[Word], grammar: Grammar) -> Arguments:
    """Take the words behind a program's name apart."""
    flags: list[Flag] = []
    rest: list[Word] = []
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if word.value == "--":
            return Arguments(flags=tuple(flags), words=tuple(rest), behind=tuple(words[index:]), dashes=True)
        if not word.value.startswith("-") or word.value == "-":
            rest.append(word)
            continue
        following = words[index] if index < len(words) else None
        made = _flags(word, following, grammar)
        flags += made
        if made[-1].value is not None and made[-1].value is following:
            index += 1
    return Arguments(flags=tuple(flags), words=tuple(rest))


def _flags(word: Word, following: Word | None, grammar: Grammar) -> list[Flag]:
    if word.value.startswith("--") or not grammar.clustered:
        name, equals, value = word.value.partition("=")
        return [_flag(name, value, word)] if equals else [_alone(name, word, following, grammar)]
    made: list[Flag] = []
    letters = word.value[1:]
    for at, letter in enumerate(letters):
        rest = letters[at + 1 :]
        if rest.startswith("=") or (f"-{letter}" in grammar.valued and rest):
            return [*made, _flag(f"-{letter}", rest.removeprefix("="), word)]
        made.append(_flag(f"-{letter}", None, word) if rest else _alone(f"-{letter}", word, following, grammar))
    return made


def _alone(name: str, word: Word, following: Word | None, grammar: Grammar) -> Flag:
    takes = name in grammar.valued
    if not takes and grammar.switches is not None and name.startswith("--"):
        takes = name not in grammar.switches and following is not None and not following.value.startswith("-")
    return _flag(name, following if takes else None, word)


def _flag(name: str, value: Word | str | None, word: Word) -> Flag:
    spot = word.spot.up_to(value.spot) if isinstance(value, Word) else word.spot
    return Flag(name=name, value=value, word=word, spot=spot)
