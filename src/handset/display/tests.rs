//! Drawings that a person can check with the eye, and what holds for all.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::letters::{cut, tail, wrapped};
use super::*;
use crate::handset::event::{ButtonKind, ButtonSeen};
use crate::handset::model::Model;
use crate::handset::page::{Page, PageField, PageKey, PageKind};

fn model(number: &str) -> &'static Model {
    Model::find(number).unwrap()
}

fn page(number: &str, kind: PageKind) -> Page {
    Page {
        model: model(number),
        address: None,
        kind,
        title: "Extension Mobility".to_owned(),
        prompt: String::new(),
        text: String::new(),
        items: Vec::new(),
        fields: Vec::new(),
        cursor: 0,
        keys: Vec::new(),
        refresh: None,
    }
}

fn keys(names: &[&str]) -> Vec<PageKey> {
    (1..)
        .zip(names)
        .filter(|(_, name)| !name.is_empty())
        .map(|(position, name)| PageKey {
            position,
            name: (*name).to_owned(),
            action: String::new(),
        })
        .collect()
}

fn field(name: &str, value: &str, masked: bool) -> PageField {
    PageField {
        name: name.to_owned(),
        parameter: name.to_lowercase(),
        value: value.to_owned(),
        masked,
    }
}

/// The same drawing, which begins with a line of its own in the source.
fn is(drawing: &str, expected: &str) {
    assert_eq!(format!("\n{drawing}"), expected, "\n{drawing}");
}

#[test]
fn a_form_on_a_7960_hides_the_pin() {
    let mut form = page("7960", PageKind::Input);
    form.prompt = "Please sign on".to_owned();
    form.fields = vec![field("UserID", "alice", false), field("PIN", "58213", true)];
    form.cursor = 1;
    form.keys = keys(&["Submit", "<<", "Exit"]);
    is(
        &form.draw(),
        "
.-----------------------------------.
| Extension Mobility                |
|-----------------------------------|
| UserID: alice_______________      |
|>PIN:    *****_______________      |
|                                   |
|                                   |
|                                   |
|-----------------------------------|
| Please sign on                    |
|Submit  |<<      |Exit    |        |
'-----------------------------------'
",
    );
    assert!(!format!("{form:?}").contains("58213"));
}

#[test]
fn a_text_on_a_7912_scrolls_and_its_letters_are_those_it_has() {
    let mut text = page("7912", PageKind::Text);
    text.text = "Alice Żółć (alice) is signed in on this phone. Sign out?\n\nOr stay.".to_owned();
    text.prompt = "Logout alice? It is not too late.".to_owned();
    text.keys = keys(&["Yes", "", "No"]);
    is(
        &text.draw(),
        "
.---------------------------.
| Extension Mobility        |
| Alice ?ó?? (alice) is     |
| signed in on this phone.  |
| Sign out?               v |
| Logout alice? It is not   |
|Yes   |      |No    |      |
'---------------------------'
(scrolled)
|                         ^ |
| Or stay.                  |
|                           |
'---------------------------'
",
    );
}

#[test]
fn a_list_on_an_8841_is_numbered_and_its_key_for_more_keys_leads_on() {
    let mut menu = page("8841", PageKind::Menu);
    menu.title = "Services".to_owned();
    menu.items = vec!["Żółć".to_owned(), "Three\r\rlines".to_owned()];
    menu.cursor = 1;
    menu.keys = keys(&["Exit", "Select", "A", "B", "C"]);
    let drawing = menu.draw();
    assert!(drawing.contains("| 1 Żółć "), "{drawing}");
    assert!(drawing.contains("|>2 Three "), "{drawing}");
    assert!(drawing.contains("|   lines "), "{drawing}");
    assert!(
        drawing.contains("|Exit        |Select      |A           |More        |"),
        "{drawing}"
    );
    assert!(
        drawing.contains("(more)\n|B           |C           |            |More        |"),
        "{drawing}"
    );
}

#[test]
fn a_7970_has_five_keys_and_a_7960_four_of_them() {
    let mut text = page("7970", PageKind::Text);
    text.keys = keys(&["One", "Two", "Three", "Four", "Abmelden!"]);
    let drawing = text.draw();
    assert!(
        drawing.contains("|One    |Two    |Three  |Four   |Abmelde|"),
        "{drawing}"
    );
    text.model = model("7960");
    let drawing = text.draw();
    assert!(
        drawing.contains("|One     |Two     |Three   |more    |"),
        "{drawing}"
    );
}

