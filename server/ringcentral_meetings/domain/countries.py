"""Countries as people write them: ISO 3166 codes, names in several languages, dialling codes and common names.

The names in countries.tsv are those of the Unicode CLDR (by Babel 2.19) in English, German, Spanish, French, Italian,
Portuguese and the official languages of each country; the dialling codes are those of libphonenumber 9.0, the codes of
three letters at the end of a line those of ISO 3166-1 (by pycountry 26.2).
"""

import difflib
import re
import unicodedata
from functools import cache
from importlib.resources import files

from ringcentral_meetings.untrusted_text import normalized

_COMMON = {
    "GB": "UK|Great Britain|Britain|England|Scotland|Wales|Northern Ireland",
    "US": "USA|United States of America|America|the States",
    "AE": "UAE|Emirates|Dubai|Abu Dhabi",
    "BO": "Plurinational State of Bolivia",
    "BN": "Brunei Darussalam",
    "CD": "DR Congo|DRC|Democratic Republic of the Congo",
    "CG": "Republic of the Congo|Congo",
    "CI": "Ivory Coast|Cote d'Ivoire",
    "CN": "PR China|People's Republic of China|Mainland China",
    "CV": "Cabo Verde",
    "CZ": "Czech Republic",
    "DE": "Federal Republic of Germany",
    "FK": "Malvinas",
    "HK": "Hong Kong",
    "IE": "Republic of Ireland|Eire",
    "IR": "Islamic Republic of Iran",
    "KP": "DPRK|Democratic People's Republic of Korea",
    "KR": "Korea|Republic of Korea",
    "LA": "Lao|Lao People's Democratic Republic",
    "MD": "Republic of Moldova",
    "MK": "Macedonia|FYROM",
    "MM": "Myanmar|Burma",
    "MO": "Macau|Macao",
    "NL": "Holland|The Netherlands",
    "PS": "Palestine",
    "RU": "Russian Federation",
    "SY": "Syrian Arab Republic",
    "SZ": "Swaziland",
    "TL": "East Timor",
    "TR": "Turkey",
    "TW": "Taiwan, Province of China",
    "TZ": "United Republic of Tanzania",
    "VA": "Vatican|Holy See",
    "VE": "Bolivarian Republic of Venezuela",
    "VN": "Viet Nam",
}
"""Names of countries, used by people and other standards, that CLDR does not have."""

_MAIN = ("AU", "CW", "FI", "GB", "GP", "IT", "MA", "NO", "RE", "RU", "SH")
"""The countries whose dialling code others share with them, as libphonenumber has it; "+1" is of several alike."""

_DIALLED = re.compile(r"(?:\+|00)?[ ]?(\d{1,3})")


def codes_of(text: str) -> tuple[str, ...]:
    """Return the ISO codes of the countries that a text stands for; none if it is unknown.

    A dialling code such as "+44" may be shared by several countries; the main one comes first.
    """
    if dialled := _DIALLED.fullmatch(normalized(text)):
        return _codes_by_dialling_code().get(dialled[1], ())
    return _codes_by_name().get(_comparable(text), ())


def code_of(text: str) -> str | None:
    """Return the ISO code of the one country that a text stands for, of a shared dialling code the main one.

    None for an unknown text, and for "+1", which no country has before the others.
    """
    codes = codes_of(text)
    return codes[0] if codes and (len(codes) == 1 or codes[0] in _MAIN) else None


def codes_known() -> list[str]:
    """Return every ISO code in the table."""
    return list(_rows())


def name_of(code: str) -> str | None:
    """Return the English name of a country by its ISO code."""
    row = _rows().get(code.upper())
    return row[1] if row is not None else None


def similar(text: str) -> list[str]:
    """Return up to three English names like the text, for a question back."""
    close = difflib.get_close_matches(_comparable(text), _codes_by_name(), n=3, cutoff=0.75)
    names = (name_of(code) for key in close for code in _codes_by_name()[key])
    return list(dict.fromkeys(name for name in names if name is not None))


@cache
def _rows() -> dict[str, tuple[str, ...]]:
    """Return, by ISO code, the dialling code, the English name and other names."""
    content = (files(__package__) / "countries.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in content.splitlines())
    return {code: tuple(fields) for code, *fields in rows}


@cache
def _codes_by_name() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, (_, *names) in _rows().items():
        for name in (*names, *_COMMON.get(code, "").split("|")):
            key = _comparable(name)
            found[key] = tuple(dict.fromkeys((*found.get(key, ()), code)))
    common = {_comparable(name): (code,) for code, names in _COMMON.items() for name in names.split("|")}
    found.pop("", None)
    return found | common | {code.lower(): (code,) for code in _rows()}


@cache
def _codes_by_dialling_code() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, (dialling, *_) in _rows().items():
        found[dialling] = (*found.get(dialling, ()), code)
    return {dialling: tuple(sorted(codes, key=_rank)) for dialling, codes in found.items()}


def _rank(code: str) -> tuple[bool, bool, str]:
    return code not in _MAIN, code not in ("US", "CA"), code


def _comparable(text: str) -> str:
    """Return a name without case, accents, points and a leading article."""
    letters = unicodedata.normalize("NFKD", normalized(text))
    bare = "".join(char for char in letters if not unicodedata.combining(char)).replace("\u2019", "'").replace(".", "")
    return " ".join(bare.replace("-", " ").removeprefix("the ").split())
