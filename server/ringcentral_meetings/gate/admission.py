"""Who may sign in: the RingCentral accounts, and single extensions, that the operator admits.

The list is read at the start of a process. It is asked at each sign-in and for each request of somebody who has signed
in, and so for each renewal of a session, which is part of such a request.
"""

import re
from dataclasses import dataclass
from typing import Final

EVERYBODY: Final = "*"

_ID: Final = re.compile(r"[0-9]{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Admission:
    """Accounts by id, extensions by account and extension id; `everybody` admits all that RingCentral knows."""

    accounts: frozenset[str] = frozenset()
    extensions: frozenset[tuple[str, str]] = frozenset()
    everybody: bool = False

    @classmethod
    def of_text(cls, text: str) -> "Admission":
        """Return who is admitted by a list of `ACCOUNT`, `ACCOUNT/EXTENSION` or `*`, parted by commas or spaces.

        Raises ValueError where it names nobody, or has anything else in it.
        """
        words = [word for word in re.split(r"[\s,]+", text) if word]
        if not words:
            raise ValueError("must name an account, or * for everybody")
        if EVERYBODY in words:
            if len(words) > 1:
                raise ValueError("must be * alone, or a list without it")
            return cls(everybody=True)
        pairs = [tuple(word.split("/")) for word in words]
        for parts in pairs:
            if len(parts) > 2 or not all(_ID.fullmatch(part) for part in parts):
                raise ValueError("must be account ids, ACCOUNT/EXTENSION with an extension id, or *")
        return cls(
            frozenset(parts[0] for parts in pairs if len(parts) == 1),
            frozenset((parts[0], parts[1]) for parts in pairs if len(parts) == 2),
        )

    def admits(self, account_id: str, extension_id: str) -> bool:
        """Return whether somebody is admitted; nobody is whose account or extension is not known."""
        if not account_id or not extension_id:
            return False
        return self.everybody or account_id in self.accounts or (account_id, extension_id) in self.extensions
