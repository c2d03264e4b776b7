//! Questions, line by line.

use super::args::Mode;
use super::{Ended, Run};
use crate::tree::NodeId;

impl Run<'_, '_> {
    pub(super) fn ask(&mut self, mode: &Mode) -> Ended<()> {
        self.check(NodeId::ROOT, mode)
    }

    /// Goes through what is visible, and stops at what has no answer.
    fn check(&mut self, node: NodeId, mode: &Mode) -> Ended<()> {
        if !self.solver.node_visible(node) {
            return Ok(());
        }
        if let Some(s) = self.solver.tree.node(node).symbol.some()
            && self.solver.state(s).user.is_none()
            && self.solver.is_changeable(s)
        {
            match mode {
                Mode::ListNewConfig => {
                    let mut out = String::new();
                    self.solver.list_line(s, &mut out);
                    self.conf.say(format_args!("{out}"));
                }
                Mode::HelpNewConfig => {}
                _ => {}
            }
        }
        let children: Vec<NodeId> = self.solver.tree.children(node).collect();
        for child in children {
            crate::expr::stack(|| self.check(child, mode))?;
        }
        Ok(())
    }
}
