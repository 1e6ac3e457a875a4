"""Expressions (SR03xx)."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {
    "SR0301": Text("此处不应出现“{word}”", "unexpected '{word}'"),
    "SR0302": Text("表达式是空的", "the expression is empty"),
    "SR0303": Text("表达式不完整，提前结束", "the expression ends too early"),
    "SR0304": Text("“{word}”是形似的非 ASCII 字符", "'{word}' only looks like ASCII"),
    "SR0305": Text(
        "“{word}”不能作名称或符号：名称只用英文字母、数字和下划线",
        "'{word}' cannot be part of an expression: names are made of ASCII letters, digits and '_'",
    ),
    "SR0306": Text("“{word}”不是这里的运算符或字面量写法", "'{word}' is not how this is spelled in an expression"),
    "SR0307": Text(
        "比较运算不能连写：“{first}”与“{second}”", "comparisons cannot be chained: '{first}' and '{second}'"
    ),
    "SR0308": Text("规则语言不支持{construct}", "the rule language has no {construct}"),
    "SR0309": Text(
        "规则语言没有函数 {function}()：{construct}", "the rule language has no function {function}(): {construct}"
    ),
    "SR0310": Text("“{word}”是 CEL 保留字，不能作名称", "'{word}' is a reserved word of CEL and cannot be a name"),
    "SR0311": Text("文本没有结束的引号", "the text has no closing quote"),
    "SR0312": Text("文本中的“{escape}”无效", "'{escape}' is not valid inside a text"),
    "SR0313": Text(
        "表达式太长：{length} 字节，上限 {limit} 字节", "the expression is too long: {length} bytes, at most {limit}"
    ),
    "SR0314": Text("表达式嵌套太深，上限 {limit} 层", "the expression is nested too deeply, at most {limit} levels"),
    "SR0315": Text(
        "数字太长：上限 {digits} 位数字，指数绝对值不超过 {exponent}",
        "the number is too long: at most {digits} digits and an exponent of at most {exponent} either way",
    ),
    "SR0316": Text("“{word}”不是规范的十进制数", "'{word}' is not a decimal number"),
    "SR0317": Text("has() 只接受一个名称或一次 lookup()", "has() takes one name, or one lookup(), and nothing else"),
    "SR0318": Text("{macro} 的用法不对", "{macro} is not used like this"),
}
