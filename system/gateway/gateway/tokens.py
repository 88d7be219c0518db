"""Who holds an API token, and whose token has been revoked."""

from dataclasses import dataclass, field
from hashlib import sha256


class TokensError(Exception):
    """A line of the tokens is no "holder token" pair; the text holds neither the line nor a token."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Holders by the digest of their token, so that a token is kept and compared nowhere."""

    holders: dict[str, str] = field(default_factory=dict, repr=False)
    revoked: frozenset[str] = frozenset()

    def holder(self, token: str) -> str | None:
        """Whose token it is, revoked or not; None when nobody's."""
        return self.holders.get(_digest(token))


def parse(tokens: str, revoked: str) -> Tokens:
    """Read "holder token" lines, and lines that name a holder whose token no longer opens anything.

    Raises:
        TokensError: A line has another form; says which.
    """
    holders: dict[str, str] = {}
    for number, words in _lines(tokens):
        if len(words) != 2:  # noqa: PLR2004 - a pair
            raise TokensError(f"line {number} must be a holder and a token")
        holders[_digest(words[1])] = words[0]
    return Tokens(holders, frozenset(words[0] for _, words in _lines(revoked)))


def _lines(text: str) -> list[tuple[int, list[str]]]:
    split = ((number, line.partition("#")[0].split()) for number, line in enumerate(text.splitlines(), 1))
    return [(number, words) for number, words in split if words]


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