#[test]
fn a_handheld_has_two_keys_the_first_on_the_right() {
    let mut text = page("7921", PageKind::Text);
    text.keys = keys(&["Yes", "", "No"]);
    assert!(text.draw().contains("|No          |Yes         "));
    text.keys = keys(&["Submit", "<<", "Exit"]);
    let drawing = text.draw();
    assert!(drawing.contains("|Options     |Submit      "), "{drawing}");
    assert!(drawing.contains("(more)\n|Exit        |"), "{drawing}");
}

#[test]
fn a_6941_has_one_line_for_title_and_prompt() {
    let mut text = page("6941", PageKind::Text);
    text.prompt = "Login Successful".to_owned();
    let drawing = text.draw();
    assert!(drawing.contains("Login Successful"));
    assert!(!drawing.contains("Extension Mobility"), "{drawing}");
    text.prompt.clear();
    assert!(text.draw().contains("Extension Mobility"));
}

fn button(key: u16, kind: ButtonKind, label: &str, number: &str) -> ButtonSeen {
    ButtonSeen {
        key,
        kind,
        label: label.to_owned(),
        number: number.to_owned(),
    }
}

fn main_screen(number: &str) -> MainScreen {
    MainScreen {
        model: model(number),
        clock: Some(Clock {
            year: 2026,
            month: 11,
            day: 22,
            hour: 14,
            minute: 5,
        }),
        date_template: "D.M.Y".to_owned(),
        buttons: vec![
            button(1, ButtonKind::Line, "Alice", "2001"),
            button(2, ButtonKind::SpeedDial, "Bob", "2002"),
            button(6, ButtonKind::SpeedDial, "Emergency", "112"),
        ],
        prompt: "Signed in as Alice Adler".to_owned(),
        soft_keys: vec!["NewCall".to_owned()],
        message_lamp: false,
    }
}

#[test]
fn the_main_screen_of_a_7960_has_its_keys_beside_it() {
    is(
        &main_screen("7960").draw(),
        "
.-----------------------------------.
| 14:05 22.11.26              2001  |
|-----------------------------------|
|                            Alice  |[1] line 2001
|                              Bob  |[2] speed dial 2002
|                                   |[3]
|                                   |[4]
|                                   |[5]
|                        Emergency  |[6] speed dial 112
|-----------------------------------|
| Signed in as Alice Adler          |
|NewCall |        |        |        |
'-----------------------------------'
",
    );
}

#[test]
fn a_phone_without_such_keys_lists_what_it_has() {
    let mut screen = main_screen("7905");
    screen.message_lamp = true;
    let drawing = screen.draw();
    assert!(drawing.contains("|(message lamp)\n"), "{drawing}");
    assert!(drawing.contains("| Alice  "), "{drawing}");
    assert!(
        drawing.ends_with("[2] Bob: speed dial 2002\n[6] Emergency: speed dial 112\n"),
        "{drawing}"
    );
    // Keys beyond those of the phone itself are on its modules.
    let mut screen = main_screen("7940");
    screen.date_template.clear();
    let drawing = screen.draw();
    assert!(drawing.contains("| 2:05p 11/22/26"), "{drawing}");
    assert!(
        drawing.ends_with("[6] Emergency: speed dial 112\n"),
        "{drawing}"
    );
}

#[test]
fn dates_are_written_by_the_template() {
    let mut clock = main_screen("7960").clock.unwrap();
    clock.hour = 0;
    for (template, written) in [
        ("D.M.Y", "00:05 22.11.26"),
        ("M/D/YA", "12:05a 11/22/26"),
        ("YY-M-D", "00:05 2026-11-22"),
        ("", "12:05a 11/22/26"),
    ] {
        assert_eq!(clock.written(template), written, "{template}");
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,80}",
        "[a-zäß \n\r]{0,300}",
        proptest::collection::vec(any::<char>(), 0..60).prop_map(String::from_iter),
    ]
}

