//! One terminal of a replay: what an EA does, through the exported C functions, on an account that the command
//! keeps. Runs as a process of its own, or as a thread with `--in-process`.

use std::io::Write;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use lotbridge::domain::{
    Magic, OrderAction, OrderRequest, PendingTerms, Price, Side, Snapshot, Symbol, text,
};
use lotbridge::ffi::ea::{
    MasterEa, SlaveEa, Waited, exact_expiration, exact_filling, exact_kind, exact_lots, exact_stop, text_of,
};
use lotbridge::ffi::{LB_BUY, LB_CANCEL, LB_CLOSE, LB_MODIFY, LB_MODIFY_PENDING, LB_OPEN, LB_PLACE, LbOrder};

use super::wire::{FromTerminal, ToTerminal};

/// A slave looks for word from the command this often while no order comes.
const SLAVE_WAIT_MS: u32 = 2;
/// The master looks for word from the command this often while copies settle.
const MASTER_WAIT_MS: u32 = 5;
/// While settling takes long, the master says so this often.
const WAITING_EVERY: Duration = Duration::from_secs(2);

/// Runs a terminal as a process: messages come on stdin, go to stdout.
///
/// The first line on stdin is the configuration, as a JSON string.
pub fn run_as_process(login: u64) -> Result<()> {
    let mut first = String::new();
    std::io::stdin().read_line(&mut first)?;
    let config: String = serde_json::from_str(&first)
        .context("this command is for `lotbridge replay` alone: no configuration on stdin")?;
    let (sender, inbox) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            let Ok(message) = line.map_err(drop).and_then(|line| serde_json::from_str(&line).map_err(drop))
            else {
                break;
            };
            if sender.send(message).is_err() {
                break;
            }
        }
    });
    let mut say = |message: FromTerminal| -> Result<()> {
        let mut line = serde_json::to_vec(&message)?;
        line.push(b'\n');
        let mut out = std::io::stdout().lock();
        out.write_all(&line)?;
        out.flush().context("the command that started this terminal is gone")
    };
    run(login, &config, &inbox, &mut say)
}

/// Runs a terminal until the command says `Finish` or is gone.
pub fn run(
    login: u64,
    config: &str,
    inbox: &Receiver<ToTerminal>,
    say: &mut dyn FnMut(FromTerminal) -> Result<()>,
) -> Result<()> {
    let master = lotbridge::config::Setup::parse(config)?.master.login.0;
    let result =
        if login == master { run_master(config, inbox, say) } else { run_slave(login, config, inbox, say) };
    if let Err(error) = &result {
        say(FromTerminal::Failed { text: format!("{error:#}") })?;
    }
    result
}

fn run_master(
    config: &str,
    inbox: &Receiver<ToTerminal>,
    say: &mut dyn FnMut(FromTerminal) -> Result<()>,
) -> Result<()> {
    let ea = MasterEa::open(config)?;
    let mut settle: Option<u64> = None;
    let mut alerts_said = 0;
    let mut said_at = std::time::Instant::now();
    loop {
        let message = match settle {
            Some(_) => inbox.try_recv().map_err(|e| e == TryRecvError::Disconnected),
            None => inbox.recv().map_err(|_| true),
        };
        match message {
            Ok(ToTerminal::State { step, snapshot }) => {
                ea.commit(&snapshot)?;
                say(FromTerminal::Committed { step })?;
            }
            Ok(ToTerminal::Settle { step }) => {
                settle = Some(step);
                said_at = std::time::Instant::now();
            }
            Ok(ToTerminal::Answer { .. }) => bail!("an answer for a master that sent no order"),
            Ok(ToTerminal::Finish) | Err(true) => return Ok(()),
            Err(false) => {}
        }
        let Some(step) = settle else { continue };
        let status = ea.wait(MASTER_WAIT_MS)?;
        if status.alerts > alerts_said {
            let alerts = ea.alerts()?;
            for text in alerts.iter().skip(alerts_said as usize) {
                say(FromTerminal::Alert { text: text.clone() })?;
            }
            alerts_said = status.alerts;
        }
        if status.unsettled == 0 {
            settle = None;
            say(FromTerminal::Settled { step, in_doubt: status.in_doubt, impossible: status.impossible })?;
        } else if said_at.elapsed() > WAITING_EVERY {
            said_at = std::time::Instant::now();
            let LbStatus { unsettled, slaves_connected } = status.into();
            say(FromTerminal::Waiting { unsettled, slaves_connected })?;
        }
    }
}

/// The two numbers that a waiting user wants.
struct LbStatus {
    unsettled: u32,
    slaves_connected: u32,
}

impl From<lotbridge::ffi::LbMasterStatus> for LbStatus {
    fn from(status: lotbridge::ffi::LbMasterStatus) -> Self {
        Self { unsettled: status.unsettled, slaves_connected: status.slaves_connected }
    }
}

