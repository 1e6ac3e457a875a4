"""An SVG as PNG, by resvg (the extra ``report``), with the fonts of the system."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import sqrt
from pathlib import Path
from unicodedata import east_asian_width

from safetyrules.diagnostics import RequestError, diagnostic
from safetyrules.drawing.svg import FONTS
from safetyrules.text import same

#: A picture of more pixels than this is made smaller.
MOST_PIXELS = 48_000_000


def png(svg: str, width: float, height: float, fonts: Sequence[Path] = (), zoom: float = 2.0) -> bytes:
    """The picture in pixels: ``zoom`` times as large, unless it would be too large. Raises RequestError (SR4231)."""
    fitting = min(zoom, sqrt(MOST_PIXELS / (width * height)))
    return _render(svg, fitting, tuple(str(font) for font in fonts))


def shows(words: str, fonts: Sequence[Path] = ()) -> bool:
    """Is there a font with Chinese characters, or no need of one? Without one, all of them look alike."""
    if not any(east_asian_width(each) in "WF" for each in words):
        return True
    return _has_chinese(tuple(str(font) for font in fonts))


@lru_cache(maxsize=8)
def _has_chinese(fonts: tuple[str, ...]) -> bool:
    one, two = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20" font-family="{FONTS}">'
        f'<text y="16" font-size="16">{each}</text></svg>'
        for each in "中国"
    )
    return _render(one, 1, fonts) != _render(two, 1, fonts)


def _render(svg: str, zoom: float, fonts: tuple[str, ...]) -> bytes:
    try:
        import resvg_py
    except ImportError as error:
        raise RequestError(
            [diagnostic("SR4231", module="resvg-py", fix=same("pip install 'safetyrules[report]'"))]
        ) from error
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=zoom, font_files=list(fonts) or None))
