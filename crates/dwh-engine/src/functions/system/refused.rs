//! Functions of Redshift that dwh has not: refused by name (0A000), not as unknown ones (42883).

/// Names, in order. Functions of rows are among them: alone in a SELECT or in FROM they are queries by now.
const REFUSED: &[&str] = &[
    "change_query_priority",
    "change_session_priority",
    "change_user_priority",
    "explain_model",
    "generate_series",
    "get_byte",
    "get_mounted_role",
    "pg_get_cols",
    "pg_get_grantee_by_iam_role",
    "pg_get_iam_role_by_user",
    "pg_get_late_binding_view_cols",
    "pg_get_session_roles",
    "pg_timezone_abbrevs",
    "pg_timezone_names",
    "set_bit",
    "set_byte",
    "to_ascii",
];

/// Beginnings of the names of spatial functions.
const REFUSED_PREFIXES: &[&str] = &["h3_", "st_"];

/// The names that are refused, and the beginnings of names.
pub fn refused_functions() -> impl Iterator<Item = &'static str> {
    REFUSED.iter().chain(REFUSED_PREFIXES).copied()
}

/// Whether Redshift has this function and dwh has not.
pub(crate) fn is_refused(name: &str) -> bool {
    REFUSED.contains(&name) || REFUSED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::{REFUSED, is_refused};

    #[test]
    fn the_list_is_in_order_and_spatial_functions_are_on_it() {
        assert!(REFUSED.is_sorted());
        assert!(is_refused("st_geogfromtext") && !is_refused("strpos"));
    }
}
