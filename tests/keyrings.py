"""A keyring for tests."""

import keyring.backend


class Ring(keyring.backend.KeyringBackend):
    """A keyring in memory, which may be locked."""

    priority = 5

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str], str] = {}
        self.locked: Exception | None = None
        self.asked = 0

    def _check(self) -> None:
        self.asked += 1
        if self.locked is not None:
            raise self.locked

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.texts.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.texts[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        del self.texts[service, username]
