//! What the made-up customers send: pictures, a voice note of babble, a clip, stickers, a quotation. Drawn by
//! `assets/demo/draw.py`, so that nobody's face, plate or voice is in them.

/// A file somebody sends.
#[derive(Debug, Clone, Copy)]
pub struct Prop {
    /// Media type, as its sender names it.
    pub mime: &'static str,
    /// Its name, where it has one.
    pub name: Option<&'static str>,
    /// Its bytes.
    pub bytes: &'static [u8],
}

const fn prop(mime: &'static str, bytes: &'static [u8]) -> Prop {
    Prop { mime, name: None, bytes }
}

/// A car at night, its triangle set up.
pub const BREAKDOWN: Prop = prop("image/jpeg", include_bytes!("../../assets/demo/breakdown.jpg"));
/// A wheel without air.
pub const TYRE: Prop = prop("image/jpeg", include_bytes!("../../assets/demo/tyre.jpg"));
/// The car behind the truck.
pub const LOADING: Prop = prop("image/jpeg", include_bytes!("../../assets/demo/loading.jpg"));
/// A dashboard with the battery's lamp on.
pub const DASHBOARD: Prop = prop("image/jpeg", include_bytes!("../../assets/demo/dashboard.jpg"));
/// Seven seconds of somebody's babble.
pub const VOICE: Prop = prop("audio/ogg; codecs=opus", include_bytes!("../../assets/demo/voice.ogg"));
/// A car goes by with its lights blinking.
pub const PASSING: Prop = prop("video/mp4", include_bytes!("../../assets/demo/passing.mp4"));
/// A tow truck.
pub const STICKER: Prop = prop("image/webp", include_bytes!("../../assets/demo/sticker.webp"));
/// A tow truck whose light blinks.
pub const BLINKING: Prop = prop("image/webp", include_bytes!("../../assets/demo/blinking.webp"));
/// A quotation.
pub const QUOTE: Prop =
    Prop { mime: "application/pdf", name: Some("Orçamento 4711.pdf"), bytes: include_bytes!("../../assets/demo/quote.pdf") };
/// Something that may do harm where it is opened.
pub const HARMFUL: Prop = Prop {
    mime: "application/x-msdownload",
    name: Some("boleto-em-aberto.exe"),
    bytes: b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00\xb8\x00\x00\x00This program cannot be run in DOS mode.",
};
