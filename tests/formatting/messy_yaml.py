"""Valid documents written as nobody would: any quotes, any indentation, brackets or blocks, comments anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

#: Characters that YAML, the formatter or a reader may stumble over.
_TRICKY = "ab1 :#,'\"[]{}-?&*!|>%@`~\\=/.中文（）“”、。，é"
WORDS = st.text(_TRICKY, min_size=1, max_size=24).filter(lambda text: bool(text.strip()))
LONG = st.lists(WORDS, min_size=1, max_size=9).map(" ".join)
TITLES = st.fixed_dictionaries({"zh": WORDS, "en": LONG})
COMMENTS = st.text("ab #:'\"中-[]{}", max_size=12).map(lambda text: f"# {text}".rstrip())
NAMES = st.from_regex(r"[a-z][a-z0-9]{1,6}(_[a-z]{1,4})?", fullmatch=True).filter(
    lambda name: name not in ("true", "false", "null", "in", "as", "if", "for", "let", "var", "loop", "void", "else")
)
EXPRESSIONS = st.sampled_from(
    ["employees >= 30", 'name == "a"', "!licensed && (a || b)", "has(x)", '"it\'s" == name', "true", "x in [1, 2]"]
)

_CONDITIONS = st.one_of(
    EXPRESSIONS,
    st.fixed_dictionaries({
        "chosen_by": NAMES,
        "readings": st.dictionaries(NAMES, EXPRESSIONS, min_size=2, max_size=3),
    }),
)  # fmt: skip
_CLAUSES = st.one_of(st.sampled_from(["11(1)", "G7", "order-1#2", "7"]), st.just(["2", "a#b c"]))
_ROWS = st.lists(
    st.fixed_dictionaries({"then": st.sampled_from(["red", "blue", "none", "yes", "1.50"])}, optional={
        "clause": _CLAUSES, "title": TITLES,
    }).flatmap(lambda row: _CONDITIONS.map(lambda when: {**row, "when": when})),
    min_size=1, max_size=3,
)  # fmt: skip
_RULES = st.one_of(
    st.fixed_dictionaries(
        {"finding": st.sampled_from(["major", "general"]), "when": _CONDITIONS, "title": TITLES, "clause": _CLAUSES,
         "on": NAMES, "id": NAMES},
        optional={"note": TITLES, "applies": _CONDITIONS, "confidence": st.just("from-memory"),
                  "remedy": st.fixed_dictionaries({"facts": st.lists(NAMES, max_size=4), "text": TITLES})},
    ),
    st.fixed_dictionaries(
        {"on": NAMES, "title": TITLES, "grade": NAMES, "clause": _CLAUSES, "id": NAMES,
         "table": st.fixed_dictionaries({
             "otherwise": st.sampled_from(["none", "blue"]), "rows": _ROWS,
             "hit": st.sampled_from(["first", "collect max"]),
         })},
    ),
)  # fmt: skip
RULESETS = st.fixed_dictionaries(
    {"ruleset": NAMES, "instrument": NAMES, "title": TITLES}, optional={"rules": st.lists(_RULES, max_size=3)}
)

_FACTS = st.recursive(
    st.sampled_from(["0111", "yes", "no", "word", "two words", "a, b", "x: y", "-", "# no comment"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3), st.dictionaries(NAMES, inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)
_CASES = st.fixed_dictionaries(
    {"facts": st.dictionaries(NAMES, _FACTS, max_size=3), "as_of": st.just("2024-06-01"),
     "expect": st.dictionaries(NAMES, st.one_of(
         st.sampled_from(["found", "red", "no_value"]),
         st.fixed_dictionaries({"needs": st.lists(NAMES, min_size=1, max_size=2), "undetermined": st.just("true")}),
     ), min_size=1, max_size=3)},
    optional={"law_at": st.just("2024-01-01"), "closed": st.lists(NAMES, min_size=1, max_size=2), "note": WORDS},
)  # fmt: skip
TESTS = st.lists(_CASES, min_size=1, max_size=3).map(
    lambda cases: [{**case, "name": f"case {number}"} for number, case in enumerate(cases)]
)


class Writer:
    """Writes data, asking ``draw`` for every choice of style."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any], plain_true: bool) -> None:
        self.draw = draw
        self.plain_true = plain_true

    def coin(self) -> bool:
        return bool(self.draw(st.booleans()))

    def document(self, data: Any) -> str:
        lines = self.block(data, 0)
        return "\n".join([*self.extra(0), *lines, *self.extra(self.draw(st.integers(0, 6)))]) + self.draw(
            st.sampled_from(["\n", "", "\n\n"])
        )

    def extra(self, indent: int) -> list[str]:
        """Comments and blank lines that may stand before an entry."""
        kinds = self.draw(st.lists(st.integers(0, 5), max_size=2))
        return ["" if kind < 2 else " " * indent + self.draw(COMMENTS) for kind in kinds if kind < 4]

    def behind(self) -> str:
        return f" {self.draw(COMMENTS)}" if self.draw(st.integers(0, 5)) == 0 else ""

    def block(self, data: Any, indent: int) -> list[str]:
        margin = " " * indent
        deeper = indent + self.draw(st.integers(1, 4))
        lines: list[str] = []
        for key, value in data.items() if isinstance(data, dict) else ((None, each) for each in data):
            lines += self.extra(indent) if lines or indent == 0 else []
            head = f"{margin}-" if key is None else f"{margin}{self.key(key)}:"
            if isinstance(value, dict | list) and value and self.coin():
                lines.append(head + self.behind())
                lines += self.extra(deeper)
                lines += self.block(value, deeper)
            elif (
                isinstance(value, str) and " " in value and value == value.strip() and self.draw(st.integers(0, 9)) == 0
            ):
                lines += [f"{head} {self.draw(st.sampled_from(['|-', '>-']))}{self.behind()}", f"{' ' * deeper}{value}"]
            else:
                lines.append(f"{head} {self.flow(value, deeper)}{self.behind()}")
        return lines

    def flow(self, value: Any, indent: int) -> str:
        if isinstance(value, dict):
            return self.brackets("{}", [f"{self.key(k)}: {self.flow(v, indent)}" for k, v in value.items()], indent)
        if isinstance(value, list):
            return self.brackets("[]", [self.flow(each, indent) for each in value], indent)
        return self.scalar(value)

    def brackets(self, marks: str, parts: list[str], indent: int) -> str:
        gap = self.draw(st.sampled_from(["", " ", f"\n{' ' * indent}"]))
        between = self.draw(st.sampled_from([", ", f",\n{' ' * indent}", f", # c\n{' ' * indent}"]))
        return marks[0] + gap + between.join(parts) + gap + marks[1]

    def key(self, key: str) -> str:
        return json.dumps(key) if self.draw(st.integers(0, 5)) == 0 else key

    def scalar(self, value: str) -> str:
        if value in ("true", "2024-06-01", "2024-01-01"):
            return value if value != "true" or self.plain_true else json.dumps(value)
        quoted = [json.dumps(value, ensure_ascii=False), f"'{value.replace(chr(39), chr(39) * 2)}'"]
        safe = value.replace(".", "").replace("_", "").replace("-", "")
        if safe.isascii() and safe.isalpha():
            quoted.append(value)
        return str(self.draw(st.sampled_from(quoted)))


@st.composite
def messy(draw: Callable[[st.SearchStrategy[Any]], Any], data: st.SearchStrategy[Any] = RULESETS) -> str:
    """A document with its first key first, and everything else as the dice fall."""
    found = draw(data)
    return Writer(draw, isinstance(found, list)).document(
        {"ruleset": found["ruleset"], **found} if isinstance(found, dict) else found
    )
