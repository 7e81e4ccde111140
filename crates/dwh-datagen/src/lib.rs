//! dwh-datagen
