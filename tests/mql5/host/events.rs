//! A program's event queue, with MetaTrader's own ways of losing events: one timer and one tick at a time, at most 1024
//! transactions, nothing before the program has started.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use lotbridge::domain::Snapshot;

use super::options::Options;
use crate::values as v;

/// The terminal's clock ticks this often: no timer is finer.
const GRAIN: Duration = Duration::from_millis(16);
/// More transactions displace the oldest.
const TRANSACTIONS_MOST: usize = 1024;
/// More events of any other kind are not queued.
const EVENTS_MOST: usize = 4096;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Tick,
    Timer,
    Trade,
    Transaction { kind: i32, ticket: u64 },
    Chart { id: i32, lparam: i64, sparam: String },
}

pub struct Events {
    queue: VecDeque<Event>,
    running: bool,
    /// An event of the chart runs.
    chart_runs: bool,
    began: Instant,
    timer: Option<(Duration, Instant)>,
    lost_per_mille: u32,
    seed: u64,
}

impl Events {
    pub fn new(options: &Options) -> Self {
        Self::of(options.particular.lost_per_mille, options.particular.seed ^ options.login)
    }

    fn of(lost_per_mille: u32, seed: u64) -> Self {
        let (queue, began) = (VecDeque::new(), Instant::now());
        Self { queue, running: false, chart_runs: false, began, timer: None, lost_per_mille, seed }
    }

    /// The program has started: from now on events are queued.
    pub fn start(&mut self) {
        self.running = true;
    }

    pub fn stop(&mut self) {
        self.running = false;
        self.queue.clear();
    }

    pub fn set_timer(&mut self, period: Duration) {
        let period = period.max(GRAIN);
        self.timer = Some((period, self.tick_after(Instant::now() + period)));
    }

    pub fn kill_timer(&mut self) {
        self.timer = None;
    }

    /// The clock's next tick at this moment or after it.
    fn tick_after(&self, moment: Instant) -> Instant {
        let since = moment.duration_since(self.began).as_nanos();
        let ticks = u32::try_from(since.div_ceil(GRAIN.as_nanos())).unwrap_or(u32::MAX);
        self.began + GRAIN * ticks
    }

    /// Queues a timer event when it is due. One that comes while another waits or runs is lost: to be called between
    /// handlers, and after each with `ran`.
    pub fn clock(&mut self, now: Instant, ran: bool) {
        let Some((period, due)) = self.timer else { return };
        if now < due {
            return;
        }
        let next = self.tick_after(if period > GRAIN { due + period } else { now });
        self.timer = Some((period, if next > now { next } else { self.tick_after(now + GRAIN) }));
        if !ran && !self.queue.contains(&Event::Timer) {
            self.push(Event::Timer);
        }
    }

    /// When the timer is due.
    pub fn due(&self) -> Option<Instant> {
        self.timer.map(|(_, due)| due)
    }

    /// Queues an event of the chart. While one waits or runs, another one is lost: by the letter of MetaTrader's
    /// documentation one of any kind, by its book one of the same kind.
    pub fn chart(&mut self, id: i32, lparam: i64, sparam: &str) {
        if !self.chart_runs && !self.queue.iter().any(|event| matches!(event, Event::Chart { .. })) {
            self.push(Event::Chart { id, lparam, sparam: sparam.to_owned() });
        }
    }

    /// The next event, which runs until the next is asked for.
    pub fn next(&mut self) -> Option<Event> {
        let next = self.queue.pop_front();
        self.chart_runs = matches!(next, Some(Event::Chart { .. }));
        next
    }

    fn push(&mut self, event: Event) {
        if !self.running {
            return;
        }
        let transaction = |e: &Event| matches!(e, Event::Transaction { .. });
        if transaction(&event) {
            if self.chance() {
                return;
            }
            let waiting = self.queue.iter().filter(|e| transaction(e)).count();
            if waiting >= TRANSACTIONS_MOST
                && let Some(oldest) = self.queue.iter().position(transaction)
            {
                self.queue.remove(oldest);
            }
        } else if self.queue.len() >= EVENTS_MOST || event == Event::Tick && self.queue.contains(&event) {
            return;
        }
        self.queue.push_back(event);
        let last = self.queue.len() - 1;
        // The order of arrival is not guaranteed.
        if last > 0 && transaction(&self.queue[last]) && transaction(&self.queue[last - 1]) && self.chance() {
            self.queue.swap(last, last - 1);
        }
    }

