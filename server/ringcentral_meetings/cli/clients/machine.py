"""Where programs keep their configuration on the systems that there are."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STORE_PACKAGE: Final = "Claude_pzs8sxrjxfjjc"
"""The package family name of Claude Desktop in the Microsoft Store."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What determines where clients keep their configuration."""

    home: Path
    folder: Path
    environ: Mapping[str, str]
    platform: str

    @classmethod
    def here(cls) -> "Machine":
        """Return the machine that this process runs on."""
        return cls(Path.home(), Path.cwd(), os.environ, sys.platform)

    def settings_of(self, app: str) -> Path:
        """Return the folder in which a desktop application keeps its settings."""
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support" / app
        if self.platform == "win32":
            return self._roaming() / app
        return self.xdg() / app

    def xdg(self) -> Path:
        """Return the folder of programs that keep to the XDG Base Directory Specification."""
        return self.named("XDG_CONFIG_HOME", self.home / ".config")

    def named(self, variable: str, default: Path) -> Path:
        """Return the folder that an environment variable names, or a default."""
        return Path(self.environ.get(variable) or default)

    def claude_desktop(self) -> list[Path]:
        """Return the folders in which Claude Desktop keeps its settings: on Windows the Store's app has one of its own.

        Windows redirects what packaged apps write to their roaming folder (Microsoft, "Understanding how packaged
        desktop apps run on Windows"), and only the app itself sees the redirection.
        """
        if self.platform != "win32":
            return [self.settings_of("Claude")]
        local = self.named("LOCALAPPDATA", self.home / "AppData" / "Local")
        return [self.settings_of("Claude"), local / "Packages" / STORE_PACKAGE / "LocalCache" / "Roaming" / "Claude"]

    def zed(self) -> Path:
        """Return Zed's folder, which is that of a Unix program on macOS too (zed: crates/paths)."""
        if self.platform == "win32":
            return self._roaming() / "Zed"
        if self.platform == "darwin":
            return self.home / ".config" / "zed"
        return self.named("FLATPAK_XDG_CONFIG_HOME", self.xdg()) / "zed"

    def goose(self) -> Path:
        """Return goose's folder (goose: "Configuration Overview")."""
        if root := self.environ.get("GOOSE_PATH_ROOT"):
            return Path(root) / "config"
        if self.platform == "win32":
            return self._roaming() / "Block" / "goose" / "config"
        return (self.home / ".config" if self.platform == "darwin" else self.xdg()) / "goose"

    def cline(self) -> list[Path]:
        """Return the files of Cline in VS Code and of its command line (cline: resolveMcpSettingsPath)."""
        if given := self.environ.get("CLINE_MCP_SETTINGS_PATH"):
            return [Path(given)]
        stored = Path("User") / "globalStorage" / "saoudrizwan.claude-dev"
        own = self.named("CLINE_DIR", self.home / ".cline") / "data"
        return [folder / "settings" / "cline_mcp_settings.json" for folder in (self.settings_of("Code") / stored, own)]

    def _roaming(self) -> Path:
        return self.named("APPDATA", self.home / "AppData" / "Roaming")
