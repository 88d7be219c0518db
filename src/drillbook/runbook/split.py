"""What splitting a shell text gives: the places of its statements and comments, or why there are none."""

from msgspec import Struct


class Span(Struct, frozen=True, gc=False):
    """Character offsets in a text, the end not included."""

    start: int
    end: int


class Split(Struct, frozen=True, kw_only=True):
    """The statements and the comments outside of them, each in order."""

    statements: tuple[Span, ...]
    comments: tuple[Span, ...]


class Unsplit(Struct, frozen=True, kw_only=True):
    """Why a text could not be split, and the offset in bytes at which it shows."""

    message: str
    offset: int
