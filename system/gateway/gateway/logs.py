"""Structured logs: one JSON object a line, on stdout and in a file that stays bounded."""

import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

LARGEST_FILE_BYTES = 8 << 20


class JsonLines(logging.Formatter):
    """Writes a record, and whatever ``extra={"fields": {...}}`` carries, as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, without the newline."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def to_stdout() -> None:
    """Log to stdout alone: all there is until the configuration is read."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def to_file(directory: Path, *, audited: Sequence[str] = ()) -> None:
    """Log to ``gateway.log`` in this directory as well, and these loggers to ``audit.log`` on top.

    A directory that cannot be written is said, not fatal.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        logging.getLogger().addHandler(_file(directory / "gateway.log"))
        for audit in [_file(directory / "audit.log")] if audited else []:
            for name in audited:
                logging.getLogger(name).addHandler(audit)
    except OSError as problem:
        logging.getLogger("gateway").warning("no log file: %s", problem)


def _file(path: Path) -> RotatingFileHandler:
    handler = RotatingFileHandler(path, maxBytes=LARGEST_FILE_BYTES, backupCount=1)
    handler.setFormatter(JsonLines())
    return handler
