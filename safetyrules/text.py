"""Bilingual text: every title, message and report exists in Chinese and English from one source."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = re.compile(r"([\\`*<>|\[\]]|(?<!\w)_|_(?!\w))")
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Text(NamedTuple):
    """The same words in both languages."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def format(self, **values: object) -> Text:
        """Both texts with ``{name}`` fields filled; a `Text` among the values is used in its own language."""
        return Text(
            self.zh.format(**{k: v.zh if isinstance(v, Text) else v for k, v in values.items()}),
            self.en.format(**{k: v.en if isinstance(v, Text) else v for k, v in values.items()}),
        )


def same(words: str) -> Text:
    """A text that reads the same in both languages: identifiers, numbers, symbols."""
    return Text(words, words)


def markdown_safe(words: str) -> str:
    """With nothing that Markdown, or a cell of its tables, takes for markup."""
    return _MARKUP.sub(r"\\\1", words.replace("\n", " "))


def xml_safe(words: str) -> str:
    """Without characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", words)
