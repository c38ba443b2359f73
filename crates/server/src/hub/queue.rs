//! What waits to be sent to one session: bounded, and it is the session's own loss when it reads too slowly.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use confab_probe::{Fault, is_broken};
use confab_protocol::event::{CloseReason, Signal};
use confab_protocol::{Call, ConversationSid, ErrorCode, MessageSid, Push, Response};
use tokio::sync::Notify;

use crate::stats::Stats;

/// Bytes of pushes that may wait, however few frames they are.
const QUEUE_BYTES: usize = 4 * 1024 * 1024;

/// Which conversations an answer shows something of: it may not be sent any more when a membership has ended since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// None.
    Nothing,
    /// One.
    One(ConversationSid),
    /// Any of the user's.
    Many,
}

impl About {
    /// What the answer to a read shows of conversations.
    pub(crate) fn of(call: &Call) -> Self {
        match call {
            Call::ParticipantList(params) => Self::One(params.conversation),
            Call::MessagePage(params) => Self::One(params.conversation),
            Call::EventRange(params) => Self::One(params.conversation),
            Call::NonChatList(params) => Self::One(params.conversation),
            Call::EventReplay(params) => Self::One(params.conversation),
            Call::MessageReceipts(params) => Self::One(params.conversation),
            Call::ConversationCounts(params) | Call::ConversationPeek(params) => {
                Self::One(params.conversation)
            }
            Call::ConversationGet(params) => params.conversation.map_or(Self::Many, Self::One),
            Call::ConversationList(_)
            | Call::ConversationGetMany(_)
            | Call::Resume(_)
            | Call::UnreadGet(_) => Self::Many,
            _ => Self::Nothing,
        }
    }

    fn shows(self, conversation: ConversationSid) -> bool {
        match self {
            Self::Nothing => false,
            Self::One(one) => one == conversation,
            Self::Many => true,
        }
    }
}

/// Ended memberships that are remembered by name.
const PURGED: usize = 64;

/// One frame for the session.
#[derive(Debug)]
pub(crate) enum Frame {
    /// An answer; encoded by the session itself.
    Answer {
        /// The answer.
        response: Box<Response>,
        /// What it shows of conversations.
        about: About,
    },
    /// A push, encoded once for all who get it.
    Push {
        /// The frame's text.
        text: Utf8Bytes,
        /// It may not be sent any more when the membership in this conversation has ended.
        conversation: Option<ConversationSid>,
    },
    /// Typing and presence: the first to be dropped.
    Ephemeral {
        /// The frame's text.
        text: Utf8Bytes,
        /// As with a push.
        conversation: Option<ConversationSid>,
    },
    /// Pushes were dropped here.
    Lagged,
}

impl Frame {
    fn is_ephemeral(&self) -> bool {
        matches!(self, Self::Ephemeral { .. })
    }

    fn is_droppable(&self) -> bool {
        matches!(self, Self::Ephemeral { .. } | Self::Push { .. })
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Push { text, .. } | Self::Ephemeral { text, .. } => text.len(),
            Self::Answer { .. } | Self::Lagged => 0,
        }
    }

    /// As it goes over the wire.
    pub(crate) fn into_text(self) -> Utf8Bytes {
        match self {
            Self::Answer { response, .. } => response.encode().into(),
            Self::Push { text, .. } | Self::Ephemeral { text, .. } => text,
            Self::Lagged => encode(Signal::Lagged {}),
        }
    }

    fn concerns(&self, which: ConversationSid) -> bool {
        match self {
            Self::Push { conversation, .. } | Self::Ephemeral { conversation, .. } => {
                *conversation == Some(which)
            }
            Self::Answer { .. } | Self::Lagged => false,
        }
    }

    /// Whether a push has this name of something in it.
    fn names(&self, sid: &str) -> bool {
        matches!(self, Self::Push { text, .. } if text.contains(sid))
    }
}

/// How a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With a last frame that says why.
    Told(CloseReason),
    /// Without a word: nobody is there to read it.
    Dead,
}

const STOPPING: Ending = Ending::Told(CloseReason::Stopping);

/// The queue; the hub and the writer put in, the session takes out.
#[derive(Debug)]
pub(crate) struct Queue {
    inside: Mutex<Inside>,
    ready: Notify,
    room: Notify,
    over: Notify,
    most: usize,
    stats: Arc<Stats>,
}

#[derive(Debug, Default)]
struct Inside {
    frames: VecDeque<Frame>,
    bytes: usize,
    /// Requests taken in whose answer has not left the queue: a client that does not read is not listened to either.
    in_flight: usize,
    /// `lagged` waits in the queue; so many pushes were dropped since.
    lagged: Option<usize>,
    /// Memberships that ended so far, and the last of them.
    purges: u64,
    purged: VecDeque<ConversationSid>,
    ending: Option<Ending>,
}

