"""Getting the public CEL conformance tests (cel-spec, tests/simple), which are not kept in this repository.

They come with the source distribution of cel-python, pinned here by version and digest. ``python fetch.py`` fetches
them ahead of time; the tests do so themselves when they are missing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

DISTRIBUTION = "cel-python"
VERSION = "0.5.0"
SHA256 = "3eb0a619e8df0f338d0430cda01427a742e77e3c433a1c7c3ebd409cd804c45a"


def cache_folder() -> Path:
    """Where the files are kept: ``SAFETYRULES_CEL_SPEC``, or a folder in the user's cache."""
    chosen = os.environ.get("SAFETYRULES_CEL_SPEC")
    if chosen:
        return Path(chosen)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "safetyrules" / f"cel-spec-from-{DISTRIBUTION}-{VERSION}"


def fetch() -> Path:
    """The folder with the ``*.textproto`` files, fetched unless it is there already."""
    folder = cache_folder()
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        unpacked = Path(scratch) / "cel-spec"
        unpacked.mkdir()
        _unpack(_download(Path(scratch)), unpacked)
        try:
            unpacked.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another process was quicker
                raise
    return folder


def _download(scratch: Path) -> Path:
    requirement = scratch / "requirement.txt"
    requirement.write_text(f"{DISTRIBUTION}=={VERSION} --hash=sha256:{SHA256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", DISTRIBUTION]
    subprocess.run([*command, "--dest", str(scratch), "--requirement", str(requirement)], check=True)
    (archive,) = scratch.glob("*.tar.gz")
    return archive


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as members:
        for member in members:
            path = PurePosixPath(member.name)
            content = members.extractfile(member) if path.suffix == ".textproto" else None
            if content is not None and path.parent.name == "features":
                (folder / path.name).write_bytes(content.read())


if __name__ == "__main__":
    print(fetch())
