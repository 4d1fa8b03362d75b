"""Policies: asking one, what is refused and how it is said, the form and its schema."""

import tomllib
from datetime import date
from pathlib import Path
from textwrap import dedent
from typing import Any, get_args

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import CASES

import piiscan.policy
from piiscan.errors import PolicyError
from piiscan.policy import (
    BUILTIN,
    Channel,
    Match,
    Operator,
    Policy,
    Promise,
    covers,
    examine,
    json_schema,
    load,
    parse,
    policy_text,
)
from piiscan.policy.checks import ROLES, TIMELESS
from piiscan.policy.form import convert
from piiscan.policy.model import Action

FORM = dedent((piiscan.policy.__doc__ or "").partition(":\n\n")[2].partition("\nBeside these")[0])

SMALL = """
[notice]
name = "small"
title = "Small"
controller = "The board"

[[channel]]
name = "chat"
match = { path = "chat/**" }

[[channel]]
name = "mail"
match = { format = "mbox" }

[[promise]]
id = "first"
clause = "Gone after 30 days"
channel = "chat"
within = "P30D"
action = "anonymize"

[[promise]]
id = "second"
clause = "In the EU"
action = "manual"
"""


def broken(old: str, new: str) -> list[str]:
    """What is wrong in the small policy after a change."""
    assert old in SMALL
    return [f"{problem} | {problem.hint}" for problem in examine(SMALL.replace(old, new, 1))[1]]


def test_the_first_channel_that_matches_counts() -> None:
    loaded = parse(SMALL)
    assert loaded.channel_of("chat/a.mbox", format="mbox") == loaded.policy.channel[0]
    assert loaded.channel_of("box.mbox", format="mbox") == loaded.policy.channel[1]
    assert loaded.channel_of("box.eml", format="eml") is None


def test_what_holds_for_all_holds_for_messages_of_no_channel() -> None:
    loaded = parse(SMALL)
    assert [part.id for part in loaded.promises_of(None)] == ["second"]
    chat = loaded.policy.channel[0]
    assert [part.id for part in loaded.promises_of(chat)] == ["first", "second"]


def test_the_first_operator_that_fits_counts() -> None:
    text = SMALL + '[operators]\n"phone" = { op = "drop" }\ncontact = { op = "mask" }\n'
    loaded = parse(text)
    assert loaded.operator_of("phone", "contact").op == "drop"
    assert loaded.operator_of("email", "contact").op == "mask"
    assert loaded.operator_of("health", "health") == Operator(op="label", label="[halsa]")


def test_the_digest_follows_what_counts_and_nothing_else() -> None:
    operators = ['"phone" = { op = "drop" }\n', 'contact = { op = "mask" }\n']
    one, other = (
        parse(SMALL + "[operators]\n" + "".join(order)).digest
        for order in (operators, operators[::-1])
    )
    assert one != other  # the first that fits counts
    assert parse(f"# a comment\n{SMALL}").digest == parse(SMALL).digest
    assert parse(SMALL.replace("P30D", "P31D")).digest != parse(SMALL).digest


def test_a_reading_that_is_not_promised_is_not_covered() -> None:
    promise = Promise(id="a", clause="b", action="anonymize")
    assert covers(promise, "health", "health", {"reading": "personal"})
    assert not covers(promise, "health", "health", {"reading": "topical"})
    promise.readings = ["topical"]
    assert covers(promise, "health", "health", {"reading": "topical"})
    assert covers(promise, "email", "contact")


@pytest.mark.parametrize("attribute", ["role_mailbox", "org_phone", "role_address"])
def test_what_belongs_to_an_office_is_covered_where_the_promise_says_so(attribute: str) -> None:
    promise = Promise(id="a", clause="b", action="anonymize")
    assert not covers(promise, "email", "contact", {attribute: True})
    promise.offices = True
    assert covers(promise, "email", "contact", {attribute: True})


def test_what_is_spared_is_not_covered() -> None:
    promise = Promise(id="a", clause="b", action="anonymize", spare=["case", "se-org*"])
    assert not covers(promise, "case-number", "case")
    assert not covers(promise, "se-organisationsnummer", "organization-number")
    assert covers(promise, "se-personnummer", "identity-number")


def faults() -> list[tuple[str, str, str]]:
    """Lines of the small policy, what stands there instead, and what is said of it."""
    blocks = (CASES / "policy" / "faults.txt").read_text().split("\n\n")[1:]
    found = []
    for block in blocks:
        lines = [(line[:1], line[2:]) for line in block.splitlines()]
        old, new, what, hint = (
            "\n".join(text for mark, text in lines if mark == m) for m in "-+=?"
        )
        found.append((old, new, f"{what} | {hint}"))
    return found