impl Queue {
    /// An empty queue for `most` frames.
    pub(crate) fn new(most: usize, stats: Arc<Stats>) -> Self {
        Self {
            inside: Mutex::default(),
            ready: Notify::new(),
            room: Notify::new(),
            over: Notify::new(),
            most,
            stats,
        }
    }

    /// Puts a push or an ephemeral frame in, or drops what has to be dropped.
    pub(crate) fn push(&self, frame: Frame) {
        let mut inside = self.lock();
        if inside.ending.is_some() {
            return;
        }
        if inside.is_full(self.most, frame.bytes()) && frame.is_ephemeral() {
            self.stats.ephemeral_dropped_total.fetch_add(1, Relaxed);
            return;
        }
        if inside.is_full(self.most, frame.bytes()) {
            inside.drop_where(Frame::is_ephemeral);
        }
        if inside.lagged.is_some() || inside.is_full(self.most, frame.bytes()) {
            self.fall_behind(&mut inside);
        } else {
            inside.bytes += frame.bytes();
            inside.frames.push_back(frame);
            self.stats.pushes_queued_total.fetch_add(1, Relaxed);
        }
        drop(inside);
        self.ready.notify_one();
    }

    /// The first time everything that can be asked for again is dropped for one `lagged`; when as much again is lost
    /// before that was read, the session ends.
    fn fall_behind(&self, inside: &mut Inside) {
        match &mut inside.lagged {
            Some(lost) if *lost >= self.most => {
                self.end_with(inside, Ending::Told(CloseReason::TooSlow));
                self.stats.too_slow_total.fetch_add(1, Relaxed);
            }
            Some(lost) => *lost += 1,
            None => {
                inside.drop_where(Frame::is_droppable);
                inside.frames.push_back(Frame::Lagged);
                inside.lagged = Some(1);
                self.stats.lagged_total.fetch_add(1, Relaxed);
            }
        }
    }

    /// Puts an answer in; those are bounded by the requests in flight.
    pub(crate) fn answer(&self, response: Response) {
        self.lock().put(response, About::Nothing);
        self.ready.notify_one();
    }

    /// How many memberships have ended: to be noted before a read begins.
    pub(crate) fn purges(&self) -> u64 {
        self.lock().purges
    }

    /// Puts the answer to a read in. Not when a membership that it shows something of has ended since `purges` was noted:
    /// false, and what was read must be read anew.
    pub(crate) fn answer_read(&self, response: Response, about: About, purges: u64) -> bool {
        let mut inside = self.lock();
        if inside.is_void(about, purges) {
            return false;
        }
        inside.put(response, about);
        drop(inside);
        self.ready.notify_one();
        true
    }

    /// Waits until another request may be taken in, and counts it.
    pub(crate) async fn admit(&self, most: usize) {
        loop {
            let room = self.room.notified();
            {
                let mut inside = self.lock();
                if inside.in_flight < most {
                    inside.in_flight += 1;
                    return;
                }
            }
            room.await;
        }
    }

    /// A membership has ended: forgets what waits of the conversation. Whoever waits for an answer of it asks again.
    pub(crate) fn purge(&self, conversation: ConversationSid) {
        let mut inside = self.lock();
        inside.drop_where(|frame| frame.concerns(conversation));
        inside.void_answers(|about| about.shows(conversation) && !is_broken(Fault::OvertakenAnswer));
        inside.purges += 1;
        inside.purged.push_back(conversation);
        if inside.purged.len() > PURGED {
            inside.purged.pop_front();
        }
    }

    /// A message was removed: what waits of it is not sent any more. The client misses it, and reads what stands there now.
    pub(crate) fn forget(&self, conversation: ConversationSid, message: MessageSid) {
        let mut inside = self.lock();
        if inside.frames.is_empty() || is_broken(Fault::RemovedText) {
            return;
        }
        let name = message.to_string();
        inside.drop_where(|frame| frame.concerns(conversation) && frame.names(&name));
        inside.void_answers(|about| about.shows(conversation));
    }

    /// Any membership may have ended: whoever waits for an answer of any conversation asks again, and what is being read is
    /// read anew. Pushes stay: they went to members only.
    pub(crate) fn purge_answers(&self) {
        let mut inside = self.lock();
        inside.void_answers(|about| about != About::Nothing);
        // More than are remembered by name.
        inside.purged.clear();
        inside.purges += 1;
    }

