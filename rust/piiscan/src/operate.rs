//! Operators: what comes in the place of a finding. Chosen by a policy, carried out here in bulk.
//!
//! Every output is printable ASCII on one line, without quote, separator, markup or `@`, and without more than six digits together, so that it
//! fits every format and is never found again. Only an address field gets an address: it would not stay valid otherwise.

use std::borrow::Cow;

use serde::Deserialize;

use crate::error::Error;
use crate::finding::Fingerprint;
use crate::token::Tokens;

mod generalize;
mod shift;

/// The domain of addresses that stand for removed ones. Reserved: RFC 2606.
pub const DOMAIN: &str = "piiscan.invalid";

/// How a value is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Not at all.
    Keep,
    /// By nothing.
    Drop,
    /// By what it was: `[telefon]`.
    Label,
    /// By as many stars as it has characters.
    Mask,
    /// By less of it: the month of a date, the network of an address, the area of a postcode.
    Generalize,
    /// By another date, moved by a number of days that belongs to the person.
    ShiftDate,
    /// By a token that only the key joins with the value.
    Pseudonymize,
    /// By a token that the key opens again.
    Encrypt,
}

/// An operator with its parameters.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// How.
    pub op: Op,
    /// What a label says; also what stands where another operator does not fit the value.
    pub label: String,
    /// Tokens of two domains cannot be joined.
    #[serde(default)]
    pub domain: String,
}

/// A value to be replaced.
#[derive(Clone, Copy)]
pub struct Value<'v> {
    /// The id of its detector.
    pub detector: &'v str,
    /// As it is written.
    pub text: &'v str,
    /// Of its canonical form, under the key of the tokens.
    pub fingerprint: &'v Fingerprint,
    /// Whose message it is, so that all dates of one person are moved alike.
    pub person: &'v str,
}

/// `Debug` never shows text.
impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Value({}, {} bytes)", self.detector, self.text.len())
    }
}

impl Op {
    /// Whether it needs a key.
    pub fn needs_key(self) -> bool {
        matches!(self, Self::Pseudonymize | Self::Encrypt | Self::ShiftDate)
    }

    /// Whether a value of the same type may stand in its output, so that a new scan finds it again.
    pub fn is_found_again(self) -> bool {
        matches!(self, Self::Keep | Self::ShiftDate)
    }
}

