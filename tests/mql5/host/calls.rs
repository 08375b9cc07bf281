//! The border between a loaded program and its host. The table of calls is that of
//! tests/mql5/runtime/host.h; what the library's functions answer is watched on its way, and nothing of it changed.

#![allow(
    unsafe_code,
    reason = "a program calls its terminal through a table of C functions: there is no other way"
)]

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_void};
use std::path::Path;
use std::time::Instant;

use lotbridge::ffi::LbOrder;

use super::events::Event;
use super::library::{self, Shared, function, library};
use super::request::Sent;
use super::view::Of;
use super::world::World;

thread_local! {
    /// The terminal of this process. Never borrowed while the program runs.
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// Does something with the terminal.
pub fn with<R>(what: impl FnOnce(&mut World) -> R) -> R {
    WORLD.with_borrow_mut(|world| what(world.as_mut().expect("no terminal in this process")))
}

/// Sets the terminal up.
pub fn install(world: World) {
    WORLD.set(Some(world));
}

#[repr(C)]
struct Quote {
    time_msc: i64,
    bid: f64,
    ask: f64,
}

#[repr(C)]
struct Request {
    action: i32,
    kind: i32,
    filling: i32,
    time: i32,
    magic: u64,
    order: u64,
    position: u64,
    position_by: u64,
    deviation: u64,
    volume: f64,
    price: f64,
    stoplimit: f64,
    sl: f64,
    tp: f64,
    expiration: i64,
    symbol: *const c_char,
    comment: *const c_char,
}

#[repr(C)]
struct Answer {
    retcode: u32,
    sent: u32,
    deal: u64,
    order: u64,
    volume: f64,
    price: f64,
}

#[repr(C)]
struct Calls {
    size: u64,
    import: extern "C" fn(*const c_char, *const c_char) -> *mut c_void,
    call: extern "C" fn(i32, i64, i64, *const c_char) -> i64,
    integer: extern "C" fn(i32, *const c_char, u64, i32) -> i64,
    real: extern "C" fn(i32, *const c_char, u64, i32) -> f64,
    text: extern "C" fn(i32, *const c_char, u64, i32, *mut c_char, u32) -> u32,
    say: extern "C" fn(i32, *const c_char),
    quote_of: extern "C" fn(*const c_char, *mut Quote) -> i32,
    margin: extern "C" fn(i32, *const c_char, f64, f64, *mut f64) -> i32,
    order_send: extern "C" fn(*const Request, *mut Answer),
}

static CALLS: Calls = Calls {
    size: size_of::<Calls>() as u64,
    import,
    call,
    integer,
    real,
    text,
    say,
    quote_of,
    margin,
    order_send,
};

/// The runtime's texts end with a zero and live through the call.
fn read<'a>(text: *const c_char) -> &'a str {
    // SAFETY: as above; the runtime encodes UTF-8 alone.
    unsafe { CStr::from_ptr(text) }.to_str().expect("a program's text is UTF-8")
}

extern "C" fn call(function: i32, a: i64, b: i64, text: *const c_char) -> i64 {
    with(|world| world.call(function, a, b, read(text)))
}

extern "C" fn integer(of: i32, name: *const c_char, ticket: u64, property: i32) -> i64 {
    with(|world| world.integer(Of::from(of), read(name), ticket, property))
}

extern "C" fn real(of: i32, name: *const c_char, ticket: u64, property: i32) -> f64 {
    with(|world| world.real(Of::from(of), read(name), ticket, property))
}

extern "C" fn text(
    of: i32,
    name: *const c_char,
    ticket: u64,
    property: i32,
    buffer: *mut c_char,
    capacity: u32,
) -> u32 {
    with(|world| {
        let text = world.text(Of::from(of), read(name), ticket, property);
        let length = text.len().min(capacity as usize);
        // SAFETY: the runtime's buffer has `capacity` bytes, and no more are written.
        unsafe { std::ptr::copy_nonoverlapping(text.as_ptr(), buffer.cast(), length) };
        u32::try_from(text.len()).unwrap_or(u32::MAX)
    })
}

extern "C" fn say(function: i32, text: *const c_char) {
    with(|world| world.say(function, read(text)));
}

extern "C" fn quote_of(symbol: *const c_char, out: *mut Quote) -> i32 {
    let Some((time_msc, bid, ask)) = with(|world| world.quote(read(symbol))) else { return 0 };
    // SAFETY: the runtime's own variable.
    unsafe { out.write(Quote { time_msc, bid, ask }) };
    1
}

extern "C" fn margin(_kind: i32, symbol: *const c_char, volume: f64, _price: f64, out: *mut f64) -> i32 {
    let Some(margin) = with(|world| world.margin(read(symbol), volume)) else { return 0 };
    // SAFETY: the runtime's own variable.
    unsafe { out.write(margin) };
    1
}

extern "C" fn order_send(request: *const Request, out: *mut Answer) {
    // SAFETY: the runtime's own variable.
    let request = unsafe { &*request };
    let sent = Sent {
        action: request.action,
        kind: request.kind,
        filling: request.filling,
        time: request.time,
        magic: request.magic,
        order: request.order,
        position: request.position,
        deviation: request.deviation,
        volume: request.volume,
        price: request.price,
        stoplimit: request.stoplimit,
        sl: request.sl,
        tp: request.tp,
        expiration: request.expiration,
        symbol: read(request.symbol).to_owned(),
    };
    assert_eq!(request.position_by, 0, "no program closes by");
    assert!(read(request.comment).len() <= 31, "a longer comment is cut by the trade server");
    let result = with(|world| world.order_send(&sent));
    let answer = Answer {
        retcode: result.retcode,
        sent: u32::from(result.sent),
        deal: result.deal,
        order: result.order,
        volume: result.volume,
        price: result.price,
    };
    // SAFETY: the runtime's own variable.
    unsafe { out.write(answer) };
}

/// An import's function: the library's own, some of them watched.
extern "C" fn import(from: *const c_char, name: *const c_char) -> *mut c_void {
    if read(from) != "lotbridge.dll" {
        return std::ptr::null_mut();
    }
    match read(name) {
        "lb_master_open" => master_open as *mut c_void,
        "lb_slave_open" => slave_open as *mut c_void,
        "lb_master_commit" => master_commit as *mut c_void,
        "lb_slave_commit" => slave_commit as *mut c_void,
        "lb_slave_wait" => slave_wait as *mut c_void,
        "lb_slave_deals_from" => slave_deals_from as *mut c_void,
        // SAFETY: as in `read`.
        _ => library().shared.symbol(unsafe { CStr::from_ptr(name) }),
    }
}

extern "C" fn master_open(config: *const u8, length: u32, handle: *mut u64) -> i32 {
    let answer = (library().master_open)(config, length, handle);
    // SAFETY: the program's own variable, which the library has just written.
    with(|world| world.watched.handle = unsafe { *handle });
    answer
}

extern "C" fn slave_open(config: *const u8, length: u32, login: u64, handle: *mut u64) -> i32 {
    let answer = (library().slave_open)(config, length, login, handle);
    // SAFETY: as in `master_open`.
    with(|world| world.watched.handle = unsafe { *handle });
    answer
}

extern "C" fn master_commit(handle: u64) -> i32 {
    with(|world| world.stamp("read"));
    let answer = (library().master_commit)(handle);
    with(|world| world.watched.committed(answer, 0));
    answer
}

extern "C" fn slave_commit(handle: u64, number: *mut u64) -> i32 {
    let answer = (library().slave_commit)(handle, number);
    // SAFETY: the program's own variable.
    with(|world| world.watched.committed(answer, unsafe { *number }));
    answer
}

extern "C" fn slave_deals_from(handle: u64, time_ms: *mut i64) -> i32 {
    let answer = (library().slave_deals_from)(handle, time_ms);
    // SAFETY: the program's own variable.
    with(|world| world.watched.deals_from = unsafe { *time_ms });
    answer
}

extern "C" fn slave_wait(handle: u64, wait_ms: u32, order: *mut LbOrder) -> i32 {
    let answer = (library().slave_wait)(handle, wait_ms, order);
    if answer == 0 {
        // SAFETY: the library has just written it; it is not aligned in a program's struct.
        let age_us = unsafe { order.read_unaligned() }.age_us;
        with(|world| {
            world.stamp("handed-out");
            world.watched.order = Some((age_us, Instant::now()));
        });
    }
    answer
}

fn run(handler: Option<extern "C" fn()>) {
    if let Some(handler) = handler {
        handler();
    }
}

/// A loaded program: the handlers that it has.
#[derive(Clone, Copy)]
pub struct Loaded {
    start: Option<extern "C" fn()>,
    init: Option<extern "C" fn() -> i32>,
    deinit: Option<extern "C" fn(i32)>,
    tick: Option<extern "C" fn()>,
    timer: Option<extern "C" fn()>,
    trade: Option<extern "C" fn()>,
    transaction: Option<extern "C" fn(i32, u64)>,
    chart_event: Option<extern "C" fn(i32, i64, *const c_char)>,
}

impl Loaded {
    /// Loads the library and the program, and binds its imports.
    pub fn new(program: &Path, library: &Path) -> Result<Self, String> {
        library::load(library)?;
        let shared = Shared::load(program)?;
        let bind: extern "C" fn(*const Calls) -> *const c_char =
            function(shared, c"mql5_bind").ok_or("no translated program")?;
        let missing = bind(&raw const CALLS);
        if !missing.is_null() {
            // SAFETY: a name within the program.
            let missing = unsafe { CStr::from_ptr(missing) }.to_string_lossy();
            return Err(format!("cannot import {missing}"));
        }
        Ok(Self {
            start: function(shared, c"mql5_OnStart"),
            init: function(shared, c"mql5_OnInit"),
            deinit: function(shared, c"mql5_OnDeinit"),
            tick: function(shared, c"mql5_OnTick"),
            timer: function(shared, c"mql5_OnTimer"),
            trade: function(shared, c"mql5_OnTrade"),
            transaction: function(shared, c"mql5_OnTradeTransaction"),
            chart_event: function(shared, c"mql5_OnChartEvent"),
        })
    }

    /// Is it a script?
    pub fn is_script(self) -> bool {
        self.start.is_some()
    }

    /// `OnStart`, of a script.
    pub fn on_start(self) {
        run(self.start);
    }

    /// `OnInit`.
    pub fn on_init(self) -> i32 {
        self.init.map_or(0, |handler| handler())
    }

    /// `OnDeinit`.
    pub fn on_deinit(self, reason: i32) {
        if let Some(handler) = self.deinit {
            handler(reason);
        }
    }

    /// An event's handler, where the program has it.
    pub fn on(self, event: &Event) {
        match event {
            Event::Tick => run(self.tick),
            Event::Timer => run(self.timer),
            Event::Trade => run(self.trade),
            Event::Transaction { kind, ticket } => {
                if let Some(handler) = self.transaction {
                    handler(*kind, *ticket);
                }
            }
            Event::Chart { id, lparam, sparam } => {
                let text = CString::new(sparam.as_str()).expect("no zero in an event's text");
                if let Some(handler) = self.chart_event {
                    handler(*id, *lparam, text.as_ptr());
                }
            }
        }
    }
}
