//! Composition root: only this file knows the concrete backends.
