//! What the driver says, as orders to the switchboard.

use super::switchboard::{Handle, Order};
use crate::driver::publish::{Notice, Publish};
use crate::driver::request::{Reply, ReplyTo};
use crate::engine::Fact;
use crate::plan::Sources;

/// The driver's voice.
pub(super) struct Publisher {
    switchboard: Handle,
}

impl Publisher {
    pub(super) fn new(switchboard: Handle) -> Publisher {
        Publisher { switchboard }
    }
}

impl Publish for Publisher {
    fn fact(&mut self, sequence: u64, fact: &Fact) {
        self.switchboard.order(Order::Fact { sequence, fact: Box::new(fact.clone()) });
    }

    fn sources(&mut self, sources: &Sources) {
        self.switchboard.order(Order::Sources(Box::new(sources.clone())));
    }

    fn wave_file(&mut self, path: &str, text: Option<&str>) {
        let (path, text) = (path.to_owned(), text.map(str::to_owned));
        self.switchboard.order(Order::WaveFile { path, text });
    }

    fn notice(&mut self, notice: &Notice) {
        self.switchboard.order(Order::Notice { text: notice.text.clone(), wrong: notice.wrong });
    }

    fn reply(&mut self, to: ReplyTo, reply: Reply) {
        self.switchboard.order(Order::DriverReply { to, reply: Box::new(reply) });
    }
}
