"""Text that other people wrote, made safe to show: a topic is data, and may try to hide or reorder words."""

import unicodedata

_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_JOINERS = frozenset("\u200c\u200d")
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def clean(text: str) -> str:
    """`text` on one line, without control, invisible, private-use and bidirectional characters.

    A zero-width joiner stays between two visible characters outside ASCII, where emoji and several scripts
    need it.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    spaced = "".join(" " if char in "\t\n\r\v\f\x85\u2028\u2029" else char for char in text)
    kept = "".join(char for index, char in enumerate(spaced) if _is_shown(spaced, index))
    return " ".join(kept.split())


def cut(text: str, length: int) -> str:
    """`text` of at most `length` characters, the last one an ellipsis where something was cut."""
    return text if len(text) <= length else text[: length - 1] + "…"


def fold(text: str) -> str:
    """The form in which two texts are compared: compatibility-normalised, without case, extra or hidden characters."""
    return clean(unicodedata.normalize("NFKC", text).casefold())


def _is_shown(text: str, index: int) -> bool:
    char = text[index]
    if char in _JOINERS:
        return 0 < index < len(text) - 1 and _joins(text[index - 1]) and _joins(text[index + 1])
    return char not in _BLANK_LETTERS and unicodedata.category(char) not in _HIDDEN_CATEGORIES


def _joins(char: str) -> bool:
    return not char.isascii() and unicodedata.category(char) not in _HIDDEN_CATEGORIES
