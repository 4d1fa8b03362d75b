//! The shapes of an object's values: a tree of the keys seen so far, each with what the profile says about its path.
//!
//! Messages of one export have the same keys in the same order. So the child of a key is nearly always the one after the child found last,
//! and finding it is one comparison. Rules are matched once per path and not once per field.

use std::mem::take;

use super::codecs::Json;
use crate::archive::profile::{Does, Profile, Rule, Step};
use crate::archive::syntax::{Nested, nested};
use crate::message::Role;
use crate::view::View;

/// Kept paths; what comes after is worked out anew each time, so that an object full of different keys needs no memory.
const KEPT_MAX: usize = 4096;

/// Kept keys of one path.
const CHILDREN_MAX: usize = 256;

/// Longest label, in bytes.
const LABEL_MAX: usize = 64;

/// Longest key that is taken for part of a schema, in bytes.
const SCHEMA_KEY_MAX: usize = 40;

/// A path, with any index as one step.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent marks of a path, most of them unset"
)]
pub(in crate::archive::syntax) struct Node {
    key: Box<[u8]>,
    children: Vec<u32>,
    expect: u32,
    element: Option<u32>,
    kept: bool,
    /// Rules that this path is a prefix of, as (rule, steps taken).
    open: Vec<(u16, u16)>,
    /// The last step, escaped; `*` for an index.
    pub(in crate::archive::syntax) step: String,
    /// The path from the record, or from the top outside of records. Without indexes.
    pub(in crate::archive::syntax) path: String,
    /// Whether the path has indexes, so that the path of a field has to be put together.
    pub(in crate::archive::syntax) indexed: bool,
    /// Whether indexes at this step are not known to a reader that starts within the object.
    pub(in crate::archive::syntax) on_the_way: bool,
    /// What a reader of the archive sees before the value.
    pub(in crate::archive::syntax) label: String,
    /// Whether the key itself is data.
    pub(in crate::archive::syntax) data_key: bool,
    pub(in crate::archive::syntax) role: Role,
    pub(in crate::archive::syntax) sent: Option<u16>,
    pub(in crate::archive::syntax) closed: Option<u16>,
    pub(in crate::archive::syntax) id: bool,
    pub(in crate::archive::syntax) record: bool,
    pub(in crate::archive::syntax) join: bool,
    /// Whether it is an element of an array to join.
    joined: bool,
    /// Whether its string is part of a joined text: an element, or `text` in one.
    pub(in crate::archive::syntax) member: bool,
    pub(in crate::archive::syntax) nested: Option<Nested>,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            key: Box::default(),
            children: Vec::new(),
            expect: 0,
            element: None,
            kept: false,
            open: Vec::new(),
            step: String::new(),
            path: String::new(),
            indexed: false,
            on_the_way: false,
            label: String::new(),
            data_key: false,
            role: Role::Meta,
            sent: None,
            closed: None,
            id: false,
            record: false,
            join: false,
            joined: false,
            member: false,
            nested: None,
        }
    }
}

impl Node {
    /// Whether a value at this path says something about its message.
    pub(in crate::archive::syntax) fn tells(&self) -> bool {
        self.id || self.sent.is_some() || self.closed.is_some()
    }

    /// Whether a string or number at this path is a field and nothing else.
    pub(in crate::archive::syntax) fn is_leaf(&self) -> bool {
        let more = self.data_key || self.member || self.join || self.record || self.indexed;
        self.kept && !more && self.nested.is_none()
    }
}

/// The tree. Lives as long as a block.
#[derive(Debug)]
pub(in crate::archive::syntax) struct Shapes<'p> {
    nodes: Vec<Node>,
    rules: &'p [Rule],
    record: Option<&'p [Step]>,
}

/// Stands for the path of records among the rules.
const RECORD: u16 = u16::MAX;

/// The top of the tree.
pub(in crate::archive::syntax) const ROOT: u32 = 0;

impl<'p> Shapes<'p> {
    /// A tree for values that a profile describes; messages begin at `record`.
    pub(in crate::archive::syntax) fn new(
        profile: Option<&'p Profile>,
        record: Option<&'p [Step]>,
    ) -> Self {
        let rules = profile.map_or(&[][..], |profile| &profile.rules);
        let mut shapes = Self { nodes: Vec::new(), rules, record };
        let mut root = Node { kept: true, ..Node::default() };
        let rules = 0..u16::try_from(rules.len().min(RECORD.into())).unwrap_or(RECORD);
        root.open = rules.map(|rule| (rule, 0)).collect();
        if record.is_some() {
            root.open.push((RECORD, 0));
        }
        shapes.settle(&mut root);
        shapes.nodes.push(root);
        shapes
    }

