//! E-mail addresses, plain and hidden from harvesters.
//!
//! `anna@exempel.se`; `anna(at)exempel.se`, `anna [ät] exempel [piste] fi`, `anna snabel-a exempel punkt se`, `anna @ exempel.se`; addresses that
//! Cloudflare hides. Local parts as people have them: letters, digits and `. _ - + ' %`, no quoted ones; domains with a top label of letters.
//! Sources: RFC 5321, RFC 5322 3.4.1, RFC 5890.

mod address;
mod cloudflare;
mod forms;

use super::number::{char_before, is_one_of};
use super::{CONTEXT, Candidate, Claims, Detector, FieldKind, Match, Near, Options, Trigger};
use crate::finding::{Attributes, Category, Confidence, Flags};
use address::Address;
use forms::At;

const RANK: u8 = 1;
const AUTHORITY_MAX: usize = 128; // bytes looked back for the `://` of a URL
const PATH_MAX: usize = 64; // bytes looked at for the path of `git@host:path`

const PLACEHOLDER: &str = "placeholder";

/// Local parts that belong to an office, not to a person.
const ROLES: &[&str] = &[
    "info",
    "kommun",
    "kommunen",
    "registrator",
    "registratur",
    "registraturen",
    "kirjaamo",
    "kontakt",
    "kontaktcenter",
    "kundtjanst",
    "kundtjänst",
    "kundservice",
    "support",
    "noreply",
    "no-reply",
    "donotreply",
    "dataskyddsombud",
    "dso",
    "dpo",
    "tietosuoja",
    "tietosuojavastaava",
    "post",
    "postmottak",
    "postmaster",
    "webmaster",
    "palaute",
    "asiakaspalvelu",
    "diarium",
    "diariet",
    "info.fi",
    "kansli",
    "reception",
    "helpdesk",
    "servicedesk",
    "abuse",
    "press",
    "redaktion",
    "neuvonta",
    "toimisto",
    "office",
    "mail",
    "medborgarservice",
    "medborgarkontor",
];

/// Top labels that make a spelled form an address. A plain `@` needs none.
const TOPS: &[&str] = &[
    "se", "fi", "no", "dk", "is", "ax", "fo", "gl", "nu", "eu", "com", "org", "net", "info", "de",
    "uk", "ee", "lv", "lt", "pl", "nl", "fr", "es", "it", "at", "ch", "be", "edu", "gov", "io",
    "me", "biz", "name", "example",
];

/// Words before ` at ` that are no local part.
const STOP: &[&str] = &[
    "us",
    "me",
    "him",
    "her",
    "them",
    "it",
    "look",
    "looking",
    "looked",
    "available",
    "hosted",
    "site",
    "page",
    "visit",
    "more",
    "here",
    "out",
    "up",
    "in",
    "contact",
    "mail",
    "email",
    "reached",
    "found",
    "meet",
    "work",
    "works",
    "skriv",
    "tror",
    "siger",
    "sier",
    "for",
    "om",
    "ved",
    "vet",
    "veit",
    "så",
    "ikke",
    "er",
    "kan",
    "og",
    "eller",
    "til",
    "på",
    "af",
    "av",
    "is",
    "are",
    "that",
    "this",
    "and",
    "or",
];

/// The detector `email`.
#[derive(Debug)]
pub(super) struct Email;

