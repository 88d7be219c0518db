"""What a shell command consists of, each part with its place in the document."""

from enum import StrEnum

from msgspec import Struct

from drillbook.checks.model import Spot


class ExpansionKind(StrEnum):
    """What the shell puts in."""

    VARIABLE = "variable"
    COMMAND = "command"
    ARITHMETIC = "arithmetic"
    PROCESS = "process"


class Expansion(Struct, frozen=True, kw_only=True, gc=False):
    """A part of a word that the shell replaces."""

    kind: ExpansionKind
    text: str  # as written, "$(date +%s)"
    name: str  # of a variable, else ""
    quoted: bool
    defaulted: bool  # ${X:-…} and its like: an unset variable was thought of
    spot: Spot


class Word(Struct, frozen=True, kw_only=True, gc=False):
    """A word of a command."""

    text: str  # as it stands in the document
    value: str  # without quotes and backslashes; expansions as written
    literal: bool  # no expansion: the value is what the command gets, but for a glob
    quoted: bool  # some part is quoted
    glob: bool  # holds * ? or [ outside of quotes
    expansions: tuple[Expansion, ...]
    spot: Spot


class Redirect(Struct, frozen=True, kw_only=True, gc=False):
    """A redirection."""

    operator: str  # one of > >> >| < <> << <<- <<< >& <& &> &>>
    descriptor: int | None  # the number before it, if any
    target: Word | None  # the file or the here-document's end word
    body: Word | None  # the here-document's text
    spot: Spot


class Assignment(Struct, frozen=True, kw_only=True, gc=False):
    """A variable that a command sets."""

    name: str
    value: Word | None  # None for "export X" and for arrays
    spot: Spot


class Place(Struct, frozen=True, kw_only=True, gc=False):
    """Where in its command a call stands."""

    pipeline: int = -1  # number of its pipeline in the command, from 0; a call outside of pipes has one of its own
    stage: int = 0  # place in the pipeline, from 0
    stages: int = 1
    operator: str = ""  # joins its pipeline with the next one: && || ; & or "" at the end
    previous: str = ""  # joins the one before with its own: && || or ""
    loop: str = ""  # while, until or for: the innermost one around it
    condition: bool = False  # of an if, while or until
    substitution: bool = False  # in $(…), `…` or <(…)
    subshell: bool = False
    background: bool = False
    negated: bool = False
    function: str = ""  # name of the function that it is the body of

    @property
    def last_stage(self) -> bool:
        """Whether the pipeline's exit status is its own."""
        return self.stage == self.stages - 1


class Call(Struct, frozen=True, kw_only=True, gc=False):
    """One program or builtin with its arguments; assignments alone are a call without words.

    ``export`` and its like are calls whose assignments are not among their words; ``[[`` and ``((`` are calls too.
    """

    words: tuple[Word, ...]
    assignments: tuple[Assignment, ...]
    redirects: tuple[Redirect, ...]
    place: Place
    spot: Spot

    @property
    def name(self) -> str:
        """The program's name without its directory, "" where it is not literal or there is none."""
        return self.words[0].value.rpartition("/")[2] if self.words and self.words[0].literal else ""

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words behind the name."""
        return self.words[1:]


class Remark(Struct, frozen=True, kw_only=True, gc=False):
    """A comment within or right behind a command; its text has no hash sign and is not stripped."""

    text: str
    spot: Spot


class Syntax(Struct, frozen=True, kw_only=True, gc=False):
    """All that was read from one command."""

    calls: tuple[Call, ...] = ()  # in the document's order: a call before those in its substitutions
    redirects: tuple[Redirect, ...] = ()  # of calls and of whole loops and groups
    expansions: tuple[Expansion, ...] = ()  # wherever they stand
    loop_variables: tuple[Assignment, ...] = ()
    remarks: tuple[Remark, ...] = ()
    readable: bool = True  # False where it is no shell or too long or too deep to be read
