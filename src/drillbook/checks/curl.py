"""A typed view of curl calls; it takes any words and refuses none."""

import re
from collections.abc import Sequence

from msgspec import Struct

from drillbook.checks.arguments import Arguments, Grammar, split_arguments, words
from drillbook.checks.model import Spot
from drillbook.checks.shell import Word

_VALUED = words(
    """
    -X -H -d -o -m -u -F -A -b -c -e -x -w -T -r -K -E -C -y -Y -z -D -t -U -P -Q --request --header --data
    --data-raw --data-binary --data-urlencode --data-ascii --json --output --max-time --connect-timeout --user
    --form --user-agent --cookie --cookie-jar --referer --proxy --write-out --upload-file --range --config --cert
    --key --cacert --capath --retry --retry-delay --retry-max-time --resolve --connect-to --url --interface
    --limit-rate --max-redirs --unix-socket --dump-header --speed-limit --speed-time --ciphers --noproxy
    --cert-type --key-type --pass --proxy-user --form-string --output-dir --expect100-timeout --keepalive-time
    --oauth2-bearer --aws-sigv4 --stderr --trace --trace-ascii --engine --pinnedpubkey --tls-max
    """
)
_GRAMMAR = Grammar(valued=_VALUED)
_DATA = ("-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "--data-ascii", "--json")
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)


class Curl(Struct, frozen=True, kw_only=True):
    """One curl call."""

    words: tuple[Word, ...]  # from the program's name on
    arguments: Arguments
    spot: Spot

    @property
    def urls(self) -> tuple[Word | str, ...]:
        """What is fetched, in order."""
        named = [flag.value for flag in self.arguments.flags if flag.name == "--url" and flag.value is not None]
        return (*named, *self.arguments.words, *self.arguments.behind)

    @property
    def method(self) -> str:
        """The request's method in capital letters."""
        said = self.arguments.text("-X", "--request")
        if said:
            return said.upper()
        if self.arguments.has("-I", "--head"):
            return "HEAD"
        if self.arguments.has("-T", "--upload-file"):
            return "PUT"
        sends = self.arguments.has(*_DATA, "-F", "--form") and not self.arguments.has("-G", "--get")
        return "POST" if sends else "GET"

    @property
    def fails_on_error(self) -> bool:
        """Whether an HTTP error is its exit status."""
        return self.arguments.has("-f", "--fail", "--fail-with-body", "--fail-early")

    @property
    def max_time_s(self) -> float | None:
        """The time for the whole transfer in seconds, None where there is no limit or it is no number."""
        text = self.arguments.text("-m", "--max-time")
        return float(text) if _NUMBER.fullmatch(text) else None

    @property
    def has_time_limit(self) -> bool:
        """Whether anything ends a transfer that hangs; a limit for connecting alone does not."""
        return self.arguments.has("-m", "--max-time", "-y", "--speed-time")

    @property
    def data(self) -> tuple[str, ...]:
        """Everything that it sends with -d and its like."""
        return tuple(flag.text for flag in self.arguments.flags if flag.name in _DATA)

    @property
    def output(self) -> str:
        """The file that the answer goes to, else ""."""
        return self.arguments.text("-o", "--output")


def curl_of(words: Sequence[Word]) -> Curl:
    """The call whose words begin with curl."""
    return Curl(
        words=tuple(words),
        arguments=split_arguments(words[1:], _GRAMMAR),
        spot=words[0].spot.up_to(words[-1].spot),
    )