fn run_slave(
    login: u64,
    config: &str,
    inbox: &Receiver<ToTerminal>,
    say: &mut dyn FnMut(FromTerminal) -> Result<()>,
) -> Result<()> {
    let ea = SlaveEa::open(config, login)?;
    // The state that the master has not confirmed yet: its step and its number.
    let mut unseen: Option<(u64, u64)> = None;
    // The account as the broker last showed it: no event changes it without a word of the broker's.
    let mut account: Option<Box<Snapshot>> = None;
    let mut deals_from = 0;
    loop {
        let from = ea.deals_from()?;
        if from != deals_from {
            deals_from = from;
            say(FromTerminal::DealsFrom { time_ms: from })?;
        }
        loop {
            match inbox.try_recv() {
                Ok(ToTerminal::State { step, snapshot }) => {
                    unseen = Some((step, ea.commit(&snapshot)?));
                    account = Some(snapshot);
                }
                Ok(ToTerminal::Finish) | Err(TryRecvError::Disconnected) => return Ok(()),
                Ok(other) => bail!("out of turn: {other:?}"),
                Err(TryRecvError::Empty) => break,
            }
        }
        match ea.wait(SLAVE_WAIT_MS)? {
            Waited::Order(order) => match execute(&ea, &order, inbox, &mut unseen, say)? {
                Some(after) => account = Some(after),
                None => return Ok(()),
            },
            Waited::StateWanted => {
                if let Some(account) = &account {
                    ea.commit(account)?;
                }
            }
            Waited::Nothing => {}
        }
        if let Some((step, number)) = unseen
            && ea.status()?.state_seen >= number
        {
            unseen = None;
            say(FromTerminal::Seen { step })?;
        }
    }
}

/// Sends an order to the broker and reports its answer; the account after it, or `None` when the command is gone.
fn execute(
    ea: &SlaveEa,
    order: &LbOrder,
    inbox: &Receiver<ToTerminal>,
    unseen: &mut Option<(u64, u64)>,
    say: &mut dyn FnMut(FromTerminal) -> Result<()>,
) -> Result<Option<Box<Snapshot>>> {
    say(FromTerminal::Order { request: request(order)?, age_us: order.age_us })?;
    loop {
        match inbox.recv_timeout(Duration::from_secs(60)) {
            // States are handed on in the order they come: an older one must not follow a newer one.
            Ok(ToTerminal::State { step, snapshot }) => *unseen = Some((step, ea.commit(&snapshot)?)),
            Ok(ToTerminal::Answer { result, snapshot }) => {
                ea.report(order.instruction, &result)?;
                let number = ea.commit(&snapshot)?;
                if let Some((_, awaited)) = unseen {
                    *awaited = number;
                }
                return Ok(Some(snapshot));
            }
            Ok(ToTerminal::Finish) | Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Ok(other @ ToTerminal::Settle { .. }) => bail!("out of turn: {other:?}"),
            Err(RecvTimeoutError::Timeout) => bail!("the broker does not answer"),
        }
    }
}

/// What the EA's executor makes of an order.
fn request(order: &LbOrder) -> Result<OrderRequest> {
    let symbol: Symbol = text(&text_of(&order.symbol))?;
    let (stop_loss, take_profit) = (exact_stop(order.stop_loss)?, exact_stop(order.take_profit)?);
    let side = if order.side == LB_BUY { Side::Buy } else { Side::Sell };
    let action = match order.action {
        LB_OPEN => OrderAction::Open { side, stop_loss, take_profit },
        LB_CLOSE => OrderAction::Close { ticket: order.ticket },
        LB_MODIFY => OrderAction::Modify { ticket: order.ticket, stop_loss, take_profit },
        LB_PLACE => OrderAction::Place { side, kind: exact_kind(order.kind)?, terms: terms(order)? },
        LB_MODIFY_PENDING => OrderAction::ModifyPending { ticket: order.ticket, terms: terms(order)? },
        LB_CANCEL => OrderAction::Cancel { ticket: order.ticket },
        other => bail!("order {}: no such action: {other}", order.instruction),
    };
    Ok(OrderRequest {
        symbol,
        action,
        lots: exact_lots(order.lots)?,
        price: Price::ZERO,
        deviation_points: order.deviation_points,
        magic: Magic(order.magic),
        filling: exact_filling(order.filling)?,
    })
}

/// What a pending order asks for.
fn terms(order: &LbOrder) -> Result<PendingTerms> {
    Ok(PendingTerms {
        price: exact_stop(order.price)?
            .with_context(|| format!("order {}: a pending order without a price", order.instruction))?,
        limit_price: exact_stop(order.limit_price)?,
        stop_loss: exact_stop(order.stop_loss)?,
        take_profit: exact_stop(order.take_profit)?,
        expiration: exact_expiration(order.expiration, order.expiration_ms)?,
    })
}
