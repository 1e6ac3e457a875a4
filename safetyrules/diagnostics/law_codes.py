"""Instruments, dates, jurisdictions (SR09xx)."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {
    "SR0901": Text("没有效力层级“{level}”", "there is no level of law '{level}'"),
    "SR0903": Text("没有法律文件“{name}”", "there is no instrument '{name}'"),
    "SR0904": Text(
        "“{later}”自 {first} 起施行并替代“{earlier}”，后者须在此前一日终止",
        "'{later}' is in force from {first} and supersedes '{earlier}', which must end the day before",
    ),
    "SR0905": Text("法律文件中没有条款“{name}”", "the instrument has no clause '{name}'"),
    "SR0906": Text("终止日早于起始日", "the last day is before the first"),
    "SR0907": Text(
        "规则“{name}”永不生效：所引“{clause}”在规则的有效期内从未施行",
        "rule '{name}' is never in force: '{clause}', which it cites, is not in force on any day of the rule",
    ),
    "SR0908": Text(
        "规则“{name}”另引的“{clause}”在规则的有效期内没有施行",
        "rule '{name}' also cites '{clause}', which is not in force on any day of the rule",
    ),
    "SR0909": Text(
        "“{instrument}”第“{clause}”条没有规则实现，也没有写明 status",
        "clause '{clause}' of '{instrument}' has neither a rule nor a status",
    ),
    "SR0910": Text(
        "{day} 没有已载入且施行中的“{sector}”隐患判定清单，不能据此认定没有隐患",
        "on {day} no list of findings for sector '{sector}' that is loaded here was in force; "
        "nothing can be held clean by it",
    ),
    "SR0911": Text(
        "规则“{name}”已按“{clause}”替换，未证明更严", "rule '{name}' is replaced under '{clause}'; not proved stricter"
    ),
    "SR0912": Text("行政区划中没有“{name}”", "there is no place '{name}'"),
    "SR0913": Text(
        "“{name}”永不起作用：它与规则“{target}”不会同时同地有效",
        "'{name}' never takes effect: it and rule '{target}' are not in force on one day in one place",
    ),
    "SR0914": Text(
        "对“{name}”的覆盖永不起作用：两者的地域没有交集",
        "the overlay of '{name}' never takes effect: their places have nothing in common",
    ),
    "SR0915": Text(
        "{day} 施行的“{title}”（{number}）有 {count} 条的条文不在手头，未能判定；不能据此认定没有隐患",
        "{title} ({number}) is in force on {day} and the text of {count} of its clauses is not at hand: they were not "
        "judged, and nothing can be held clean",
    ),
}
