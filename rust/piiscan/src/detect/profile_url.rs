//! Addresses of people's profiles in social networks.
//!
//! A host of a known network and a path that names a profile: `facebook.com/anna.exempel`, `profile.php?id=`, `/people/<name>/<id>`,
//! `/groups/<group>/user/<id>`, `m.me/<name>`; Instagram, X, `linkedin.com/in/`, `tiktok.com/@`. Also a Facebook id behind its word. What the network
//! itself offers (`/help`, `/groups`, `/hashtag` ...) is nobody's. Sources: the networks' help pages on user names: Facebook allows letters, digits and
//! dots, five at least, and takes no notice of dots and case.

use std::ops::Range;

use super::beside::offset;
use super::{Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::finding::{Attributes, Category, Confidence};

const RANK: u8 = 1;
const URL_MAX: usize = 512; // bytes
const SUBDOMAIN_MAX: usize = 12; // bytes before the host

/// List of [`Detector::words`]: words before a Facebook id.
const ID: usize = 1;

/// The detector `profile-url`.
#[derive(Debug)]
pub(super) struct ProfileUrl;

impl Detector for ProfileUrl {
    fn id(&self) -> &'static str {
        "profile-url"
    }

    fn category(&self) -> Category {
        Category::OnlineIdentifier
    }

    fn summary(&self) -> &'static str {
        "Profiles in social networks: Facebook, Instagram, X, LinkedIn, TikTok"
    }

    fn rule(&self) -> &'static str {
        "Shape: facebook.com or fb.com with a user name of 5-50 letters, digits and dots, profile.php?id=, /people/<name>/<id>, \
         /groups/<group>/user/<id>; m.me/<name>; instagram.com/<name>; x.com or twitter.com/<name>; linkedin.com/in/<name>; \
         tiktok.com/@<name>; facebookID and 14-17 digits. The whole address is the finding. kind: the network.\n\
         high: addresses. medium: ids behind their word.\n\
         Not: pages, groups, events, sharing, help, watch, login, policies, hashtags and other paths of the network itself.\n\
         Source: the networks' rules for user names."
    }

    fn examples(&self) -> &'static [&'static str] {
        &[
            "https://www.facebook.com/anna.exempel",
            "facebook.com/profile.php?id=100000000000001",
            "https://www.linkedin.com/in/anna-exempel",
            "facebookID: 10000000000000001",
        ]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::First(0), Trigger::First(1)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "facebook.com/*",
                "fb.com/*",
                "m.me/*",
                "instagram.com/*",
                "twitter.com/*",
                "x.com/*",
                "linkedin.com/*",
                "tiktok.com/*",
            ],
            &["facebookid*", "facebook id", "facebook-id", "fbid"],
        ]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let Some(word) = candidate.word else { return };
        let text = candidate.field.text;
        let found = if word.list == ID { id(text, word.end) } else { address(text, candidate.at) };
        let Some((span, profile)) = found else { return };
        let numeric = profile.name.iter().all(u8::is_ascii_digit);
        let by_word = word.list == ID;
        claims.push(Match {
            start: offset(span.start),
            end: offset(span.end),
            rank: RANK,
            confidence: if by_word { Confidence::Medium } else { Confidence::High },
            near: Near::No,
            attributes: Attributes {
                kind: Some(profile.network),
                digits: if numeric { u8::try_from(profile.name.len()).unwrap_or(0) } else { 0 },
                ..Attributes::default()
            },
        });
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        let text = found.as_bytes();
        let host =
            (0..text.len()).find_map(|at| HOSTS.iter().find_map(|host| host.profile(text, at)));
        let (network, name) = match &host {
            Some(profile) => (profile.network, profile.name),
            None => ("facebook", text),
        };
        out.extend(network.bytes());
        out.push(b'/');
        let kept = name.iter().filter(|byte| network != "facebook" || **byte != b'.');
        out.extend(kept.map(u8::to_ascii_lowercase));
    }
}

/// A profile: its network and its name or number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Profile<'t> {
    network: &'static str,
    name: &'t [u8],
}

/// A host with what may stand in its paths.
struct Host {
    /// The host and a slash.
    start: &'static str,
    network: &'static str,
    /// What stands before the name in the path.
    before: &'static [&'static str],
    /// Signs of names beside letters and digits.
    signs: &'static [u8],
    length: Range<usize>,
    /// First parts of paths that are the network's own.
    own: &'static [&'static str],
}

