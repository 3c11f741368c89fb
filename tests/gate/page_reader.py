"""What a browser makes of a page: its elements, and its text by element."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from starlette.responses import Response

VOID = {"meta", "input", "path"}


@dataclass
class Element:
    """An element with its attributes, the elements in it, and all text in it."""

    name: str
    attributes: dict[str, str | None]
    text: str = ""
    inner: "list[Element]" = field(default_factory=list)

    def all(self, name: str) -> "list[Element]":
        """The elements of a name in this one, in the order of the page."""
        return [one for element in self.inner for one in [element, *element.all(name)] if one.name == name]


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        assert len(attrs) == len(element.attributes), f"an attribute twice: {attrs}"
        self.open[-1].inner.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def read(response: Response) -> Element:
    """The page of a response; fails if an element is not closed where it should be."""
    reader = Reader()
    reader.feed(bytes(response.body).decode())
    reader.close()
    assert reader.open == [reader.root]
    return reader.root


def words(element: Element) -> str:
    """The text of an element, on one line."""
    return " ".join(element.text.split())


def only(element: Element, name: str) -> Element:
    """The one element of a name in another."""
    [found] = element.all(name)
    return found
