"""Splits shell texts into top-level statements and comments, many texts in few shfmt processes."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice

import msgspec
from msgspec import Struct

from drillbook.runbook.plain_shell import split_plain_lines
from drillbook.runbook.shfmt import ShellSyntaxError, syntax_tree_json
from drillbook.runbook.split import Span, Split, Unsplit

_MAX_BATCH_BYTES = 65_536  # the tree's JSON is some 60 to 550 times as long: this bounds memory
_MAX_RUNS = 2_000  # processes for one document: some 6 s
_SEPARATOR = b"\n\n"  # two, lest a last backslash joins two texts
_GIVEN_UP = "behind too many syntax errors, so not split"
_NOTHING = re.compile(rb"^(?:\s|\\\n)+")  # white space and continued empty lines
_CONTINUATION = 0x80  # of a character in UTF-8


class _Position(Struct, rename="pascal"):
    offset: int


class _Comment(Struct, rename="pascal"):
    pos: _Position
    end: _Position


class _Statement(Struct, rename="pascal"):
    pos: _Position
    end: _Position
    comments: list[_Comment] = []
    semicolon: _Position | None = None


class _File(Struct, rename="pascal"):
    stmts: list[_Statement] = []
    last: list[_Comment] = []


_DECODER = msgspec.json.Decoder(_File)


class _Batch:
    """Several texts as one script."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.texts = texts
        self.starts = list(accumulate((len(text) + len(_SEPARATOR) for text in texts[:-1]), initial=0))
        self.script = _SEPARATOR.join(texts) + _SEPARATOR

    def text_at(self, offset: int) -> int:
        return bisect_right(self.starts, offset) - 1


def split_all(texts: Sequence[str]) -> list[Split | Unsplit]:
    """Split each text by itself, as if there were no other; at most some thousand processes, usually one.

    Raises:
        CannotRunError: shfmt is missing or broke down.
    """
    plain = [split_plain_lines(text) for text in texts]
    begun = [(text, start) for text, (_, start) in zip(texts, plain, strict=True)]
    rest = iter(split_with_shfmt([text[start:] for text, start in begun if start < len(text)]))
    return [
        split if start >= len(text) else _joined(split, next(rest), text[:start])
        for text, (split, start) in zip(texts, plain, strict=True)
    ]


def split_each(groups: Sequence[Sequence[str]]) -> list[list[Split | Unsplit]]:
    """Split the texts of several documents together; the answers are those of each document by itself."""
    splits = iter(split_all([text for group in groups for text in group]))
    return [_by_itself(group, list(islice(splits, len(group)))) for group in groups]


def _by_itself(texts: Sequence[str], splits: list[Split | Unsplit]) -> list[Split | Unsplit]:
    # What is said of an error hangs on the text behind it, and the number of processes is bounded for each document.
    return split_all(texts) if any(isinstance(each, Unsplit) for each in splits) else splits


def _joined(first: Split, rest: Split | Unsplit, before: str) -> Split | Unsplit:
    """The split of a text whose plain first lines, ``before``, were split apart from the rest."""
    if isinstance(rest, Unsplit):
        return Unsplit(message=rest.message, offset=rest.offset + len(before.encode()))
    shift = len(before)
    return Split(
        statements=(*first.statements, *(Span(each.start + shift, each.end + shift) for each in rest.statements)),
        comments=(*first.comments, *(Span(each.start + shift, each.end + shift) for each in rest.comments)),
    )


def split_with_shfmt(texts: Sequence[str]) -> list[Split | Unsplit]:
    """The same without a look at which texts are plain."""
    encoded = [text.encode() for text in texts]
    answers: list[Split | Unsplit] = [Unsplit(message=_GIVEN_UP, offset=0)] * len(texts)
    pending = list(_ranges(encoded))[::-1]
    runs = 0
    while pending and runs < _MAX_RUNS:
        first, last = pending.pop()
        if len(encoded[first]) > _MAX_BATCH_BYTES:
            answers[first] = Unsplit(message=f"longer than {_MAX_BATCH_BYTES:,} bytes, so not split", offset=0)
            continue
        runs += 1
        found, again = _parse(encoded[first:last])
        for index, answer in found.items():
            answers[first + index] = answer
        pending += [(first + low, first + high) for low, high in reversed(again) if low < high]
    return answers


