"""The prompt files: each one keeps the form that the loader relies on, and a wheel holds the same as a checkout."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from string import Template

import pytest

from ringcentral_meetings import prompts
from ringcentral_meetings.app import READ_TOOLS, WRITE_TOOLS
from ringcentral_meetings.prompts import PromptFile

ROOT = Path(__file__).parents[2]
TOOLS = {spec.fn.__name__ for spec in (*READ_TOOLS, *WRITE_TOOLS)}
PATHS = sorted((ROOT / "prompts").iterdir())
EXAMPLE = """\
+++
title = "A day"
description = "What is on"

[arguments.date]
description = "The day"
left_out = "today"

[arguments.zone]
description = "The zone"

[arguments.who]
description = "Whose"
required = true
+++
The day of $who: $date

- Zone: $zone

Costs $$5 with `list_meetings`.
"""
DESCRIBE = """
import json
from ringcentral_meetings import prompts
print(json.dumps([prompts.__file__, str(prompts.folder()), {one.name: one.render({}) for one in prompts.load()}]))
"""

each_file = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@pytest.fixture
def example(tmp_path: Path) -> PromptFile:
    path = tmp_path / "day.md"
    path.write_text(EXAMPLE, encoding="utf-8")
    return prompts.read(path)


def test_a_prompt_is_read_with_its_arguments_in_order_and_the_tools_that_it_names(example: PromptFile) -> None:
    assert (example.name, example.title, example.description) == ("day", "A day", "What is on")
    assert [(one.name, one.description, one.required) for one in example.arguments] == [
        ("date", "The day", False),
        ("zone", "The zone", False),
        ("who", "Whose", True),
    ]
    assert example.tools == {"list_meetings"}


def test_a_line_is_dropped_with_an_argument_that_nothing_stands_in_for(example: PromptFile) -> None:
    rest = "Costs $5 with `list_meetings`."
    assert example.render({"who": "Ada"}) == f"The day of Ada: today\n\n{rest}"
    given = example.render({"who": "$date", "date": "Monday", "zone": "UTC"})
    assert given == f"The day of $date: Monday\n\n- Zone: UTC\n\n{rest}"


def test_line_ends_of_windows_are_read_the_same(example: PromptFile, tmp_path: Path) -> None:
    path = tmp_path / "day.md"
    path.write_bytes(EXAMPLE.replace("\n", "\r\n").encode())
    assert prompts.read(path) == example


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title = "A day"\n', ""),
        ('description = "Whose"\n', ""),
        ("title =", 'author = "Ada"\ntitle ='),
        ("required = true", "optional = false"),
        ("+++\nThe day", "The day"),
    ],
)
def test_a_key_too_many_or_too_few_does_not_load(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "day.md"
    path.write_text(EXAMPLE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises((TypeError, ValueError)):
        prompts.read(path)


@each_file
def test_names_are_words_of_small_letters_joined_by_underscores(path: Path) -> None:
    assert path.suffix == ".md"
    for name in (path.stem, *(one.name for one in prompts.read(path).arguments)):
        assert all(word.isascii() and word.isalpha() and word.islower() for word in name.split("_"))


@each_file
def test_what_a_menu_shows_is_one_short_line(path: Path) -> None:
    prompt = prompts.read(path)
    assert len(prompt.title) <= 60
    for line in (prompt.title, prompt.description, *(one.description for one in prompt.arguments)):
        assert line.strip()
        assert line.isprintable()
        assert len(line) <= 200


@each_file
def test_what_stands_in_for_an_argument_is_text_and_only_an_optional_one_has_it(path: Path) -> None:
    for argument in prompts.read(path).arguments:
        assert isinstance(argument.required, bool)
        assert argument.left_out is None or (argument.left_out.isprintable() and argument.left_out.strip())
        assert not (argument.required and argument.left_out)


@each_file
def test_the_text_uses_every_argument_and_no_other(path: Path) -> None:
    prompt = prompts.read(path)
    assert Template(prompt.text).is_valid()
    assert set(prompts.placeholders(prompt.text)) == {one.name for one in prompt.arguments}


@each_file
def test_backticks_are_closed_on_their_line_and_hold_tools(path: Path) -> None:
    prompt = prompts.read(path)
    assert all(line.count("`") % 2 == 0 for line in prompt.text.splitlines())
    assert prompt.tools
    assert prompt.tools - TOOLS == set()


# Where they are found


def run(arguments: list[str], folder: Path, path: Path | None = None) -> str:
    """Run Python on other sources than those whose coverage is measured, and return what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout


def build(root: Path, target: str) -> Path:
    pytest.importorskip("hatchling", reason="the build backend is not installed here")
    run(["-m", "hatchling", "build", "-t", target, "-d", "out"], root)
    (built,) = (root / "out").iterdir()
    return built


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is in site-packages once a wheel is installed that was built from the source distribution."""
    root = tmp_path_factory.mktemp("project")
    for name in ("server", "prompts"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, root / name)
    unpacked = tmp_path_factory.mktemp("unpacked")
    shutil.unpack_archive(build(root, "sdist"), unpacked, filter="data")
    (source,) = unpacked.iterdir()
    target = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(build(source, "wheel")) as archive:
        archive.extractall(target)
    return target


def described(folder: Path, path: Path) -> tuple[Path, Path, dict[str, str]]:
    module, where, texts = json.loads(run(["-c", DESCRIBE], folder, path))
    return Path(module), Path(where), texts


def test_an_installed_wheel_and_an_editable_checkout_hold_the_same_prompts(installed: Path, tmp_path: Path) -> None:
    module, where, from_wheel = described(tmp_path, installed)
    assert module.is_relative_to(installed)
    assert where == installed / "ringcentral_meetings" / "_prompts"
    module, where, from_checkout = described(tmp_path, ROOT / "server")
    assert module.is_relative_to(ROOT / "server")
    assert where == ROOT / "prompts"
    assert from_wheel == from_checkout
    assert set(from_wheel) == {path.stem for path in PATHS}
