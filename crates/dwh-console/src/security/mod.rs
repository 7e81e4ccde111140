//! Who may talk to the console: addresses, origins, sign-in, and what its pages may do.

mod headers;
mod origin;
mod sign_in;
mod throttle;

pub(crate) use headers::{add_headers, page_policy};
pub use origin::AllowedHosts;
pub(crate) use origin::check_origin;
pub use sign_in::SignIn;
pub(crate) use sign_in::{COOKIE, Login, LoginOf, Logins, Tab};
