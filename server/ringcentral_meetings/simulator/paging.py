"""Pages of a list in the form of the API."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode


def page_of(
    uri: str, records: Sequence[Any], page: int, per_page: int, query: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return one page of the records, the first being page 1, with `paging` and absolute links in `navigation`.

    An empty page has no `pageStart` and `pageEnd`. `query` holds further parameters of the links.
    """
    first = (page - 1) * per_page
    shown = list(records[first : first + per_page])
    pages = max(1, -(-len(records) // per_page))
    paging = {"page": page, "perPage": per_page, "totalPages": pages, "totalElements": len(records)}
    if shown:
        paging |= {"pageStart": first, "pageEnd": first + len(shown) - 1}
    targets = {"firstPage": 1, "lastPage": pages}
    targets |= {"previousPage": page - 1} if page > 1 else {}
    targets |= {"nextPage": page + 1} if page < pages else {}
    navigation = {
        name: _link(uri, {**(query or {}), "page": str(number), "perPage": str(per_page)})
        for name, number in targets.items()
    }
    return {"uri": uri, "records": shown, "paging": paging, "navigation": navigation}


def _link(uri: str, query: Mapping[str, str]) -> dict[str, str]:
    return {"uri": f"{uri}?{urlencode(query)}"}
