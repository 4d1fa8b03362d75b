//! What the fields of a header are for.

use crate::message::Role;

/// How the value of a field is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Free text.
    Text,
    /// A list of addresses.
    Addresses,
    /// A value with parameters.
    Params,
    /// A value that says how the mail is to be read.
    Structure,
}

const SENDER: [&[u8]; 12] = [
    b"from",
    b"sender",
    b"reply-to",
    b"return-path",
    b"resent-from",
    b"resent-sender",
    b"resent-reply-to",
    b"x-sender",
    b"x-original-from",
    b"x-envelope-from",
    b"errors-to",
    b"disposition-notification-to",
];

const RECIPIENT: [&[u8]; 12] = [
    b"to",
    b"cc",
    b"bcc",
    b"delivered-to",
    b"resent-to",
    b"resent-cc",
    b"resent-bcc",
    b"x-original-to",
    b"envelope-to",
    b"apparently-to",
    b"x-envelope-to",
    b"x-delivered-to",
];

/// Ids, signatures and sizes: long, but not numbers of a person.
const OPAQUE: [&[u8]; 19] = [
    b"message-id",
    b"references",
    b"in-reply-to",
    b"content-id",
    b"resent-message-id",
    b"dkim-signature",
    b"domainkey-signature",
    b"x-google-dkim-signature",
    b"arc-seal",
    b"arc-message-signature",
    b"arc-authentication-results",
    b"thread-index",
    b"x-gm-thrid",
    b"x-gm-message-state",
    b"x-google-smtp-source",
    b"content-md5",
    b"x-uidl",
    b"lines",
    b"x-mozilla-status",
];

/// Role and shape of a field, by its name in lower case.
pub(super) fn of(name: &[u8]) -> (Role, Shape) {
    if SENDER.contains(&name) {
        (Role::Sender, Shape::Addresses)
    } else if RECIPIENT.contains(&name) {
        (Role::Recipient, Shape::Addresses)
    } else if matches!(name, b"subject" | b"thread-topic") {
        (Role::Subject, Shape::Text)
    } else if matches!(name, b"date" | b"resent-date" | b"delivery-date") {
        (Role::Time, Shape::Text)
    } else if matches!(name, b"content-type" | b"content-disposition") {
        (Role::Opaque, Shape::Params)
    } else if matches!(name, b"content-transfer-encoding" | b"mime-version" | b"content-length") {
        (Role::Opaque, Shape::Structure)
    } else if OPAQUE.contains(&name) {
        (Role::Opaque, Shape::Text)
    } else {
        (Role::Meta, Shape::Text)
    }
}