fn any_page() -> impl Strategy<Value = Page> {
    let number = proptest::sample::select(Model::all().collect::<Vec<_>>());
    let kind = proptest::sample::select(vec![
        PageKind::Menu,
        PageKind::Text,
        PageKind::Input,
        PageKind::Directory,
    ]);
    let fields = proptest::collection::vec((text(), text(), any::<bool>()), 0..5);
    let keys = proptest::collection::vec((-1..=16i8, text()), 0..9);
    let items = proptest::collection::vec(text(), 0..12);
    let heads = (text(), text(), text());
    (number, kind, heads, items, fields, keys, 0..12usize).prop_map(
        |(model, kind, (title, prompt, text), items, fields, keys, cursor)| Page {
            model,
            address: None,
            kind,
            title,
            prompt,
            text,
            items,
            fields: fields
                .iter()
                .map(|(name, value, masked)| field(name, value, *masked))
                .collect(),
            cursor,
            keys: keys
                .into_iter()
                .map(|(position, name)| PageKey {
                    position,
                    name,
                    action: String::new(),
                })
                .collect(),
            refresh: None,
        },
    )
}

/// Lines of the display, without what stands around them.
fn framed(drawing: &str) -> impl Iterator<Item = &str> {
    drawing.lines().filter(|line| !line.starts_with('('))
}

proptest! {
    #[test]
    fn any_page_is_drawn_and_never_wider_than_its_display(page in any_page()) {
        let drawing = page.draw();
        let width = page.model.display.columns + 5;
        for line in framed(&drawing) {
            prop_assert_eq!(line.chars().count(), width, "{}", drawing);
        }
        prop_assert!(!drawing.contains(|c: char| c.is_control() && c != '\n'));
    }

    /// Every line of the body is on the display or comes there by scrolling,
    /// and every key by the key for more.
    #[test]
    fn every_line_and_every_key_can_be_reached(page in any_page()) {
        let drawing = page.draw();
        let display = page.model.display;
        let mut lines = framed(&drawing).map(|line| line.get(2..).unwrap_or_default());
        for row in body::rows(&page, &display) {
            prop_assert!(
                lines.any(|line| line.starts_with(row.text.as_str())),
                "{:?} in\n{}", row.text, drawing
            );
        }
        for key in page.keys.iter().filter(|key| key.position > 0) {
            let first = page.keys.iter().find(|other| other.position == key.position);
            let name = cut(display.letters.line(&key.name).trim(), display.key_letters());
            if first == Some(key) {
                prop_assert!(drawing.contains(name.trim()), "{:?} in\n{}", name, drawing);
            }
        }
    }

    #[test]
    fn no_text_is_lost_by_breaking_it(text in text(), columns in 1..60usize) {
        let lines = wrapped(&text, Letters::European, columns);
        prop_assert!(lines.iter().all(|line| line.chars().count() <= columns));
        let letters = |text: &str| -> String {
            text.chars().filter(|c| !c.is_whitespace()).collect()
        };
        let shown = Letters::European.line(&text);
        prop_assert_eq!(letters(&lines.concat()), letters(&shown));
    }

    #[test]
    fn both_ends_of_a_line_fit(text in "\\PC{0,40}", columns in 0..50usize) {
        for part in [cut(&text, columns), tail(&text, columns)] {
            prop_assert_eq!(part.chars().count(), text.chars().count().min(columns));
        }
    }

    #[test]
    fn any_main_screen_is_drawn(
        keys in proptest::collection::vec((0..40u16, text(), text()), 0..10),
        prompt in text(),
        template in "\\PC{0,20}",
        soft_keys in proptest::collection::vec(text(), 0..8),
        model in proptest::sample::select(Model::all().collect::<Vec<_>>()),
    ) {
        let buttons = keys.iter().map(|(key, label, number)| {
            button(*key, ButtonKind::Line, label, number)
        });
        let mut screen = main_screen("7960");
        screen.model = model;
        screen.buttons = buttons.collect();
        screen.prompt = prompt;
        screen.date_template = template;
        screen.soft_keys = soft_keys;
        let drawing = screen.draw();
        let width = model.display.columns + 5;
        for line in drawing.lines().filter(|line| line.starts_with('|')) {
            prop_assert_eq!(line.chars().take(width).last(), Some('|'), "{}", drawing);
        }
    }
}
