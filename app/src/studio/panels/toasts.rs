//! Short news in the corner; it goes by itself.

use crate::studio::state::State;
use crate::studio::theme::{Tokens, icon, space};
use egui::{Align2, Area, Context, Frame, Id, Margin, Order, RichText, Stroke, Vec2};
use std::time::Instant;

pub fn show(ctx: &Context, state: &mut State) {
    let (toasts, next) = state.toasts.current(Instant::now());
    let t = Tokens::of(ctx);
    let mut toasts = toasts.peekable();
    if toasts.peek().is_none() {
        return;
    }
    // Nothing of it can be clicked, so it must not take clicks from what is below.
    Area::new(Id::new("toasts")).anchor(Align2::RIGHT_BOTTOM, Vec2::splat(-16.0)).order(Order::Foreground).interactable(false).show(
        ctx,
        |ui| {
            for text in toasts {
                Frame::new()
                    .fill(t.card)
                    .stroke(Stroke::new(1.0, t.line_strong))
                    .corner_radius(6)
                    .inner_margin(Margin::symmetric(12, 8))
                    .show(ui, |ui| {
                        ui.horizontal(|ui| {
                            ui.label(RichText::new(icon::CHECK_CIRCLE).color(t.good));
                            ui.add(egui::Label::new(text).extend());
                        });
                    });
                ui.add_space(space::S);
            }
        },
    );
    if let Some(next) = next {
        ctx.request_repaint_after(next);
    }
}
