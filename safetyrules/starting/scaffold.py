"""The files of a new ruleset or plugin, made of templates: an example that checks and passes, to be changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from safetyrules.diagnostics import RequestError, diagnostic
from safetyrules.folders import TEST_ENDING
from safetyrules.formatting.document import formatted
from safetyrules.language.document_schemas import json_schema
from safetyrules.language.reading.names import NAME
from safetyrules.testing.written import json_schema as schema_of_tests
from safetyrules.text import Text, same

SCHEMAS_FOLDER = ".safetyrules"
_DOCUMENTS = "document.json"
_TESTS = "tests.json"


@dataclass(frozen=True)
class NewFile:
    """A file to be written: its path below the folder, and its text."""

    path: str
    text: str


def ruleset_files(name: str, title: Text) -> tuple[NewFile, ...]:
    """Facts, an instrument, a ruleset with its tests, and what editors need. Raises RequestError."""
    words = _words(name, title, "")
    return (*_law(name, "", words), *_for_editors())


def plugin_files(name: str, title: Text) -> tuple[NewFile, ...]:
    """A sector as an installable package. Raises RequestError."""
    package = f"safetyrules_{name}"
    words = _sector_words(_words(name, title, "../../"))
    return (
        NewFile("pyproject.toml", _filled("pyproject.toml", words)),
        NewFile("README.md", _filled("README.md", words)),
        NewFile(f"{package}/__init__.py", _filled("plugin.py", words)),
        *_law(name, f"{package}/law/", words),
        *_for_editors(),
    )


def _law(name: str, folder: str, words: Mapping[str, str]) -> tuple[NewFile, ...]:
    return tuple(
        _document(f"{folder}{file}", template, words)
        for file, template in (
            ("facts.yaml", "facts.yaml"),
            ("instruments.yaml", "instruments.yaml"),
            (f"{name}.yaml", "ruleset.yaml"),
            (f"{name}{TEST_ENDING}", "tests.yaml"),
        )
    )


def _for_editors() -> tuple[NewFile, ...]:
    """The schemas, and the settings by which an editor finds them."""
    settings = {
        "yaml.schemas": {
            f"{SCHEMAS_FOLDER}/{_TESTS}": [f"*{TEST_ENDING}"],
            f"{SCHEMAS_FOLDER}/{_DOCUMENTS}": ["*.yaml", f"!*{TEST_ENDING}"],
        },
        "yaml.format.enable": False,
    }
    return (
        NewFile(f"{SCHEMAS_FOLDER}/{_DOCUMENTS}", _json(json_schema("document/v1"))),
        NewFile(f"{SCHEMAS_FOLDER}/{_TESTS}", _json(schema_of_tests())),
        NewFile(".vscode/settings.json", _json(settings)),
    )


def write_new(folder: Path, new: tuple[NewFile, ...]) -> None:
    """Writes the files; nothing where one of them is there already. Raises RequestError."""
    there = [folder / each.path for each in new if (folder / each.path).exists()]
    if there:
        raise RequestError([diagnostic("SR4221", path=str(path), name=str(path)) for path in there])
    for each in new:
        path = folder / each.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(each.text, encoding="utf-8", newline="\n")
        except OSError as error:
            reason = same(str(error.strerror or error))
            raise RequestError([diagnostic("SR4031", path=str(path), name=str(path), reason=reason)]) from error


def _words(name: str, title: Text, schemas: str) -> dict[str, str]:
    if not NAME.accepts(name):
        near = NAME.near(name)
        raise RequestError(
            [diagnostic("SR0207", name=name, what=NAME.what, expected=NAME.expected, fix=same(near) if near else None)]
        )
    return {
        "name": name, "schemas": f"{schemas}{SCHEMAS_FOLDER}/", "heading": title.en,
        "distribution": name.replace("_", "-"),
        "zh": _quoted(title.zh), "en": _quoted(title.en),
        "zh_example": _quoted(f"{title.zh}（示例）"), "en_example": _quoted(f"{title.en} (example)"),
        "zh_grade": _quoted(f"{title.zh}风险等级"), "en_grade": _quoted(f"{title.en}: hazard grade"),
        "sector": "", "of_sector": "", "sectors": "", "clauses": "", "grade": "", "rules": "rules: .\n",
        **dict.fromkeys(("red", "yellow", "blue", "no_value", "red_or_yellow", "yellow_or_blue", "red_or_none"), ""),
    }  # fmt: skip


def _sector_words(words: dict[str, str]) -> dict[str, str]:
    """What a sector has more than a ruleset: its name on findings, and a grade."""
    name = words["name"]
    grade = f", {name}.grade: "
    more = {
        "sector": _filled("sector.yaml", words),
        "of_sector": f"sector: {name}\n",
        "sectors": f", sectors: [{name}]",
        "clauses": '      - {id: "4", title: {zh: 风险等级, en: Hazard grade}}\n',
        "grade": _filled("grade.yaml", words),
        "rules": "",
        "red": f"{grade}red",
        "yellow": f"{grade}yellow",
        "blue": f"{grade}blue",
        "no_value": f"{grade}no_value",
        "red_or_yellow": f"{grade}{{undetermined: [yellow, red]}}",
        "yellow_or_blue": f"{grade}{{undetermined: [blue, yellow]}}",
        "red_or_none": f"{grade}{{undetermined: true}}",
    }
    return {**words, **more}


def _filled(template: str, words: Mapping[str, str]) -> str:
    text = files(__package__).joinpath("templates", f"{template}.template").read_text(encoding="utf-8")
    return Template(text).substitute(words)


def _document(path: str, template: str, words: Mapping[str, str]) -> NewFile:
    content = _filled(template, words).encode()
    return NewFile(path, formatted(content, path, lambda _: b""))


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
