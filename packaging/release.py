"""Builds everything that is published, into dist/: the wheel and source, the bundle, and their SHA-256 sums.

    python packaging/release.py

It runs on a clean tree at the tag vVERSION, and refuses while pyproject.toml names no owner. Nothing is uploaded.
"""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

import forms

from ringcentral_meetings import PROGRAM, __version__

ROOT: Final = forms.ROOT
BUNDLE: Final = ("manifest.json", "pyproject.toml", "main.py", "icon.png")
EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every entry, the earliest that a ZIP can hold, so that the same tree makes the same bundle."""


def problems() -> list[str]:
    """Return what stands against a release."""
    tag = f"v{__version__}"
    stale = [path for path, text in forms.files(forms.pins()).items() if (ROOT / path).read_text("utf-8") != text]
    checks = {
        "owner and address in [tool.ringcentral-meetings] of pyproject.toml are not set": not forms.is_set(),
        f"{', '.join(stale)}: run python packaging/forms.py": bool(stale),
        "there are changes that are not committed": bool(_git("status", "--porcelain")),
        f"this commit does not have the tag {tag}": tag not in _git("tag", "--points-at", "HEAD").split(),
    }
    return [text for text, holds in checks.items() if holds]


def bundle(folder: Path) -> Path:
    """Pack the bundle for desktop clients. It is not signed: clients do not verify signed ones reliably."""
    made = folder / f"{PROGRAM}-{__version__}.mcpb"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in BUNDLE:
            archive.writestr(zipfile.ZipInfo(name, EARLIEST), (ROOT / "packaging/mcpb" / name).read_bytes())
    return made


def build(folder: Path) -> None:
    """Build every file of a release, and a SHA256SUMS beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(folder.absolute())], cwd=ROOT, check=True)
    bundle(folder)
    made = sorted(path for path in folder.iterdir() if path.suffix in {".whl", ".gz", ".mcpb"})
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made]
    (folder / "SHA256SUMS").write_text("".join(sums), "ascii")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main() -> int:
    """Build a release; return 1, with what stands against it on stderr, where something does."""
    if found := problems():
        print(*(f"release: {problem}" for problem in found), sep="\n", file=sys.stderr)
        return 1
    build(ROOT / "dist")
    return 0


if __name__ == "__main__":
    sys.exit(main())
