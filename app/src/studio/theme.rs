//! The look: every colour, size and icon of the window has its name here, for light and for dark.

use super::state::component::BoxState;
use egui::{Color32, CornerRadius, FontFamily, FontId, Margin, Stroke, TextStyle, Visuals};
use std::sync::Arc;

/// What the user chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Theme {
    Light,
    Dark,
    #[default]
    System,
}

impl Theme {
    pub fn title(self) -> &'static str {
        match self {
            Self::Light => "Light",
            Self::Dark => "Dark",
            Self::System => "As the system",
        }
    }

    pub fn icon(self) -> &'static str {
        match self {
            Self::Light => icon::SUN,
            Self::Dark => icon::MOON,
            Self::System => icon::DESKTOP,
        }
    }

    pub fn preference(self) -> egui::ThemePreference {
        match self {
            Self::Light => egui::ThemePreference::Light,
            Self::Dark => egui::ThemePreference::Dark,
            Self::System => egui::ThemePreference::System,
        }
    }
}

/// The icons in use, all from Phosphor: egui's own fonts lack many, and show a box instead.
pub mod icon {
    pub use egui_phosphor::regular::{
        ALIGN_LEFT, ALIGN_TOP, ARROW_CLOCKWISE, ARROW_LEFT, ARROW_RIGHT, ARROW_U_UP_LEFT, ARROW_U_UP_RIGHT, ARROWS_HORIZONTAL,
        ARROWS_IN_SIMPLE as FIT, ARROWS_LEFT_RIGHT as COMPARE, ARROWS_VERTICAL, ARTICLE, BOOKS, CARET_DOWN, CARET_RIGHT, CARET_UP, CHECK,
        CHECK_CIRCLE, CIRCLE, CIRCLE_DASHED, CODE, COPY, CORNERS_IN, CORNERS_OUT, CPU, CUBE, DESKTOP, DISC, EQUALS, FILE, FILE_CODE,
        FLOPPY_DISK as SAVE, FLOW_ARROW, FOLDER_OPEN, FOLDERS, FUNNEL as ONLY, GEAR, GEAR_SIX as SETTINGS, GRAPH, HAND_PALM as STOPPED,
        HARD_DRIVES as HOST, HOURGLASS_MEDIUM as QUEUED, HOUSE, INFO, KEYBOARD, LIST_CHECKS, MAGNIFYING_GLASS, MINUS, MINUS_CIRCLE, MOON,
        NOTE_PENCIL as EDIT, PACKAGE, PATH as CRITICAL, PAUSE, PENCIL_SIMPLE, PLAY, PLUGS, PLUS, POWER, ROCKET_LAUNCH, SLIDERS,
        SPINNER_GAP, SQUARES_FOUR as SQUARES, STOP, SUN, TARGET, TERMINAL, TERMINAL_WINDOW, TRASH, TREE_STRUCTURE as TREE, WARNING, WRENCH,
        X, X_CIRCLE,
    };
}

/// Distances, in points.
pub mod space {
    pub const XS: f32 = 2.0;
    pub const S: f32 = 4.0;
    pub const M: f32 = 8.0;
    pub const L: f32 = 12.0;
}

/// Sizes of type, in points.
pub mod text {
    pub const HEADING: f32 = 16.0;
    pub const BODY: f32 = 13.0;
    pub const SMALL: f32 = 11.5;
    pub const MONO: f32 = 12.0;
}

/// Measures of the diagram at zoom 1.
pub mod diagram {
    pub const RADIUS: f32 = 8.0;
    pub const TITLE: f32 = 13.5;
    pub const DETAIL: f32 = 11.5;
    pub const PORT: f32 = 10.5;
    pub const WIRE_LABEL: f32 = 11.0;
    /// Text is never smaller than this where it is drawn at all.
    pub const LEAST: f32 = 9.5;
    /// Room for four letters of that size: a block that has it has a name.
    pub const LEAST_TAG: f32 = 26.0;
    pub const ZOOM_MIN: f32 = 0.02;
    /// A preset in the usual window is at least this large.
    #[cfg(test)]
    pub const ZOOM_FIT_MIN: f32 = 0.72;
    pub const ZOOM_FIT_MAX: f32 = 1.25;
    pub const ZOOM_MAX: f32 = 3.0;
    /// From here on a box shows everything, below it title and state.
    pub const ZOOM_DETAIL: f32 = 0.62;
    /// From here on it has a title, below it is a coloured block.
    pub const ZOOM_TITLES: f32 = 0.3;
}