impl Operator {
    /// What comes in the place of a value; `None` if it stays.
    ///
    /// # Errors
    ///
    /// If the operator needs a key and has none, or the value is too long to be encrypted.
    pub fn output(
        &self,
        value: &Value<'_>,
        tokens: Option<&Tokens>,
    ) -> Result<Option<Cow<'_, str>>, Error> {
        let key = || {
            tokens.ok_or_else(|| {
                Error::new(crate::ErrorKind::Config, "an operator of the policy needs a key")
            })
        };
        let made = match self.op {
            Op::Keep => return Ok(None),
            Op::Drop => return Ok(Some(Cow::Borrowed(""))),
            Op::Label => None,
            Op::Mask => Some("*".repeat(value.text.chars().count().min(64))),
            Op::Generalize => generalize::general(value.detector, value.text),
            Op::ShiftDate => shift::moved(value.text, key()?.days(&self.domain, value.person)),
            Op::Pseudonymize => {
                Some(key()?.pseudonym(value.detector, &self.domain, value.fingerprint))
            }
            Op::Encrypt => Some(key()?.seal(value.detector, value.text)?),
        };
        Ok(Some(made.map_or(Cow::Borrowed(self.label.as_str()), Cow::Owned)))
    }

    /// What comes in the place of an address in a field of senders or recipients, before the domain that the codec adds.
    ///
    /// # Errors
    ///
    /// As [`Self::output`].
    pub fn address<'o>(
        &'o self,
        value: &Value<'_>,
        tokens: Option<&Tokens>,
        removed: &'o str,
    ) -> Result<Option<Cow<'o, str>>, Error> {
        let output = self.output(value, tokens)?;
        Ok(output.map(|output| match self.op {
            Op::Pseudonymize | Op::Encrypt => output,
            _ => Cow::Borrowed(removed),
        }))
    }

    /// Whether a value is an operator's output, of an earlier run too: it stays as it is.
    pub fn is_output(&self, value: &Value<'_>, tokens: Option<&Tokens>, removed: &str) -> bool {
        if let Some(local) = value.text.strip_suffix(DOMAIN).and_then(|rest| rest.strip_suffix('@'))
        {
            return local == removed || tokens.is_some_and(|key| key.is_token(local));
        }
        tokens.is_some_and(|key| key.is_token(value.text))
            || (self.op == Op::Generalize && generalize::is_general(value.detector, value.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::Key;

    fn operator(op: Op) -> Operator {
        Operator { op, label: "[x]".into(), domain: String::new() }
    }

    fn value<'v>(detector: &'v str, text: &'v str) -> Value<'v> {
        Value { detector, text, fingerprint: &Fingerprint([7; 16]), person: "kim" }
    }

    const ALL: [Op; 8] = [
        Op::Keep,
        Op::Drop,
        Op::Label,
        Op::Mask,
        Op::Generalize,
        Op::ShiftDate,
        Op::Pseudonymize,
        Op::Encrypt,
    ];

    #[test]
    fn outputs_fit_every_format() {
        let tokens = Key::new([1; 32]).tokens();
        let values = [
            ("email", "kim@example.org"),
            ("ip-address", "192.0.2.17"),
            ("ip-address", "2001:db8:1:2::17"),
            ("date-of-birth", "1981-12-18"),
            ("date-of-birth", "18.12.1981"),
            ("date-of-birth", "43 år"),
            ("street-address", "Storgatan 1, 123 45 Umeå"),
            ("long-number", "1234 5678 90"),
            ("person-name", "Åsa Öberg"),
        ];
        for op in ALL {
            for (detector, text) in values {
                let operator = operator(op);
                let Some(out) = operator.output(&value(detector, text), Some(&tokens)).unwrap()
                else {
                    assert_eq!(op, Op::Keep);
                    continue;
                };
                assert!(out.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{op:?} {out}");
                assert!(!out.contains(['@', '"', '\'', ',', ';', '<', '>', '&', '\t']), "{op:?}");
                assert!(!out.starts_with(['=', '+', '-']), "{op:?} {out}");
                let longest = out.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
                assert!(longest.unwrap() <= 6, "{op:?} {out}");
            }
        }
    }

    #[test]
    fn without_a_key_an_operator_that_needs_one_fails() {
        for op in ALL {
            let failed = operator(op).output(&value("date-of-birth", "1981-12-18"), None).is_err();
            assert_eq!(failed, op.needs_key(), "{op:?}");
        }
    }

    #[test]
    fn an_address_is_known_again() {
        let tokens = Key::new([1; 32]).tokens();
        for op in [Op::Drop, Op::Label, Op::Pseudonymize, Op::Encrypt] {
            let operator = operator(op);
            let found = value("email", "kim@example.org");
            let local = operator.address(&found, Some(&tokens), "borttagen").unwrap().unwrap();
            let out = format!("{}@piiscan.invalid", local.to_ascii_lowercase());
            assert!(!operator.is_output(&found, Some(&tokens), "borttagen"));
            assert!(operator.is_output(&value("email", &out), Some(&tokens), "borttagen"));
        }
        let imitated = value("email", "mail_bdfh_bdfghjkm@piiscan.invalid");
        assert!(!operator(Op::Label).is_output(&imitated, Some(&tokens), "borttagen"));
    }

    #[test]
    fn what_is_general_stays() {
        for (detector, text) in [("ip-address", "192.0.2.17"), ("date-of-birth", "1981-12-18")] {
            let operator = operator(Op::Generalize);
            let out = operator.output(&value(detector, text), None).unwrap().unwrap();
            assert!(operator.is_output(&value(detector, &out), None, "borttagen"), "{out}");
            assert!(!operator.is_output(&value(detector, text), None, "borttagen"));
        }
    }
}
