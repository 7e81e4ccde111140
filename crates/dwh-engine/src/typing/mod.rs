//! Typed rules: where Redshift means something else than DataFusion, one rule a file.
