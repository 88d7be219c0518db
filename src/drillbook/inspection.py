"""Looks at the files that a responder hands over, keeps them without secrets, and records what was found."""

import hashlib
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from drillbook.drill import Drill
from drillbook.effects import Clock, FileState, ResponderSession
from drillbook.evidence import EvidenceStore
from drillbook.follow import WrittenFile
from drillbook.handover import Secrets, changed_files, look_into, seen_wholly, without_secrets
from drillbook.promises import CaptureKept, ChecksumsKept, NoSecrets
from drillbook.timeline import FileInspected, HandoverInspected


@dataclass(frozen=True)
class Inspection:
    """What is looked at after one drill's procedure; relative names are taken from the working directory."""

    drill: Drill
    slug: str
    store: EvidenceStore
    clock: Clock
    directory: str

    def handed_over(
        self, session: ResponderSession, written: tuple[WrittenFile, ...], before: Mapping[str, FileState]
    ) -> tuple[WrittenFile, ...]:
        """What the commands were to write and, where more than that is promised, whatever they changed (line 0)."""
        files = tuple(dict.fromkeys(written))
        if not _of_handover(self.drill):
            return files
        known = {self._name(file.path) for file in files}
        changed = changed_files(before, session.list_files(self.directory))
        return (*files, *(WrittenFile(path, line=0) for path in changed if path not in known))

    def inspect(self, session: ResponderSession, files: tuple[WrittenFile, ...], secrets: Secrets) -> None:
        """Look into the files, keep them without secrets, and record what was found."""
        demand = self.drill.files
        if demand is None and not _of_handover(self.drill):
            return
        contents: dict[str, bytes] = {}
        for file in files:
            name = self._name(file.path)
            content = session.read_file(posixpath.join(self.directory, file.path))
            if content is not None:
                contents[name] = content
                self.store.write_file(self.slug, name, without_secrets(content, secrets))
            if demand is not None and file.line:
                self.store.append(_inspected(file, content, demand.texts, self.clock.now_s()))
        unseen = tuple(name for name, content in contents.items() if not seen_wholly(content))
        self.store.append(HandoverInspected(at_s=self.clock.now_s(), paths=tuple(contents), unseen=unseen))
        for fact in look_into(contents, secrets, at_s=self.clock.now_s()):
            self.store.append(fact)

    def _name(self, path: str) -> str:
        """A file's one name: from the working directory where it lies below it."""
        directory = self.directory.rstrip("/")
        return posixpath.normpath(posixpath.join(directory, path)).removeprefix(directory + "/")


def _of_handover(drill: Drill) -> bool:
    """Whether something is promised of all that is handed over."""
    return any(isinstance(promise, CaptureKept | ChecksumsKept | NoSecrets) for promise in drill.promises)


def _inspected(file: WrittenFile, content: bytes | None, texts: tuple[str, ...], at_s: float) -> FileInspected:
    text = (content or b"").decode(errors="replace")
    return FileInspected(
        at_s=at_s,
        path=file.path,
        line=file.line,
        exists=content is not None,
        size_bytes=len(content or b""),
        sha256=hashlib.sha256(content or b"").hexdigest(),
        texts_found=tuple(index for index, wanted in enumerate(texts) if wanted in text),
    )
