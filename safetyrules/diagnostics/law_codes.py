"""Instruments, dates, jurisdictions (SR09xx)."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {
    "SR0901": Text("没有效力层级“{found}”", "there is no level '{found}'"),
    "SR0902": Text("条款“{clause}”没有规则实现，须写明理由 reason", "clause '{clause}' has no rule, so it needs a reason"),
    "SR0903": Text("没有文件“{name}”", "there is no instrument '{name}'"),
    "SR0904": Text(
        "“{later}”自 {first} 起施行并替代“{earlier}”，后者的最后一日须早于此日",
        "'{later}' is in force from {first} and supersedes '{earlier}', which must end before that day",
    ),
    "SR0905": Text("文件中没有条款“{name}”", "the instrument has no clause '{name}'"),
    "SR0906": Text("最后一日早于第一日", "the last day is before the first"),
    "SR0907": Text("规则“{name}”引用的“{clause}”在规则有效期内从未施行", "rule '{name}' cites '{clause}', which is never in force in the rule's own days"),
    "SR0908": Text("规则“{name}”另行引用的“{clause}”在规则有效期内已不施行", "rule '{name}' also cites '{clause}', which is not in force in the rule's days"),
    "SR0909": Text(
        "“{instrument}”第“{clause}”条没有规则，也没有写明 status", "clause '{clause}' of '{instrument}' has neither a rule nor a status"
    ),
    "SR0910": Text(
        "{day} 没有已载入且施行中的“{sector}”隐患判定清单，不能据此认定没有隐患",
        "on {day} no list of findings for sector '{sector}' that is loaded here was in force; nothing can be held clean by it",
    ),
    "SR0911": Text("规则“{name}”已按“{clause}”替换，未证明更严", "rule '{name}' is replaced under '{clause}'; not proved stricter"),
}
