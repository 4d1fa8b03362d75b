//! Which charset bytes are in, and codecs that decode them with a map.