    #[inline]
    pub(in crate::archive::syntax) fn node(&self, node: u32) -> &Node {
        &self.nodes[node as usize]
    }

    /// Whether a value is part of a message, given the containers around it. Without a path of messages all of the text is one.
    pub(in crate::archive::syntax) fn is_message(&self, around: Option<usize>) -> bool {
        around.is_some() || self.record.is_none()
    }

    /// The rule with this number.
    pub(in crate::archive::syntax) fn does(&self, rule: u16) -> &'p Does {
        &self.rules[usize::from(rule)].does
    }

    /// The value at this node has ended. If the node is not kept, it goes, and with it everything made below it.
    pub(in crate::archive::syntax) fn forget(&mut self, node: u32) {
        if self.nodes.get(node as usize).is_some_and(|node| !node.kept) {
            self.nodes.truncate(node as usize);
        }
    }

    /// Adds a node, kept if there is room for it.
    fn push(&mut self, parent: u32, node: Node, room: bool) -> (u32, bool) {
        let number = u32::try_from(self.nodes.len()).expect("kept nodes and the depth of a value");
        let kept = room && self.node(parent).kept && self.nodes.len() < KEPT_MAX;
        self.nodes.push(Node { kept, ..node });
        (number, kept)
    }

    /// The child that comes next, if its key and the closing quote are what stands at the start of `text`; and the length of the
    /// key. Not for keys that are data.
    pub(in crate::archive::syntax) fn expected(
        &mut self,
        parent: u32,
        text: &[u8],
    ) -> Option<(u32, usize)> {
        let node = &self.nodes[parent as usize];
        let child = *node.children.get(node.expect as usize)?;
        let Node { key, data_key, .. } = &self.nodes[child as usize];
        let len = key.len();
        if *data_key || text.get(len) != Some(&b'"') || text[..len] != **key {
            return None;
        }
        self.nodes[parent as usize].expect += 1;
        Some((child, len))
    }

    /// The child of `parent` for a key as it stands between the quotes.
    pub(in crate::archive::syntax) fn child(&mut self, parent: u32, key: &[u8]) -> u32 {
        let node = &mut self.nodes[parent as usize];
        let expect = node.expect as usize;
        if let Some(child) = node.children.get(expect).copied()
            && *self.nodes[child as usize].key == *key
        {
            self.nodes[parent as usize].expect += 1;
            return child;
        }
        let node = &self.nodes[parent as usize];
        let found = node.children.iter().position(|child| *self.nodes[*child as usize].key == *key);
        if let Some(at) = found {
            let child = self.nodes[parent as usize].children[at];
            self.nodes[parent as usize].expect =
                u32::try_from(at + 1).expect("few children are kept");
            return child;
        }
        let child = self.make_member(parent, key);
        // A node full of different keys is a dictionary: searching it for every key would take quadratic time.
        let room = self.node(parent).children.len() < CHILDREN_MAX;
        let (number, kept) = self.push(parent, child, room);
        if kept {
            let parent = &mut self.nodes[parent as usize];
            parent.children.push(number);
            parent.expect = u32::try_from(parent.children.len()).expect("few children are kept");
        }
        number
    }

    /// A new object of this shape begins.
    pub(in crate::archive::syntax) fn restart(&mut self, node: u32) {
        self.nodes[node as usize].expect = 0;
    }

    /// The child of `parent` for elements of an array.
    pub(in crate::archive::syntax) fn element(&mut self, parent: u32) -> u32 {
        if let Some(element) = self.node(parent).element {
            return element;
        }
        let child = self.make_element(parent);
        let (number, kept) = self.push(parent, child, true);
        if kept {
            self.nodes[parent as usize].element = Some(number);
        }
        number
    }

    fn make_member(&self, parent: u32, key: &[u8]) -> Node {
        let text = View::coded(key, 0, &Json).bytes();
        let text = String::from_utf8_lossy(&text);
        let up = self.node(parent);
        let mut node = Node {
            key: key.into(),
            label: shorten(&text).to_owned(),
            data_key: !is_schema(key),
            step: text.replace('~', "~0").replace('/', "~1"),
            member: up.joined && text == "text",
            indexed: up.indexed,
            ..Node::default()
        };
        node.path = format!("{}/{}", up.path, node.step);
        node.open = self.advance(up, |step| match step {
            Step::Any => true,
            Step::Key(key) => **key == *text,
        });
        self.settle(&mut node);
        node
    }

    fn make_element(&self, parent: u32) -> Node {
        let up = self.node(parent);
        let mut node = Node {
            label: up.label.clone(),
            step: "*".into(),
            member: up.join,
            joined: up.join,
            indexed: true,
            ..Node::default()
        };
        node.path = format!("{}/*", up.path);
        node.open = self.advance(up, |step| *step == Step::Any);
        node.on_the_way = node.open.iter().any(|(rule, _)| *rule == RECORD);
        self.settle(&mut node);
        node
    }

    fn steps(&self, rule: u16) -> &'p [Step] {
        match self.record {
            Some(record) if rule == RECORD => record,
            _ => &self.rules[usize::from(rule)].steps,
        }
    }

    fn advance(&self, up: &Node, matches: impl Fn(&Step) -> bool) -> Vec<(u16, u16)> {
        let open = up.open.iter().copied();
        let step = |(rule, taken): (u16, u16)| {
            let step = self.steps(rule).get(usize::from(taken))?;
            matches(step).then_some((rule, taken + 1))
        };
        open.filter_map(step).collect()
    }

    /// Applies the rules that end here.
    fn settle(&self, node: &mut Node) {
        for (rule, taken) in take(&mut node.open) {
            if usize::from(taken) < self.steps(rule).len() {
                node.open.push((rule, taken));
                continue;
            }
            if rule == RECORD {
                node.record = true;
                node.path.clear();
                node.indexed = false;
                continue;
            }
            match &self.rules[usize::from(rule)].does {
                Does::Role(role) => node.role = *role,
                Does::Sent(_) => (node.role, node.sent) = (Role::Time, Some(rule)),
                Does::Closed(_) => (node.role, node.closed) = (Role::Closed, Some(rule)),
                Does::Key => node.id = true,
                Does::Nested(syntax) => node.nested = nested(syntax),
                Does::Join => node.join = true,
            }
        }
    }
}

