"""Every policy that ships: it loads, promises what its notice does, and can be held to it."""

from pathlib import Path

import pytest

import piiscan.policy
from piiscan.findings import LOW
from piiscan.policy import (
    BUILTIN,
    covers,
    finds,
    load,
    policy_text,
)
from piiscan.scanning import Scanner, detectors, optional_detectors

FOLDER = Path(piiscan.policy.__file__).parent / "builtin"
EVERY = (*detectors(), *optional_detectors())


@pytest.mark.parametrize("name", BUILTIN)
def test_a_policy_that_ships_loads_under_its_name(name: str) -> None:
    loaded = load(name)
    assert loaded.name == loaded.policy.notice.name == name
    assert loaded.folder is None
    assert len(loaded.digest) == 64


def test_every_file_is_in_the_table() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(BUILTIN)


@pytest.mark.parametrize("name", BUILTIN)
def test_no_policy_that_ships_may_change_originals(name: str) -> None:
    decision = load(name).policy.decision
    assert decision.kind
    assert not decision.ref  # the decision is the user's


@pytest.mark.parametrize("name", BUILTIN)
def test_every_channel_has_a_promise_of_its_own_or_says_why_not(name: str) -> None:
    policy = load(name).policy
    promised = {promise.channel for promise in policy.promise}
    assert {channel.name for channel in policy.channel} <= promised


@pytest.mark.parametrize("name", BUILTIN)
def test_what_a_policy_promises_is_scanned_for(name: str) -> None:
    policy = load(name).policy
    for promise in policy.promise:
        wanted = {row.id for row in EVERY if finds(promise.find, row.id, row.category)}
        scanned = {row.id for row in EVERY if finds(policy.scan.detectors, row.id, row.category)}
        assert wanted
        assert wanted <= scanned


@pytest.mark.parametrize("name", BUILTIN)
def test_channels_that_name_a_folder_take_what_lies_in_it(name: str) -> None:
    loaded = load(name)
    for channel in loaded.policy.channel:
        step = channel.match.path.removeprefix("**/").removesuffix("/**")
        if step != "**":
            for path in (f"{step}/a.json", f"archive/{step}/2026/a.json", f"x.zip!/{step}/a.eml"):
                assert loaded.channel_of(path) == channel


@pytest.mark.parametrize("name", BUILTIN)
def test_a_policy_that_ships_names_no_person_and_no_address(name: str) -> None:
    text = policy_text(name)[0]
    found = Scanner(minimum=LOW, detectors=["email", "phone", "identity-number"]).scan(text)
    assert not len(found)
    names = Scanner(detectors=["person-name"]).scan(text).values(text)
    assert set(names) <= {"Kommun Kim"}


@pytest.mark.parametrize(
    ("name", "promise", "clock", "within", "action"),
    [
        ("upplands-bro", "chatt-30-dagar", "sent", "P30D", "anonymize"),
        ("upplands-bro", "facebook-30-dagar", "sent", "P30D", "anonymize"),
        ("upplands-bro", "telefon-30-dagar", "contact", "P30D", "anonymize"),
        ("upplands-bro", "e-post-30-dagar", "sent", "P30D", "anonymize"),
        ("upplands-bro", "e-tjanster-30-dagar", "closed", "P30D", "anonymize"),
        ("kommun-kim", "nummer", "sent", "P0D", "anonymize"),
        ("kommun-kim", "ip-adress", "sent", "P0D", "encrypt"),
        ("kommun-kim", "logg-21-dagar", "sent", "P21D", "erase"),
        ("borga", "samtal-3-manader", "contact", "P3M", "erase"),
        ("karlstad", "efter-avtalet", "contract_end", "P8Y", "anonymize"),
        ("dvv", "e-post-1-ar", "closed", "P1Y", "erase"),
        ("dvv", "inspelningar-1-ar", "contact", "P1Y", "erase"),
    ],
)
def test_a_promise_is_as_the_notice_has_it(
    name: str, promise: str, clock: str, within: str, action: str
) -> None:
    found = next(part for part in load(name).policy.promise if part.id == promise)
    assert (found.clock, found.within, found.action) == (clock, within, action)


@pytest.mark.parametrize("name", ["upplands-bro", "borga", "dvv"])
def test_what_no_scan_can_tell_is_said_to_be_so(name: str) -> None:
    abroad = next(part for part in load(name).policy.promise if part.id.startswith("inom-e"))
    assert abroad.action == "manual"


def test_the_chatbot_takes_whole_sentences_and_long_numbers_of_any_kind() -> None:
    loaded = load("kommun-kim")
    numbers = loaded.policy.promise[0]
    assert loaded.policy.mask == "sentence"
    assert loaded.policy.scan.min_digits == 7
    assert loaded.policy.scan.strict
    for detector in ("long-number", "se-personnummer", "phone", "iban", "case-number"):
        category = next(row.category for row in EVERY if row.id == detector)
        assert covers(numbers, detector, category, {"org_phone": True}), detector
    assert loaded.operator_of("ip-address", "online-identifier").op == "encrypt"


def test_the_norwegian_chatbot_begins_at_six_digits() -> None:
    loaded = load("kommune-kari")
    assert loaded.policy.scan.min_digits == 6
    assert loaded.operator_of("person-name", "person").label == "[navn]"


def test_the_public_post_is_another_channel_than_its_message() -> None:
    loaded = load("upplands-bro")
    post = loaded.channel_of("facebook/inlagg/2026.json")
    assert post
    assert [part.action for part in loaded.promises_of(post)] == ["keep", "manual", "manual"]


def test_the_register_description_has_its_twenty_points() -> None:
    register = load("borga").policy.register
    points = {piiscan.policy.REGISTER[key][0] for key in register}
    assert points == set(range(1, 21))
