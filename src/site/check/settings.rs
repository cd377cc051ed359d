//! What phones, profiles and device profile defaults have in common: templates,
//! add-on modules, audio, precedence, lines and speed dials.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::values::is_locale;
use super::{Findings, Severity};
use crate::model::{
    ButtonOrder, Catalogue, DirectoryNumber, Features, Line, ModelName, Parameters, PhoneModel,
    Ring, ServiceSubscription, SpeedDial,
};

/// Audio sources that there can be (Cisco: *Music On Hold Audio Source*).
const AUDIO_SOURCES: std::ops::RangeInclusive<u8> = 1..=51;

/// The most numbers on one overlay key (CME: *number* a,b *type overlay*).
const OVERLAID: usize = 25;

/// The longest mask; a number has at most as many digits.
const LONGEST_MASK: usize = 24;

/// One object's settings.
pub(in crate::site) struct Settings<'a> {
    /// The line it begins on in the file.
    pub(in crate::site) line: Option<usize>,
    /// What it is, for example `profile bob`.
    pub(in crate::site) who: String,
    /// The model it is made for.
    pub(in crate::site) model: &'a ModelName,
    /// Its user locale.
    pub(in crate::site) locale: Option<&'a str>,
    /// Templates, add-on modules, audio, precedence.
    pub(in crate::site) features: Features,
    /// Its lines.
    pub(in crate::site) lines: &'a [Line],
    /// Its speed dials.
    pub(in crate::site) dials: &'a [SpeedDial],
    /// Its services.
    pub(in crate::site) services: &'a [ServiceSubscription],
}

/// By what they are judged.
#[derive(Clone, Copy)]
pub(in crate::site) struct Rules<'a> {
    /// The models there are.
    pub(in crate::site) catalogue: &'a Catalogue,
    /// The service parameters.
    pub(in crate::site) parameters: &'a Parameters,
}

impl Settings<'_> {
    /// Checks them by themselves.
    pub(in crate::site) fn check(&self, rules: Rules<'_>, findings: &mut Findings) {
        if let Some(locale) = self.locale.filter(|locale| !is_locale(locale)) {
            self.error(
                findings,
                format!("{locale:?} is not a locale like \"English_United_States\""),
            );
        }
        self.features(findings);
        match rules.catalogue.model(self.model) {
            None => self.error(
                findings,
                format!("model {} is not in the model catalogue", self.model),
            ),
            Some(model) => {
                self.modules(model, findings);
                self.surplus(model, rules.catalogue, findings);
            }
        }
        self.lines(rules.parameters.button_order, findings);
        self.dials(findings);
    }

    fn error(&self, findings: &mut Findings, what: impl Display) {
        findings.push(Severity::Error, self.line, format!("{}: {what}", self.who));
    }

    fn warn(&self, findings: &mut Findings, what: impl Display) {
        findings.push(
            Severity::Warning,
            self.line,
            format!("{}: {what}", self.who),
        );
    }

    fn features(&self, findings: &mut Findings) {
        let features = &self.features;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
        let odd =
            |name: &&String| name.is_empty() || name.starts_with('.') || !name.chars().all(plain);
        if let Some(template) = features.softkey_template.as_ref().filter(odd) {
            self.error(
                findings,
                format!("{template:?} cannot name a soft key template"),
            );
        }
        if let Some(source) = features
            .user_hold_audio_source
            .filter(|source| !AUDIO_SOURCES.contains(source))
        {
            self.error(
                findings,
                format!(
                    "user_hold_audio_source is {} to {}, not {source}; leave it out for the \
                     system's",
                    AUDIO_SOURCES.start(),
                    AUDIO_SOURCES.end()
                ),
            );
        }
        if features.mlpp.is_contradiction() {
            self.error(
                findings,
                "mlpp indication \"off\" with preemption \"forceful\" cannot work; change one of \
                 them"
                    .to_owned(),
            );
        }
    }

    fn modules(&self, model: &PhoneModel, findings: &mut Findings) {
        let modules = &self.features.expansion_modules;
        for module in modules {
            if !model.expansion_modules.contains(module) {
                self.error(
                    findings,
                    format!("model {} takes no module {module}", model.name),
                );
            }
        }
        if modules.len() > usize::from(model.maximum_modules) {
            self.error(
                findings,
                format!(
                    "model {} takes at most {} add-on modules",
                    model.name, model.maximum_modules
                ),
            );
        }
    }

    fn surplus(&self, model: &PhoneModel, catalogue: &Catalogue, findings: &mut Findings) {
        let keys = keys_with(model, &self.features.expansion_modules, catalogue);
        let surplus = (self.lines.len() + self.dials.len()).saturating_sub(keys);
        if surplus > 0 {
            let modules = match self.features.expansion_modules.len() {
                0 => String::new(),
                1 => " with its add-on module".to_owned(),
                many => format!(" with its {many} add-on modules"),
            };
            self.warn(
                findings,
                format!(
                    "{surplus} of its lines and speed dials find no key; a {}{modules} has {keys}",
                    model.name
                ),
            );
        }
    }

    fn lines(&self, order: ButtonOrder, findings: &mut Findings) {
        let mut numbers = BTreeSet::new();
        for line in self.lines {
            if !numbers.insert((&line.number, &line.partition)) {
                self.error(findings, format!("it has line {} twice", line.number));
            }
            for what in line_settings(line) {
                self.error(findings, format!("line {}: {what}", line.number));
            }
        }
        if let Some(first) = first_line(self.lines, order)
            && first.ring == Ring::Monitor
        {
            self.error(
                findings,
                format!(
                    "line {} comes first and is a monitored one; a line to call from must come \
                     before it",
                    first.number
                ),
            );
        }
    }

    fn dials(&self, findings: &mut Findings) {
        let mut numbers = BTreeSet::new();
        for dial in self.dials {
            let number = &dial.number;
            if !numbers.insert(number) {
                self.warn(findings, format!("it has speed dial {number} twice"));
            }
            if unprintable(dial.label.as_ref()) {
                self.error(
                    findings,
                    format!("speed dial {number}: no phone can show such a label"),
                );
            }
            if dial.emergency && dial.blf {
                self.warn(
                    findings,
                    format!("speed dial {number}: an emergency entry shows no busy lamp"),
                );
            }
        }
    }
}