/// The colours of one theme. Contrast of text on its background is at least 4.5 : 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tokens {
    /// Behind the panels.
    pub panel: Color32,
    /// Behind the diagram.
    pub canvas: Color32,
    /// Behind fields, lists and logs.
    pub well: Color32,
    /// A box that is built.
    pub card: Color32,
    /// A part of the host, and the frame around them.
    pub host_card: Color32,
    pub host_line: Color32,
    pub host_fill: Color32,
    pub line: Color32,
    pub line_strong: Color32,
    pub text: Color32,
    pub muted: Color32,
    pub accent: Color32,
    pub on_accent: Color32,
    pub accent_soft: Color32,
    pub hover: Color32,
    pub wire: Color32,
    pub good: Color32,
    pub busy: Color32,
    pub warn: Color32,
    pub bad: Color32,
    pub bad_soft: Color32,
    pub track: Color32,
    pub shadow: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const LIGHT: Tokens = Tokens {
    panel: rgb(0xf6f7f9),
    canvas: rgb(0xeceff3),
    well: rgb(0xffffff),
    card: rgb(0xffffff),
    host_card: rgb(0xf4efe4),
    host_line: rgb(0x8a7648),
    host_fill: rgb(0xe9e6dd),
    line: rgb(0xd4d9e0),
    line_strong: rgb(0x9aa4b1),
    text: rgb(0x1c2530),
    muted: rgb(0x566170),
    accent: rgb(0x1f5fae),
    on_accent: rgb(0xffffff),
    accent_soft: rgb(0xd6e4f6),
    hover: rgb(0xe6eaf0),
    wire: rgb(0x75808e),
    good: rgb(0x22703f),
    busy: rgb(0x1f5fae),
    warn: rgb(0x8a5a00),
    bad: rgb(0xb3261e),
    bad_soft: rgb(0xfbe4e1),
    track: rgb(0xdde2e9),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 22),
};

const DARK: Tokens = Tokens {
    panel: rgb(0x1d2127),
    canvas: rgb(0x16191e),
    well: rgb(0x13161a),
    card: rgb(0x272d35),
    host_card: rgb(0x322d22),
    host_line: rgb(0xb39a62),
    host_fill: rgb(0x201e1a),
    line: rgb(0x363d47),
    line_strong: rgb(0x66717f),
    text: rgb(0xe4e8ed),
    muted: rgb(0x9fa9b6),
    accent: rgb(0x6ea8f0),
    on_accent: rgb(0x0d1722),
    accent_soft: rgb(0x25405f),
    hover: rgb(0x2c333c),
    wire: rgb(0x7c8896),
    good: rgb(0x6cc48a),
    busy: rgb(0x6ea8f0),
    warn: rgb(0xe0b25a),
    bad: rgb(0xf28b82),
    bad_soft: rgb(0x472a2a),
    track: rgb(0x3a424d),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 90),
};

impl Tokens {
    pub fn of(ctx: &egui::Context) -> Self {
        if ctx.global_style().visuals.dark_mode { DARK } else { LIGHT }
    }

    /// One of a terminal's sixteen colours, so that it can be read on a well.
    pub fn terminal(&self, colour: u8) -> Color32 {
        let dark = self.well.r() < 128;
        match colour % 8 {
            1 => self.bad,
            2 => self.good,
            3 => self.warn,
            4 => self.accent,
            5 => rgb(if dark { 0xd7a0e8 } else { 0x8b2fa8 }),
            6 => rgb(if dark { 0x6cc4cc } else { 0x11707a }),
            0 if colour == 8 => self.muted,
            _ => self.text,
        }
    }

    /// Behind text: what bytes of a program are for.
    pub fn usage(&self, usage: bootwright_kbuild::sizes::elf::Use) -> Color32 {
        use bootwright_kbuild::sizes::elf::Use;
        let dark = self.well.r() < 128;
        let (light_fill, dark_fill) = match usage {
            Use::Code => (0xc3d8f4, 0x27466f),
            Use::Constants => (0xcde8d0, 0x27513a),
            Use::Data => (0xf4dfb2, 0x634d1e),
            Use::Zeroed => (0xe2d9cc, 0x4a443c),
            Use::Startup => (0xe5d2f1, 0x4f3969),
        };
        rgb(if dark { dark_fill } else { light_fill })
    }

    pub fn state(&self, state: BoxState) -> Color32 {
        match state {
            BoxState::Host => self.host_line,
            BoxState::Unknown | BoxState::NotNeeded | BoxState::NotBuilt | BoxState::Queued => self.muted,
            BoxState::UpToDate | BoxState::Done => self.good,
            BoxState::OutOfDate | BoxState::Cancelled => self.warn,
            BoxState::Running => self.busy,
            BoxState::Failed => self.bad,
        }
    }
}

pub fn state_icon(state: BoxState) -> &'static str {
    match state {
        BoxState::Host => icon::HOST,
        BoxState::Unknown => icon::CIRCLE_DASHED,
        BoxState::NotNeeded => icon::MINUS_CIRCLE,
        BoxState::NotBuilt => icon::CIRCLE,
        BoxState::UpToDate => icon::CHECK,
        BoxState::Done => icon::CHECK_CIRCLE,
        BoxState::OutOfDate => icon::ARROW_CLOCKWISE,
        BoxState::Queued => icon::QUEUED,
        BoxState::Running => icon::SPINNER_GAP,
        BoxState::Cancelled => icon::STOPPED,
        BoxState::Failed => icon::X_CIRCLE,
    }
}

