"""The ring of keys: what a file of it must be, and what comes of it."""

import base64
from itertools import pairwise
from pathlib import Path

import pytest
from mcp.server.request_state import InvalidRequestState, RequestStateSecurity

from ringcentral_meetings.store import KeyRing, UnsafeKeys
from ringcentral_meetings.store.vault import RetiredKey, Unopenable, Vault

NAMES, OLD, NEW = (letter * 64 for letter in "abc")


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_new_file_is_a_ring(tmp_path: Path) -> None:
    text = KeyRing.new_text()
    assert KeyRing.new_text() != text
    ring = KeyRing.load(written(tmp_path / "keys", text))
    assert [len(key) for key in ring.request_state_keys()] == [32]


def test_keys_are_read_as_hex_or_base64(tmp_path: Path) -> None:
    raw = bytes(range(200, 232))
    rings = [
        KeyRing.of_text(f"names {NAMES}\n\n# first\nkey {key}  # the only one\n")
        for key in (raw.hex(), base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode().rstrip("="))
    ]
    assert len({tuple(ring.derived("vault")) for ring in rings}) == 1


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o644, 0o666])
def test_a_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path / "keys", KeyRing.new_text(), mode)
    with pytest.raises(UnsafeKeys, match="chmod 600"):
        KeyRing.load(path)


def test_a_file_of_a_group_is_taken(tmp_path: Path) -> None:
    KeyRing.load(written(tmp_path / "keys", KeyRing.new_text(), 0o440))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", 'one line "names SECRET"'),
        (f"names {NAMES}", "no key"),
        (f"key {NEW}", 'one line "names SECRET"'),
        (f"names {NAMES}\nkey {NEW[:62]}", "31 bytes"),
        (f"names {NAMES[:60]}\nkey {NEW}", "30 bytes"),
        (f"names {NAMES}\nkey {NEW}\nkey {NEW}", "twice"),
        (f"names {NEW}\nkey {NEW}", "twice"),
        (f"names {NAMES}\nnames {OLD}\nkey {NEW}", 'one line "names SECRET"'),
        (f"names {NAMES}\nkeys {NEW}", "line 2 is neither"),
        (f"names {NAMES}\nkey", "line 2 is neither"),
        (f"names {NAMES}\nkey {'!' * 50}", "line 2: the secret is neither hex nor base64"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_one_line_without_its_keys(tmp_path: Path, text: str, says: str) -> None:
    path = written(tmp_path / "keys", text)
    with pytest.raises(UnsafeKeys, match=says) as unsafe:
        KeyRing.load(path)
    told = str(unsafe.value)
    assert told.startswith(str(path))
    assert "\n" not in told
    assert not any(secret[:20] in told for secret in (NAMES, OLD, NEW))


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafeKeys, match="No such file"):
        KeyRing.load(tmp_path / "none")
    path = written(tmp_path / "keys", "")
    path.write_bytes(b"names \xff\xfe")
    with pytest.raises(UnsafeKeys, match="not text"):
        KeyRing.load(path)


def test_each_purpose_has_keys_of_its_own() -> None:
    ring = KeyRing.of_text(f"names {NAMES}\nkey {NEW}\nkey {OLD}")
    purposes = [ring.derived(name) for name in ("vault", "registrations", "request-state", "replay", "names")]
    assert len({key for keys in purposes for key in keys}) == 10


def test_names_stay_as_keys_are_replaced_and_tell_nothing() -> None:
    before, after = (KeyRing.of_text(f"names {NAMES}\nkey {key}") for key in (OLD, NEW))
    user = before.user("platform.ringcentral.com", "7", "8")
    assert user == after.user("PLATFORM.ringcentral.com", "7", "8")
    assert len(user) == 32
    others = [("platform.ringcentral.com", "78", ""), ("platform.ringcentral.com", "8", "7"), ("other", "7", "8")]
    assert len({user, before.account("platform.ringcentral.com", "7"), *(before.user(*one) for one in others)}) == 5
    assert KeyRing.of_text(f"names {NEW}\nkey {OLD}").user("platform.ringcentral.com", "7", "8") != user


def test_a_key_is_replaced_in_three_steps_without_anything_that_does_not_open() -> None:
    def vault(*keys: str) -> Vault:
        return Vault(KeyRing.of_text("\n".join([f"names {NAMES}", *(f"key {key}" for key in keys)])))

    steps = [vault(OLD), vault(OLD, NEW), vault(NEW, OLD)]
    for before, after in pairwise(steps):
        for sealing, opening in ((before, after), (after, before)):
            assert opening.open(sealing.seal(b"token", name="n", owner="o"), name="n", owner="o") == b"token"
    steps.append(vault(NEW))
    assert steps[3].open(steps[2].seal(b"token", name="n", owner="o"), name="n", owner="o") == b"token"
    old = steps[0].seal(b"token", name="n", owner="o")
    assert [step.is_current(old) for step in steps] == [True, True, False, False]
    with pytest.raises(RetiredKey):
        steps[3].open(old, name="n", owner="o")


def test_a_sealed_value_opens_for_its_name_owner_and_purpose_alone() -> None:
    ring = KeyRing.new()
    vault = Vault(ring)
    sealed = vault.seal(b"token", name="session", owner="ann")
    assert vault.seal(b"token", name="session", owner="ann") != sealed
    assert vault.open(sealed, name="session", owner="ann") == b"token"
    for name, owner in (("session", "ben"), ("note", "ann"), ("sessiona", "nn"), ("", "sessionann")):
        with pytest.raises(Unopenable):
            vault.open(sealed, name=name, owner=owner)
    with pytest.raises(Unopenable):
        Vault(ring, "registrations").open(sealed, name="session", owner="ann")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Unopenable):
            vault.open(bytes(changed), name="session", owner="ann")
    for length in range(len(sealed)):
        with pytest.raises(Unopenable):
            vault.open(sealed[:length], name="session", owner="ann")


def test_request_state_of_one_replica_opens_on_another_and_not_under_a_retired_key() -> None:
    def codec(*keys: str) -> object:
        text = "\n".join([f"names {NAMES}", *(f"key {key}" for key in keys)])
        return RequestStateSecurity(keys=KeyRing.of_text(text).request_state_keys()).codec

    old, both, new = codec(OLD), codec(NEW, OLD), codec(NEW)
    sealed = old.seal(b"confirm")  # type: ignore[attr-defined]
    assert both.unseal(sealed) == b"confirm"  # type: ignore[attr-defined]
    with pytest.raises(InvalidRequestState):
        new.unseal(sealed)  # type: ignore[attr-defined]
