//! `lint -`: one wave from standard input, as an editor hands it in before it is saved. It is read in the place of the wave
//! whose name it has, with the project's configuration and everything else that waves share.

use super::{FileFindings, Lint, LintArguments, counted, finding_view, say};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::input::{DASH, standard_input};
use crate::driver::files;
use crate::plan::config::{Address, CONFIG_FILE, Config};
use crate::plan::wave::{number_of, role_documents, titled_number};
use crate::plan::{Finding, Project, SourceFile};

pub(super) fn run(context: &Context, arguments: &LintArguments) -> Result<u8, Failure> {
    if arguments.only.len() > 1 {
        return Err(Failure::usage(
            "`-` stands alone: standard input is one wave.",
            "Name files without it.",
        ));
    }
    let text = String::from_utf8_lossy(&standard_input()?).into_owned();
    let shown = arguments.stdin_path.as_deref().unwrap_or(DASH);
    let number = number_of(shown).or_else(|| titled_number(&text)).unwrap_or(0);
    let paths = context.paths()?;
    let mut sources = context.sources(&paths);
    let config_text = sources.config.as_ref().map(|file| file.text.as_str());
    let address = Address { project: sources.project.as_deref(), lane: &sources.lane };
    let config = Config::read(CONFIG_FILE, config_text, address, None).0;
    let path = format!("{}/wave-{number}.md", config.waves_directory());
    for document in role_documents(&text) {
        let found = files::load_file(&paths, &document);
        sources.documents.extend(found.map(|file| (file.path, file.text)));
    }
    if arguments.stdin_path.is_none() {
        // Nobody said which wave it is: a spec that has its number need not be its own.
        sources.specs.clear();
    }
    sources.waves = vec![SourceFile { path: path.clone(), text }];
    let project = Project::read(&sources);
    let found: Vec<&Finding> = project.findings.iter().filter(|finding| finding.file == path).collect();
    let (errors, warnings) = counted(found.iter().copied());
    let findings = found.into_iter().map(finding_view).collect();
    let waves = vec![FileFindings { wave: Some(number), file: shown, findings }];
    let lint = Lint { waves, errors, warnings };
    say(context, &lint, 1)?;
    context.console.value(&lint)?;
    Ok(u8::from(errors > 0))
}
