//! How strictly a message is read, where Cisco's definitions, printed samples
//! and the programs in use disagree.

use serde::Deserialize;

use super::xml::{Element, Fault, Reason};

/// What becomes of elements and attributes that no definition has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownElements {
    /// The message is refused with code 1, as Cisco's servers do.
    #[default]
    Refuse,
    /// They are passed over.
    Ignore,
}

/// Whether `loginType` is known: it came with 12.0, and in no definition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoginTypeElement {
    /// It may stand anywhere.
    #[default]
    Accept,
    /// It is an unknown element, as to servers before 12.0.
    Refuse,
}

/// Whether the order of children counts. The definition fixes one, and the
/// guide tells developers not to depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChildOrder {
    /// Any order.
    #[default]
    Any,
    /// That of the definition; another is refused with code 1.
    Definition,
}

/// Which root an operation needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RootElement {
    /// `request` or `query`, whatever the operation: programs in use ask for
    /// `logoutAll` in a `query`, and Cisco's servers do it.
    #[default]
    Either,
    /// The one that the definition has: anything else in a `query` is of no
    /// known kind (code 8), and a query in a `request` is unknown (code 1).
    Definition,
}

/// All of it together. The default takes what any known program sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Elements and attributes that are not known.
    pub unknown_elements: UnknownElements,
    /// `loginType`.
    pub login_type: LoginTypeElement,
    /// The order of children.
    pub child_order: ChildOrder,
    /// The root.
    pub root_element: RootElement,
}

impl Reading {
    /// What an unknown `child` of `parent` comes to.
    pub(super) fn unknown(self, child: &Element, parent: &Element) -> Result<(), Fault> {
        match self.unknown_elements {
            UnknownElements::Ignore => Ok(()),
            UnknownElements::Refuse => Err(child.fault(Reason::Unknown {
                name: child.shown(),
                parent: parent.shown(),
            })),
        }
    }

    /// Namespace declarations (.NET's serialiser writes them) mean nothing
    /// here; any other attribute is unknown.
    pub(super) fn attributes(self, element: &Element) -> Result<(), Fault> {
        let harmless = |name: &str| {
            name == "xmlns"
                || ["xmlns:", "xsi:", "xml:"]
                    .iter()
                    .any(|prefix| name.starts_with(prefix))
        };
        let mut names = element.attributes.iter().map(|(name, _)| name);
        if self.unknown_elements == UnknownElements::Ignore || names.all(|name| harmless(name)) {
            Ok(())
        } else {
            Err(element.fault(Reason::Attribute {
                element: element.shown(),
            }))
        }
    }

    /// The children of an element that holds no text, in an order that is
    /// accepted.
    pub(super) fn children(self, parent: &Element) -> Result<&[Element], Fault> {
        self.attributes(parent)?;
        let children = parent.parts()?;
        if self.child_order == ChildOrder::Definition {
            in_order(parent, children)?;
        }
        Ok(children)
    }
}

fn in_order(parent: &Element, children: &[Element]) -> Result<(), Fault> {
    let mut last = 0;
    for child in children {
        let Some(place) = place(&child.name) else {
            continue;
        };
        if place < last {
            return Err(child.fault(Reason::Order {
                name: child.shown(),
                parent: parent.shown(),
            }));
        }
        last = place;
    }
    Ok(())
}

/// Where an element stands among its siblings by the definition; `None` for
/// what may stand anywhere. One list does for all parents: none has two of
/// these in another order.
fn place(name: &str) -> Option<u8> {
    Some(match name {
        "appInfo" | "appID" | "deviceName" => 0,
        "appCertificate" | "appEncryptedCertificate" | "userID" => 1,
        "deviceProfile" => 2,
        "exclusiveDuration" => 3,
        "login"
        | "logout"
        | "logoutAll"
        | "deviceUserQuery"
        | "userDevicesQuery"
        | "deviceProfileQuery"
        | "userDeviceProfileQuery"
        | "checkUser" => 4,
        "remoteIPAddr" => 5,
        "isViaHeaderSet" => 6,
        _ => return None,
    })
}
