"""The parts of the language reference that are made of the grammar and of the keys that readers read.

``python tests/docs/language_tables.py`` writes them between their marks, ``<!-- made: NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from lark import Lark

from safetyrules.language import document_keys as k
from safetyrules.language.cel import KEYWORDS, PRECEDENCE, QUANTIFIERS
from safetyrules.language.cel_refusals import RESERVED
from safetyrules.language.document_shapes import Alternatives, Either, Entries, Items, Shape, Value, Whole, Words
from safetyrules.language.functions import FUNCTIONS, MANY
from safetyrules.language.reading.names import NameShape

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "language.md"
MARKED = re.compile(r"(<!-- made: (?P<name>[^>]+?) -->\n).*?(<!-- end -->)", re.DOTALL)
SIMPLE = {
    "words": "words", "text": "text", "expression": "expression", "outcome": "value, or `{is: expression}`",
    "outcome or none": "value, `{is: expression}`, or `none`", "citation": "clause", "literal": "value",
    "number": "number", "flag": "`true` or `false`", "yes": "`true`", "day": "day, or `null`", "word": "word",
    "cell": "cell",
}  # fmt: skip


def updated(page: str) -> str:
    """The page with every made part as it must be."""
    return MARKED.sub(lambda mark: f"{mark[1]}{part(mark['name'])}{mark[3]}", page)


def part(name: str) -> str:
    if name == "grammar":
        return f"```ebnf\n{grammar()}```\n"
    if name == "words":
        return words()
    if name == "functions":
        return functions()
    return keys(shapes()[name])


# ---- keys -----------------------------------------------------------------------------------------------------------


def shapes() -> dict[str, Shape]:
    """Every shape of a document, by its name."""
    found: dict[str, Shape] = {}
    pending: list[Value] = list(reversed(k.DOCUMENTS.values()))
    while pending:
        value = pending.pop()
        if isinstance(value, Shape):
            if value.name not in found:
                found[value.name] = value
                pending.extend(key.of for key in reversed(value.keys))
        elif isinstance(value, Items | Entries):
            pending.append(value.of)
        elif isinstance(value, Either):
            pending.extend(reversed(value.of))
        elif isinstance(value, Alternatives):
            pending.extend(shape for _, shape in reversed(value.shapes))
        elif value in ("outcome", "outcome or none"):
            pending.append(k.OUTCOME)
    return found


def keys(shape: Shape) -> str:
    lines = ["| key | holds | meaning |", "|---|---|---|"]
    for key in shape.keys:
        name = f"**`{key.name}`**" if key.required else f"`{key.name}`"
        lines.append(f"| {name} | {holds(key.of)} | {key.text.en} |")
    sentences = " ".join(together(shape))
    return "\n".join([*lines, *((f"\n{sentences}",) if sentences else ())]) + "\n"


def holds(value: Value) -> str:
    """What stands at a key, in words."""
    match value:
        case Shape():
            return f"[{value.what.en}](#{value.name.replace(' ', '-')})"
        case Alternatives():
            return " or ".join(holds(shape) for _, shape in value.shapes)
        case NameShape():
            return re.sub("^(a|an|the) ", "", value.what.en)
        case Words(given):
            return ", ".join(f"`{each}`" for each in given)
        case Whole(low):
            return f"whole number from {low}"
        case Items(of, _, alone):
            return f"{holds(of)}, or a list" if alone else f"list: {holds(of)}"
        case Entries(names, of):
            return f"mapping: {holds(names)} to {holds(of)}"
        case Either(of):
            return " or ".join(holds(each) for each in of)
    return SIMPLE[value]


def together(shape: Shape) -> Iterator[str]:
    for group in shape.one_of:
        yield f"Exactly one of {listed(group)}."
    for others, names in turned(shape.one_beside).items():
        yield f"With {listed(names, 'or')}, exactly one of {listed(others)}."
    for key, others in shape.needs.items():
        yield f"`{key}` needs {listed(others)}."
    for others, names in turned(shape.beside).items():
        yield f"{listed(names)} only with {listed(others, 'or')}."


def turned(pairs: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """The keys of which the same is said, together."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for key, others in pairs.items():
        found[others] = (*found.get(others, ()), key)
    return found


def listed(names: tuple[str, ...], word: str = "and") -> str:
    shown = [f"`{name}`" for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {word} {shown[-1]}"


# ---- expressions ----------------------------------------------------------------------------------------------------


def grammar() -> str:
    """The grammar of expressions, without what only the builder of trees needs."""
    text = files("safetyrules.language").joinpath("cel.lark").read_text(encoding="utf-8")
    Lark(text, parser="lalr")
    literals = {name: f'"{word}"' for name, word in re.findall(r'^_?([A-Z_]+): "([^"]+)"$', text, re.MULTILINE)}
    made: list[str] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith(("//", "%ignore")) or re.match(r'_?[A-Z_]+: "', line):
            continue
        if not re.match("[A-Z]", line):
            line = re.sub(r"^\?|\s*-> \w+$", "", line)
            line = re.sub(r"\b_?([A-Z_]{2,})\b", lambda word: literals.get(word[1], word[1]), line)
        if re.match(r"STRING", line):
            line = """STRING: "…" or '…', or tripled over several lines; with \\ escapes, or raw after r"""
        made.append(re.sub(r"^(\w+)(?:\.\d+)?: ", r"\1 = ", line))
    return "\n".join(made) + "\n"


def words() -> str:
    levels: dict[int, list[str]] = {}
    for operator, level in PRECEDENCE.items():
        levels.setdefault(level, []).append(operator)
    binding = [" ".join(f"`{each}`" for each in levels[level]) for level in sorted(levels)]
    lines = [
        f"Operators, from the loosest to the tightest: `? :`; {'; '.join(binding)}; `!` and `-` before one operand. "
        "Of equals the left one goes first; comparisons cannot be chained.",
        f"Macros over lists: {', '.join(f'`{each}`' for each in sorted(set(QUANTIFIERS.values())))}; and `has`.",
        f"Keywords: {', '.join(f'`{each}`' for each in sorted(KEYWORDS))}. Kept by CEL, so no names: "
        f"{', '.join(f'`{each}`' for each in sorted(RESERVED))}.",
    ]
    return "\n\n".join(lines) + "\n"


def functions() -> str:
    lines = ["| function | arguments |", "|---|---|"]
    for name, (least, most, _) in sorted(FUNCTIONS.items(), key=lambda each: each[0].lstrip(".")):
        less = 1 if name.startswith(".") else 0
        fewest, greatest = least - less, most - less
        count = f"{fewest} or {greatest}" if fewest != greatest else str(fewest)
        if most == MANY:
            count = f"{fewest} or more"
        lines.append(f"| `{'text' if less else ''}{name}` | {count} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
