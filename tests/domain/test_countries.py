"""Countries are understood as people write them."""

import pytest

from ringcentral_meetings.domain import countries


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("de", "DE"),
        ("Germany", "DE"),
        ("Deutschland", "DE"),
        ("ALLEMAGNE", "DE"),
        ("+49", "DE"),
        ("0049", "DE"),
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("England", "GB"),
        ("great  britain", "GB"),
        ("USA", "US"),
        ("the United States", "US"),
        ("Francia", "FR"),
        ("Österreich", "AT"),
        ("osterreich", "AT"),
        ("भारत", "IN"),
        ("日本", "JP"),
        ("Czech Republic", "CZ"),
        ("Côte d'Ivoire", "CI"),
        ("South Korea", "KR"),
        ("Hong Kong", "HK"),
    ],
)
def test_a_country_is_known_by_code_name_dialling_code_and_common_name(text: str, code: str) -> None:
    assert countries.codes_of(text) == (code,)


def test_a_dialling_code_may_be_shared() -> None:
    assert {"US", "CA"} <= set(countries.codes_of("+1"))
    assert countries.codes_of("+44") == ("GB", "GG", "IM", "JE")


@pytest.mark.parametrize(
    ("text", "code"),
    [("+44", "GB"), ("44", "GB"), ("+7", "RU"), ("+358", "FI"), ("+49", "DE"), ("GBR", "GB"), ("deu", "DE")],
)
def test_a_text_stands_for_one_country_of_a_shared_dialling_code_for_the_main_one(text: str, code: str) -> None:
    assert countries.code_of(text) == code


@pytest.mark.parametrize("text", ["+1", "Narnia", "", "999"])
def test_what_stands_for_no_country_or_for_several_alike_stands_for_none(text: str) -> None:
    assert countries.code_of(text) is None


@pytest.mark.parametrize("text", ["Narnia", "", ".", "+", "+999", "the", "U", "XX"])
def test_what_is_no_country_is_unknown(text: str) -> None:
    assert countries.codes_of(text) == ()


def test_every_code_and_english_name_leads_to_itself_alone() -> None:
    for code in countries.codes_known():
        name = countries.name_of(code)
        assert name is not None
        assert countries.codes_of(code) == countries.codes_of(name) == (code,)


def test_a_misspelt_country_is_asked_back() -> None:
    assert countries.similar("Germny") == ["Germany"]
