"""Splits those shell texts, or their first lines, at a glance in which every line is a comment or a plain command.

shfmt spends 2 ms a process and 2 µs a byte on its JSON, and most blocks of a runbook need none of it. Whatever is not
plain beyond doubt is left to it: a property test holds both to the same answer.
"""

import re

from drillbook.runbook.split import Span, Split

_BARE = r"[A-Za-z0-9_./:=@%+,^~*?-]"
_VARIABLE = r"\$(?:[A-Za-z_]\w*+|\{[A-Za-z_]\w*+\})"
_SINGLE = r"'[^'\n]*+'"
_QUOTED = _SINGLE + r"|\"(?:[^\"$`\\\n]|\\[^\n]|" + _VARIABLE + r")*+\""
# Words that begin what may span lines, or that are read by rules of their own.
_NOT_RESERVED = (
    r"(?!(?:if|then|elif|else|fi|for|while|until|do|done|case|esac|select|function|time|coproc|in|let|declare|local"
    r"|export|readonly|typeset|nameref|eval|test|source|exec)(?![\w./:=@%+,^~*?-]))"
)
_INNER_WORD = rf"(?:{_BARE}++|{_VARIABLE}|{_QUOTED})++"
_INNER = rf"{_NOT_RESERVED}{_INNER_WORD}(?:[ \t]++{_INNER_WORD})*+"
_SUBSTITUTION = rf"\$\({_INNER}(?:[ \t]*+\|[ \t]*+{_INNER})*+\)"
_DOUBLE = r"\"(?:[^\"$`\\\n]|\\[^\n]|" + _VARIABLE + "|" + _SUBSTITUTION + r")*+\""
_WORD = rf"(?:{_BARE}++|{_VARIABLE}|{_SINGLE}|{_DOUBLE}|{_SUBSTITUTION})++"
_REDIRECT = rf"(?:[ \t]++2>&1|[ \t]++[12]?>>?[ \t]*+{_WORD})"
_SIMPLE = rf"{_NOT_RESERVED}{_WORD}(?:[ \t]++{_WORD}|{_REDIRECT})*+"
_LINE = re.compile(
    rf"[ \t]*+(?P<command>{_SIMPLE}(?:[ \t]*+(?:\|\|?|&&)[ \t]*+{_SIMPLE})*+)?+(?P<gap>[ \t]*+)(?P<comment>\#.*+)?+",
    re.ASCII,
)


def split_plain(text: str) -> Split | None:
    """The statements and comments of a text, None where it is not plain."""
    split, rest = split_plain_lines(text)
    return split if rest >= len(text) else None


def split_plain_lines(text: str) -> tuple[Split, int]:
    """Those of its first lines that are plain, and where the first one begins that is not, or the text ends."""
    statements, comments = [], []
    start = 0
    for line in text.split("\n"):
        match = _LINE.fullmatch(line)
        if match is None or (match["command"] and match["comment"] and not match["gap"]):
            break
        if match["command"]:
            statements.append(Span(start + match.start("command"), start + match.end("command")))
        if match["comment"]:
            comments.append(Span(start + match.start("comment"), start + match.end("comment")))
        start += len(line) + 1
    return Split(statements=tuple(statements), comments=tuple(comments)), start
