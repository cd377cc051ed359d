#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::*;

fn escaped(text: &str) -> String {
    let mut out = String::new();
    escape(&mut out, text).unwrap();
    out
}

fn is_sound(text: &str) -> bool {
    well_formed(text, &["device"]).is_ok()
}

/// What a library's reader says of the same rules.
fn sound_to_the_library(text: &str) -> bool {
    let mut reader = Reader::from_str(text);
    let mut depth = 0_usize;
    let mut roots = 0_usize;
    loop {
        let at = reader.buffer_position();
        let mut begin = |element: &BytesStart<'_>| {
            roots += usize::from(depth == 0);
            let named = depth > 0 || roots == 1 && element.name().as_ref() == "device";
            named && attributes_are_sound(element)
        };
        let Ok(event) = reader.read_event() else {
            return false;
        };
        let sound = match event {
            Event::Start(element) => {
                let sound = begin(&element);
                depth += 1;
                sound
            }
            Event::Empty(element) => begin(&element),
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                true
            }
            Event::Text(text) => depth > 0 || text.trim_ascii().is_empty(),
            Event::CData(_) => depth > 0,
            Event::GeneralRef(entity) => depth > 0 && is_predefined(&entity),
            Event::DocType(_) => false,
            Event::Decl(_) => at == 0,
            Event::Comment(_) | Event::PI(_) => true,
            Event::Eof => return depth == 0 && roots == 1,
        };
        if !sound {
            return false;
        }
    }
}

fn attributes_are_sound(element: &BytesStart<'_>) -> bool {
    element.attributes().all(|attribute| {
        attribute.is_ok_and(|attribute| {
            !attribute.value.contains('<')
                && attribute.value.split('&').skip(1).all(|rest| {
                    rest.split_once(';')
                        .is_some_and(|(entity, _)| is_predefined(entity))
                })
        })
    })
}

fn is_predefined(entity: &str) -> bool {
    matches!(entity, "amp" | "lt" | "gt" | "quot" | "apos") || entity.starts_with('#')
}

#[test]
fn what_cannot_stand_in_xml_is_escaped_or_left_out() {
    assert_eq!(escaped("A & B <x>"), "A &amp; B &lt;x&gt;");
    assert_eq!(escaped("\"it's\""), "&quot;it&apos;s&quot;");
    assert_eq!(escaped("a\u{0}b\u{7}c\u{fffe}"), "abc");
    assert_eq!(
        escaped("B\u{fc}ro/\u{6771}\t\r\n"),
        "B\u{fc}ro/\u{6771}\t\r\n"
    );
}

#[test]
fn sound_files_pass() {
    for text in [
        "<?xml version=\"1.0\"?>\n<device><a b=\"1 &amp; 2\"/>x</device>\n",
        "<device/>",
        "<?xml\nversion='1.0' encoding='utf-8' standalone=\"yes\" ?><device/>",
        "<!-- a - b -->\n<device ></device >\n<!---->",
        "<device><a b = '\"' c=\"'>\"/>&#65;&#x1F600;&lt;</device>",
        "<device><![CDATA[ <a> & ]] ]]>&gt;]]&gt;</device>",
        "<?wise yes?><device><x-y.z:9/>\u{6771}<\u{e4}/></device>",
        "<device>a > b</device>",
    ] {
        assert_eq!(well_formed(text, &["device"]), Ok(()), "{text:?}");
        assert!(sound_to_the_library(text), "{text:?}");
    }
}

