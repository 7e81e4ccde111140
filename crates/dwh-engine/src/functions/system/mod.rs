//! System administration and information functions.

mod information;
mod privilege;
pub(crate) mod random;
mod refused;

use super::function::Function;

pub(crate) use refused::is_refused;
pub use refused::refused_functions;

/// The family's functions that no session knows more of.
pub(super) fn functions() -> Vec<Function> {
    information::functions().into_iter().chain(privilege::functions()).collect()
}
