"""What cannot be meant, though it checks: tables (SR070x), rules and exceptions (SR071x), the whole law (SR072x)."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {
    "SR0701": Text(
        "规则“{name}”的决策表有空缺：可能没有一行成立，也没有 otherwise",
        "the table of rule '{name}' has a gap: there are facts for which no row holds, and no otherwise",
    ),
    "SR0702": Text(
        "规则“{name}”的第 {first} 行与第 {second} 行可能同时成立，而命中策略是 unique",
        "rows {first} and {second} of rule '{name}' can hold together, though the hit policy is unique",
    ),
    "SR0703": Text(
        "规则“{name}”的第 {first} 行与第 {second} 行可能同时成立而结果不同，而命中策略是 any",
        "rows {first} and {second} of rule '{name}' can hold together with different results, "
        "though the hit policy is any",
    ),
    "SR0704": Text(
        "规则“{name}”的第 {row} 行从不起决定作用：凡它成立之处，别的行已先决定",
        "row {row} of rule '{name}' never decides: wherever it holds, other rows decide",
    ),
    "SR0705": Text(
        "规则“{name}”第 {row} 行的这一部分从不起决定作用：上面的行已先决定",
        "this part of row {row} of rule '{name}' never decides: rows above have decided",
    ),
    "SR0706": Text(
        "规则“{name}”的第 {first} 行写在前面，却会被后面的第 {second} 行胜过",
        "row {first} of rule '{name}' is read first, yet gives way to row {second} below it",
    ),
    "SR0711": Text("规则“{name}”的条件永不成立", "the condition of rule '{name}' is never true"),
    "SR0712": Text("规则“{name}”的条件恒成立", "the condition of rule '{name}' is always true"),
    "SR0713": Text("规则“{name}”的第 {row} 行永不成立", "row {row} of rule '{name}' never holds"),
    "SR0714": Text(
        "规则“{target}”的例外“{name}”永不成立", "exception '{name}' never holds where '{target}' is considered"
    ),
    "SR0715": Text(
        "规则“{target}”的例外“{name}”恒成立，原规则从无结果",
        "exception '{name}' always holds where '{target}' is considered, so that '{target}' never decides",
    ),
    "SR0716": Text(
        "例外“{first}”与“{second}”可能同时成立而结果不同",
        "exceptions '{first}' and '{second}' can hold together with different outcomes",
    ),
    "SR0717": Text(
        "规则“{name}”读取查找表“{table}”，而其文件“{instrument}”在规则的有效期内从未施行",
        "rule '{name}' reads table '{table}' of '{instrument}', which is not in force on any day of the rule",
    ),
    "SR0718": Text(
        "规则“{first}”与“{second}”写同一隐患“{name}”，而严重程度不同：{one} 与 {two}",
        "rules '{first}' and '{second}' write the finding '{name}' with different severities: {one} and {two}",
    ),
    "SR0719": Text(
        "规则“{first}”与“{second}”写同一隐患“{name}”，而行业领域不同：{one} 与 {two}",
        "rules '{first}' and '{second}' write the finding '{name}' for different sectors: {one} and {two}",
    ),
    "SR0720": Text(
        "写结论“{name}”的规则循环相压：{cycle}；它们所说的均属可能",
        "rules that write '{name}' give way to each other in a circle: {cycle}; whatever they say stays possible",
    ),
    "SR0721": Text("结论“{name}”没有被任何规则读取", "conclusion '{name}' is read by no rule"),
    "SR0722": Text("种类“{kind}”的事实“{name}”没有被任何规则读取", "fact '{name}' of kind '{kind}' is read by no rule"),
    "SR0723": Text(
        "规则“{name}”只问一个事实，而该事实的标题就是条款本身",
        "rule '{name}' asks nothing but one fact, whose title says the clause again",
    ),
    "SR0724": Text("规则“{name}”没有测试", "rule '{name}' has no test"),
    "SR0726": Text(
        "没有规则给“{name}”这样的值，此比较恒{outcome}",
        "no rule gives '{name}' such a value: this comparison is always {outcome}",
    ),
    "SR0728": Text(
        "“{clause}”对“{name}”的修改放宽了要求", "what '{clause}' makes of '{name}' is laxer than what it changes"
    ),
    "SR0729": Text(
        "“{clause}”对“{name}”的修改未能证明更严",
        "what '{clause}' makes of '{name}' is not proved as strict as what it changes",
    ),
}
