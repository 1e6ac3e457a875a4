"""What the documentation of diagnostics takes from the catalogue: the wording at the head of each page, and the index.

``python tests/diagnostics/diagnostic_pages.py`` writes both; meaning, example and fix are written by hand.
"""

from __future__ import annotations

from pathlib import Path

from safetyrules.diagnostics.catalogue import CATALOGUE

FOLDER = Path(__file__).parents[2] / "docs" / "diagnostics"
INDEX = FOLDER / "README.md"


def head(code: str) -> str:
    text = CATALOGUE[code]
    return f"# {code}\n\n> {text.zh}\n>\n> {text.en}\n\n"


def entries() -> str:
    return "".join(f"- [{code}]({code}.md) {text.en}\n" for code, text in sorted(CATALOGUE.items()))


def write() -> None:
    for code in CATALOGUE:
        page = FOLDER / f"{code}.md"
        body = page.read_text(encoding="utf-8").partition("## Meaning\n")[2] if page.exists() else ""
        page.write_text(f"{head(code)}## Meaning\n{body}", encoding="utf-8")
    introduction = INDEX.read_text(encoding="utf-8").partition("- [SR")[0]
    INDEX.write_text(introduction + entries(), encoding="utf-8")


if __name__ == "__main__":
    write()
