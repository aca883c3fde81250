"""A backend's URL leads to a server of models or nowhere: no address in disguise, no machine that nobody allowed."""

# ruff: noqa: RUF001 - letters that look like others are what is tried

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.backends.ssrf import (
    EVERYWHERE,
    PUBLIC_ALONE,
    AddressFlaw,
    PinnedTarget,
    checked,
    read_target,
    resolve_by_system,
)
from chatui.backends.zones import Zone, zone_of
from chatui.domain.errors import AddressRefused


class Names:
    """A resolver with a table of names."""

    def __init__(self, **table: Sequence[str]) -> None:
        self.table = {name.replace("_", "."): addresses for name, addresses in table.items()}
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        if host not in self.table:
            raise OSError("no such host")
        return self.table[host]


UNREADABLE = [
    "",
    "gpu-box",
    "//gpu-box",
    "http:gpu-box",
    "http:///gpu-box",
    "ftp://gpu-box",
    "file:///etc/passwd",
    "gopher://gpu-box:6379/_INFO",
    "unix:///var/run/docker.sock",
    "javascript:alert(1)",
    "http://admin@gpu-box",
    "http://admin:secret@gpu-box",
    "http://gpu-box@127.0.0.1",
    "http://gpu-box%40127.0.0.1@10.0.0.1",
    "http://gpu-box\\@127.0.0.1",
    "http:\\\\127.0.0.1",
    "http://gpu-box#@127.0.0.1",
    "http://gpu-box?@127.0.0.1",
    "http://gpu-box\t.evil",
    "http://gpu-box\r\nHost: evil",
    "http://gpu box",
    "http://gpu-box:0",
    "http://gpu-box:65536",
    "http://gpu-box:-1",
    "http://gpu-box:80:90",
    "http://[::1",
    "http://gpu-box/../admin",
    "http://gpu-box/%2e%2e/admin",
    "http://gpu-box/a;b",
    "http://" + "a" * 3_000,
]
ODD_HOSTS = [
    "http://2130706433",
    "http://0x7f000001",
    "http://0x7f.0.0.1",
    "http://0x7f.1",
    "http://0177.0.0.1",
    "http://017700000001",
    "http://127.1",
    "http://127.0.1",
    "http://127.0.0.01",
    "http://127.0.0.1.",
    "http://0",
    "http://0x",
    "http://1.2.3.4.5",
    "http://256.1.1.1",
    "http://169.254.43518",
    "http://0xa9fea9fe",
    "http://0251.0376.0251.0376",
    "http://2852039166",
    "http://10.0.0.0x1",
    "http://gpu-box.1",
    "http://gpu-box.",
    "http://-gpu",
    "http://gpu%2dbox",
    "http://%31%32%37.0.0.1",
    "http://１２７.0.0.1",
    "http://①②⑦.⓪.⓪.①",
    "http://127。0。0。1",
    "http://127．0．0．1",
    "http://١٢٧.0.0.1",
    "http://lоcalhost",
    "http://ⓛocalhost",
    "http://gpu\u200b-box",
    "http://[::ffff:127.0.0.1]",
    "http://[::ffff:7f00:1]",
    "http://[0:0:0:0:0:ffff:a9fe:a9fe]",
    "http://[::127.0.0.1]",
    "http://[64:ff9b::169.254.169.254]",
    "http://[fe80::1%25eth0]",
    "http://[fe80::1%eth0]",
    "http://[::1%251]",
]
FORBIDDEN = [
    "http://169.254.169.254",
    "http://169.254.169.254/latest/meta-data",
    "http://169.254.170.2",
    "http://169.254.0.1",
    "http://100.100.100.200",
    "http://168.63.129.16",
    "http://192.0.0.192",
    "http://0.0.0.0",
    "http://0.0.0.0:11434",
    "http://0.1.2.3",
    "http://224.0.0.1",
    "http://239.255.255.250",
    "http://255.255.255.255",
    "http://240.0.0.1",
    "http://192.0.2.1",
    "http://198.18.0.1",
    "http://192.88.99.1",
    "http://[::]",
    "http://[::]:11434",
    "http://[::7f00:1]",
    "http://[64:ff9b:1::1]",
    "http://[2002:7f00:1::]",
    "http://[2002:a9fe:a9fe::1]",
    "http://[2001::1]",
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "http://[2001:db8::1]",
    "http://[2606:4700::5efe:7f00:1]",
    "http://[fe80::1]",
    "http://[fec0::1]",
    "http://[ff02::1]",
    "http://[fd00:ec2::254]",
    "http://[fd20:ce::254]",
    "http://[100::1]",
]
NAT64_LOOPBACK = "http://[64:ff9b::7f00:1]:80/a"
NAT64_PREFIX = IPv6Network("64:ff9b::/96")


def test_enough_forms_are_tried() -> None:
    assert len({*UNREADABLE, *ODD_HOSTS, *FORBIDDEN}) == len(UNREADABLE) + len(ODD_HOSTS) + len(FORBIDDEN) >= 60


@pytest.mark.parametrize("url", UNREADABLE)
async def test_what_has_two_readings_is_refused(url: str) -> None:
    assert (await refused(url)).flaw == AddressFlaw.UNREADABLE


@pytest.mark.parametrize("url", ODD_HOSTS)
async def test_addresses_in_disguise_are_refused(url: str) -> None:
    assert (await refused(url)).flaw == AddressFlaw.ODD_HOST


@pytest.mark.parametrize("url", FORBIDDEN)
async def test_some_addresses_are_refused_whatever_the_settings_allow(url: str) -> None:
    assert (await refused(url)).flaw == AddressFlaw.FORBIDDEN