#[test]
fn a_broken_file_is_refused_and_told_where() {
    for (text, why) in [
        ("", "no element at all near byte 0"),
        ("   ", "no element at all near byte 3"),
        ("<?xml version='1.0'", "broken markup near byte 0"),
        ("<?xml ?><device/>", "a broken XML declaration near byte 0"),
        (
            "<?xml encoding='UTF-8'?><device/>",
            "a broken XML declaration near byte 0",
        ),
        (
            "<?xml version='1.0\"?><device/>",
            "a broken XML declaration near byte 0",
        ),
        (
            "<?xml version='1.0' encoding='UTF-16'?><device/>",
            "another encoding than UTF-8 near byte 0",
        ),
        (
            "\u{feff}<device/>",
            "a byte order mark; save it without near byte 0",
        ),
        ("<device><a\u{a0}/></device>", "broken markup near byte 8"),
        ("<device><?a=b?></device>", "broken markup near byte 8"),
        ("<device>", "an element that is not closed near byte 8"),
        ("<device></devices>", "broken markup near byte 8"),
        ("<device></device", "broken markup near byte 8"),
        (
            "<device/><device/>",
            "not the root element expected near byte 9",
        ),
        (
            "<device></device>x",
            "text outside the root element near byte 17",
        ),
        ("<device/>&lt;", "text outside the root element near byte 9"),
        (
            "<device/><![CDATA[x]]>",
            "text outside the root element near byte 9",
        ),
        ("<other/>", "not the root element expected near byte 0"),
        ("<device>&nbsp;</device>", "an unknown entity near byte 8"),
        ("<device>a & b</device>", "an unknown entity near byte 8"),
        ("<device>&#0;</device>", "an unknown entity near byte 8"),
        ("<device>&#xD800;</device>", "an unknown entity near byte 8"),
        ("<device>&#+65;</device>", "an unknown entity near byte 8"),
        ("<device>&#;</device>", "an unknown entity near byte 8"),
        ("<device>a]]>b</device>", "broken markup near byte 8"),
        (
            "<device>a\u{7}</device>",
            "a character that XML cannot hold near byte 0",
        ),
        (
            "<device><a b='1' b='2'/></device>",
            "a broken attribute near byte 8",
        ),
        (
            "<device><a b='x & y'/></device>",
            "a broken attribute near byte 8",
        ),
        (
            "<device><a b='<'/></device>",
            "a broken attribute near byte 8",
        ),
        (
            "<device><a b></a></device>",
            "a broken attribute near byte 8",
        ),
        (
            "<device><a b=1/></device>",
            "a broken attribute near byte 8",
        ),
        (
            "<device><a b='1'c='2'/></device>",
            "broken markup near byte 8",
        ),
        ("<device>< a/></device>", "broken markup near byte 8"),
        ("<device><1/></device>", "broken markup near byte 8"),
        (
            "<device><!-- a -- b --></device>",
            "broken markup near byte 8",
        ),
        ("<device><!-- a", "broken markup near byte 8"),
        ("<!DOCTYPE device><device/>", "a document type near byte 0"),
        (
            "<device><?xml version='1.0'?></device>",
            "an XML declaration in the middle near byte 8",
        ),
    ] {
        assert_eq!(
            well_formed(text, &["device"]),
            Err(why.to_owned()),
            "{text:?}"
        );
    }
    let many: Vec<String> = (0..65).map(|n| format!(" a{n}=''")).collect();
    assert!(!is_sound(&format!("<device{}/>", many.concat())));
    assert!(is_sound(&format!("<device{}/>", many[1..].concat())));
}

/// An element with others inside, as a template may make them.
fn element() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any::<String>().prop_map(|text| escaped(&text)),
        Just("<e/>".to_owned()),
        Just("<!-- c -->".to_owned()),
        Just("&#65;".to_owned()),
    ];
    leaf.prop_recursive(6, 40, 5, |inside| {
        (
            "[a-zA-Z_][a-zA-Z0-9_.:-]{0,6}",
            any::<String>(),
            prop::collection::vec(inside, 0..5),
        )
            .prop_map(|(name, value, parts)| {
                format!(
                    "<{name} a=\"{}\">{}</{name}>",
                    escaped(&value),
                    parts.concat()
                )
            })
    })
}

/// Text of the pieces that markup is made of, nearly right or not at all.
fn markup() -> impl Strategy<Value = String> {
    const USUAL: [&str; 4] = ["<device>", "</device>", "<a>", "</a>"];
    const REST: [&str; 24] = [
        "<a b='1'>",
        "<a/>",
        "<",
        ">",
        "/",
        "&amp;",
        "&",
        ";",
        "#",
        "'",
        "\"",
        "=",
        " ",
        "<!--",
        "-->",
        "-",
        "<![CDATA[",
        "]]>",
        "<?p",
        "?>",
        "<?xml ",
        "x",
        "\u{e4}",
        "\u{0}",
    ];
    let piece = prop_oneof![prop::sample::select(&USUAL), prop::sample::select(&REST)];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_survives_as_text_and_as_attribute(text in any::<String>()) {
        let text = escaped(&text);
        let whole = format!("<device a=\"{text}\">{text}</device>");
        prop_assert_eq!(well_formed(&whole, &["device"]), Ok(()));
    }

    #[test]
    fn what_is_nested_as_it_should_be_passes(inside in element()) {
        let whole = format!("<?xml version=\"1.0\"?>\n<device>{inside}</device>\n");
        prop_assert_eq!(well_formed(&whole, &["device"]), Ok(()));
        prop_assert!(sound_to_the_library(&whole));
    }

    #[test]
    fn what_passes_is_sound_to_the_library(text in markup()) {
        prop_assert!(!is_sound(&text) || sound_to_the_library(&text), "{:?}", text);
    }

    #[test]
    fn a_file_that_is_cut_short_never_passes(inside in element(), cut in any::<prop::sample::Index>()) {
        let whole = format!("<device>{inside}</device>");
        let ends: Vec<usize> = whole.char_indices().map(|(at, _)| at).collect();
        prop_assert!(!is_sound(&whole[..*cut.get(&ends)]));
    }

    #[test]
    fn the_check_never_panics(text in any::<String>()) {
        let _ = well_formed(&text, &["device"]);
    }
}
