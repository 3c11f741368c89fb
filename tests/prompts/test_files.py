"""Prompt files: every mistake is told with file and line, at build time too, and wheel and checkout hold the same."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from ringcentral_meetings.app import READ_TOOLS, WRITE_TOOLS
from ringcentral_meetings.prompts import files as prompt_files
from ringcentral_meetings.prompts.files import PromptFileError

ROOT = Path(__file__).parents[2]
TOOLS = {"list_meetings", "get_meeting"}
ALL_TOOLS = {spec.fn.__name__ for spec in (*READ_TOOLS, *WRITE_TOOLS)}
GOOD = """\
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
import json, sys
from ringcentral_meetings.prompts import files as prompt_files
texts = {prompt.name: prompt.render({}) for prompt in prompt_files.load(prompt_files.folder(), sys.argv[1:])}
print(json.dumps([prompt_files.__file__, str(prompt_files.folder()), texts]))
"""


def read(folder: Path, text: str | bytes, name: str = "day.md") -> prompt_files.PromptFile:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return prompt_files.read(path, TOOLS)


def test_a_prompt_is_read_with_its_arguments_in_order_and_the_tools_it_speaks_of(tmp_path: Path) -> None:
    prompt = read(tmp_path, GOOD)
    assert (prompt.name, prompt.title, prompt.description) == ("day", "A day", "What is on")
    assert [(one.name, one.description, one.required) for one in prompt.arguments] == [
        ("date", "The day", False),
        ("zone", "The zone", False),
        ("who", "Whose", True),
    ]
    assert prompt.tools == {"list_meetings"}


def test_a_line_falls_away_with_an_argument_that_nothing_stands_in_for(tmp_path: Path) -> None:
    prompt = read(tmp_path, GOOD)
    rest = "Costs $5 with `list_meetings`."
    assert prompt.render({"who": "Ada"}) == f"The day of Ada: today\n\n{rest}"
    whole = prompt.render({"who": "$date", "date": "Monday", "zone": "UTC"})
    assert whole == f"The day of $date: Monday\n\n- Zone: UTC\n\n{rest}"


def test_line_ends_of_another_system_are_read_the_same(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD.replace("\n", "\r\n")) == read(tmp_path, GOOD)


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ('+++\ntitle = "A day"', 'title = "A day"', 1, "does not begin with a line +++"),
        ("+++\nThe day", "The day", 1, "no closing line +++"),
        ('title = "A day"', 'title = "A day', 2, "is not TOML"),
        ('description = "Whose"', "description = ", 13, "is not TOML"),
        ("required = true", "required = true\n[", 15, "is not TOML"),
        ('title = "A day"\n', "", 1, "title is missing"),
        ('title = "A day"', 'title = " "', 2, "title is not one line of 1 to 60 characters"),
        ('title = "A day"', f'title = "{"x" * 61}"', 2, "title is not one line of 1 to 60 characters"),
        ('title = "A day"', "title = 3", 2, "title is not one line"),
        ('description = "What is on"', 'description = "a\\nb"', 3, "description is not one line"),
        ('description = "What is on"', "", 1, "description is missing"),
        ('description = "What is on"', 'description = "What"\nauthor = "me"', 4, 'unknown key "author"'),
        ('[arguments.date]\ndescription = "The day"', "[arguments.date]", 5, "description of date is missing"),
        ('description = "Whose"', 'description = ""', 13, "description of who is not one line"),
        ('description = "Whose"', 'description = "Whose"\ndefault = 1', 14, 'unknown key "default"'),
        ("required = true", 'required = "yes"', 14, "required of who is neither true nor false"),
        ("required = true", 'required = true\nleft_out = "me"', 15, "who is required, so it is never left out"),
        ('left_out = "today"', "left_out = 1", 7, "left_out of date is not one line"),
        ("[arguments.zone]", "[arguments.Zone]", 9, 'the argument "Zone" is not words of small letters'),
        ("[arguments.date]", "[arguments]\nextra = 1\n[arguments.date]", 6, "the argument extra is not a table"),
        ("$zone", "$zones", 18, "$zones is no argument of this prompt"),
        ("Zone: $zone", "Zone", 9, "the argument zone is not used in the text"),
        ("$$5", "$5", 20, "a $ that begins no $argument"),
        ("`list_meetings`", "`list_meeting`", 20, "`list_meeting` is no tool"),
        ("`list_meetings`", "`list_meetings", 20, "a backtick that is not closed"),
        (GOOD[GOOD.index("The day of") :], "\n", 16, "there is no text after the front matter"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(tmp_path: Path, old: str, new: str, line: int, problem: str) -> None:
    assert old in GOOD
    with pytest.raises(PromptFileError) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert str(caught.value).startswith(f"{tmp_path / 'day.md'}:{line}: ")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"), [(b"", "does not begin"), (b"+++\ntitle = '\xff'\n+++\nx", "is not UTF-8 text")]
)
def test_a_file_that_is_no_prompt_at_all_is_told_too(tmp_path: Path, text: bytes, problem: str) -> None:
    with pytest.raises(PromptFileError, match=f"day.md:1: {problem}"):
        read(tmp_path, text)


def test_arguments_are_tables(tmp_path: Path) -> None:
    text = "+++\ntitle = 'A'\ndescription = 'B'\narguments = ['date']\n+++\n$date\n"
    with pytest.raises(PromptFileError, match=r"day.md:4: arguments is not a table of tables"):
        read(tmp_path, text)


def test_a_file_is_named_as_a_prompt_is_called(tmp_path: Path) -> None:
    with pytest.raises(PromptFileError, match=r"My Day.md:1: the name \"My Day\""):
        read(tmp_path, GOOD, "My Day.md")


def test_a_folder_without_prompts_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(PromptFileError, match="holds no prompt"):
        prompt_files.load(tmp_path / "nowhere", TOOLS)


# The build


def project(folder: Path) -> Path:
    """A copy of what a distribution is built from."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("server", "prompts"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def build(root: Path, target: str) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("hatchling", reason="the build backend is not installed here")
    return run(["-m", "hatchling", "build", "-t", target, "-d", "out"], root)


