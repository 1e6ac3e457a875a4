"""The pages of the data dictionary are what the installed law says."""

from __future__ import annotations

from pages import ROOT

from safetyrules.dictionary.entries import dictionary
from safetyrules.dictionary.telling import markdown_pages
from safetyrules.plugins import load_installed

FOLDER = ROOT / "docs" / "facts"


def test_the_pages_are_what_the_law_says() -> None:
    made = markdown_pages(dictionary(load_installed()), "en")
    written = {page.name: page.read_text(encoding="utf-8") for page in FOLDER.iterdir()}
    stale = [name for name in made.keys() | written.keys() if made.get(name) != written.get(name)]
    assert sorted(stale) == [], "safetyrules facts --pages docs/facts --lang en"
