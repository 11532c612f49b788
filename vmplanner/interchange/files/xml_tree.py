"""XML as a tree: no document types, no entities, nothing from the network, and not more elements than memory holds."""

from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from vmplanner.domain.errors import PlannerError
from vmplanner.interchange.inventory import brief

MOST_ELEMENTS = 500_000
MOST_DEPTH = 200


class _Counted(TreeBuilder):
    """Stops at a tree that is too large or too deep. Names lose their name space: formats are told apart by roots."""

    def __init__(self) -> None:
        super().__init__()
        self._elements = 0
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        self._elements += 1
        self._depth += 1
        if self._elements > MOST_ELEMENTS or self._depth > MOST_DEPTH:
            raise PlannerError(
                f"it has more than {MOST_ELEMENTS:,} elements, or {MOST_DEPTH} inside each other; split it"
            )
        return super().start(tag.rpartition("}")[2], attrs)

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return super().end(tag.rpartition("}")[2])


def tree_of(content: bytes | str) -> Element:
    """The root element. Raises PlannerError for what is no XML, or refers to anything outside."""
    parser = DefusedXMLParser(target=_Counted(), forbid_dtd=True)
    try:
        parser.feed(content)
        root = parser.close()
    except DefusedXmlException:
        raise PlannerError("it defines a document type or entities, which is refused; remove them") from None
    except (ParseError, ValueError, LookupError) as error:
        raise PlannerError(f"it is not well-formed XML ({brief(error)}); export it again") from None
    assert isinstance(root, Element)
    return root


def text_at(element: Element, path: str) -> str:
    """The text of a part, without blanks around it; "" when there is none."""
    found = element.find(path)
    return (found.text or "").strip() if found is not None else ""


def attribute(element: Element, path: str, name: str) -> str:
    """An attribute of a part; "" when there is none."""
    found = element.find(path)
    return (found.get(name) or "").strip() if found is not None else ""