    /// Ends the session. The first ending stands.
    pub(crate) fn end(&self, ending: Ending) {
        let mut inside = self.lock();
        if inside.ending.is_none() {
            self.end_with(&mut inside, ending);
        }
    }

    fn end_with(&self, inside: &mut Inside, ending: Ending) {
        inside.ending = Some(ending);
        if ending != STOPPING {
            inside.drop_where(Frame::is_droppable);
        }
        self.ready.notify_one();
        self.over.notify_one();
    }

    /// Waits for the end. For one waiter.
    pub(crate) async fn ended(&self) -> Ending {
        loop {
            let over = self.over.notified();
            if let Some(ending) = self.ending() {
                return ending;
            }
            over.await;
        }
    }

    /// How the session is to end, once it is.
    pub(crate) fn ending(&self) -> Option<Ending> {
        self.lock().ending
    }

    /// Moves up to `most` frames into `batch`; waits for the first. False at the end of the session. For one waiter.
    pub(crate) async fn take(&self, batch: &mut Vec<Frame>, most: usize) -> bool {
        loop {
            let ready = self.ready.notified();
            {
                let mut inside = self.lock();
                if inside.take(batch, most) {
                    self.room.notify_one();
                }
                if !batch.is_empty() {
                    return true;
                }
                if inside.is_over() {
                    return false;
                }
            }
            ready.await;
        }
    }

    /// Whether anything waits, or the end is to be told.
    #[cfg(feature = "simulation")]
    pub(crate) fn is_waiting(&self) -> bool {
        let inside = self.lock();
        !inside.frames.is_empty() || inside.ending.is_some()
    }

    /// Everything that waits, for a driver that is called and does not wait.
    #[cfg(feature = "simulation")]
    pub(crate) fn take_all(&self) -> Vec<Frame> {
        let mut batch = Vec::new();
        self.lock().take(&mut batch, usize::MAX);
        batch
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn put(&mut self, response: Response, about: About) {
        self.frames.push_back(Frame::Answer { response: Box::new(response), about });
    }

    /// Whether a membership that an answer shows something of has ended since; more than are remembered count as such.
    fn is_void(&self, about: About, purges: u64) -> bool {
        let since = usize::try_from(self.purges - purges).unwrap_or(usize::MAX);
        if about == About::Nothing || since == 0 || is_broken(Fault::OvertakenAnswer) {
            return false;
        }
        since > self.purged.len() || self.purged.iter().rev().take(since).any(|ended| about.shows(*ended))
    }

    fn is_full(&self, most: usize, more: usize) -> bool {
        self.frames.len() >= most || self.bytes + more > QUEUE_BYTES
    }

    /// A server that stops still answers what it took in; otherwise the end is the end.
    fn is_over(&self) -> bool {
        self.ending.is_some_and(|ending| ending != STOPPING || self.in_flight == 0)
    }

    /// Whoever waits for one of these answers asks again.
    fn void_answers(&mut self, which: impl Fn(About) -> bool) {
        for frame in &mut self.frames {
            if let Frame::Answer { response, about } = frame
                && which(*about)
            {
                response.outcome = Err(ErrorCode::Unavailable.into());
            }
        }
    }

    fn drop_where(&mut self, which: impl Fn(&Frame) -> bool) {
        self.frames.retain(|frame| !which(frame));
        self.bytes = self.frames.iter().map(Frame::bytes).sum();
    }

    /// Moves frames out; says whether an answer was among them.
    fn take(&mut self, batch: &mut Vec<Frame>, most: usize) -> bool {
        let count = self.frames.len().min(most);
        let before = self.in_flight;
        for frame in self.frames.drain(..count) {
            self.bytes -= frame.bytes();
            match frame {
                Frame::Lagged => self.lagged = None,
                Frame::Answer { .. } => self.in_flight = self.in_flight.saturating_sub(1),
                Frame::Push { .. } | Frame::Ephemeral { .. } => {}
            }
            batch.push(frame);
        }
        if self.frames.is_empty() && self.frames.capacity() > 64 {
            self.frames = VecDeque::new();
        }
        self.in_flight < before
    }
}

/// The frame of a signal.
pub(crate) fn encode(signal: Signal) -> Utf8Bytes {
    Push::Signal(signal).encode().into()
}

#[cfg(test)]
mod tests {
    use confab_protocol::{Answer, method::Nothing};
    use uuid::Uuid;

    use super::*;

    fn queue(most: usize) -> Queue {
        Queue::new(most, Arc::default())
    }

    fn push(number: u128) -> Frame {
        let conversation = Some(ConversationSid(Uuid::from_u128(number)));
        Frame::Push { text: format!("push {number}").into(), conversation }
    }