/// Whether a key is part of a schema and not data: an identifier of a program, without digits.
fn is_schema(key: &[u8]) -> bool {
    let of_identifier =
        |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$' | b'.' | b'-');
    key.len() <= SCHEMA_KEY_MAX && key.iter().all(of_identifier)
}

/// The end of a label that stands nearest to the value.
pub(in crate::archive::syntax) fn shorten(label: &str) -> &str {
    let mut from = label.len().saturating_sub(LABEL_MAX);
    while !label.is_char_boundary(from) {
        from += 1;
    }
    &label[from..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_by_path() {
        let toml = "id = \"x\"\nsyntax = \"json\"\nmarks = [\"m\"]\nrecord = \"/m/*\"\n[roles]\nbody = [\"/m/*/a~1b\"]\nsender = [\"/m/*/to/*/name\"]";
        let profile = Profile::parse("x", toml).unwrap();
        let mut shapes = Shapes::new(Some(&profile), profile.record.as_deref());
        let list = shapes.child(ROOT, b"m");
        let record = shapes.element(list);
        assert!(shapes.node(record).record && shapes.node(record).on_the_way);
        let body = shapes.child(record, b"a/b");
        assert_eq!(
            (shapes.node(body).role, shapes.node(body).path.as_str()),
            (Role::Body, "/a~1b")
        );
        let to = shapes.child(record, b"to");
        let any = shapes.element(to);
        let name = shapes.child(any, b"name");
        assert_eq!((shapes.node(name).role, shapes.node(name).indexed), (Role::Sender, true));
        assert_eq!(shapes.child(record, b"a/b"), body);
    }

    #[test]
    fn keys_that_are_data_are_told_from_a_schema() {
        for key in ["text", "created_at", "$ref", "Content-Type", "a.b"] {
            assert!(is_schema(key.as_bytes()), "{key}");
        }
        for key in ["811218-9876", "Anna Svensson", "Åsa", "anna@example.org", &"x".repeat(41)] {
            assert!(!is_schema(key.as_bytes()), "{key}");
        }
    }

    #[test]
    fn many_keys_need_bounded_memory() {
        let mut shapes = Shapes::new(None, None);
        for number in 0..20_000 {
            let child = shapes.child(ROOT, format!("k{number}").as_bytes());
            assert_eq!(shapes.node(child).path, format!("/k{number}"));
            shapes.child(child, b"x");
            shapes.forget(child);
        }
        assert!(shapes.nodes.len() <= 1 + 2 * CHILDREN_MAX);
    }
}