/// Fonts, styles and the feel of the mouse, once at the start.
pub fn install(ctx: &egui::Context) {
    // A button held long is clicked when it is let go, as everywhere on a desktop: where a frame takes a second, every click is long.
    ctx.options_mut(|o| o.input_options.max_click_duration = f64::INFINITY);
    let mut fonts = egui::FontDefinitions::default();
    egui_phosphor::add_to_fonts(&mut fonts, egui_phosphor::Variant::Regular);
    ctx.set_fonts(fonts);
    for (theme, tokens) in [(egui::Theme::Light, LIGHT), (egui::Theme::Dark, DARK)] {
        ctx.style_mut_of(theme, |style| {
            style.visuals = visuals(theme, &tokens);
            style.text_styles = [
                (TextStyle::Heading, FontId::new(text::HEADING, FontFamily::Proportional)),
                (TextStyle::Body, FontId::new(text::BODY, FontFamily::Proportional)),
                (TextStyle::Button, FontId::new(text::BODY, FontFamily::Proportional)),
                (TextStyle::Small, FontId::new(text::SMALL, FontFamily::Proportional)),
                (TextStyle::Monospace, FontId::new(text::MONO, FontFamily::Monospace)),
            ]
            .into();
            style.spacing.item_spacing = egui::vec2(space::M, space::S);
            style.spacing.button_padding = egui::vec2(10.0, 4.0);
            style.spacing.interact_size.y = 24.0;
            style.interaction.tooltip_delay = 0.35;
        });
    }
}

fn visuals(theme: egui::Theme, t: &Tokens) -> Visuals {
    let mut v = if theme == egui::Theme::Dark { Visuals::dark() } else { Visuals::light() };
    v.panel_fill = t.panel;
    v.window_fill = t.panel;
    v.window_stroke = Stroke::new(1.0, t.line);
    v.extreme_bg_color = t.well;
    v.faint_bg_color = t.hover;
    v.hyperlink_color = t.accent;
    v.error_fg_color = t.bad;
    v.warn_fg_color = t.warn;
    v.weak_text_color = Some(t.muted);
    v.selection.bg_fill = t.accent_soft;
    v.selection.stroke = Stroke::new(1.0, t.accent);
    let radius = CornerRadius::same(5);
    let w = &mut v.widgets;
    for (state, fill, line, fg) in [
        (&mut w.noninteractive, t.panel, t.line, t.text),
        (&mut w.inactive, t.well, t.line, t.text),
        (&mut w.hovered, t.hover, t.line_strong, t.text),
        (&mut w.active, t.accent_soft, t.accent, t.text),
        (&mut w.open, t.hover, t.line_strong, t.text),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = Stroke::new(1.0, line);
        state.fg_stroke = Stroke::new(1.0, fg);
        state.corner_radius = radius;
        state.expansion = 0.0;
    }
    v
}

/// The frame of a panel at the window's edge.
pub fn panel_frame(t: &Tokens) -> egui::Frame {
    egui::Frame::new().fill(t.panel).inner_margin(Margin::symmetric(space::L as i8, space::M as i8))
}

pub fn strong(text: impl Into<String>) -> egui::RichText {
    egui::RichText::new(text).strong()
}

pub fn small(text: impl Into<String>) -> egui::RichText {
    egui::RichText::new(text).size(text::SMALL)
}

/// The window's icon: three boxes joined by wires, as the diagram has them.
pub fn window_icon() -> Arc<egui::IconData> {
    const N: u32 = 64;
    let inside = |x: u32, y: u32, r: [u32; 4]| (r[0]..r[2]).contains(&x) && (r[1]..r[3]).contains(&y);
    let boxes = [[6, 8, 30, 24], [34, 8, 58, 24], [20, 40, 44, 56]];
    let wires = [[17, 24, 20, 33], [44, 24, 47, 33], [17, 31, 47, 34], [31, 33, 34, 40]];
    let (ground, card, wire) = (LIGHT.accent, LIGHT.card, LIGHT.accent_soft);
    let mut rgba = Vec::with_capacity((N * N * 4) as usize);
    for y in 0..N {
        for x in 0..N {
            let corner = x.min(N - 1 - x) + y.min(N - 1 - y) < 5;
            let c = match () {
                () if corner => Color32::TRANSPARENT,
                () if boxes.iter().any(|r| inside(x, y, *r)) => card,
                () if wires.iter().any(|r| inside(x, y, *r)) => wire,
                () => ground,
            };
            rgba.extend_from_slice(&c.to_array());
        }
    }
    Arc::new(egui::IconData { rgba, width: N, height: N })
}