const FACEBOOK_OWN: &[&str] = &[
    "about",
    "ads",
    "business",
    "careers",
    "composer",
    "dialog",
    "events",
    "facebook",
    "flx",
    "gaming",
    "groups",
    "hashtag",
    "help",
    "home.php",
    "l.php",
    "latest",
    "legal",
    "login",
    "login.php",
    "marketplace",
    "media",
    "messages",
    "notes",
    "notifications",
    "pages",
    "people",
    "permalink.php",
    "photo",
    "photo.php",
    "photos",
    "places",
    "plugins",
    "policies",
    "policy.php",
    "privacy",
    "profile.php",
    "public",
    "recover",
    "reels",
    "search",
    "settings",
    "share",
    "share.php",
    "sharer",
    "sharer.php",
    "stories",
    "story.php",
    "terms",
    "terms.php",
    "video",
    "video.php",
    "videos",
    "watch",
];

const X_OWN: &[&str] = &[
    "about",
    "compose",
    "download",
    "explore",
    "hashtag",
    "home",
    "i",
    "intent",
    "jobs",
    "login",
    "messages",
    "notifications",
    "privacy",
    "search",
    "settings",
    "share",
    "signup",
    "tos",
    "who_to_follow",
];

const HOSTS: &[Host] = &[
    Host {
        start: "facebook.com/",
        network: "facebook",
        before: &[""],
        signs: b".",
        length: 5..51,
        own: FACEBOOK_OWN,
    },
    Host {
        start: "fb.com/",
        network: "facebook",
        before: &[""],
        signs: b".",
        length: 5..51,
        own: FACEBOOK_OWN,
    },
    Host {
        start: "m.me/",
        network: "facebook",
        before: &[""],
        signs: b".",
        length: 5..51,
        own: &[],
    },
    Host {
        start: "instagram.com/",
        network: "instagram",
        before: &["stories/", ""],
        signs: b"._",
        length: 1..31,
        own: &[
            "about",
            "accounts",
            "developer",
            "direct",
            "explore",
            "legal",
            "p",
            "press",
            "reel",
            "reels",
            "s",
            "stories",
            "tv",
            "web",
        ],
    },
    Host {
        start: "twitter.com/",
        network: "x",
        before: &["@", ""],
        signs: b"_",
        length: 1..16,
        own: X_OWN,
    },
    Host {
        start: "x.com/",
        network: "x",
        before: &["@", ""],
        signs: b"_",
        length: 1..16,
        own: X_OWN,
    },
    Host {
        start: "linkedin.com/",
        network: "linkedin",
        before: &["in/"],
        signs: b"-_%",
        length: 3..101,
        own: &[],
    },
    Host {
        start: "tiktok.com/",
        network: "tiktok",
        before: &["@"],
        signs: b"._",
        length: 2..25,
        own: &[],
    },
];

impl Host {
    /// The profile in an address whose host begins at `at`.
    fn profile<'t>(&self, text: &'t [u8], at: usize) -> Option<Profile<'t>> {
        let path = strip(&text[at..], self.start)?;
        if self.network == "facebook"
            && let Some(name) = numbered(path)
        {
            return Some(Profile { network: self.network, name });
        }
        let rest = self.before.iter().find_map(|before| strip(path, before))?;
        let part = |byte: &&u8| {
            byte.is_ascii_alphanumeric()
                || self.signs.contains(byte)
                || (self.network == "linkedin" && **byte >= 0x80)
        };
        let mut name = &rest[..rest.iter().take(URL_MAX).take_while(part).count()];
        // A full stop behind the name ends the sentence.
        while let Some(shorter) = name.strip_suffix(b".") {
            name = shorter;
        }
        let ends = !rest.get(name.len()).is_some_and(|byte| b"@-_".contains(byte) || *byte >= 0x80);
        let own = self.own.iter().any(|own| name.eq_ignore_ascii_case(own.as_bytes()));
        let letters = name.iter().any(u8::is_ascii_alphanumeric);
        (ends && !own && letters && self.length.contains(&name.len()))
            .then_some(Profile { network: self.network, name })
    }
}

/// `profile.php?id=1`, `people/Anna-Exempel/1`, `groups/name/user/1`: the number of the profile.
fn numbered(path: &[u8]) -> Option<&[u8]> {
    let part = |path: &[u8]| {
        path.iter().take(URL_MAX).take_while(|byte| !b"/?#& \n\"<>".contains(byte)).count()
    };
    let behind = |path, name| {
        let rest = strip(path, name)?;
        rest[part(rest)..].strip_prefix(b"/")
    };
    let (rest, least) = if let Some(query) = strip(path, "profile.php?") {
        let end = query.iter().take(URL_MAX).take_while(|byte| !b" \n\"<>#".contains(byte)).count();
        let id = query[..end]
            .split(|byte| matches!(byte, b'&' | b';'))
            .find_map(|pair| strip(pair, "id="))?;
        (id, 5)
    } else if let Some(rest) = behind(path, "people/") {
        (rest, 1)
    } else {
        (strip(behind(path, "groups/")?, "user/")?, 1)
    };
    let digits = rest.iter().take(21).take_while(|byte| byte.is_ascii_digit()).count();
    (least..=20).contains(&digits).then_some(&rest[..digits])
}

