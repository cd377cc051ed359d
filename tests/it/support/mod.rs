//! What the stories share: a daemon of one's own, and the handsets for it.
