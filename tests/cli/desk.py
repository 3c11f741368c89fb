"""A computer at which somebody signs in, and the platform that it reaches."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.platforms import account
from ringcentral_meetings.settings import Settings, load
from ringcentral_meetings.simulator import CLIENT_SECRET, Simulator


@dataclass
class Desk:
    """A platform, and the folder that holds what this computer knows of it."""

    simulator: Simulator
    url: str
    state: Path
    monkeypatch: pytest.MonkeyPatch

    def env(self, **more: str) -> dict[str, str]:
        return account(self.url, self.state, **more)

    def settings(self, **more: str) -> Settings:
        """The settings of a process with this environment; an empty value is an unset one."""
        for name in list(os.environ):
            if name.startswith("RINGCENTRAL_"):
                self.monkeypatch.delenv(name)
        for name, value in self.env(**{"RINGCENTRAL_CLIENT_SECRET": CLIENT_SECRET} | more).items():
            self.monkeypatch.setenv(name, value)
        return load()

    @property
    def stored(self) -> list[Path]:
        return sorted(self.state.glob("ringcentral-meetings-mcp/sessions/*.json"))

    @property
    def revoked(self) -> int:
        return sum(call.path == "/restapi/oauth/revoke" and call.status == 200 for call in self.simulator.calls)