    fn chance(&mut self) -> bool {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % 1000 < u64::from(self.lost_per_mille)
    }

    /// What a terminal tells of the way from one state to another; `true`: something was traded.
    pub fn differences(&mut self, before: Option<&Snapshot>, now: &Snapshot) -> bool {
        let Some(before) = before else {
            self.push(Event::Tick);
            return false;
        };
        let mut changed = Vec::new();
        for deal in now.deals.iter().filter(|d| !before.deals.iter().any(|b| b.ticket == d.ticket)) {
            changed.push((v::TRADE_TRANSACTION_DEAL_ADD, deal.ticket));
        }
        for order in now.orders.iter().filter(|o| !before.orders.contains(o)) {
            changed.push((v::TRADE_TRANSACTION_ORDER_ADD, order.ticket));
        }
        for order in before.orders.iter().filter(|o| !now.orders.iter().any(|n| n.ticket == o.ticket)) {
            changed.push((v::TRADE_TRANSACTION_ORDER_ADD, order.ticket));
        }
        for order in now.working.iter().filter(|o| !before.working.contains(o)) {
            changed.push((v::TRADE_TRANSACTION_ORDER_ADD, order.ticket));
        }
        for position in now.positions.iter().filter(|p| !before.positions.contains(p)) {
            changed.push((v::TRADE_TRANSACTION_POSITION, position.ticket));
        }
        let traded = !changed.is_empty() || before.positions.len() != now.positions.len();
        for (kind, ticket) in changed {
            self.push(Event::Transaction { kind, ticket });
        }
        if traded && !self.chance() {
            self.push(Event::Trade);
        }
        let quotes = |s: &Snapshot| s.instruments.iter().map(|i| (i.bid, i.ask)).collect::<Vec<_>>();
        if quotes(before) != quotes(now) {
            self.push(Event::Tick);
        }
        traded
    }
}

/// One timer and one tick at a time, 1024 transactions, nothing before the start, no timer finer than the clock's tick.
pub fn are_lost_as_in_metatrader() {
    let mut events = Events::of(0, 1);
    events.push(Event::Trade);
    assert_eq!(events.next(), None, "before the start");
    events.start();
    events.push(Event::Tick);
    events.push(Event::Tick);
    assert_eq!((events.next(), events.next()), (Some(Event::Tick), None), "a tick is waiting");
    for ticket in 0..1030 {
        events.push(Event::Transaction { kind: 6, ticket });
    }
    assert_eq!(events.queue.len(), 1024);
    assert_eq!(events.next(), Some(Event::Transaction { kind: 6, ticket: 6 }), "the oldest are displaced");
    events.queue.clear();
    events.set_timer(Duration::from_millis(1));
    let due = events.due().unwrap();
    assert!(due >= events.began + GRAIN, "no timer is finer than the clock");
    events.clock(due, false);
    events.clock(due + 3 * GRAIN, false);
    assert_eq!((events.next(), events.next()), (Some(Event::Timer), None), "a timer event is waiting");
    events.clock(due + 9 * GRAIN, true);
    assert_eq!(events.next(), None, "a timer event that comes due while one runs is lost");
    events.chart(7, 0, "");
    events.chart(1, 0, "");
    assert!(matches!(events.next(), Some(Event::Chart { id: 7, .. })));
    events.chart(7, 0, "");
    assert_eq!(events.next(), None, "while an event of the chart waits or runs, another one is lost");
    let mut deaf = Events::of(1000, 1);
    deaf.start();
    deaf.push(Event::Transaction { kind: 6, ticket: 1 });
    assert_eq!(deaf.next(), None);
}
