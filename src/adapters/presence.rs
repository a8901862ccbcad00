//! Whether a runtime's program is on this machine, without starting it.

use std::path::PathBuf;

use super::programs;
use super::settings::Settings;
use crate::plan::config::Options;
use crate::plan::runtime::RuntimeId;

/// The program that a runtime starts: the first word of its `[runtimes.NAME]`, of the `command` among its options, or, of
/// a runtime that is known by name, that name. `None` where no command is set, and for the simulator, which is part of
/// this program.
pub fn program_of(id: &RuntimeId, options: Option<&Options>, settings: &Settings) -> Option<String> {
    if id.is_local() {
        return None;
    }
    if let Some(runtime) = settings.runtimes.get(&id.0) {
        return shlex::split(&runtime.command)?.into_iter().next();
    }
    let known = programs::find(&id.0)?;
    let own = options.and_then(|options| options.get("command")).and_then(serde_json::Value::as_str);
    match own.filter(|command| !command.is_empty()) {
        Some(command) => shlex::split(command)?.into_iter().next(),
        None => Some(super::Adapter::name(&known).to_owned()),
    }
}

/// Where a program is: at its path, or in a folder of this process's `PATH`. `None` when it is not there.
pub fn on_path(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(|path| path.is_file());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::{on_path, program_of};
    use crate::adapters::settings::Settings;
    use crate::plan::config::Options;
    use crate::plan::runtime::RuntimeId;

    fn check(runtime: &str, own: Option<&str>, expected: Option<&str>) {
        let settings =
            "[runtimes.mine]\ncommand = \"'my agent' --fast\"\n[runtimes.codex]\ncommand = \"kodex\"\n";
        let settings = Settings::read("config.toml", settings).unwrap();
        let options: Option<Options> = own.map(|command| [("command".to_owned(), command.into())].into());
        let found = program_of(&RuntimeId(runtime.into()), options.as_ref(), &settings);
        assert_eq!(found.as_deref(), expected, "{runtime} {own:?}");
    }

    #[test]
    fn a_runtime_is_a_program() {
        check("mine", None, Some("my agent"));
        check("codex", Some("ignored"), Some("kodex"));
        check("claude", None, Some("claude"));
        check("claude", Some("/opt/claude -x"), Some("/opt/claude"));
        check("claude", Some(""), Some("claude"));
        check("local", None, None);
        check("nobody", None, None);
    }

    #[test]
    fn a_program_is_found_or_not() {
        assert!(on_path("sh").is_some_and(|path| path.is_absolute()));
        assert_eq!(on_path("/no/such/program"), None);
        assert_eq!(on_path("no-such-program-anywhere"), None);
    }
}
