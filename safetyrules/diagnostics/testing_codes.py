"""Tests of rulesets (SR41xx): their files, and what is wrong with the tests themselves."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {
    "SR4101": Text("测试文件有误：{reason}", "the test file is wrong: {reason}"),
    "SR4102": Text("没有键“{name}”", "there is no key '{name}'"),
    "SR4103": Text("没有名为“{name}”的公用事实", "there is no fixture '{name}'"),
    "SR4104": Text("公用事实互相引用成环：{name}", "fixtures build on one another in a circle: {name}"),
    "SR4105": Text("案例名“{name}”重复", "two cases are named '{name}'"),
    "SR4106": Text("没有规则给出结论“{name}”", "no rule concludes '{name}'"),
    "SR4107": Text("结论“{name}”不能这样期望：{reason}", "'{name}' cannot be expected to be that: {reason}"),
    "SR4108": Text("案例表有误：{reason}", "the table of cases is wrong: {reason}"),
    "SR4109": Text("“{name}”处没有可改动的事实：{reason}", "there is no fact to change at '{name}': {reason}"),
    "SR4110": Text("{name} 中没有测试", "there are no tests in {name}"),
    "SR4111": Text("覆盖率 {found}% 低于要求的 {wanted}%", "the coverage of {found}% is below the {wanted}% asked for"),
    "SR4112": Text(
        "变异得分 {found}% 低于要求的 {wanted}%", "the mutation score of {found}% is below the {wanted}% asked for"
    ),
}
