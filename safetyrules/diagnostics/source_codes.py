"""Reading source text: YAML (SR01xx) and documents (SR02xx)."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {
    # Characters and size
    "SR0101": Text("文件不是 UTF-8 编码（第 {offset} 个字节处）", "the file is not UTF-8 (at byte {offset})"),
    "SR0102": Text("文中有看不见的字符 {character}", "the text has the invisible character {character}"),
    "SR0103": Text(
        "文件有 {size} 字节，超过上限 {limit} 字节", "the file has {size} bytes, more than the limit of {limit}"
    ),
    "SR0104": Text("嵌套超过 {limit} 层", "nested more than {limit} levels deep"),
    "SR0105": Text("文件中的值超过 {limit} 个", "the file has more than {limit} values"),
    # YAML that is refused
    "SR0106": Text("不支持锚点“&{name}”", "anchors are not supported: '&{name}'"),
    "SR0107": Text("不支持别名“*{name}”", "aliases are not supported: '*{name}'"),
    "SR0108": Text("不支持标签“{tag}”", "tags are not supported: '{tag}'"),
    "SR0109": Text("不支持合并键“<<”", "merge keys ('<<') are not supported"),
    "SR0110": Text("一个文件里有多个文档", "the file has more than one document"),
    "SR0111": Text("文件是空的", "the file is empty"),
    "SR0112": Text("键“{key}”重复", "the key '{key}' is given twice"),
    "SR0113": Text("键“{key}”与“{other}”只有大小写不同", "the key '{key}' differs from '{other}' only by case"),
    "SR0114": Text("键必须是一个词或一段单行文字", "a key must be a word or a text on one line"),
    "SR0115": Text("YAML 语法错误：{problem}", "YAML syntax error: {problem}"),
    "SR0116": Text("这里用了全角字符", "full-width characters where ASCII is needed"),
    # Scalars
    "SR0117": Text("日历上没有这一天", "there is no such day in the calendar"),
    "SR0118": Text("数的位数或指数过大", "the number has too many digits or too large an exponent"),
    "SR0119": Text("这不是数", "this is not a number"),
    # Shape of documents
    "SR0201": Text("看不出这是哪一种文档", "this is no document of a known kind"),
    "SR0202": Text("{place}没有“{key}”这个键", "{place} has no key '{key}'"),
    "SR0203": Text("{place}缺少“{key}”", "{place} lacks '{key}'"),
    "SR0204": Text("这里应为{wanted}，实际是{got}", "expected {wanted}, found {got}"),
    "SR0205": Text("不认识的词“{word}”", "unknown word '{word}'"),
    "SR0206": Text("文字须中英文齐备，缺少 {missing}", "a text needs both languages; {missing} is missing"),
    "SR0207": Text("“{name}”不能用作{what}", "'{name}' cannot be {what}"),
    "SR0208": Text("{place}须在 {keys} 中写且只写一个", "{place} needs exactly one of {keys}"),
    "SR0209": Text("“{key}”不能与{other}同用", "'{key}' does not go with {other}"),
    "SR0210": Text("应为不小于 {low} 的整数", "expected a whole number from {low}"),
    "SR0211": Text("范围的下界大于上界", "the lower bound of the range lies above its upper bound"),
    "SR0212": Text("看不懂这条引用", "this is no citation of a clause"),
    # Expressions and decision tables
    "SR0213": Text('表达式里的日期要写成 date("…")', 'a date in an expression is written date("…")'),
    "SR0214": Text("未定的读法至少要有两种", "an unsettled clause has at least two readings"),
    "SR0215": Text("这一行有 {got} 个单元格，而 inputs 有 {wanted} 个", "cells in this row: {got}, inputs: {wanted}"),
    "SR0216": Text("看不懂这个单元格", "this cell cannot be read"),
    "SR0217": Text("分级表必须有 otherwise", "the table of a grade must have 'otherwise'"),
    # Lookup tables and their CSV files
    "SR0218": Text("打不开表格文件“{file}”：{reason}", "the table's file '{file}' cannot be opened: {reason}"),
    "SR0219": Text("表头有误：{problem}", "wrong header: {problem}"),
    "SR0220": Text(
        "这一行有 {got} 个单元格，而表头有 {wanted} 列", "cells in this row: {got}, columns in the header: {wanted}"
    ),
    "SR0221": Text("CSV 语法错误：{problem}", "CSV syntax error: {problem}"),
}
