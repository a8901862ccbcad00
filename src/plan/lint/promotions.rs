//! Rules about promotions: wave and component matrix must say the same, in both directions.

use super::super::role::is_implementation_type;
use super::super::wave::ComponentPromotion;
use super::{Report, Subject, needs_matrix};

const SECTION: &str = "Component promotions";

/// V04.
pub(super) fn are_declared(subject: &Subject<'_>, report: &mut Report<'_>) {
    let builds = subject.owners().any(|(agent, _)| is_implementation_type(agent, subject.config));
    let wanted = subject.holds(subject.config.validation.component_promotions_from);
    if wanted && builds && subject.wave.component_promotions.is_empty() {
        report.part(
            subject,
            SECTION,
            "",
            format!("wave {} has agents that build and promotes no component", subject.wave.number),
            "add `## Component promotions` with `- <component>: <level>`",
        );
    }
}

/// V06. The level decides nothing else when it does not exist.
pub(super) fn name_known_levels(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(matrix) = subject.matrix else { return };
    for promotion in &subject.wave.component_promotions {
        if matrix.rank(&promotion.target_level).is_none() {
            report.part(
                subject,
                SECTION,
                &promotion.component_id,
                format!("`{}` is no level of the component matrix", promotion.target_level),
                &format!("the levels are {}", matrix.levels.join(", ")),
            );
        }
    }
}

/// V07.
pub(super) fn stand_in_the_matrix(subject: &Subject<'_>, report: &mut Report<'_>) {
    for promotion in of_known_components(subject) {
        if promoted_to(subject, &promotion.component_id).is_none() {
            report.part(
                subject,
                SECTION,
                &promotion.component_id,
                format!(
                    "the component matrix has no promotion of `{}` by wave {}",
                    promotion.component_id, subject.wave.number
                ),
                &format!(
                    "add {{\"wave\": {}, \"target\": \"{}\"}} to its promotions there",
                    subject.wave.number, promotion.target_level
                ),
            );
        }
    }
}

/// V08.
pub(super) fn reach_the_level_of_the_matrix(subject: &Subject<'_>, report: &mut Report<'_>) {
    for promotion in of_known_components(subject) {
        let wanted = promoted_to(subject, &promotion.component_id);
        let is_level = subject.matrix.is_some_and(|matrix| matrix.rank(&promotion.target_level).is_some());
        if let Some(wanted) = wanted.filter(|wanted| is_level && **wanted != promotion.target_level) {
            report.part(
                subject,
                SECTION,
                &promotion.component_id,
                format!(
                    "this wave takes `{}` to `{}`, the component matrix says `{wanted}`",
                    promotion.component_id, promotion.target_level
                ),
                "make the two agree",
            );
        }
    }
}

/// V09. A wave that is over stays as it was when its component has gone on since.
pub(super) fn go_forward(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(matrix) = subject.matrix.filter(|_| !subject.is_completed) else { return };
    for promotion in of_known_components(subject) {
        let Some(component) = matrix.components.get(&promotion.component_id) else { continue };
        let (wanted, current) = (matrix.rank(&promotion.target_level), matrix.rank(&component.current_level));
        if wanted.is_some() && wanted < current {
            report.part(
                subject,
                SECTION,
                &promotion.component_id,
                format!(
                    "`{}` stands at `{}` already, above `{}`",
                    promotion.component_id, component.current_level, promotion.target_level
                ),
                "promote it to where it stands or above, or correct currentLevel in the matrix",
            );
        }
    }
}

/// V10.
pub(super) fn are_those_of_the_matrix(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(matrix) = subject.matrix.filter(|_| needs_matrix(subject.wave, subject.config)) else { return };
    for (id, component) in &matrix.components {
        let Some(target) = matrix.target(component, subject.wave.number, &subject.config.lane) else {
            continue;
        };
        let declared = subject
            .wave
            .component_promotions
            .iter()
            .any(|promotion| promotion.component_id == *id && promotion.target_level == *target);
        if !declared {
            report.part(
                subject,
                SECTION,
                id,
                format!(
                    "the component matrix has wave {} take `{id}` to `{target}`; this wave does not say so",
                    subject.wave.number
                ),
                &format!("add `- {id}: {target}`, or remove the promotion from the matrix"),
            );
        }
    }
}

/// V11, for a matrix that is not there; one that cannot be read says so itself.
pub(super) fn have_a_matrix(subject: &Subject<'_>, report: &mut Report<'_>) {
    if !subject.has_matrix_file && needs_matrix(subject.wave, subject.config) {
        let path = subject.config.matrix_path();
        report.part(
            subject,
            SECTION,
            "",
            format!("this wave needs the component matrix, and there is no {path}"),
            "write the matrix, or set requireComponentPromotionsFromWave and requireAgentComponentsFromWave to null",
        );
    }
}

fn of_known_components<'s>(subject: &Subject<'s>) -> impl Iterator<Item = &'s ComponentPromotion> {
    let matrix = subject.matrix;
    let promotions = subject.wave.component_promotions.iter();
    promotions.filter(move |promotion| {
        matrix.is_some_and(|matrix| matrix.components.contains_key(&promotion.component_id))
    })
}

/// The level to which the matrix has this wave take a component.
fn promoted_to<'s>(subject: &Subject<'s>, id: &str) -> Option<&'s String> {
    let matrix = subject.matrix?;
    matrix.target(matrix.components.get(id)?, subject.wave.number, &subject.config.lane)
}
