//! How strict gates and the closure sweep are, by wave number.

use serde::{Deserialize, Serialize};

use super::area::Area;
use super::keys::{AUTO_CLOSURE, MODES};

/// How strict the gates of a wave are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A closure stage whose agent is missing is left out, but for cont-QA; open helper requests advise.
    Bootstrap,
    /// Between the two.
    Standard,
    /// Everything holds.
    Strict,
}

/// The first wave of each mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeThresholds {
    /// First wave in bootstrap mode. What lies before it is bootstrap, too.
    pub bootstrap: u32,
    /// First wave in standard mode.
    pub standard: u32,
    /// First wave in strict mode.
    pub strict: u32,
}

/// Short ways through the closure sweep; all are closed by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoClosure {
    /// Integration may be inferred when nothing conflicts.
    pub allow_inferred_integration: bool,
    /// Documentation may close by itself when nothing changed.
    pub allow_auto_doc_no_change: bool,
    /// Documentation may be projected from what agents reported.
    pub allow_auto_doc_projection: bool,
    /// cont-QA may be left out in bootstrap mode.
    pub allow_skip_cont_qa_in_bootstrap: bool,
}

impl ModeThresholds {
    /// The mode of a wave.
    pub fn mode_of(&self, wave: u32) -> Mode {
        if wave >= self.strict {
            Mode::Strict
        } else if wave >= self.standard {
            Mode::Standard
        } else {
            Mode::Bootstrap
        }
    }

    pub(super) fn read(validation: &Area<'_>, name: &str) -> ModeThresholds {
        let modes = validation.whole_object(name, MODES);
        ModeThresholds {
            bootstrap: modes.whole("bootstrap"),
            standard: modes.whole("standard"),
            strict: modes.whole("strict"),
        }
    }
}

impl AutoClosure {
    pub(super) fn read(validation: &Area<'_>) -> AutoClosure {
        let ways = validation.whole_object("autoClosure", AUTO_CLOSURE);
        AutoClosure {
            allow_inferred_integration: ways.flag("allowInferredIntegration"),
            allow_auto_doc_no_change: ways.flag("allowAutoDocNoChange"),
            allow_auto_doc_projection: ways.flag("allowAutoDocProjection"),
            allow_skip_cont_qa_in_bootstrap: ways.flag("allowSkipContQaInBootstrap"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::Mode;

    #[test]
    fn a_wave_number_gives_a_mode_and_a_nearer_object_replaces_the_one_above() {
        let config = Config::default();
        let modes = [0, 3, 4, 9, 10].map(|wave| config.validation.gate_modes.mode_of(wave));
        assert_eq!(modes, [Mode::Bootstrap, Mode::Bootstrap, Mode::Standard, Mode::Standard, Mode::Strict]);
        let text = r#"{
            "validation": {"gateModeThresholds": {"standard": 1, "strict": 2},
                "autoClosure": {"allowInferredIntegration": true}},
            "lanes": {"main": {"validation": {"gateModeThresholds": {"strict": 5},
                "autoClosure": {"allowAutoDocNoChange": true}}}}}"#;
        let (config, findings) = Config::for_lane(Some(text), "main");
        assert_eq!(findings, []);
        let gates = config.validation.gate_modes;
        assert_eq!((gates.bootstrap, gates.standard, gates.strict), (0, 4, 5));
        let ways = config.validation.auto_closure;
        assert_eq!((ways.allow_inferred_integration, ways.allow_auto_doc_no_change), (false, true));
    }
}
