"""Writing law (SR42xx): tracing clauses, formatting documents, starting rulesets, drawing what rests on what."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {
    "SR4201": Text("没有通过的案例用到条款“{name}”", "no case that passes reaches clause '{name}'"),
    "SR4221": Text("已有文件 {name}，不覆盖", "{name} is there already and is not overwritten"),
    "SR4222": Text("{name} 不是有规则的规则集", "{name} is not a ruleset with rules"),
    "SR4231": Text("画 PNG 需要 {module}，没有安装", "drawing PNG needs {module}, which is not installed"),
    "SR4232": Text("图形文件名须以 .svg 或 .png 结尾", "the name of a picture must end in .svg or .png"),
    "SR4233": Text("没有可画的规则", "there are no rules to draw"),
    "SR4234": Text("没有规则集“{name}”", "there is no ruleset '{name}'"),
    "SR4235": Text(
        "没有含中文的字体，PNG 中的中文不能显示", "no font has Chinese characters: they cannot be seen in the PNG"
    ),
    "SR4211": Text("不改写 {name}：{reason}", "{name} is left as it was: {reason}"),
    "SR4202": Text("条款没有“{name}”这种状态", "a clause has no status '{name}'"),
}
