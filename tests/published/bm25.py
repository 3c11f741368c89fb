"""Ranking by Okapi BM25, as clients search among tools.

The formula is that of Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with
the idf that Lucene uses, which is never negative. The libraries that do this bring numpy along, for a dozen texts.
"""

import re
from collections import Counter
from collections.abc import Mapping
from math import log

from mcp_types import Tool

from .schemas import leaf, properties

SATURATION, LENGTH_WEIGHT = 1.5, 0.75
STOPWORDS = frozenset(
    re.findall(
        r"\w+",
        """
    i me my myself we our ours ourselves you your yours yourself he him his himself she her hers herself it its itself
    they them their theirs themselves what which who whom this that these those am is are was were be been being have
    has had having do does did doing a an the and but if or because as until while of at by for with about against
    between into through during before after above below to from up down in out on off over under again further then
    once here there when where why how all any both each few more most other some such no nor not only own same so
    than too very s t can will just don should now
    """,
    )
)
"""NLTK's list of English stop words, without its contractions."""


def searched_text(tool: Tool) -> str:
    """What of a tool is searched in: name, title, description, and the names and texts of its parameters."""
    parameters = (f"{leaf(path)} {node.get('description', '')}" for path, node in properties(tool.input_schema).items())
    return " ".join([tool.name, tool.title or "", tool.description or "", *parameters])


def words(text: str) -> list[str]:
    """Lower-case words of two characters or more, parts of snake_case names apart, without stop words."""
    found = re.findall(r"[^\W_]{2,}", text.lower())
    return [word for word in found if word not in STOPWORDS]


def ranked(query: str, texts: Mapping[str, str]) -> list[tuple[str, float]]:
    """The names of the texts with their scores, best first; equal ones in the order of `texts`."""
    bags = {name: Counter(words(text)) for name, text in texts.items()}
    mean = sum(bag.total() for bag in bags.values()) / len(bags)

    def score(bag: Counter[str]) -> float:
        norm = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * bag.total() / mean)
        return sum(idf(word) * bag[word] * (SATURATION + 1) / (bag[word] + norm) for word in words(query))

    def idf(word: str) -> float:
        holding = sum(1 for bag in bags.values() if word in bag)
        return log(1 + (len(bags) - holding + 0.5) / (holding + 0.5))

    return sorted(((name, score(bag)) for name, bag in bags.items()), key=lambda pair: -pair[1])
