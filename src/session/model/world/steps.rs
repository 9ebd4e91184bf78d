//! The effect of each event on the world, and the effects that it must not have.

use super::super::super::{Answered, Commit, EndReason, Family, Phase, Presentation, Presented};
use super::{CLOCK, Call, Plant, REQUEST, Server, WINDOWS, World};
use crate::time::NumericDate;

impl World {
    pub(super) fn present(&mut self, actor: usize, plant: Plant) -> Result<bool, String> {
        let token = self.holds[actor].expect("checked");
        // The log is asked first.
        if self.dead[usize::from(token)] {
            return Ok(false);
        }
        let generation = self.generation(token).ok_or("a token that was given out is unknown")?;
        let is_old = token != self.current();
        if plant == Plant::ForgottenHash && is_old && self.clock == CLOCK.len() - 1 {
            // An unknown token starts a family of its own.
            return Err("after both windows a used token starts a family".to_owned());
        }
        let before = self.family.clone();
        let is_call_held =
            self.calls.iter().any(|call| call.is_held && call.attempt == before.attempt);
        let presented = Presented { generation, request: REQUEST, is_call_held };
        let mut presentation = self.family.present(presented, WINDOWS, self.now());
        if let Presentation::Replay(_) = presentation {
            match plant {
                Plant::GrowingWindow => {
                    let at = self.now();
                    self.family.rotation.iter_mut().for_each(|rotation| rotation.at = at);
                }
                Plant::MintingReplay => {
                    self.family.attempt += 1;
                    self.family.phase = Phase::Reserved(REQUEST);
                    presentation = Presentation::Call(self.family.attempt);
                }
                _ => {}
            }
        }
        if let (Presentation::End(_), Plant::ReuseEndsOneToken) = (presentation, plant) {
            self.family.ended = None;
        }
        self.check_presented(&before, presentation, is_old)?;
        match presentation {
            Presentation::Call(attempt) => {
                if self.calls.len() >= 2 {
                    return Ok(false);
                }
                let mut waiting = [false; 3];
                waiting[actor] = true;
                let answer = None;
                self.calls.push(Call { attempt, presented: token, answer, is_held: true, waiting });
            }
            Presentation::Share(attempt) => {
                let call = self.calls.iter_mut().find(|call| call.attempt == attempt);
                call.ok_or("the call to share is not there")?.waiting[actor] = true;
            }
            Presentation::Replay(_) => self.give(actor, token, self.current())?,
            Presentation::Refuse(_) | Presentation::End(_) => {}
        }
        Ok(true)
    }

    fn check_presented(
        &self,
        before: &Family,
        presentation: Presentation,
        is_old: bool,
    ) -> Result<(), String> {
        if before.ended.is_some() && !matches!(presentation, Presentation::Refuse(_)) {
            return Err("a family that has ended answers".to_owned());
        }
        let are_closed = self.clock == CLOCK.len() - 1;
        if is_old && are_closed && before.ended.is_none() && self.family.ended.is_none() {
            return Err("after both windows a used token did not end the family".to_owned());
        }
        let rotates_anew =
            before.rotation != self.family.rotation || before.generation != self.family.generation;
        if is_old && rotates_anew {
            return Err("a used token has moved a window".to_owned());
        }
        if let Presentation::End(_) = presentation
            && (!is_old || self.family.ended.is_none())
        {
            return Err(
                "the family of a used token lives on, or that of a good one ended".to_owned()
            );
        }
        Ok(())
    }

    /// A client is given `new` for `old`.
    fn give(&mut self, actor: usize, old: u8, new: u8) -> Result<(), String> {
        let known = &mut self.successors[usize::from(old)];
        if known.is_some_and(|known| known != new) {
            return Err("one token has two successors".to_owned());
        }
        *known = Some(new);
        if self.is_cut_off && !self.dead[usize::from(new)] {
            return Err("after a cut-off a new token lives".to_owned());
        }
        self.holds[actor] = Some(new);
        Ok(())
    }

    pub(super) fn deliver(&mut self, at: usize, plant: Plant) -> Result<bool, String> {
        let call = self.calls.remove(at);
        let (answered, issued) = call.answer.ok_or("no answer")?;
        if self.is_cut_off && answered == Answered::Rotated && plant != Plant::CommitWithoutCheck {
            self.family.end(EndReason::Revoked);
        }
        let lived = self.family.ended.is_none();
        let attempt = if plant == Plant::NoFence { self.family.attempt } else { call.attempt };
        if plant == Plant::NoFence && lived {
            self.family.phase = Phase::Reserved(REQUEST);
        }
        let commit = self.family.commit(attempt, answered, self.now());
        if lived && self.family.ended.is_some() {
            return Err("an answer of the auth server has ended the family".to_owned());
        }
        if commit != Commit::Accepted {
            return Ok(true);
        }
        if let Some(new) = issued {
            self.tokens.push(new);
            self.clock = 0;
            self.family.rotation.iter_mut().for_each(|rotation| {
                rotation.at = NumericDate::from_seconds(0);
            });
            // Even where nobody waits any more, the answer is stored.
            let old = usize::from(call.presented);
            if self.successors[old].replace(new).is_some_and(|known| known != new) {
                return Err("one token has two successors".to_owned());
            }
            for actor in 0..3 {
                if call.waiting[actor] {
                    self.give(actor, call.presented, new)?;
                }
            }
        }
        Ok(true)
    }

    /// Only what attempts are to each other matters, and whether three replays were in a row.
    pub(super) fn normalize(&mut self) {
        let latest = self.family.attempt;
        let first = self.calls.iter().map(|call| call.attempt).min().unwrap_or(latest);
        let first = first.min(latest).saturating_sub(1);
        self.family.attempt = (latest - first).min(3);
        let cut = (latest - first).saturating_sub(3);
        for call in &mut self.calls {
            call.attempt = (call.attempt - first).saturating_sub(cut);
        }
        // What ended stays ended: calls that return change nothing.
        if self.family.ended.is_some() {
            self.calls.clear();
            (self.clock, self.family.phase, self.is_cut_off) = (0, Phase::Idle, false);
        }
        if self.server != Server::Rotates {
            self.accepted = 0;
        }
        // Without a rotation no window is open; with a successor that was seen the second is closed.
        if self.family.rotation.is_none() {
            self.clock = 0;
        } else if self.family.is_seen && self.clock > 0 {
            self.clock = CLOCK.len() - 1;
        }
        // Whether it is the third replay in a row decides nothing.
        self.family.replays = 0;
        // The two clients are alike.
        let of = |world: &Self, actor: usize| {
            (
                world.holds[actor],
                world.calls.iter().map(|call| call.waiting[actor]).collect::<Vec<_>>(),
            )
        };
        if of(self, 0) > of(self, 1) {
            self.holds.swap(0, 1);
            self.calls.iter_mut().for_each(|call| call.waiting.swap(0, 1));
        }
    }
}