/// What follows the lower-case `start` in any case.
fn strip<'t>(text: &'t [u8], start: &str) -> Option<&'t [u8]> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start.as_bytes()).then_some(rest)
}

/// The address around the host at `at`, if it is one of a profile.
fn address(text: &[u8], at: usize) -> Option<(Range<usize>, Profile<'_>)> {
    let profile = HOSTS.iter().find_map(|host| host.profile(text, at))?;
    let label = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'.' | b'-');
    let before = text[..at].iter().rev().take(SUBDOMAIN_MAX).take_while(label).count();
    let subdomain = &text[at - before..at];
    if !is_subdomain(subdomain) || text[..at - before].ends_with(b"@") {
        return None;
    }
    let mut start = at - before;
    if let Some(scheme) = [&b"https://"[..], b"http://"].into_iter().find(|scheme| {
        start >= scheme.len()
            && strip(&text[start - scheme.len()..start], str::from_utf8(scheme).unwrap_or(""))
                .is_some()
    }) {
        start -= scheme.len();
    }
    let ends = |byte: &u8| {
        matches!(byte, 0..=b' ' | b'<' | b'>' | b'"' | b'|' | b'\\' | b'^' | b'`' | b'{' | b'}')
    };
    let least = name_end(text, profile.name);
    let mut end = least + text[least..].iter().take(URL_MAX).take_while(|byte| !ends(byte)).count();
    while end > least && b".,:;!?')]*".contains(&text[end - 1]) {
        end -= 1;
    }
    while text.get(end).is_some_and(|byte| byte & 0xC0 == 0x80) {
        end -= 1; // whole characters
    }
    Some((start..end, profile))
}

/// Where the name, a part of the text, ends in it.
fn name_end(text: &[u8], name: &[u8]) -> usize {
    let from = name.as_ptr().addr() - text.as_ptr().addr(); // both are of one field
    from + name.len()
}

/// Whether nothing stands before the host, or a label that does not change whose pages they are: `www`, `m`, `sv-se`, `se`.
fn is_subdomain(label: &[u8]) -> bool {
    const KNOWN: &[&str] = &["", "www.", "m.", "mobile.", "web.", "mbasic.", "touch."];
    let country = |label: &[u8]| match label {
        [a, b, b'.'] | [a, b, b'-', _, _, b'.'] => {
            a.is_ascii_alphabetic() && b.is_ascii_alphabetic()
        }
        _ => false,
    };
    KNOWN.iter().any(|known| label.eq_ignore_ascii_case(known.as_bytes())) || country(label)
}

/// The 14 to 17 digits behind a word for a Facebook id.
fn id(text: &[u8], end: usize) -> Option<(Range<usize>, Profile<'_>)> {
    let gap = text[end..].iter().take(4).take_while(|byte| b" :=\"#".contains(byte)).count();
    let start = end + gap;
    let digits = text[start..].iter().take(18).take_while(|byte| byte.is_ascii_digit()).count();
    let name = &text[start..start + digits];
    let alone = !text.get(start + digits).is_some_and(u8::is_ascii_alphanumeric);
    ((14..=17).contains(&digits) && alone)
        .then_some((start..start + digits, Profile { network: "facebook", name }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<&str> {
        let profile = HOSTS.iter().find_map(|host| host.profile(text.as_bytes(), 0));
        profile.map(|profile| str::from_utf8(profile.name).unwrap())
    }

    #[test]
    fn names_are_cut_out_of_paths() {
        for (text, expected) in [
            ("facebook.com/anna.exempel/posts/1", Some("anna.exempel")),
            ("facebook.com/anna.exempel.", Some("anna.exempel")),
            ("facebook.com/profile.php?v=info&id=12345", Some("12345")),
            ("facebook.com/people/Anna-Exempel/123", Some("123")),
            ("facebook.com/groups/1/user/45/", Some("45")),
            ("instagram.com/stories/anna_ex/1", Some("anna_ex")),
            ("x.com/@anna", Some("anna")),
            ("linkedin.com/in/anna-åkesson-1a2b", Some("anna-åkesson-1a2b")),
            ("tiktok.com/@anna.ex?lang=sv", Some("anna.ex")),
            ("facebook.com/groups/123", None),
            ("facebook.com/profile.php?id=1", None),
            ("facebook.com/anna", None),
            ("tiktok.com/anna", None),
            ("linkedin.com/company/exempel", None),
            ("x.com/a_name_longer_than_15", None),
        ] {
            assert_eq!(name(text), expected, "{text}");
        }
    }
}
