//! Which keys to press at a phone, by series.

/// How the trust lists are erased (Cisco, administration guides of the series:
/// *Unified IP Phone 7900*, Security Configuration menu; *6900*, *7800*,
/// *8800*, *8900 and 9900*, Reset options).
pub(super) fn erase_trust_list(model: Option<&str>) -> String {
    let keys = match Series::of(model) {
        Series::Old => "Settings > Security Configuration, **# to unlock, then CTL File > Erase",
        Series::Ninth79 => {
            "Settings > Security Configuration > Trust List, **# to unlock, then ITL File (and \
             CTL File) > Erase; where these are not offered: keep # pressed while it gets power \
             until the line keys flash in turn, then key in 123456789*0#"
        }
        Series::Sixty => {
            "Applications > Admin Settings > Reset Settings > Security, or All where that is not \
             offered"
        }
        Series::Eighty => "Applications > Admin settings > Reset settings > Security settings",
        Series::Ninety => {
            "Applications > Administrator Settings > Reset Settings > Security Settings"
        }
        Series::Any => {
            "erase its security settings (ITL and CTL) in the menu for administrators, or reset \
             it to what it left the factory with"
        }
    };
    format!("At the phone: {keys}. It boots and asks for plain files.")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Series {
    /// 7940 and 7960: CTL alone, no ITL.
    Old,
    /// 7906 to 7975.
    Ninth79,
    /// 69xx.
    Sixty,
    /// 78xx and 88xx.
    Eighty,
    /// 89xx and 99xx.
    Ninety,
    Any,
}

impl Series {
    fn of(model: Option<&str>) -> Self {
        let head = model.and_then(|model| model.get(..2)).unwrap_or_default();
        match (head, model.unwrap_or_default()) {
            (_, "7940" | "7960") => Self::Old,
            (
                _,
                "7902" | "7905" | "7910" | "7912" | "7920" | "7921" | "7925" | "7926" | "7935"
                | "7936" | "7937",
            ) => Self::Any,
            ("79", _) => Self::Ninth79,
            ("69", _) => Self::Sixty,
            ("78" | "88", _) => Self::Eighty,
            ("89" | "99", _) => Self::Ninety,
            _ => Self::Any,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_series_has_its_keys() {
        for (model, words) in [
            (Some("7961"), "**#"),
            (Some("7941G-GE"), "Trust List"),
            (Some("7960"), "CTL File > Erase"),
            (Some("6921"), "Admin Settings > Reset Settings > Security"),
            (
                Some("8841"),
                "Admin settings > Reset settings > Security settings",
            ),
            (Some("9971"), "Administrator Settings"),
            (Some("7925"), "ITL and CTL"),
            (Some("CIPC"), "ITL and CTL"),
            (None, "ITL and CTL"),
        ] {
            let keys = erase_trust_list(model);
            assert!(keys.contains(words), "{model:?}: {keys}");
        }
    }
}
