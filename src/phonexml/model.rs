//! What can be told from the name of a model and its load: the parser, the
//! place of the soft keys, how a form may be sent.

use super::{SoftKeyLayout, Strictness, SubmitMethod};

/// The number of a model by the name that it reports (`CP-7961G`, in
/// `x-CiscoIPPhoneModelName`) or by the number alone (`7961`); empty when there
/// is none.
fn number(model: &str) -> &str {
    let model = model.trim();
    let model = match model.split_at_checked(3) {
        Some((prefix, number)) if prefix.eq_ignore_ascii_case("CP-") => number,
        _ => model,
    };
    let end = model
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(model.len());
    model.split_at_checked(end).map_or("", |(digits, _)| digits)
}

impl SoftKeyLayout {
    /// The layout of a model by the name that it reports (`CP-7961G` in
    /// `x-CiscoIPPhoneModelName`) or by its bare number (`7961`).
    ///
    /// Only the 7900 series is old. A caller that knows the model better may
    /// choose for itself.
    pub fn for_model(model: &str) -> Self {
        if number(model).starts_with("79") {
            Self::Old
        } else {
            Self::New
        }
    }
}

impl SubmitMethod {
    /// How the forms of a model may be sent, by the name that it reports or by
    /// its bare number: posted where the manual says so, which is on the 7800
    /// series and the desk and conference phones of the 8800 series
    /// (*CiscoIPPhoneInput*). All others, and the third-party call control
    /// loads of these, are known to know GET.
    pub fn for_model(model: &str) -> Self {
        const POSTING: [&str; 12] = [
            "7811", "7821", "7832", "7841", "7861", "8811", "8832", "8841", "8845", "8851", "8861",
            "8865",
        ];
        let multiplatform = model.to_ascii_uppercase().contains("3PCC");
        if POSTING.contains(&number(model)) && !multiplatform {
            Self::Post
        } else {
            Self::Get
        }
    }
}

/// A firmware version, as loads spell it: `SCCP41.8-3-2S`, `sip88xx.12-5-1`.
type Version = [u32; 3];

/// The version in the name of a load: the numbers after its first dot.
fn version(load: &str) -> Option<Version> {
    let (_, numbers) = load.split_once('.')?;
    let mut numbers = numbers
        .split(['-', '.'])
        .filter_map(|number| number.split(|c: char| !c.is_ascii_digit()).next());
    let mut next = || numbers.next()?.parse().ok();
    Some([next()?, next()?, next().unwrap_or(0)])
}

impl Strictness {
    /// The parser that a model has with this load (*Troubleshooting*, *XML
    /// Parser*, and the appendix on the schema in the release for the 6900).
    ///
    /// A load whose name tells no version is taken for the latest.
    pub fn of(model: &str, load: &str) -> Self {
        let since = |first: Version| {
            if version(load).is_some_and(|version| version < first) {
                Self::Lenient
            } else {
                Self::Strict
            }
        };
        match number(model) {
            "7902" | "7905" | "7910" | "7912" | "7920" | "7935" | "7936" | "7940" | "7960" => {
                Self::Lenient
            }
            "7921" | "7925" | "7926" => Self::Cutting,
            "7937" => Self::Fragile,
            number if number.starts_with("79") => since([8, 3, 2]),
            number if number.starts_with("69") => since([9, 1, 1]),
            _ => Self::Strict,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_7900_series_is_old_and_the_rest_is_new() {
        for old in ["CP-7961G", "CP-7940G", "cp-7970", "7912", "CP-7921G"] {
            assert_eq!(SoftKeyLayout::for_model(old), SoftKeyLayout::Old, "{old}");
        }
        for new in [
            "CP-8845", "CP-7821", "CP-6941", "DP-9841", "CP-9971", "", "ü",
        ] {
            assert_eq!(SoftKeyLayout::for_model(new), SoftKeyLayout::New, "{new}");
        }
    }

    #[test]
    fn forms_are_posted_only_where_the_manual_says_so() {
        for posts in [
            "CP-8841",
            "8845",
            "cp-7821",
            "CP-7832",
            "CP-8832-NR",
            "CP-8851NR",
        ] {
            assert_eq!(
                SubmitMethod::for_model(posts),
                SubmitMethod::Post,
                "{posts}"
            );
        }
        for gets in [
            "CP-7961G",
            "CP-7960",
            "CP-6941",
            "CP-8821",
            "CP-8831",
            "CP-8961",
            "CP-9971",
            "DP-9841",
            "CP-8841-3PCC",
            "",
            "ü",
        ] {
            assert_eq!(SubmitMethod::for_model(gets), SubmitMethod::Get, "{gets}");
        }
    }

    #[test]
    fn the_parser_follows_from_model_and_load() {
        for (model, load, parser) in [
            ("7960", "P00308010200", Strictness::Lenient),
            ("CP-7940G", "P0S3-8-12-00", Strictness::Lenient),
            ("7920", "", Strictness::Lenient),
            ("7961", "SCCP41.8-2-2SR1S", Strictness::Lenient),
            ("7961", "SCCP41.8-3-1S", Strictness::Lenient),
            ("7961", "SCCP41.8-3-2S", Strictness::Strict),
            ("7961", "SCCP41.8-5-2S", Strictness::Strict),
            ("CP-7961G", "SIP41.9-4-2SR3-1S", Strictness::Strict),
            ("7970", "SIP70.8-0-4SR2S", Strictness::Lenient),
            ("6941", "SCCP69xx.9-0-3-0", Strictness::Lenient),
            ("6941", "SCCP69xx.9-1-1-0", Strictness::Strict),
            ("7921", "CP7921G-1.4.5.3", Strictness::Cutting),
            ("7937", "apps37sccp.1-4-5-7", Strictness::Fragile),
            ("8841", "sip88xx.12-5-1SR2-2", Strictness::Strict),
            ("7961", "custom", Strictness::Strict),
            ("", "", Strictness::Strict),
        ] {
            assert_eq!(Strictness::of(model, load), parser, "{model} {load}");
        }
    }

    proptest! {
        #[test]
        fn any_names_are_judged(model in "\\PC{0,12}", load in "(\\PC|[.0-9-]){0,24}") {
            let _ = Strictness::of(&model, &load);
            let _ = SoftKeyLayout::for_model(&model);
            let _ = SubmitMethod::for_model(&model);
        }
    }
}
