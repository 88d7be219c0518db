"""The gateway's configuration file, read once at start: whatever is wrong with it ends the process."""

from configparser import ConfigParser, SectionProxy
from configparser import Error as SyntaxProblem
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gateway import tokens
from gateway.tokens import Tokens

HIGHEST_PORT = 65535


class ConfigError(Exception):
    """The configuration cannot be used; the text says which file, section and key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Every setting of the gateway, checked."""

    listen_port: int
    health_port: int
    upstream_url: str
    upstream_timeout_s: float
    cache_dir: Path
    snapshot_interval_s: float
    drain_s: float
    enable_dpdk: bool
    dpdk_port: int
    dpdk_telemetry_socket: Path
    enable_audit_logging: bool
    log_all_requests: bool
    log_dir: Path
    tokens: Tokens


def load(path: Path) -> Config:
    """Read and check the file.

    Raises:
        ConfigError: The file is absent, is no INI file, lacks a required key, or a value has the wrong form; or the
            tokens beside it have.
    """
    parser = ConfigParser(interpolation=None)
    try:
        parser.read_string(_text(path), source=str(path))
    except SyntaxProblem as problem:
        raise ConfigError(f"{path} cannot be parsed: {' '.join(str(problem).split())}") from problem
    gateway, security = _Section(parser, "api_gateway", path), _Section(parser, "security", path)
    return Config(
        listen_port=gateway.port("listen_port"),
        health_port=gateway.port("health_port"),
        upstream_url=gateway.url("upstream_url"),
        upstream_timeout_s=gateway.number("upstream_timeout_ms", default=2000) / 1000,
        cache_dir=Path(gateway.text("cache_dir")),
        snapshot_interval_s=gateway.number("snapshot_interval_s", default=30),
        drain_s=gateway.number("drain_s", default=1),
        enable_dpdk=gateway.flag("enable_dpdk"),
        dpdk_port=int(gateway.number("dpdk_port", default=0)),
        dpdk_telemetry_socket=Path(
            gateway.text("dpdk_telemetry_socket", default="/var/run/dpdk/rte/dpdk_telemetry.v2"),
        ),
        enable_audit_logging=security.flag("enable_audit_logging"),
        log_all_requests=security.flag("log_all_requests"),
        log_dir=Path(gateway.text("log_dir", default="/var/log/ultra-cpp")),
        tokens=_tokens(
            Path(security.text("tokens_file", default="/etc/ultra-cpp-tokens/tokens")),
            Path(security.text("revoked_file", default="/etc/ultra-cpp-revoked/revoked")),
        ),
    )


def _tokens(path: Path, revoked: Path) -> Tokens:
    """A gateway without a tokens file is one that nobody has a token for."""
    found, gone = (_text(file) if file.exists() else "" for file in (path, revoked))
    try:
        return tokens.parse(found, gone)
    except tokens.TokensError as problem:
        raise ConfigError(f"{path}: {problem}") from problem


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as problem:
        raise ConfigError(f"cannot read {path}: {problem.strerror}") from problem
    except UnicodeDecodeError as problem:
        raise ConfigError(f"{path} is not UTF-8 text") from problem


class _Section:
    """One section, whose readers name the file, the section and the key in what they raise."""

    def __init__(self, parser: ConfigParser, name: str, path: Path) -> None:
        if not parser.has_section(name):
            raise ConfigError(f"{path}: section [{name}] is missing")
        self._values: SectionProxy = parser[name]
        self._where = f"{path}: [{name}]"

    def text(self, key: str, *, default: str | None = None) -> str:
        value = self._values.get(key, default)
        if value is None:
            raise ConfigError(f"{self._where} lacks the required key {key}")
        if not value.strip():
            raise ConfigError(f"{self._where} {key} is empty")
        return value.strip()

    def flag(self, key: str) -> bool:
        text = self.text(key)
        state = ConfigParser.BOOLEAN_STATES.get(text.lower())
        if state is None:
            raise ConfigError(f"{self._where} {key} must be true or false, not {text!r}")
        return state

    def number(self, key: str, *, default: float | None = None) -> float:
        text = self.text(key, default=None if default is None else str(default))
        try:
            value = float(text)
        except ValueError:
            value = -1
        if not 0 <= value < float("inf"):
            raise ConfigError(f"{self._where} {key} must be a number, 0 or more, not {text!r}")
        return value

    def port(self, key: str) -> int:
        value = self.number(key)
        if not value.is_integer() or not 0 < value <= HIGHEST_PORT:
            raise ConfigError(f"{self._where} {key} must be a TCP port, not {value:g}")
        return int(value)

    def url(self, key: str) -> str:
        text = self.text(key)
        parts = urlsplit(text)
        if parts.scheme != "http" or not parts.hostname:
            raise ConfigError(f"{self._where} {key} must be an http:// address, not {text!r}")
        return text.rstrip("/")
