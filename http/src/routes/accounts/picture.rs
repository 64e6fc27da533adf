//! A QR code as a picture: SVG, black on white, with the quiet zone that readers need.

use qrcode::QrCode;
use qrcode::render::svg::Color;
use qrcode::types::QrError;

/// The side of the smallest picture that is made, in pixels.
const SIDE: u32 = 320;

/// The picture of an address.
///
/// # Errors
/// When the address is longer than a QR code can hold.
pub(super) fn picture(address: &str) -> Result<String, QrError> {
    let code = QrCode::new(address)?;
    let mut drawing = code.render();
    drawing.min_dimensions(SIDE, SIDE).dark_color(Color("#000")).light_color(Color("#fff"));
    Ok(drawing.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_a_picture_and_another_one_another_picture() {
        let one = picture("tg://login?token=AQL1one").unwrap();
        assert!(one.starts_with("<?xml") && one.contains("<svg") && !one.contains("AQL1one"));
        assert_ne!(one, picture("tg://login?token=AQL1two").unwrap());
        assert!(picture(&"x".repeat(8000)).is_err());
    }
}
