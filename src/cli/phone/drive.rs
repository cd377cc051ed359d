//! Doing the steps of a script at a virtual phone.

use std::process::ExitCode;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Stdin};

use super::registered;
use super::script::{Script, Step, Typed};
use crate::handset::{BrowseError, Handset, Page, PageField};

/// The last page tells an error.
const REFUSED: u8 = 3;
/// The longest line of standard input, bytes.
const LONGEST_INPUT: u64 = 256;

/// Does all steps; the code says what the last page was.
pub(super) async fn run(phone: &Handset, script: &Script, show: bool) -> Result<ExitCode, String> {
    let mut driver = Driver {
        phone,
        show,
        input: BufReader::new(tokio::io::stdin()),
        refused: false,
        registrations: phone.registrations_count(),
    };
    for step in &script.0 {
        driver.step(step).await?;
    }
    Ok(if driver.refused {
        ExitCode::from(REFUSED)
    } else {
        ExitCode::SUCCESS
    })
}

struct Driver<'a> {
    phone: &'a Handset,
    show: bool,
    input: BufReader<Stdin>,
    /// Whether the page that came last tells an error.
    refused: bool,
    /// How often the phone had registered before the last page came.
    registrations: u32,
}

impl Driver<'_> {
    async fn step(&mut self, step: &Step) -> Result<(), String> {
        let before = self.phone.registrations_count();
        let came = match step {
            Step::Wait => {
                echo("wait");
                registered(self.phone, self.registrations + 1).await?;
                self.registrations = self.phone.registrations_count();
                self.main();
                return Ok(());
            }
            Step::Main => {
                echo("main");
                self.main();
                return Ok(());
            }
            Step::Type { field, value } => return self.type_in(field, value).await,
            Step::Services => {
                echo("services");
                self.phone.press_services().await
            }
            Step::Number(number) => {
                echo(&number.to_string());
                self.phone.choose_number(*number).await
            }
            Step::Refresh => {
                echo("refresh");
                self.phone.follow_refresh().await
            }
            Step::Open(url) => {
                // The query may hold a PIN.
                echo(&format!(
                    "open {}",
                    url.split('?').next().unwrap_or_default()
                ));
                self.phone.open(url).await
            }
            Step::Key(name) => {
                echo(name);
                self.phone.soft_key(name).await
            }
            Step::Item(name) => {
                echo(name);
                self.phone.choose(name).await
            }
            Step::Either(name) => {
                echo(name);
                self.either(name).await
            }
        };
        self.registrations = before;
        self.came(came).await
    }

    async fn either(&self, name: &str) -> Result<Option<Page>, BrowseError> {
        let page = self.phone.page().await;
        if page.is_some_and(|page| page.has_key(name)) {
            self.phone.soft_key(name).await
        } else {
            self.phone.choose(name).await
        }
    }

    /// What was typed is told only where the display shows it.
    async fn type_in(&mut self, field: &str, value: &Typed) -> Result<(), String> {
        let line;
        let value = match value {
            Typed::Here(value) => value,
            Typed::NextLine => {
                line = self.next_line().await?;
                &line
            }
        };
        let filled = self.phone.fill(&[(field, value)]).await;
        let page = filled.map_err(|error| error.to_string())?;
        let typed = page.as_ref().and_then(|page| page.fields.get(page.cursor));
        echo(&format!(
            "{field}={}",
            typed.map(PageField::shown).unwrap_or_default()
        ));
        Ok(())
    }

    async fn next_line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        let read = (&mut self.input)
            .take(LONGEST_INPUT)
            .read_line(&mut line)
            .await;
        match read {
            Ok(0) => Err("standard input has no line left".to_owned()),
            Ok(_) => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) => Err(format!("standard input: {error}")),
        }
    }

    async fn came(&mut self, came: Result<Option<Page>, BrowseError>) -> Result<(), String> {
        match came {
            Ok(Some(page)) => {
                self.refused = page.error().is_some();
                if self.show {
                    println!("{}", page.draw());
                } else {
                    println!("{}", in_short(&page));
                }
                Ok(())
            }
            Ok(None) => {
                self.refused = false;
                println!("(the window is closed)");
                Ok(())
            }
            Err(BrowseError::Page(fault)) => {
                self.refused = true;
                println!("the phone shows: {fault}");
                Ok(())
            }
            Err(error) => Err(format!("{error}{}", self.there_are().await)),
        }
    }

    /// What could be pressed or chosen instead.
    async fn there_are(&self) -> String {
        let Some(page) = self.phone.page().await else {
            return String::new();
        };
        let keys = page.keys.iter().map(|key| key.name.clone());
        let fields = page.fields.iter().map(|field| field.parameter.clone());
        let names: Vec<String> = keys.chain(fields).chain(page.items.clone()).collect();
        format!("; there are: {}", names.join(", "))
    }

    fn main(&self) {
        if self.show {
            println!("{}", self.phone.main_screen().draw());
        } else {
            super::tell_keys(self.phone);
        }
    }
}

fn echo(step: &str) {
    println!("> {step}");
}

/// A page in one line.
fn in_short(page: &Page) -> String {
    let text = page.text.lines().find(|line| !line.trim().is_empty());
    let parts = [Some(page.title.as_str()), Some(page.prompt.as_str()), text];
    let mut parts: Vec<&str> = parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    parts.dedup();
    parts.join(": ")
}
