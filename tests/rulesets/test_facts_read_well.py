"""Every word that a reader meets is there in both languages, and fits its language."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from safetyrules.facts.schema import ChoiceType
from safetyrules.program import default_program
from safetyrules.text import Text

_CHINESE = re.compile("[\u4e00-\u9fff]")


def _texts() -> Iterator[tuple[str, Text]]:
    program = default_program()
    for kind in program.schema.kinds.values():
        yield kind.name, kind.title
        for fact in kind.facts.values():
            yield f"{kind.name}.{fact.name}", fact.title
            if fact.help is not None:
                yield f"{kind.name}.{fact.name} (help)", fact.help
            if isinstance(fact.type, ChoiceType):
                values = zip(fact.type.members, fact.type.titles, strict=True)
                yield from ((f"{kind.name}.{fact.name}: {value}", text) for value, text in values)
    for rule in program.linked.rules.values():
        yield rule.id, rule.title
    for instrument in program.linked.instruments.values():
        yield instrument.id, instrument.title


TEXTS = list(_texts())


def test_there_are_texts() -> None:
    assert len(TEXTS) > 300


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_text_is_empty_or_left_in_the_other_language(language: str) -> None:
    wrong = [where for where, text in TEXTS if not _reads_as(language, text)]
    assert wrong == []


def _reads_as(language: str, text: Text) -> bool:
    words = text.zh if language == "zh" else text.en
    if not words.strip() or words != words.strip():
        return False
    if language == "zh":
        return bool(_CHINESE.search(words)) and not re.search("[\u4e00-\u9fff][,;?!]", words)
    quoted = re.sub("铝粉|木粉", "", words)
    return not _CHINESE.search(quoted) and quoted[0] not in "abcdefghijklmnopqrstuvwxyz"


def test_questions_that_are_not_obvious_have_help() -> None:
    """Facts on which a duty or a grade turns and whose words are terms of art."""
    kinds = default_program().schema.kinds
    asked = {
        "enterprise": {
            "place", "industry", "affiliation", "is_high_risk_sector", "dust.hazard_present", "dust.workers_total",
            "dust.serious_accumulation", "dust.zone_20_places", "hazmat.hazard_present", "hazmat.units",
            "hazmat.offsite_residents_500m", "outlet.is_business_outlet", "confined_space.has_confined_space",
            "confined_space.has_confined_space_work", "confined_space.has_poisoning_risk_in_confined_space",
            "confined_space.follows_gb30871", "confined_space.ledger", "confined_space.warning_signs_posted",
            "confined_space.spaces",
        },
        "confined_space.space": {
            "poisoning_or_suffocation_risk", "toxic_matter_may_arise", "in_key_catalogue", "people_at_once", "entries",
        },
        "confined_space.entry": {"stage", "approver_role", "guardian_stays_outside", "vertical_test"},
        "confined_space.reading": {"taken", "recorded_limit"},
        "dust.collector": {"positive_pressure", "airlock_discharge", "spark_control"},
        "dust.store": {"water_reactive"},
        "dust.workshop": {"gathering_rooms", "storeys"},
        "hazmat.material": {"chemical", "table1_row_recorded", "table1_form", "composition", "categories", "quantity"},
    }  # fmt: skip
    missing = [
        f"{kind}.{fact}" for kind, facts in asked.items() for fact in sorted(facts) if not kinds[kind].facts[fact].help
    ]
    assert missing == []
