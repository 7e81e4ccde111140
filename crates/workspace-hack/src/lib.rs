//! Nothing: this crate only unifies the features of shared dependencies. Its manifest says why.