def _ranges(texts: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    first, size = 0, 0
    for index, text in enumerate(texts):
        if size + len(text) > _MAX_BATCH_BYTES and index > first:
            yield first, index
            first, size = index, 0
        size += len(text) + len(_SEPARATOR)
    if first < len(texts):
        yield first, len(texts)


def _parse(texts: Sequence[bytes]) -> tuple[dict[int, Split | Unsplit], list[tuple[int, int]]]:
    """What is certain about the texts after one run, and the ranges of those that must be parsed again.

    A document without a syntax error costs one run, and each error about two more.
    """
    batch = _Batch(texts)
    try:
        tree = _DECODER.decode(syntax_tree_json(batch.script))
    except ShellSyntaxError as error:
        offset = _offset(batch.script, error.line, error.column)
        text = batch.text_at(offset)
        if text > 0:
            return {}, [(0, text), (text, len(texts))]  # the true cause may stand before: an unclosed quote
        return {0: Unsplit(message=error.message, offset=min(offset, len(texts[0])))}, [(1, len(texts))]
    except RecursionError:
        if len(texts) == 1:
            return {0: Unsplit(message="nested too deeply to be split", offset=0)}, []
        return {}, [(0, len(texts) // 2), (len(texts) // 2, len(texts))]
    statements = [(each.pos.offset, each.end.offset, _end(batch.script, each)) for each in tree.stmts]
    comments = [(comment.pos.offset, comment.end.offset) for each in tree.stmts for comment in each.comments]
    comments += [(comment.pos.offset, comment.end.offset) for comment in tree.last]
    return _shared_out(batch, _with_here_documents(batch.script, statements, comments), sorted(comments))


def _offset(script: bytes, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = script.find(b"\n", start) + 1
    return min(start + column - 1, len(script) - 1)


def _end(script: bytes, statement: _Statement) -> int:
    semicolon = statement.semicolon
    ends_in_it = semicolon is not None and semicolon.offset == statement.end.offset - 1
    return statement.end.offset - (1 if ends_in_it and script[statement.end.offset - 1 :][:1] == b";" else 0)


def _with_here_documents(
    script: bytes, statements: list[tuple[int, int, int]], comments: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Draw here-documents into the statements, and join statements of one line that a here-document follows.

    A statement's end as shfmt tells it leaves out here-documents within a pipeline and empty ones; but between two
    statements or comments nothing else can stand than white space, so what does stand there is such a document.
    """
    whole: list[tuple[int, int]] = []
    items = sorted([*statements, *((start, end, 0) for start, end in comments)])
    reached = 0
    for index, (start, end, end_of_text) in enumerate(items):
        if end_of_text and whole and start < whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end_of_text, whole[-1][1]))
        elif end_of_text:
            whole.append((start, end_of_text))
        reached = max(reached, end)
        following = items[index + 1][0] if index + 1 < len(items) else len(script)
        rest = _NOTHING.sub(b"", script[reached:following]).rstrip()
        if rest:
            reached += len(script[reached:following].rstrip())
            line_start = script.rfind(b"\n", 0, end) + 1
            first = reached - len(rest)
            while whole and whole[-1][1] > line_start:
                first = whole.pop()[0]
            whole.append((first, reached))
    return whole


def _shared_out(
    batch: _Batch, statements: list[tuple[int, int]], comments: list[tuple[int, int]]
) -> tuple[dict[int, Split | Unsplit], list[tuple[int, int]]]:
    parts: list[tuple[list[Span], list[Span]]] = [([], []) for _ in batch.texts]
    characters = [_Characters(text) for text in batch.texts]
    again: list[tuple[int, int]] = []
    for start, end in statements:
        text, last = batch.text_at(start), batch.text_at(end - 1)
        shift = batch.starts[text]
        if end - shift > len(batch.texts[text]):  # cut short at its end, it ran on into others
            if again and text < again[-1][1]:
                again[-1] = (again[-1][0], last + 1)
            else:
                again += [(text, text + 1), (text + 1, last + 1)]
        parts[text][0].append(characters[text].span(start - shift, end - shift))
    ends = [end for _, end in statements]
    for start, end in comments:
        enclosing = bisect_right(ends, start)
        if enclosing < len(statements) and statements[enclosing][0] <= start:
            continue
        text = batch.text_at(start)
        parts[text][1].append(characters[text].span(start - batch.starts[text], end - batch.starts[text]))
    broken = {text for low, high in again for text in range(low, high)}
    found: dict[int, Split | Unsplit] = {
        text: Split(statements=tuple(spans), comments=tuple(remarks))
        for text, (spans, remarks) in enumerate(parts)
        if text not in broken
    }
    return found, again


class _Characters:
    """Turns byte offsets of a text into character offsets."""

    def __init__(self, text: bytes) -> None:
        self._starts = None if text.isascii() else [at for at, byte in enumerate(text) if byte & 0xC0 != _CONTINUATION]

    def span(self, start: int, end: int) -> Span:
        if self._starts is None:
            return Span(start, end)
        return Span(bisect_left(self._starts, start), bisect_left(self._starts, end))
