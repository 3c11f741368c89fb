"""Which addresses are public, and which hosts belong together."""

import pytest

from ringcentral_meetings.platform.addresses import is_related, literal, reach_of


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("93.184.216.34", "public"),
        ("2606:2800:220:1::1", "public"),
        ("64:ff9b::93.184.216.34", "public"),
        ("::ffff:93.184.216.34", "public"),
        ("127.0.0.1", "private"),
        ("127.255.255.254", "private"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("192.168.0.1", "private"),
        ("100.64.0.1", "private"),
        ("::1", "private"),
        ("fd12:3456::1", "private"),
        ("::ffff:127.0.0.1", "private"),
        ("::ffff:7f00:1", "private"),
        ("64:ff9b::10.0.0.1", "private"),
        ("0.0.0.0", "forbidden"),  # noqa: S104 (nothing is bound)
        ("::", "forbidden"),
        ("::127.0.0.1", "forbidden"),
        ("169.254.1.1", "forbidden"),
        ("169.254.169.254", "forbidden"),
        ("::ffff:169.254.169.254", "forbidden"),
        ("64:ff9b::169.254.169.254", "forbidden"),
        ("64:ff9b:1::a00:1", "forbidden"),
        ("fd00:ec2::254", "forbidden"),
        ("100.100.100.200", "forbidden"),
        ("168.63.129.16", "forbidden"),
        ("192.0.0.192", "forbidden"),
        ("192.0.2.1", "forbidden"),
        ("198.18.0.1", "forbidden"),
        ("203.0.113.1", "forbidden"),
        ("224.0.0.1", "forbidden"),
        ("240.0.0.1", "forbidden"),
        ("255.255.255.255", "forbidden"),
        ("fe80::1", "forbidden"),
        ("fe80::1%eth0", "forbidden"),
        ("fec0::1", "forbidden"),
        ("ff02::1", "forbidden"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "forbidden"),
        ("2001:db8::1", "forbidden"),
        ("2002:7f00:1::", "forbidden"),
        ("2002:5db8:d822::1", "forbidden"),
        ("localhost", "forbidden"),
        ("", "forbidden"),
    ],
)
def test_where_an_address_leads(address: str, reach: str) -> None:
    assert reach_of(address) == reach


@pytest.mark.parametrize("host", ["93.184.216.34", "::1", "::ffff:127.0.0.1"])
def test_an_address_is_told_from_a_name(host: str) -> None:
    assert literal(host) is not None
    assert literal("feeds.example") is None


@pytest.mark.parametrize(
    "host",
    [
        *("2130706433", "017700000001", "0x7f000001", "0x7f.1", "127.1", "127.0.1", "0177.0.0.1", "1.2.3.4.5", "a.0x1"),
        *("", "a..b", "-a.example", "a b", "a%20b", f"{'a' * 64}.example", ".".join(["a" * 50] * 6)),
    ],
)
def test_another_spelling_of_an_address_is_refused_and_so_is_what_is_no_name(host: str) -> None:
    with pytest.raises(ValueError, match="neither an address nor a name"):
        literal(host)


ONE_HOUSE = (frozenset({"outlook.example", "office.example"}),)


@pytest.mark.parametrize(
    ("one", "other", "related"),
    [
        ("feeds.example", "feeds.example", True),
        ("example.org", "www.example.org", True),
        ("www.example.org", "example.org", True),
        ("a.example.org", "b.example.org", False),
        ("example.co.uk", "other.co.uk", False),
        ("example.org", "example.org.evil.example", False),
        ("example.org", "notexample.org", False),
        ("org", "example.org", False),
        ("outlook.example", "office.example", True),
        ("a.outlook.example", "b.office.example", True),
        ("a.outlook.example", "b.outlook.example", True),
        ("outlook.example", "evil.example", False),
        ("outlook.example", "notoffice.example", False),
        ("10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "9.10.0.0.1", False),
    ],
)
def test_which_hosts_belong_together(one: str, other: str, related: bool) -> None:
    assert is_related(one, other, ONE_HOUSE) is related
    assert is_related(other, one, ONE_HOUSE) is related
