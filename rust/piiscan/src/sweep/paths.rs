//! Paths of fields, stored once: the messages of an object have the same few.

use std::sync::Arc;

/// Where a path stands: start and end.
type Place = (u32, u32);

/// How much is kept from batch to batch.
const KEPT: usize = 16 << 10; // bytes

/// Paths of the fields of a block. Messages have the same few, so each is kept once, mostly.
#[derive(Debug, Default)]
pub(super) struct Paths {
    text: String,
    /// Where the last paths stand, by length and last byte.
    last: [Place; 32],
    /// The last that were handed out, by where they stand.
    shared: [Option<(Place, Arc<str>)>; 32],
}

impl Paths {
    /// Where a path stands.
    pub(super) fn place(&mut self, path: &str) -> Place {
        let end = path.as_bytes().last().copied().unwrap_or_default();
        let last = &mut self.last[(path.len() * 5 + usize::from(end)) % 32];
        let (start, end) = (last.0 as usize, last.1 as usize);
        if self.text.as_bytes().get(start..end) != Some(path.as_bytes()) {
            let start = self.text.len();
            self.text.push_str(path);
            *last = (short(start), short(self.text.len()));
        }
        *last
    }

    pub(super) fn at(&self, (start, end): Place) -> &str {
        &self.text[start as usize..end as usize]
    }

    /// The same, for whoever keeps it.
    pub(super) fn share(&mut self, place: Place) -> Arc<str> {
        let path = &self.text[place.0 as usize..place.1 as usize];
        let known = &mut self.shared[place.0 as usize % 32];
        match known {
            Some((at, path)) if *at == place => Arc::clone(path),
            _ => {
                let path: Arc<str> = path.into();
                *known = Some((place, Arc::clone(&path)));
                path
            }
        }
    }

    /// Forgets them if they are many: those with indexes are all different. No place may be in use.
    pub(super) fn trim(&mut self) {
        if self.text.len() > KEPT {
            self.clear();
        }
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.last = Default::default();
        self.shared = Default::default();
    }
}

fn short(n: usize) -> u32 {
    u32::try_from(n).expect("a block has less than 2^32 bytes of paths")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_stored_once_and_shared() {
        let mut paths = Paths::default();
        for _ in 0..2 {
            let places = ["/text", "/sender", "/text", ""].map(|path| paths.place(path));
            assert_eq!(
                places.map(|place| paths.at(place).to_owned()),
                ["/text", "/sender", "/text", ""]
            );
            assert_eq!(places[0], places[2]);
            let [one, other, again] = [0, 1, 2].map(|at| paths.share(places[at]));
            assert_eq!([&*one, &*other], ["/text", "/sender"]);
            assert!(Arc::ptr_eq(&one, &again));
            paths.trim();
        }
        assert!(paths.text.len() < 20, "few paths are kept");
    }

    #[test]
    fn paths_that_want_the_same_place_are_told_apart() {
        let mut paths = Paths::default();
        let names: Vec<String> = (0..500).map(|n| format!("/{n}/text")).collect();
        for name in names.iter().chain(&names) {
            let place = paths.place(name);
            assert_eq!(paths.at(place), name);
            assert_eq!(*paths.share(place), **name);
        }
    }
}
