//! The small pictures that stand for wallpapers in the phones' menu, made from
//! the pictures themselves when they are staged; the daemon makes none.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use png::{ColorType, Decoder, Encoder, Limits, Transformations};

use super::wallpapers::{Display, Picture, pictures};
use crate::provision::firmware::Listed;

/// Small pictures that are made at one time, at most.
const MOST: usize = 500;
/// What a picture may take when it is unpacked, in bytes.
const ROOM: usize = 64 << 20;

/// The sizes that phones expect (*Custom Background Images* in the guides of
/// 7906 to 7975, 8961 to 9971, 8800); others are a quarter of the display.
const SIZES: [((u32, u32), (u32, u32)); 7] = [
    ((95, 34), (23, 8)),
    ((320, 196), (80, 49)),
    ((320, 212), (80, 53)),
    ((320, 216), (80, 53)),
    ((640, 480), (123, 111)),
    ((800, 480), (139, 109)),
    ((272, 480), (64, 113)),
];

/// Makes what is missing and says so; one sentence for each.
pub(in crate::provision) fn make(files: &[Listed<'_>]) -> Vec<String> {
    let mut told = Vec::new();
    let missing = pictures(files)
        .into_values()
        .flatten()
        .filter(|picture| picture.thumbnail.is_none());
    for picture in missing.take(MOST) {
        let name = picture.file.name;
        told.push(match make_one(&picture) {
            Ok(()) => format!("made the small picture of {name}"),
            Err(why) => format!("no small picture of {name} was made: {why}"),
        });
    }
    told
}

fn make_one(picture: &Picture<'_>) -> Result<(), String> {
    let from = picture.file.path;
    let stem = from.file_stem().and_then(|stem| stem.to_str());
    let (Some(stem), Some(folder)) = (stem, from.parent()) else {
        return Err("its name is odd".to_owned());
    };
    // Else the small one would lie where nobody looks for it, or over another.
    if !from.ends_with(picture.file.name) {
        return Err("it is a link; put the picture itself there".to_owned());
    }
    let Display { width, height } = picture.display;
    let large = Pixels::read(from)?;
    if (large.width, large.height) != (width, height) {
        return Err(format!(
            "it measures {}x{}, and this display {width}x{height}",
            large.width, large.height
        ));
    }
    let hidden = folder.join(format!(".embody-small-{}.png", std::process::id()));
    let to = folder.join(format!("{stem}-tn.png"));
    let written = large
        .shrunk(size_for(width, height))
        .write(&hidden)
        .and_then(|()| std::fs::rename(&hidden, &to).map_err(|error| error.to_string()));
    if written.is_err() {
        // What is half there is hidden, and of no use to anybody.
        let _ = std::fs::remove_file(&hidden);
    }
    written
}

fn size_for(width: u32, height: u32) -> (u32, u32) {
    let known = SIZES
        .iter()
        .find(|(display, _)| *display == (width, height));
    known.map_or((width.div_ceil(4), height.div_ceil(4)), |(_, size)| *size)
}

/// A picture, 8 bits a sample.
struct Pixels {
    width: u32,
    height: u32,
    color: ColorType,
    samples: Vec<u8>,
}

impl Pixels {
    fn read(path: &Path) -> Result<Self, String> {
        let file = File::open(path).map_err(|error| error.to_string())?;
        let limits = Limits { bytes: ROOM };
        let mut decoder = Decoder::new_with_limits(BufReader::new(file), limits);
        decoder.set_transformations(Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().map_err(|error| error.to_string())?;
        let size = reader
            .output_buffer_size()
            .filter(|size| *size <= ROOM)
            .ok_or("it is too large")?;
        let mut samples = vec![0; size];
        let info = reader
            .next_frame(&mut samples)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            width: info.width,
            height: info.height,
            color: info.color_type,
            samples,
        })
    }

    /// Each pixel the mean of those that it stands for.
    fn shrunk(&self, (width, height): (u32, u32)) -> Self {
        let channels = self.color.samples();
        let span = |at: u32, small: u32, large: u32| {
            let edge = |at: u32| u64::from(at) * u64::from(large) / u64::from(small.max(1));
            let (begin, end) = (edge(at), edge(at + 1));
            begin..end.max(begin + 1)
        };
        let mut samples = Vec::new();
        for y in 0..height {
            for x in 0..width {
                for channel in 0..channels {
                    let (mut sum, mut count) = (0_u64, 0_u64);
                    for from_y in span(y, height, self.height) {
                        for from_x in span(x, width, self.width) {
                            if let Some(sample) = self.sample(from_x, from_y, channel) {
                                sum += u64::from(sample);
                                count += 1;
                            }
                        }
                    }
                    let mean = sum.checked_div(count).unwrap_or(0);
                    samples.push(u8::try_from(mean).unwrap_or(u8::MAX));
                }
            }
        }
        Self {
            width,
            height,
            color: self.color,
            samples,
        }
    }

    fn sample(&self, x: u64, y: u64, channel: usize) -> Option<u8> {
        let pixel = usize::try_from(y * u64::from(self.width) + x).ok()?;
        let at = pixel
            .checked_mul(self.color.samples())?
            .checked_add(channel)?;
        self.samples.get(at).copied()
    }

    fn write(&self, path: &Path) -> Result<(), String> {
        let file = File::create(path).map_err(|error| error.to_string())?;
        let mut encoder = Encoder::new(BufWriter::new(file), self.width, self.height);
        encoder.set_color(self.color);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&self.samples))
            .map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::provision::{StaticAnswer, StaticFiles};

    fn picture(width: u32, height: u32, color: ColorType) -> Pixels {
        // Left half dark, right half bright.
        let samples = (0..height).flat_map(|_| {
            (0..width).flat_map(move |x| {
                let light = if x < width / 2 { 40 } else { 200 };
                vec![light; color.samples()]
            })
        });
        Pixels {
            width,
            height,
            color,
            samples: samples.collect(),
        }
    }

    #[test]
    fn staged_pictures_get_the_small_one_that_their_display_expects() {
        let folder = tempfile::tempdir().unwrap();
        let display = folder.path().join("Desktops/320x212x16");
        std::fs::create_dir_all(&display).unwrap();
        for (name, color) in [("rgb", ColorType::Rgb), ("grey", ColorType::Grayscale)] {
            let path = display.join(format!("{name}.png"));
            picture(320, 212, color).write(&path).unwrap();
        }
        picture(64, 64, ColorType::Rgb)
            .write(&display.join("wrong.png"))
            .unwrap();
        std::fs::write(display.join("none.png"), "GIF89a").unwrap();
        let files = StaticFiles::scan(folder.path()).unwrap();
        let told = files.make_thumbnails();
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(
            told[0].starts_with("made the small picture of Desktops/"),
            "{told:?}"
        );
        assert!(
            told[1].contains("no small picture of Desktops/320x212x16/none.png"),
            "{told:?}"
        );
        assert!(told[3].contains("it measures 64x64"), "{told:?}");
        for name in ["rgb", "grey"] {
            let small = Pixels::read(&display.join(format!("{name}-tn.png"))).unwrap();
            assert_eq!((small.width, small.height), (80, 53));
            assert_eq!(small.sample(0, 0, 0), Some(40), "{name}");
            assert_eq!(small.sample(79, 52, 0), Some(200), "{name}");
        }
        let files = StaticFiles::scan(folder.path()).unwrap();
        let StaticAnswer::Found(list) = files.read("Desktops/320x212x16/List.xml") else {
            panic!("no list");
        };
        let list = String::from_utf8(list.to_vec()).unwrap();
        assert_eq!(list.matches("<ImageItem").count(), 2, "{list}");
        assert_eq!(
            files.make_thumbnails().len(),
            2,
            "only the broken ones again"
        );
    }

    #[test]
    fn a_picture_that_unpacks_to_more_than_it_says_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huge.png");
        let mut bytes = Vec::new();
        {
            let mut encoder = Encoder::new(&mut bytes, 4, 4);
            encoder.set_color(ColorType::Grayscale);
            let mut writer = encoder.write_header().unwrap();
            writer.write_image_data(&[0; 16]).unwrap();
        }
        // Says that it has 65536 by 65536 pixels, with a wrong checksum.
        bytes[17] = 1;
        bytes[21] = 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(Pixels::read(&path).is_err());
        std::fs::write(&path, &bytes[..30]).unwrap();
        assert!(Pixels::read(&path).is_err());
    }
}