@pytest.mark.parametrize(("old", "new", "said"), faults())
def test_what_is_wrong_is_said_with_its_place_and_a_hint(old: str, new: str, said: str) -> None:
    assert said in broken(old, new)


def test_every_fault_is_found_at_once() -> None:
    text = SMALL.replace('within = "P30D"', "within = 30").replace("manual", "manul")
    assert [problem.path for problem in examine(text)[1]] == [
        "$.promise[0].within",
        "$.promise[1].action",
    ]


KEYS = st.sampled_from(
    [
        "notice",
        "channel",
        "promise",
        "operators",
        "hold",
        "register",
        "match",
        "scope",
        "name",
        "id",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(KEYS | st.text(), VALUES, max_size=5))
def test_what_is_no_policy_is_always_told_why(document: dict[str, Any]) -> None:
    policy, found = convert(document)
    assert (policy is None) == bool(found)
    assert all(problem.path.startswith("$") and problem.what for problem in found)


def test_brackets_without_end_are_no_policy() -> None:
    with pytest.raises(PolicyError, match="brackets"):
        parse("a = " + "[" * 100_000)


def test_what_steers_a_terminal_is_shown_as_its_number() -> None:
    with pytest.raises(PolicyError) as caught:
        parse(r'"\u001b[31m" = 1' + SMALL)
    assert "\x1b" not in str(caught.value)


def test_no_toml_is_said_with_its_line() -> None:
    policy, found = examine("[notice\n")
    assert policy is None
    assert "line 1" in found[0].what


def test_an_error_names_the_file_and_the_first_fault() -> None:
    with pytest.raises(
        PolicyError, match=r"policy `my.toml`: unknown key `x` at \$ \(and 1 more\)"
    ):
        parse("x = 1\n", name="my.toml")


def test_a_file_loads_with_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "notice.toml"
    file.write_text("\ufeff" + SMALL, encoding="utf-8")
    loaded = load(file)
    assert (loaded.name, loaded.folder) == ("small", tmp_path)


def test_a_path_that_a_policy_names_must_be_there(tmp_path: Path) -> None:
    file = tmp_path / "notice.toml"
    file.write_text(f'profiles = "own"\n{SMALL}')
    with pytest.raises(PolicyError, match=r"`own` is not there at \$.profiles"):
        load(file)
    (tmp_path / "own").mkdir()
    assert load(file).policy.profiles == "own"


def test_a_misspelled_name_gets_a_suggestion() -> None:
    with pytest.raises(PolicyError, match="did you mean `kommun-kim`"):
        load("komun-kim")


def test_a_file_that_is_absent_or_no_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "absent.toml")
    file = tmp_path / "latin.toml"
    file.write_bytes(b"# \xe5\n")
    with pytest.raises(PolicyError, match="is not UTF-8"):
        load(file)


def test_the_form_that_the_room_shows_is_one_that_loads() -> None:
    loaded = parse(FORM)
    assert [part.action for part in loaded.policy.promise] == ["anonymize", "manual"]
    assert loaded.policy.hold[0].review == date(2027, 1, 31)


def as_json(value: Any) -> Any:
    return msgspec.to_builtins(value)


@pytest.mark.parametrize("text", [*(policy_text(name)[0] for name in BUILTIN), FORM, SMALL])
def test_a_policy_fits_the_schema(text: str) -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(as_json(tomllib.loads(text)), schema)


@pytest.mark.parametrize(
    ("old", "new"), [("within", "withn"), ("P30D", "30"), ("manual", "manul"), ("[notice]", "[a]")]
)
def test_what_the_form_refuses_the_schema_refuses(old: str, new: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(as_json(tomllib.loads(SMALL.replace(old, new))), json_schema())


def test_roles_and_actions_are_those_of_the_form() -> None:
    source = Path(__file__).parent.parent / "rust" / "piiscan" / "src" / "message.rs"
    for role in ROLES:
        assert f'"{role}"' in source.read_text()
    assert set(get_args(Action)) > TIMELESS


WORDS = st.text("abcåäö -/*.", min_size=1, max_size=8)


@given(
    st.builds(
        Policy,
        notice=st.just(load("borga").policy.notice),
        channel=st.lists(
            st.builds(Channel, name=WORDS, match=st.builds(Match, path=WORDS), keep=st.lists(WORDS))
        ),
        promise=st.lists(
            st.builds(Promise, id=WORDS, clause=WORDS, action=st.sampled_from(["keep", "erase"]))
        ),
        operators=st.dictionaries(WORDS, st.just(Operator(op="drop"))),
    )
)
def test_a_policy_survives_its_way_through_json(policy: Policy) -> None:
    back = msgspec.json.decode(msgspec.json.encode(policy), type=Policy)
    assert back == policy
    assert list(back.operators) == list(policy.operators)
