//! Codecs of charsets: one static per encoding of the web.
//!
//! UTF-8 keeps what is valid as identity pieces. Single-byte charsets and UTF-16 have one atomic piece per character (ASCII of
//! a single-byte charset is identity). The others are decoded again byte by byte when a map is asked for, since their decoders tell
//! only whole characters apart.

use encoding_rs::{Encoding, ISO_2022_JP, UTF_16BE, UTF_16LE};

use crate::error::{Error, ErrorKind};
use crate::view::{Codec, Piece};

/// Appended in place of bytes that do not decode.
const LOST: &[u8] = "\u{fffd}".as_bytes();

/// UTF-8 that may be broken.
#[derive(Debug)]
pub(super) struct Utf8Lossy;

pub(super) static UTF_8_LOSSY: Utf8Lossy = Utf8Lossy;

impl Codec for Utf8Lossy {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        if simdutf8::basic::from_utf8(raw).is_ok() {
            out.extend_from_slice(raw);
            if let Some(map) = map {
                map.push(Piece::identity(0, 0, raw.len()));
            }
            return;
        }
        let mut pieces = Pieces::new(out, map);
        for chunk in raw.utf8_chunks() {
            pieces.identity(chunk.valid().as_bytes());
            if !chunk.invalid().is_empty() {
                pieces.atomic(LOST, chunk.invalid().len());
            }
        }
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// Writes text and map side by side, raw bytes in order and without gaps.
pub(super) struct Pieces<'o> {
    out: &'o mut Vec<u8>,
    map: Option<&'o mut Vec<Piece>>,
    first: usize,
    raw: u64,
}

impl<'o> Pieces<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>, map: Option<&'o mut Vec<Piece>>) -> Self {
        let first = out.len();
        Self { out, map, first, raw: 0 }
    }

    /// Bytes that stand for themselves.
    pub(super) fn identity(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if let Some(map) = &mut self.map {
            map.push(Piece::identity(self.out.len() - self.first, self.raw, bytes.len()));
        }
        self.out.extend_from_slice(bytes);
        self.raw += bytes.len() as u64;
    }

    /// Text that stands for `raw_len` bytes as a whole.
    pub(super) fn atomic(&mut self, text: &[u8], raw_len: usize) {
        if let Some(map) = &mut self.map {
            let log = self.out.len() - self.first;
            map.push(Piece::atomic(log, text.len(), self.raw, raw_len));
        }
        self.out.extend_from_slice(text);
        self.raw += raw_len as u64;
    }
}

/// UTF-16 in one byte order.
#[derive(Debug)]
struct Utf16 {
    unit: fn([u8; 2]) -> u16,
    bytes: fn(u16) -> [u8; 2],
}

static LITTLE: Utf16 = Utf16 { unit: u16::from_le_bytes, bytes: u16::to_le_bytes };
static BIG: Utf16 = Utf16 { unit: u16::from_be_bytes, bytes: u16::to_be_bytes };

impl Codec for Utf16 {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        let (units, odd) = raw.as_chunks::<2>();
        out.reserve(units.len() * 2);
        let mut pieces = Pieces::new(out, map);
        let mut buffer = [0; 4];
        for c in char::decode_utf16(units.iter().map(|unit| (self.unit)(*unit))) {
            match c {
                Ok(c) => pieces.atomic(c.encode_utf8(&mut buffer).as_bytes(), 2 * c.len_utf16()),
                Err(_) => pieces.atomic(LOST, 2),
            }
        }
        if !odd.is_empty() {
            pieces.atomic(LOST, 1);
        }
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend(text.encode_utf16().flat_map(self.bytes));
        Ok(())
    }
}

/// A charset older than Unicode.
#[derive(Debug)]
struct Legacy(&'static Encoding);

impl Codec for Legacy {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        match map {
            None => {
                let (text, _) = self.0.decode_without_bom_handling(raw);
                out.extend_from_slice(text.as_bytes());
            }
            Some(map) if self.0.is_single_byte() => {
                self.map_single(raw, Pieces::new(out, Some(map)));
            }
            Some(map) => self.map_multi(raw, Pieces::new(out, Some(map))),
        }
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        let (bytes, _, unmappable) = self.0.encode(text);
        // A shift state of the charset would leak into the bytes after the edit.
        if unmappable || self.0 == ISO_2022_JP {
            let reason = format!("the charset {} cannot hold the replacement", self.0.name());
            return Err(Error::new(ErrorKind::Unsupported, reason));
        }
        out.extend_from_slice(&bytes);
        Ok(())
    }
}

impl Legacy {
    fn map_single(&self, raw: &[u8], mut pieces: Pieces<'_>) {
        for run in raw.chunk_by(|a, b| a.is_ascii() && b.is_ascii()) {
            if run[0].is_ascii() {
                pieces.identity(run);
            } else {
                let (text, _) = self.0.decode_without_bom_handling(run);
                pieces.atomic(text.as_bytes(), 1);
            }
        }
    }

