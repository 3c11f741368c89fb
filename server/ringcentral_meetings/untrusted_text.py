"""Text that other people wrote, made safe to show: a topic may try to hide or reorder words."""

import re
import unicodedata
from collections.abc import Callable

_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_INVISIBLE_MARKS = frozenset({0x034F, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10)})
_VARIATIONS = range(0xE0100, 0xE01F0)
_EMOJI_STYLES = frozenset("\ufe0e\ufe0f")
_ACCENTS = re.compile("[\u0300-\u036f]")
_JOINERS = frozenset("\u200c\u200d")
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def clean(text: str) -> str:
    """Return `text` on one line, without control, invisible, private-use and bidirectional characters.

    A zero-width joiner is kept between two visible characters outside ASCII, and an emoji style mark after a visible
    character: emoji and several scripts need them.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    spaced = "".join(" " if char in "\t\n\r\v\f\x85\u2028\u2029" else char for char in text)
    kept = "".join(char for index, char in enumerate(spaced) if _is_shown(spaced, index))
    return " ".join(kept.split())


def truncated(text: str, length: int) -> str:
    """Return at most `length` characters of `text`; the last is an ellipsis if something was cut off."""
    return text if len(text) <= length else text[: length - 1] + "…"


def clean_and_cut(text: str | None, length: int) -> str | None:
    """Return `text` cleaned and cut, or `None` if there is none or nothing of it is left."""
    return truncated(clean(text), length) or None if text else None


def normalized(text: str) -> str:
    """Return the form in which two texts are compared: NFKC, without case, hidden characters and extra spaces."""
    return clean(unicodedata.normalize("NFKC", text).casefold())


def searchable(text: str) -> str:
    """Return the form in which words are looked for: as `normalized`, without punctuation and the accents of letters.

    "Stand-up" is found by "standup", and "réseaux" by "reseaux". Marks that other scripts need stay.
    """
    plain = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", normalized(text))))
    return "".join(char for char in plain if not unicodedata.category(char).startswith("P"))


def word_search(words: str) -> Callable[[str], bool]:
    """Return a function that says whether a text holds each of the words, as `searchable` has both.

    Words of punctuation alone, such as "&", are looked for as they are; without words every text fits.
    """
    form = searchable if searchable(words) else normalized
    wanted = form(words).split()

    def holds(text: str) -> bool:
        form_of_text = form(text) if wanted else ""
        return all(word in form_of_text for word in wanted)

    return holds


def _is_shown(text: str, index: int) -> bool:
    char = text[index]
    if char in _JOINERS:
        return 0 < index < len(text) - 1 and _joins(text[index - 1]) and _joins(text[index + 1])
    if char in _EMOJI_STYLES:
        return index > 0 and _is_visible(text[index - 1])
    return _is_visible(char)


def _is_visible(char: str) -> bool:
    invisible = char in _BLANK_LETTERS or ord(char) in _INVISIBLE_MARKS or ord(char) in _VARIATIONS
    return not invisible and unicodedata.category(char) not in _HIDDEN_CATEGORIES


def _joins(char: str) -> bool:
    return not char.isascii() and (_is_visible(char) or char in _EMOJI_STYLES)
