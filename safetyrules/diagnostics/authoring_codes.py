"""Writing law (SR42xx): tracing clauses, formatting documents, starting rulesets, drawing what rests on what."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {
    "SR4201": Text("没有通过的案例用到条款“{name}”", "no case that passes reaches clause '{name}'"),
    "SR4221": Text("已有文件 {name}，不覆盖", "{name} is there already and is not overwritten"),
    "SR4222": Text("{name} 不是有规则的规则集", "{name} is not a ruleset with rules"),
    "SR4211": Text("不改写 {name}：{reason}", "{name} is left as it was: {reason}"),
    "SR4202": Text("条款没有“{name}”这种状态", "a clause has no status '{name}'"),
}