    /// Feeds one byte at a time; whatever comes out stands for the bytes since the last output.
    fn map_multi(&self, raw: &[u8], mut pieces: Pieces<'_>) {
        let mut decoder = self.0.new_decoder_without_bom_handling();
        let mut buffer = [0; 32];
        let mut pending = 0;
        for (at, byte) in raw.iter().enumerate() {
            let last = at + 1 == raw.len();
            let (_, _, written, _) = decoder.decode_to_utf8(&[*byte], &mut buffer, last);
            pending += 1;
            if written == 0 {
                continue;
            }
            if pending == 1 && buffer[..written] == [*byte] {
                pieces.identity(&[*byte]);
            } else {
                pieces.atomic(&buffer[..written], pending);
            }
            pending = 0;
        }
    }
}

macro_rules! legacy {
    ($($name:ident)*) => { static LEGACY: &[Legacy] = &[$(Legacy(&encoding_rs::$name)),*]; };
}

legacy! {
    WINDOWS_1252_INIT WINDOWS_1250_INIT WINDOWS_1251_INIT WINDOWS_1253_INIT WINDOWS_1254_INIT WINDOWS_1255_INIT
    WINDOWS_1256_INIT WINDOWS_1257_INIT WINDOWS_1258_INIT WINDOWS_874_INIT ISO_8859_2_INIT ISO_8859_3_INIT
    ISO_8859_4_INIT ISO_8859_5_INIT ISO_8859_6_INIT ISO_8859_7_INIT ISO_8859_8_INIT ISO_8859_8_I_INIT ISO_8859_10_INIT
    ISO_8859_13_INIT ISO_8859_14_INIT ISO_8859_15_INIT ISO_8859_16_INIT IBM866_INIT KOI8_R_INIT KOI8_U_INIT
    MACINTOSH_INIT X_MAC_CYRILLIC_INIT X_USER_DEFINED_INIT BIG5_INIT EUC_JP_INIT EUC_KR_INIT GB18030_INIT GBK_INIT
    ISO_2022_JP_INIT SHIFT_JIS_INIT
}

/// The codec of every encoding but UTF-8.
pub(super) fn of(encoding: &'static Encoding) -> &'static dyn Codec {
    if encoding == UTF_16LE {
        return &LITTLE;
    }
    if encoding == UTF_16BE {
        return &BIG;
    }
    let found = LEGACY.iter().find(|legacy| legacy.0 == encoding);
    found.unwrap_or(&LEGACY[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::charset::codec;
    use crate::view::View;
    use proptest::prelude::*;

    fn check_map(codec: &'static dyn Codec, raw: &[u8]) {
        let (mut plain, mut mapped, mut map) = (Vec::new(), Vec::new(), Vec::new());
        codec.decode(raw, &mut plain, None);
        codec.decode(raw, &mut mapped, Some(&mut map));
        assert_eq!(plain, mapped, "{codec:?}");
        std::str::from_utf8(&plain).unwrap();
        let (mut log, mut at) = (0, 0);
        for piece in map {
            assert_eq!((piece.log, piece.raw), (log, at));
            log += piece.log_len;
            at += u64::from(piece.raw_len);
        }
        assert_eq!((log as usize, at), (plain.len(), raw.len() as u64), "{codec:?}");
    }

    proptest! {
        #[test]
        fn maps_cover_every_byte_of_any_charset(raw in proptest::collection::vec(any::<u8>(), 0..40)) {
            for legacy in LEGACY {
                check_map(legacy, &raw);
            }
            check_map(&UTF_8_LOSSY, &raw);
            check_map(&LITTLE, &raw);
            check_map(&BIG, &raw);
        }
    }

    #[test]
    fn every_encoding_has_its_own_codec() {
        for label in ["windows-1257", "iso-8859-10", "shift_jis", "gb18030", "koi8-r"] {
            let encoding = Encoding::for_label(label.as_bytes()).unwrap();
            let (bytes, _, _) = encoding.encode("abc ø Ж 語");
            let (text, _) = encoding.decode_without_bom_handling(&bytes);
            let view = View::coded(&bytes, 0, codec(encoding));
            assert_eq!(view.bytes().as_ref(), text.as_bytes());
        }
    }

    #[test]
    fn a_letter_of_a_single_byte_charset_is_one_raw_byte() {
        let view = View::coded(b"P\xe5l 42", 10, codec(encoding_rs::WINDOWS_1252));
        let raw = view.raw(1.."På".len());
        assert_eq!((raw.start, raw.end), (11, 12));
    }

    #[test]
    fn invalid_bytes_are_one_piece_per_sequence() {
        let mut map = Vec::new();
        UTF_8_LOSSY.decode(b"a\xe2\x82b\xff\xff", &mut Vec::new(), Some(&mut map));
        let raw: Vec<_> = map.iter().map(|piece| (piece.raw, piece.raw_len)).collect();
        assert_eq!(raw, [(0, 1), (1, 2), (3, 1), (4, 1), (5, 1)]);
    }

    #[test]
    fn refuses_what_the_charset_cannot_hold() {
        let latin2 = codec(encoding_rs::ISO_8859_2);
        assert!(latin2.encode("語", &mut Vec::new()).is_err());
        assert!(latin2.encode("[namn]", &mut Vec::new()).is_ok());
        assert!(codec(ISO_2022_JP).encode("x", &mut Vec::new()).is_err());
    }
}