async def test_nat64_of_this_machine_is_this_machine() -> None:
    with pytest.raises(AddressRefused) as refusal:
        await checked(NAT64_LOOPBACK, PUBLIC_ALONE | {Zone.LAN}, Names())
    assert refusal.value.flaw == AddressFlaw.NOT_ALLOWED


async def refused(url: str) -> AddressRefused:
    """Refused even with everything allowed, and no name is looked up."""
    names = Names()
    with pytest.raises(AddressRefused) as refusal:
        await checked(url, EVERYWHERE, names)
    assert names.asked == []
    return refusal.value


INSIDE = {
    "10.0.0.5": Zone.LAN,
    "172.16.0.1": Zone.LAN,
    "172.31.255.255": Zone.LAN,
    "192.168.1.10": Zone.LAN,
    "100.64.0.7": Zone.LAN,
    "fd12:3456::1": Zone.LAN,
    "127.0.0.1": Zone.LOOPBACK,
    "127.255.255.254": Zone.LOOPBACK,
    "::1": Zone.LOOPBACK,
    "::ffff:10.0.0.5": Zone.LAN,
    "::ffff:127.0.0.1": Zone.LOOPBACK,
    "64:ff9b::a00:5": Zone.LAN,
}


@pytest.mark.parametrize(("address", "zone"), INSIDE.items())
async def test_the_house_is_entered_only_where_that_is_allowed(address: str, zone: Zone) -> None:
    names = Names(gpu=[address])
    with pytest.raises(AddressRefused) as refusal:
        await checked("http://gpu", EVERYWHERE - {zone}, names)
    assert refusal.value.flaw == AddressFlaw.NOT_ALLOWED
    assert (await checked("http://gpu", frozenset({zone}), names)).addresses == (ip_address(address),)


@pytest.mark.parametrize("address", ["172.15.255.255", "172.32.0.1", "100.128.0.1", "8.8.8.8", "2606:4700::1111"])
def test_neighbours_of_the_house_are_public(address: str) -> None:
    assert zone_of(ip_address(address)) is Zone.PUBLIC


async def test_a_name_is_pinned_to_what_it_led_to() -> None:
    names = Names(llm_example=["93.184.216.34", "2606:2800:220:1::1", "93.184.216.34"])
    pinned = await checked("https://LLM.example/v1/", PUBLIC_ALONE, names)
    addresses = (IPv4Address("93.184.216.34"), IPv6Address("2606:2800:220:1::1"))
    assert pinned == PinnedTarget("https://llm.example", "llm.example", 443, addresses)
    assert names.asked == [("llm.example", 443)]


@pytest.mark.parametrize("evil", ["169.254.169.254", "::ffff:169.254.169.254", "10.0.0.1", "fe80::1", "0.0.0.0"])
async def test_one_bad_address_among_good_ones_is_enough(evil: str) -> None:
    with pytest.raises(AddressRefused):
        await checked("http://rebind", PUBLIC_ALONE, Names(rebind=["93.184.216.34", evil]))


async def test_an_address_of_the_cable_is_left_out_where_a_machine_has_others() -> None:
    names = Names(box_local=["192.168.1.10", "fe80::1%eth0"], cable_local=["fe80::1%eth0"])
    pinned = await checked("http://box.local", EVERYWHERE, names)
    assert pinned.addresses == (IPv4Address("192.168.1.10"),)
    with pytest.raises(AddressRefused):
        await checked("http://cable.local", EVERYWHERE, names)


@pytest.mark.parametrize("answer", [[], ["no address"], [f"8.8.4.{n}" for n in range(33)]])
async def test_a_resolver_that_tells_nothing_of_use_is_a_refusal(answer: list[str]) -> None:
    with pytest.raises(AddressRefused) as refusal:
        await checked("http://gpu", EVERYWHERE, Names(gpu=answer))
    assert refusal.value.flaw == AddressFlaw.UNKNOWN_HOST


async def test_a_name_that_leads_nowhere() -> None:
    with pytest.raises(AddressRefused) as refusal:
        await checked("http://nowhere", EVERYWHERE, Names())
    assert refusal.value.flaw == AddressFlaw.UNKNOWN_HOST


async def test_the_system_knows_localhost() -> None:
    pinned = await checked("http://localhost:11434", EVERYWHERE, resolve_by_system)
    assert {zone_of(address) for address in pinned.addresses} == {Zone.LOOPBACK}
    with pytest.raises(AddressRefused):
        await checked("http://localhost:11434", PUBLIC_ALONE, resolve_by_system)


async def test_a_cancelled_check_stays_cancelled() -> None:
    begun = asyncio.Event()

    async def never(_host: str, _port: int) -> Sequence[str]:
        begun.set()
        await asyncio.Event().wait()
        return []

    task = asyncio.create_task(checked("http://gpu", EVERYWHERE, never))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@given(st.text(max_size=60) | st.text(max_size=40).map("http://{}".format))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        target = read_target(text)
    except AddressRefused:
        return
    assert read_target(target.url) == target
    assert target.host.isascii()


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_never_opens_a_zone(address: IPv4Address) -> None:
    zone = zone_of(address)
    assert zone_of(IPv6Address(f"::ffff:{address}")) is zone
    assert zone_of(IPv6Address((0x64FF9B << 96) | int(address))) is zone
    assert zone_of(IPv6Address((0x2002 << 112) | (int(address) << 80))) is Zone.FORBIDDEN


@given(st.ip_addresses())
def test_what_python_calls_private_is_never_public(address: IPv4Address | IPv6Address) -> None:
    if zone_of(address) is Zone.PUBLIC:
        assert not address.is_loopback
        assert not address.is_link_local
        assert not address.is_multicast
        assert not address.is_unspecified
        assert not address.is_private or address in NAT64_PREFIX
