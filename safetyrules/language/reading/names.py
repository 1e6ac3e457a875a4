"""The shapes of names: what a fact, a rule, a document or a level may be called."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from safetyrules.language.cel import KEYWORDS
from safetyrules.language.cel_refusals import RESERVED
from safetyrules.text import Text

_WORD = "[a-z][a-z0-9]*(?:_[a-z0-9]+)*"
TAKEN = KEYWORDS | RESERVED


@dataclass(frozen=True, slots=True)
class NameShape:
    """What names of one sort look like; ``what`` completes "… cannot be …"."""

    pattern: re.Pattern[str]
    what: Text
    expected: Text
    read_in_expressions: bool = True

    def accepts(self, name: str) -> bool:
        if self.pattern.fullmatch(name) is None:
            return False
        return not (self.read_in_expressions and TAKEN.intersection(name.split(".")))

    def near(self, name: str) -> str | None:
        """A name of this shape made from ``name``, or None."""
        folded = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", unicodedata.normalize("NFKC", name))
        for spelling in (folded, folded.lower()):
            joined = re.sub("_+", "_", re.sub(r"[^\w.#/]+", "_", spelling)).strip("_.")
            for attempt in (joined, joined.replace("_", "-")):
                if self.accepts(attempt):
                    return attempt
        return None


_LOWER = Text("小写单词，以 _ 连接", "lower case words joined by _")
_DOTTED = Text("小写单词，以 _ 连接，可用点分层", "lower case words joined by _, with dots between levels")
_HYPHENED = Text("小写单词，可用 - _ . 连接", "lower case words joined by - _ or .")

NAME = NameShape(re.compile(_WORD), Text("名称", "a name"), _LOWER)
DOTTED_NAME = NameShape(re.compile(rf"{_WORD}(?:\.{_WORD})*"), Text("名称", "a name"), _DOTTED)
RULE_ID = NameShape(DOTTED_NAME.pattern, Text("规则编号", "the id of a rule"), _DOTTED)
TYPE_NAME = NameShape(DOTTED_NAME.pattern, Text("类型名", "the name of a type"), _DOTTED, False)
DOCUMENT_NAME = NameShape(
    re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*"), Text("文档名或文件编号", "the name of a document"), _HYPHENED, False
)
LEVEL = NameShape(
    re.compile(r"(?!(?:true|false|null)$)[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*"),
    Text("取值", "a value of a choice"),
    Text("字母开头，由字母、数字和 _ - . 组成", "letters and digits joined by _ - or ., starting with a letter"),
    False,
)
PLACE = NameShape(
    re.compile(r"[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*"),
    Text("地区", "a place"),
    Text("CN 或 GB/T 2260 代码", "CN or a GB/T 2260 code"),
    False,
)
PARAMETER_PATH = NameShape(
    re.compile(rf"{DOCUMENT_NAME.pattern.pattern}/{_WORD}"),
    Text("参数", "a parameter"),
    Text("规则集/参数", "ruleset/parameter"),
    False,
)
FILE_NAME = NameShape(
    re.compile(r"[^/\\.:\s][^/\\:\s]*\.csv"),
    Text("文件名", "the name of a file"),
    Text("与文档同目录的 CSV 文件名", "the name of a CSV file beside the document"),
    False,
)