/// The line that comes onto the first key. Of the lines of a profile the first
/// may not be a monitored one (CME: *Extension Mobility*, logout profile).
fn first_line(lines: &[Line], order: ButtonOrder) -> Option<&Line> {
    match order {
        ButtonOrder::AsConfigured => lines.first(),
        ButtonOrder::Cme => lines.iter().min_by_key(|line| match line.ring {
            Ring::Monitor => 1,
            Ring::Overlay | Ring::CwOverlay => 2,
            _ => 0,
        }),
    }
}

/// What cannot be among the settings of a line.
fn line_settings(line: &Line) -> Vec<String> {
    let mut wrong = Vec::new();
    if unprintable(line.label.as_ref()) || unprintable(line.display_name.as_ref()) {
        wrong.push("no phone can show such a label or name".to_owned());
    }
    if let Some(mask) = &line.external_number_mask {
        let of_mask = |c: char| c.is_ascii_digit() || matches!(c, 'X' | 'x' | '+' | '*' | '#');
        if mask.is_empty() || mask.len() > LONGEST_MASK || !mask.chars().all(of_mask) {
            wrong.push(format!(
                "external_number_mask {mask:?} is not one like \"+4930123XXXX\": digits and X, at \
                 most {LONGEST_MASK}"
            ));
        }
    }
    let overlay = matches!(line.ring, Ring::Overlay | Ring::CwOverlay);
    if !line.overlaid.is_empty() && !overlay {
        wrong.push(
            "overlaid numbers need ring = \"overlay\" or \"cw-overlay\"; other lines have one \
             number"
                .to_owned(),
        );
    }
    if line.overlaid.len() >= OVERLAID {
        wrong.push(format!(
            "{} numbers on one key; an overlay line has at most {OVERLAID}",
            line.overlaid.len() + 1
        ));
    }
    let mut numbers: BTreeSet<&DirectoryNumber> = BTreeSet::from([&line.number]);
    for number in &line.overlaid {
        if !numbers.insert(number) {
            wrong.push(format!("number {number} is overlaid twice"));
        }
    }
    match (line.maximum_calls, line.busy_trigger) {
        (Some(0), _) => wrong.push("maximum_calls is 1 or more".to_owned()),
        (_, Some(0)) => wrong.push("busy_trigger is 1 or more".to_owned()),
        (Some(calls), Some(trigger)) if trigger > calls => wrong.push(format!(
            "busy_trigger {trigger} is never reached with maximum_calls {calls}; it may be \
             {calls} at most"
        )),
        _ => {}
    }
    wrong
}

fn unprintable(text: Option<&String>) -> bool {
    text.is_some_and(|text| text.chars().any(char::is_control))
}

/// How many keys a phone of this model has with these add-on modules.
fn keys_with(model: &PhoneModel, modules: &[String], catalogue: &Catalogue) -> usize {
    usize::from(model.keys) + usize::from(catalogue.module_keys(modules))
}

/// How many keys a phone of this model has at most.
pub(super) fn most_keys(model: &PhoneModel, catalogue: &Catalogue) -> usize {
    let each = model
        .expansion_modules
        .iter()
        .map(|module| catalogue.module_keys(std::slice::from_ref(module)))
        .max();
    usize::from(model.keys) + usize::from(each.unwrap_or(0)) * usize::from(model.maximum_modules)
}