def run(arguments: list[str], folder: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python on other sources than those whose coverage is measured."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    return subprocess.run(  # noqa: S603
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a wheel puts into site-packages."""
    root = project(tmp_path_factory.mktemp("project"))
    built = build(root, "wheel")
    assert built.returncode == 0, built.stderr
    (wheel,) = (root / "out").glob("*.whl")
    target = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def described(folder: Path, path: Path) -> tuple[Path, Path, dict[str, str]]:
    done = run(["-c", DESCRIBE, *ALL_TOOLS], folder, path)
    assert done.returncode == 0, done.stderr
    module, where, texts = json.loads(done.stdout)
    return Path(module), Path(where), texts


def test_an_installed_wheel_and_an_editable_checkout_hold_the_same_prompts(installed: Path, tmp_path: Path) -> None:
    module, where, from_wheel = described(tmp_path, installed)
    assert module.is_relative_to(installed)
    assert where == installed / "ringcentral_meetings" / "_prompts"
    module, where, from_checkout = described(tmp_path, ROOT / "server")
    assert module.is_relative_to(ROOT / "server")
    assert where == ROOT / "prompts"
    assert from_wheel == from_checkout
    assert len(from_wheel) == len(list((ROOT / "prompts").glob("*.md")))


@pytest.mark.parametrize("target", ["wheel", "sdist"])
def test_a_mistake_in_a_prompt_ends_the_build_with_its_name_and_line(tmp_path: Path, target: str) -> None:
    root = project(tmp_path)
    path = root / "prompts" / "my_day.md"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, "Ask `get_weather`."]), encoding="utf-8")
    built = build(root, target)
    assert built.returncode != 0
    assert f"prompts/my_day.md:{len(lines) + 1}: `get_weather` is no tool" in built.stderr
    assert list(root.glob("out/*")) == []


def test_a_wheel_can_be_built_from_the_source_distribution(tmp_path: Path) -> None:
    root = project(tmp_path)
    assert build(root, "sdist").returncode == 0
    (archive,) = (root / "out").glob("*.tar.gz")
    shutil.unpack_archive(archive, tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    built = build(source, "wheel")
    assert built.returncode == 0, built.stderr


def test_the_loader_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    """The build has no other package than its backend."""
    source = ROOT / "server" / "ringcentral_meetings" / "prompts" / "files.py"
    done = run(["-I", "-S", "-c", f"import runpy; runpy.run_path({str(source)!r})"], tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def hook() -> ModuleType:
    pytest.importorskip("hatchling", reason="the build backend is not installed here")
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tools_that_the_build_reads_in_the_sources_are_those_that_there_are(hook: ModuleType) -> None:
    declared = hook.declared_tools(ROOT / "server" / "ringcentral_meetings" / "tools")
    assert declared == ALL_TOOLS


def test_the_prompts_of_this_checkout_pass_the_check_of_the_build(hook: ModuleType) -> None:
    hook.check(ROOT)
