//! What a phone sends as the picture of its display.
//!
//! 7940 and 7960 phones send an XML object (*CiscoIPPhoneImage*), later ones a
//! picture file. Only what is one of these, by its Content-Type and by its
//! first bytes, is handed on.

use std::fmt;

use hyper::body::Bytes;

/// A picture of a display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// In which form.
    pub kind: PictureKind,
    /// The file.
    pub bytes: Bytes,
}

/// The form of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureKind {
    /// A Windows bitmap.
    Bmp,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// The XML object of the first generation, four shades of grey.
    CiscoImage,
}

impl PictureKind {
    /// The form of `bytes` that came as `content_type`.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn of(content_type: Option<&str>, bytes: &[u8]) -> Result<Self, String> {
        let media = content_type.unwrap_or("no Content-Type");
        let media = media.split(';').next().unwrap_or_default().trim();
        let said = match media.to_ascii_lowercase().as_str() {
            "image/bmp" | "image/x-bmp" | "image/x-ms-bmp" | "image/x-windows-bmp" => Self::Bmp,
            "image/png" => Self::Png,
            "image/jpeg" | "image/jpg" => Self::Jpeg,
            "text/xml" | "application/xml" => Self::CiscoImage,
            _ => {
                let shown: String = media.chars().filter(|c| !c.is_control()).take(60).collect();
                return Err(format!("its answer is no picture but {shown:?}"));
            }
        };
        match Self::by_bytes(bytes) {
            Some(kind) if kind == said => Ok(kind),
            Some(kind) => Err(format!("its answer says that it is {said}, and is {kind}")),
            None => Err(format!("its answer says that it is {said}, and is not")),
        }
    }

    fn by_bytes(bytes: &[u8]) -> Option<Self> {
        const OBJECT: &[u8] = b"<CiscoIPPhoneImage";
        if bytes.starts_with(b"BM") {
            Some(Self::Bmp)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(b"\xFF\xD8\xFF") {
            Some(Self::Jpeg)
        } else {
            let head = bytes.get(..bytes.len().min(512)).unwrap_or_default();
            let named = head.windows(OBJECT.len()).any(|part| part == OBJECT);
            named.then_some(Self::CiscoImage)
        }
    }

    /// As it is handed on.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Bmp => "image/bmp",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::CiscoImage => "text/xml",
        }
    }
}

impl fmt::Display for PictureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bmp => "a BMP picture",
            Self::Png => "a PNG picture",
            Self::Jpeg => "a JPEG picture",
            Self::CiscoImage => "a CiscoIPPhoneImage object",
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_picture_is_one_by_its_type_and_by_its_bytes() {
        let of = |media: &str, bytes: &[u8]| PictureKind::of(Some(media), bytes);
        assert_eq!(of("image/bmp", b"BM...").unwrap(), PictureKind::Bmp);
        assert_eq!(
            of("Image/PNG; q=1", b"\x89PNG\r\n\x1a\n").unwrap(),
            PictureKind::Png
        );
        assert_eq!(
            of("image/jpeg", b"\xFF\xD8\xFF\xE0").unwrap(),
            PictureKind::Jpeg
        );
        let object = b"<?xml version=\"1.0\"?>\n<CiscoIPPhoneImage><Title/>";
        assert_eq!(of("text/xml", object).unwrap(), PictureKind::CiscoImage);
        let page = of("text/html", b"BM").unwrap_err();
        assert_eq!(page, "its answer is no picture but \"text/html\"");
        let error = of("text/xml", b"<CiscoIPPhoneError Number=\"4\"/>").unwrap_err();
        assert!(error.ends_with("and is not"), "{error}");
        let other = of("image/bmp", b"\xFF\xD8\xFF").unwrap_err();
        assert_eq!(
            other,
            "its answer says that it is a BMP picture, and is a JPEG picture"
        );
        assert!(PictureKind::of(None, b"BM").is_err());
        assert!(of("image/bmp", b"").is_err());
    }
}
