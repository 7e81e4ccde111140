use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// A certificate for one name, of an authority that nobody else knows, as files in PEM.
#[derive(Debug, Clone)]
pub struct TestCertificate {
    /// The authority's own certificate, for clients.
    pub authority: PathBuf,
    /// The server's certificate.
    pub chain: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl TestCertificate {
    /// Makes one in a folder.
    ///
    /// # Panics
    /// The folder cannot be written.
    pub fn write(folder: &Path, name: &str) -> Self {
        let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("signs");
        let key = KeyPair::generate().expect("a key");
        let server = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let server = server.signed_by(&key, &issuer).expect("signs");
        let authority: &Certificate = issuer.as_ref();
        let write = |file: &str, text: String| {
            let path = folder.join(file);
            std::fs::write(&path, text).expect("written");
            path
        };
        Self {
            authority: write("authority.pem", authority.pem()),
            chain: write("server.pem", server.pem()),
            key: write("server-key.pem", key.serialize_pem()),
        }
    }
}
