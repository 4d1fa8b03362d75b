//! Classification of bytes into bitmaps; the only `unsafe` of the project is in the vector files beside this one.
