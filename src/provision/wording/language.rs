//! The languages of the pages, and which of them a phone speaks.

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English; what another language lacks is in English.
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
}

/// Languages of an `Accept-Language` that are looked at.
const ACCEPTED: usize = 16;

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::French, Self::Spanish];

    /// Its two letters (ISO 639-1), which name its file.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
        }
    }

    /// Its name as user locales begin with it (`German_Germany`).
    fn name(self) -> &'static str {
        match self {
            Self::English => "english",
            Self::German => "german",
            Self::French => "french",
            Self::Spanish => "spanish",
        }
    }

    /// The language of a user locale, as Cisco names them.
    pub fn of_locale(locale: &str) -> Option<Self> {
        let name = locale.split(['_', '-']).next().unwrap_or_default().trim();
        Self::ALL
            .into_iter()
            .find(|language| language.name().eq_ignore_ascii_case(name))
    }

    /// The first of ours in an `Accept-Language` by its weights (RFC 9110,
    /// 12.5.4). Phones write `de` as well as `en_US`; what is no weight counts
    /// as 1.
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for entry in header.split(',').take(ACCEPTED) {
            let mut parts = entry.split(';');
            let tag = parts.next().unwrap_or_default();
            let tag = tag.split(['-', '_']).next().unwrap_or_default().trim();
            let weight = parts
                .filter_map(|part| part.trim().strip_prefix("q="))
                .find_map(|weight| weight.trim().parse::<f32>().ok())
                .filter(|weight| weight.is_finite())
                .unwrap_or(1.0);
            let known = Self::ALL
                .into_iter()
                .find(|language| language.tag().eq_ignore_ascii_case(tag));
            if let Some(language) = known.filter(|_| weight > 0.0)
                && best.is_none_or(|(_, most)| weight > most)
            {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }
}