impl Detector for Email {
    fn id(&self) -> &'static str {
        "email"
    }

    fn category(&self) -> Category {
        Category::Contact
    }

    fn summary(&self) -> &'static str {
        "E-mail addresses, also in the forms that hide them from harvesters"
    }

    fn rule(&self) -> &'static str {
        "Shape: local part of at most 64 bytes without leading, trailing or double dot; @, or (at) [at] {at} <at> _at_ (a) (ät) (@), snabel-a, miukumauku, \
         at-merkki, krøllalfa, alfakrøll, ` @ `, ` at `; labels of letters, digits and inner hyphens with dots, or (dot) [punkt] piste \
         prikk punktum between; two letters at the end. Cloudflare's data-cfemail is decoded; its text [email protected] is kind=placeholder.\n\
         high: plain; decoded; @ in brackets. medium: @ or a dot as a bare word or between spaces. low: placeholder; Message-ID; \
         what stands for a removed address (@piiscan.invalid).\n\
         obfuscated: every form that is not plain. role_mailbox: info@, registrator@, kirjaamo@ and the like.\n\
         Not: user@ in a URL, git@host:path, quoted local parts, IP literals.\n\
         Source: RFC 5321, RFC 5322."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["anna.exempel@example.se", "kirjaamo(at)example.fi", "anna snabel-a exempel punkt se"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::At]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[&[
            "mail*",
            "mejl*",
            "e-mail*",
            "email*",
            "e-post*",
            "epost*",
            "e-mejl*",
            "sähköposti*",
            "s-posti*",
            "meili*",
            "adress",
            "adressen",
            "kontakt*",
            "nås på",
            "yhteystiedot",
        ]]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let (text, at) = (candidate.field.text, candidate.at);
        if let Some(end) = cloudflare::placeholder_end(text, at) {
            let attributes = Attributes {
                kind: Some(PLACEHOLDER),
                flags: Flags::OBFUSCATED,
                ..Attributes::default()
            };
            claims.push(claim(at, end, Confidence::Low, Near::No, attributes));
            return;
        }
        if let Some((start, end)) = cloudflare::hidden(text, at) {
            let plain = cloudflare::decode(&text[start..end]);
            let found = plain.and_then(|plain| {
                let sign = plain.iter().position(|byte| *byte == b'@')?;
                let address = Address::read(&plain, sign)?;
                Some(flags(&address, &plain).with(Flags::OBFUSCATED))
            });
            if let Some(flags) = found {
                let attributes = Attributes { flags, ..Attributes::default() };
                claims.push(claim(start, end, Confidence::High, Near::No, attributes));
            }
            return;
        }
        let Some(address) = Address::read(text, at) else { return };
        let Some(mut confidence) = judge(candidate, &address) else { return };
        // The id of a mail, `<...>`, looks like an address, and one that stands for a removed address is nobody's.
        let is_id =
            candidate.field.kind == FieldKind::Opaque && text[..address.start].ends_with(b"<");
        if is_id || is_stand_in(text, &address) {
            confidence = Confidence::Low;
        }
        let near = candidate.near(CONTEXT, address.start, address.end);
        let attributes = Attributes { flags: flags(&address, text), ..Attributes::default() };
        claims.push(claim(address.start, address.end, confidence, near, attributes));
    }

    fn canonical(&self, found: &str, attributes: &Attributes, _: &Options, out: &mut Vec<u8>) {
        let text = found.as_bytes();
        if attributes.kind == Some(PLACEHOLDER) {
            out.extend(b"[email protected]");
            return;
        }
        let plain = match cloudflare::decode(text) {
            Some(plain) if text.iter().all(u8::is_ascii_hexdigit) => plain,
            _ => text.into(),
        };
        // The sign of a plain address is where it is; that of a spelled one is sought.
        let whole = |at| Address::read(&plain, at).filter(|found| found.start == 0);
        let sign = memchr::memchr(b'@', &plain).and_then(whole);
        let address = sign.or_else(|| (0..plain.len()).find_map(whole));
        match address {
            Some(address) => address.canonical(&plain, out),
            None => out.extend(found.to_lowercase().bytes()),
        }
    }
}

/// Whether an address is one that stands for a removed one: a word or a token, without a digit or a dot, in a domain that nobody has.
fn is_stand_in(text: &[u8], address: &Address) -> bool {
    let whole = &text[address.start..address.end];
    let local = whole.strip_suffix(b"@piiscan.invalid");
    local.is_some_and(|local| {
        local.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_'))
    })
}

/// How sure, or `None` if it is no address after all.
fn judge(candidate: &Candidate<'_>, address: &Address) -> Option<Confidence> {
    let text = candidate.field.text;
    let known_top = || is_one_of(address.top(text), TOPS);
    let plausible = match address.at {
        At::Plain => !in_authority(text, address.start) && !is_remote_path(text, address.end),
        At::Bracketed | At::Bare => address.spelled_dot || known_top(),
        At::Underscored => known_top(),
        At::Word => {
            let local = address.local(text);
            // Between ordinary words ` at ` needs more: a dot as a word, or a word such as mail and a local part that is no word.
            let stop = is_one_of(local, STOP);
            let named = local.contains(&b'.') || local.iter().any(u8::is_ascii_digit);
            let told = || candidate.near(CONTEXT, address.start, address.end).is_near();
            !stop && (address.spelled_dot || (known_top() && named && told()))
        }
    };
    let sure =
        matches!(address.at, At::Plain | At::Bracketed | At::Underscored) && !address.bare_dot;
    plausible.then_some(if sure { Confidence::High } else { Confidence::Medium })
}

fn flags(address: &Address, text: &[u8]) -> Flags {
    let mut flags = Flags::default();
    if address.at != At::Plain || address.spelled_dot {
        flags = flags.with(Flags::OBFUSCATED);
    }
    if is_one_of(address.local(text), ROLES) {
        flags = flags.with(Flags::ROLE_MAILBOX);
    }
    flags
}

/// Whether `at` is in the authority of a URL: `https://user@host/`.
fn in_authority(text: &[u8], at: usize) -> bool {
    let from = at.saturating_sub(AUTHORITY_MAX);
    let before = &text[from..at];
    let ends = |byte: &u8| matches!(byte, b'\0'..=b' ' | b'/' | b'?' | b'#' | b'<' | b'>' | b'"');
    let start = before.iter().rposition(ends).map_or(0, |end| end + 1);
    before[..start].ends_with(b"://") && char_before(text, from + start) == Some('/')
}

/// Whether a path follows, as in `git@host:group/project`.
fn is_remote_path(text: &[u8], end: usize) -> bool {
    let Some(rest) = text[end..].strip_prefix(b":") else { return false };
    let path = rest.iter().take(PATH_MAX).take_while(|byte| byte.is_ascii_graphic());
    path.clone().any(|byte| *byte == b'/')
}

fn claim(
    start: usize,
    end: usize,
    confidence: Confidence,
    near: Near,
    attributes: Attributes,
) -> Match {
    let offset = |at| u32::try_from(at).expect("fields are capped below 4 GiB");
    Match { start: offset(start), end: offset(end), rank: RANK, confidence, near, attributes }
}
