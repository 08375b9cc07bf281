//! The master's side: one listener per endpoint.
//!
//! Who listens is decided by a named object that vanishes with its holder, however that dies. A client needs an
//! instance that waits for one: the listener keeps several, and makes a new one for each that is taken.

use std::fmt;
use std::io;
use std::os::windows::io::{AsHandle, OwnedHandle};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_NO_DATA, ERROR_OPERATION_ABORTED, ERROR_PIPE_CONNECTED,
};

use super::super::TransportError;
use super::operation::{Operation, Progress};
use super::security::Descriptor;
use super::sys::{Port, code, create_pipe, disconnect, hold_name};
use super::{Connection, Endpoint};

/// How many clients may come between two calls of `accept`; more are told to come again
/// ([`TransportError::Busy`]).
const WAITING: usize = 16;
/// How often an instance whose client came and left is readied again at one look.
const READY_TRIES: u32 = 16;

/// Listens at an [`Endpoint`]. Dropping it frees the endpoint, once its connections are gone too.
#[derive(Debug)]
pub struct Listener {
    queue: Arc<Queue>,
    /// Held while it lives.
    _lock: OwnedHandle,
}

impl Listener {
    /// Begins to listen.
    ///
    /// # Errors
    /// [`AlreadyListening`](TransportError::AlreadyListening) when another listener, or a connection of one, lives,
    /// in this process or another; or what the system says.
    pub fn bind(endpoint: &Endpoint) -> Result<Self, TransportError> {
        let system = |error| TransportError::system("listen", endpoint, error);
        let taken = || TransportError::AlreadyListening(endpoint.to_string());
        let security = Descriptor::only_for(endpoint.user()).map_err(system)?;
        let lock = hold_name(&endpoint.lock(), &security).map_err(system)?.ok_or_else(taken)?;
        let name = endpoint.pipe();
        let first = create_pipe(&name, true, &security)
            .map_err(|error| if code(&error) == ERROR_ACCESS_DENIED { taken() } else { system(error) })?;
        let first = Instance::new(first).map_err(system)?;
        let mut state = State { instances: vec![first], port: None, name, security };
        state.fill().map_err(system)?;
        let queue = Queue { endpoint: endpoint.clone(), state: Mutex::new(state) };
        Ok(Self { queue: Arc::new(queue), _lock: lock })
    }

    /// The next connection, or `None` when none is waiting. Never blocks.
    ///
    /// The pipe's access list admits processes of this user only, so there is no other to refuse.
    ///
    /// # Errors
    /// What the system says.
    pub fn accept(&self) -> Result<Option<Connection>, TransportError> {
        let endpoint = &self.queue.endpoint;
        let mut state = self.queue.state();
        let taken = state.take();
        // If no new one can be had and a client is here, the client goes first: the next call says what is wrong.
        let filled = state.fill();
        let port = state.port.as_ref().map(|port| port.id());
        drop(state);
        match taken {
            Some(handle) => Connection::wrap(endpoint, handle, port).map(Some),
            None => filled
                .map(|()| None)
                .map_err(|error| TransportError::system("accept a connection", endpoint, error)),
        }
    }

    /// The waiting instances, for a poller.
    pub(super) fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // A poller may hold the queue for a moment longer; clients shall find nobody from now on.
        self.queue.state().instances.clear();
    }
}

/// The instances that wait for clients.
pub struct Queue {
    endpoint: Endpoint,
    state: Mutex<State>,
}

struct State {
    instances: Vec<Instance>,
    port: Option<Arc<Port>>,
    name: Vec<u16>,
    security: Descriptor,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a client come? One that cannot be looked at counts: `accept` then says why.
    pub fn has_client(&self) -> bool {
        self.state().instances.iter_mut().any(|instance| instance.connected().unwrap_or(true))
    }

    /// Ties all instances, these and those to come, to a port.
    pub fn attach(&self, port: &Arc<Port>) -> Result<(), TransportError> {
        let mut state = self.state();
        match &state.port {
            Some(present) if present.id() == port.id() => return Ok(()),
            Some(_) => return Err(TransportError::OtherPoller(self.endpoint.to_string())),
            None => {}
        }
        let system = |error| TransportError::system("give the listener to a poller", &self.endpoint, error);
        for instance in &mut state.instances {
            instance.attach(port).map_err(system)?;
        }
        state.port = Some(Arc::clone(port));
        Ok(())
    }
}

impl State {
    /// Makes as many instances as there shall be, all of them waiting.
    fn fill(&mut self) -> io::Result<()> {
        while self.instances.len() < WAITING {
            let mut instance = Instance::new(create_pipe(&self.name, false, &self.security)?)?;
            if let Some(port) = &self.port {
                instance.attach(port)?;
            }
            self.instances.push(instance);
        }
        for instance in &mut self.instances {
            instance.connected()?;
        }
        Ok(())
    }

    /// Takes out an instance that has a client. One that fails is thrown away, to be made anew.
    fn take(&mut self) -> Option<OwnedHandle> {
        let mut at = 0;
        while at < self.instances.len() {
            match self.instances[at].connected() {
                Ok(false) => at += 1,
                Ok(true) => return self.instances.remove(at).into_handle(),
                Err(_) => drop(self.instances.remove(at)),
            }
        }
        None
    }
}

/// One instance of the pipe, waiting for its client.
struct Instance {
    /// Always there, until it is taken out.
    handle: Option<OwnedHandle>,
    connecting: Operation,
    connected: bool,
}

impl Instance {
    fn new(handle: OwnedHandle) -> io::Result<Self> {
        Ok(Self { handle: Some(handle), connecting: Operation::new(0)?, connected: false })
    }

    /// Has its client come? If not, it waits for one.
    fn connected(&mut self) -> io::Result<bool> {
        for _ in 0..READY_TRIES {
            let Some(handle) = &self.handle else { return Ok(false) };
            if self.connected {
                return Ok(true);
            }
            let handle = handle.as_handle();
            let pending = self.connecting.is_pending();
            let progress =
                if pending { self.connecting.progress(handle) } else { self.connecting.connect(handle) };
            if self.look(progress)? {
                return Ok(false);
            }
        }
        Ok(false)
    }

    /// Takes note of how far the wait is: is it still under way?
    fn look(&mut self, progress: io::Result<Progress>) -> io::Result<bool> {
        match progress {
            Ok(Progress::Pending) => return Ok(true),
            Ok(Progress::Done(_)) => self.connected = true,
            Err(error) => match code(&error) {
                ERROR_PIPE_CONNECTED => self.connected = true,
                // The client came and left before there was a wait for it.
                ERROR_NO_DATA => self.handle.iter().for_each(|handle| disconnect(handle.as_handle())),
                // The thread that began the wait has ended: it begins anew.
                ERROR_OPERATION_ABORTED => {}
                _ => return Err(error),
            },
        }
        Ok(false)
    }

    fn attach(&mut self, port: &Port) -> io::Result<()> {
        let Some(handle) = &self.handle else { return Ok(()) };
        // The port does not tell of the end of a wait that began before: it begins anew.
        let pending = self.connecting.is_pending();
        let progress = pending.then(|| self.connecting.cancel(handle.as_handle()));
        let result = port.attach(handle.as_handle());
        if let Some(progress) = progress
            && self.look(progress)?
        {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "a cancelled wait for a client goes on"));
        }
        result
    }

    fn into_handle(mut self) -> Option<OwnedHandle> {
        self.handle.take()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take()
            && self.connecting.is_pending()
        {
            // However it ends, nobody asks any more.
            let _ = self.connecting.cancel(handle.as_handle());
        }
    }
}
