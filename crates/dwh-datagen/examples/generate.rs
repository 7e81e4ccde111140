//! Writes the data set of `dwh demo` under a folder: `cargo run -p dwh-datagen --example generate -- FOLDER`.

use dwh_datagen::{FolderWriter, GenerateError, Scale, generate};

fn main() -> Result<(), GenerateError> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "demo-data".to_owned());
    generate(&Scale::demo(), &mut FolderWriter::new(folder))?;
    Ok(())
}