    fn typing() -> Frame {
        Frame::Ephemeral { text: "typing".into(), conversation: None }
    }

    fn answer(id: u64) -> Response {
        Response { id, outcome: Ok(Answer::TypingStart(Nothing {})) }
    }

    async fn taken(queue: &Queue) -> Vec<String> {
        let mut batch = Vec::new();
        queue.take(&mut batch, 100).await;
        let name = |frame: &Frame| match frame {
            Frame::Answer { response, .. } => format!("answer {}", response.id),
            Frame::Push { text, .. } | Frame::Ephemeral { text, .. } => text.to_string(),
            Frame::Lagged => "lagged".to_owned(),
        };
        batch.iter().map(name).collect()
    }

    #[tokio::test]
    async fn ephemeral_frames_go_first() {
        let queue = queue(2);
        queue.push(typing());
        queue.push(push(1));
        queue.push(push(2));
        queue.push(typing());
        assert_eq!(taken(&queue).await, ["push 1", "push 2"]);
    }

    #[tokio::test]
    async fn then_all_pushes_go_for_one_lagged_and_answers_stay() {
        let queue = queue(2);
        queue.answer(answer(7));
        (1..4).for_each(|number| queue.push(push(number)));
        assert_eq!(taken(&queue).await, ["answer 7", "lagged"]);
        queue.push(push(5));
        assert_eq!(taken(&queue).await, ["push 5"]);
    }

    #[tokio::test]
    async fn and_only_then_the_session_ends() {
        let queue = queue(2);
        (1..5).for_each(|number| queue.push(push(number)));
        assert_eq!(queue.ending(), None);
        (5..8).for_each(|number| queue.push(push(number)));
        assert_eq!(queue.ending(), Some(Ending::Told(CloseReason::TooSlow)));
        assert_eq!(taken(&queue).await, ["lagged"]);
        assert!(taken(&queue).await.is_empty());
    }

    #[tokio::test]
    async fn bytes_are_bounded_too() {
        let queue = queue(1_000);
        let big = "x".repeat(QUEUE_BYTES / 2 + 1);
        for _ in 0..2 {
            queue.push(Frame::Push { text: big.clone().into(), conversation: None });
        }
        assert_eq!(taken(&queue).await, ["lagged"]);
    }

    #[tokio::test]
    async fn what_waits_of_one_conversation_can_be_forgotten() {
        let queue = queue(10);
        (1..4).for_each(|number| queue.push(push(number)));
        queue.purge(ConversationSid(Uuid::from_u128(2)));
        assert_eq!(taken(&queue).await, ["push 1", "push 3"]);
    }

    #[tokio::test]
    async fn an_answer_that_waits_is_withdrawn_when_the_membership_ends() {
        let (queue, [gone, stays]) =
            (queue(10), [1, 2].map(|number| ConversationSid(Uuid::from_u128(number))));
        for (id, about) in
            [(1, About::One(gone)), (2, About::One(stays)), (3, About::Many), (4, About::Nothing)]
        {
            assert!(queue.answer_read(answer(id), about, 0));
        }
        queue.purge(gone);
        let mut batch = Vec::new();
        queue.take(&mut batch, 100).await;
        let is_withdrawn =
            |frame: &Frame| matches!(frame, Frame::Answer { response, .. } if response.outcome.is_err());
        assert_eq!(batch.iter().map(is_withdrawn).collect::<Vec<_>>(), [true, false, true, false]);
    }

    #[test]
    fn what_was_read_before_a_membership_ended_is_not_put_in_after_it() {
        let (queue, [gone, stays]) =
            (queue(10), [1, 2].map(|number| ConversationSid(Uuid::from_u128(number))));
        let before = queue.purges();
        queue.purge(gone);
        assert!(!queue.answer_read(answer(1), About::One(gone), before));
        assert!(!queue.answer_read(answer(1), About::Many, before));
        assert!(queue.answer_read(answer(1), About::One(stays), before));
        assert!(queue.answer_read(answer(1), About::One(gone), queue.purges()));
        (0..=PURGED).for_each(|_| queue.purge(gone));
        assert!(!queue.answer_read(answer(1), About::One(stays), before), "more than is remembered");
    }

    #[tokio::test]
    async fn requests_wait_until_answers_are_read() {
        let queue = Arc::new(queue(10));
        queue.admit(1).await;
        let waiting = tokio::spawn({
            let queue = Arc::clone(&queue);
            async move { queue.admit(1).await }
        });
        queue.answer(answer(1));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        assert_eq!(taken(&queue).await, ["answer 1"]);
        waiting.await.unwrap();
    }
}
