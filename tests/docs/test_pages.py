"""The documentation does what it says, its links lead somewhere, and no hook is left out."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from pages import ROOT, blocks, fits, workplace

import safetyrules
from safetyrules import hookspecs
from safetyrules.cli.application import application

FOLDERS = ("*.md", "docs/*.md", "docs/[!d]*/*.md", "docs/handbook/*/*.md")
PAGES = sorted(page for folder in FOLDERS for page in ROOT.glob(folder))
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_a_page_shows_is_what_happens(page: Path) -> None:
    with workplace() as session:
        for block in blocks(page.read_text(encoding="utf-8")):
            real = session.run(block)
            if real is not None:
                shown = block.body.splitlines()
                assert fits(shown, real.splitlines()), f"{name(page)}:{block.line} really prints\n{real}"


@pytest.mark.parametrize("page", [*PAGES, ROOT / "docs" / "diagnostics" / "README.md"], ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    dead = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert dead == []


def test_every_hook_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "hooks.md").read_text(encoding="utf-8")
    hooks = [n for n, member in vars(hookspecs).items() if hasattr(member, f"{hookspecs.GROUP}_spec")]
    assert hooks == ["safetyrules_documents"]
    for hook in hooks:
        assert f"\n## `{hook}" in page
        assert inspect.getdoc(getattr(hookspecs, hook))


def test_every_public_name_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    assert [public for public in safetyrules.__all__ if f"`{public}" not in page] == []


def test_every_verb_and_option_is_documented() -> None:
    import typer

    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    group = typer.main.get_command(application)
    missing = []
    for verb, command in group.commands.items():  # type: ignore[attr-defined]
        if f"\n## `{verb}" not in page:
            missing.append(verb)
        for parameter in command.params:
            options = [each for each in getattr(parameter, "opts", ()) if each.startswith("--") and each != "--help"]
            missing.extend(f"{verb} {option}" for option in options if f"`{option}" not in page)
    assert missing == []


def test_outside_links_are_few_and_known() -> None:
    outside = {link for page in PAGES for link in re.findall(r"\]\((https?:[^)]+)\)", page.read_text(encoding="utf-8"))}
    assert outside <= {"https://github.com/google/cel-spec"}
