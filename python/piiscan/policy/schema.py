"""The form of a policy as a JSON Schema, for editors that complete and check TOML by one."""

from typing import Any

import msgspec

from piiscan.policy.checks import PERIOD
from piiscan.policy.model import Policy
from piiscan.policy.register import REGISTER

__all__ = ["json_schema"]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
WORDS = {
    "Promise.find": "globs over detectors and categories; a lone * leaves gender out",
    "Promise.spare": "globs over those that find names and that stay all the same",
    "Promise.offices": "also addresses and numbers of offices, such as info@",
    "Promise.fields": "globs over roles such as body, and over /paths, columns and headers",
    "Promise.clause": "the promise in own words",
    "Promise.section": "where the notice says so",
    "Promise.channel": "name of a channel, or a glob over them",
    "Promise.clock": "what the period counts from",
    "Promise.within": "P30D, P3M, P1Y; P0D is at once",
    "Promise.action": "what happens then; manual: no scan can tell",
    "Channel.keep": "roles and /paths of fields that are never changed: statistics",
    "Channel.declared": "detectors and categories that the notice names",
    "Channel.grounds": "special category and the legal ground for it",
    "Match.path": "of the file below its root; ** stands for any number of steps",
    "Decision.ref": "the decision that lets originals be changed; without it none is",
    "Policy.operators": "glob over detectors and categories; the first that fits counts",
    "Policy.mask": "how much a sensitive word takes with it",
    "Policy.opaque": "parts that cannot be read or rewritten",
}


def json_schema() -> dict[str, Any]:
    """Return the schema."""
    made: dict[str, Any] = {"$schema": DRAFT, **msgspec.json.schema(Policy)}
    parts = made["$defs"]
    for name, text in WORDS.items():
        part, key = name.split(".")
        parts[part]["properties"][key]["description"] = text
    parts["Promise"]["properties"]["within"]["pattern"] = f"^{PERIOD.pattern}$"
    register = parts["Policy"]["properties"]["register"]
    texts = register.pop("additionalProperties")
    register["properties"] = {
        key: texts | {"description": what} for key, (_, what) in REGISTER.items()
    }
    register["additionalProperties"] = False
    return made
