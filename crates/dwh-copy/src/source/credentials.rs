use std::path::Path;

use dwh_common::Secret;

use super::settings::StoreSettings;

/// What a profile of the shared AWS files says.
#[derive(Debug, Default)]
pub(super) struct Profile {
    pub(super) access_key_id: Option<Secret>,
    pub(super) secret_access_key: Option<Secret>,
    pub(super) session_token: Option<Secret>,
    pub(super) region: Option<String>,
}

/// Reads the settings' profile; the credentials file wins over the configuration file. Files that
/// are not there say nothing.
pub(super) fn read_profile(settings: &StoreSettings) -> Profile {
    let mut profile = Profile::default();
    // The configuration file writes `[profile name]`, the credentials file `[name]`.
    let prefixed = match settings.profile.as_str() {
        "default" => "default".to_owned(),
        name => format!("profile {name}"),
    };
    let files = [(&settings.config_file, prefixed.as_str()), (&settings.credentials_file, &settings.profile)];
    for (file, section) in files {
        let text = file.as_deref().map(read_file).unwrap_or_default();
        for (key, value) in section_entries(&text, section) {
            match key {
                "aws_access_key_id" => profile.access_key_id = Some(Secret::new(value)),
                "aws_secret_access_key" => profile.secret_access_key = Some(Secret::new(value)),
                "aws_session_token" => profile.session_token = Some(Secret::new(value)),
                "region" => profile.region = Some(value.to_owned()),
                _ => {}
            }
        }
    }
    profile
}

fn read_file(path: &Path) -> String {
    match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            if error.kind() != std::io::ErrorKind::NotFound {
                tracing::warn!(path = %path.display(), %error, "AWS profile file is not readable");
            }
            String::new()
        }
    }
}

fn section_entries<'a>(text: &'a str, section: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let mut inside = false;
    text.lines().filter_map(move |line| {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            inside = name.trim() == section;
            return None;
        }
        let (key, value) = line.split_once('=').filter(|_| inside && !line.starts_with('#'))?;
        Some((key.trim(), value.trim()))
    })
}

/// Whether this machine may be an EC2 instance: only then is its metadata service asked, which
/// elsewhere means waiting for an address that does not answer.
pub(super) fn may_be_ec2() -> bool {
    ["/sys/devices/virtual/dmi/id/sys_vendor", "/sys/devices/virtual/dmi/id/board_vendor"]
        .iter()
        .any(|path| std::fs::read_to_string(path).is_ok_and(|vendor| vendor.trim() == "Amazon EC2"))
}

#[cfg(test)]
mod tests {
    use dwh_common::Secret;

    use super::{StoreSettings, read_profile, section_entries};

    #[test]
    fn entries_belong_to_their_section() {
        let text = "[default]\nregion = eu-west-1\n# x = 1\n[profile loader]\nregion=us-west-2\n";
        let entries: Vec<_> = section_entries(text, "profile loader").collect();
        assert_eq!(entries, [("region", "us-west-2")]);
        assert_eq!(section_entries(text, "default").collect::<Vec<_>>(), [("region", "eu-west-1")]);
    }

    #[test]
    fn a_profile_takes_keys_from_one_file_and_region_from_the_other() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            Some(path)
        };
        let settings = StoreSettings {
            profile: "loader".to_owned(),
            credentials_file: write(
                "credentials",
                "[loader]\naws_access_key_id=A\naws_secret_access_key=B=\n",
            ),
            config_file: write("config", "[profile loader]\nregion = us-west-2\n"),
            ..StoreSettings::default()
        };
        let profile = read_profile(&settings);
        assert_eq!(profile.access_key_id, Some(Secret::new("A")));
        assert_eq!(profile.secret_access_key, Some(Secret::new("B=")));
        assert_eq!(profile.region.as_deref(), Some("us-west-2"));
    }
}
