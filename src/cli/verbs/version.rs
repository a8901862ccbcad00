//! `wavedeck version`. With `--json` `{"name","version","protocol"}`; `protocol` is what client and supervisor speak.

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::supervisor::protocol;

pub(super) fn run(context: &Context) -> Result<u8, Failure> {
    let version = env!("CARGO_PKG_VERSION");
    context.console.line(format!("wavedeck {version}"))?;
    let value = serde_json::json!({ "name": "wavedeck", "version": version, "protocol": protocol::VERSION });
    context.console.value(&value)?;
    Ok(0)
}
