//! Writes a data set under a folder: `cargo run -p dwh-datagen --example generate -- FOLDER [demo|benchmark]`.

use dwh_datagen::{FolderWriter, GenerateError, Scale, generate};

fn main() -> Result<(), GenerateError> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "demo-data".to_owned());
    let scale = match arguments.next().as_deref() {
        Some("benchmark") => Scale::benchmark(),
        _ => Scale::demo(),
    };
    generate(&scale, &mut FolderWriter::new(folder))?;
    Ok(())
}
