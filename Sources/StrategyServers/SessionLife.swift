import Ports

/// The life of a session with one strategy server. A value: times and jitter are handed in.
///
/// Of all that may happen, what does not fit the phase changes nothing. In lockstep there is no circuit and
/// no quarantine: the run waits for its server, and after some failures in a row it gives up.
struct SessionLife: Sendable {
    enum Phase: Hashable, Sendable {
        case new
        /// For the next attempt, by the monotonic clock.
        case waiting(until: Int64)
        case connecting, warming, live
        case slow
        case hung(since: Int64)
        /// The server is asked again at the time given, and not before.
        case open(probe: Int64)
        /// One trial connection: it counts when the server answers something new.
        case halfOpen
        case quarantined(ServerQuarantine)
        case draining
        case stopped
        /// In lockstep: the run cannot go on.
        case refused
    }

    enum Event: Hashable, Sendable {
        case begin
        case warming(String)
        /// The stream is open and events may go.
        case ready(String)
        /// A watermark beyond the one that the connection began with.
        case progress
        case late(String)
        case hung(String)
        /// It is neither late nor hung any more.
        case caughtUp(String)
        /// The connection, or the attempt at one, is over.
        case broke(Break)
        case time
        /// Somebody released it from quarantine.
        case release
        /// The host ends the session.
        case stop
    }

    /// How an attempt or a connection ended.
    struct Break: Hashable, Sendable {
        enum Kind: Hashable, Sendable {
            /// Nobody listens, and it is not ours to start.
            case away
            /// The stream broke, or the process ended.
            case broken
            /// The server said that it is done.
            case goodbye
            /// It breaks the contract.
            case violation
            /// It broke the contract again and again, or was refused for what no second try mends.
            case final
            /// Looks like a break at first; the same again and again needs a person.
            case doubtful
        }
        var kind: Kind
        var reason: String
        /// How its process ended, if it did: told with what is told last.
        var process = ""
    }

    /// What the session is to do; `nil` where it goes on as it is.
    enum Order: Hashable, Sendable {
        /// Start the server if that is ours to do and it does not run; connect.
        case connect
        case wait(until: Int64)
        /// Cut the stream of a server that hangs, and end its process where that is ours.
        case cut
        /// End its process where that is ours, connect to nobody, wait for a release.
        case hold
        case drain
        /// Nothing follows.
        case finish
    }

    /// A state as people are told of it.
    struct Word: Hashable, Sendable {
        let state: SessionState
        let detail: String
        init(_ state: SessionState, _ detail: String = "") {
            self.state = state
            self.detail = detail
        }
    }
    struct Answer: Hashable, Sendable {
        var word: Word?
        var order: Order?
        init(_ word: Word? = nil, _ order: Order? = nil) {
            self.word = word
            self.order = order
        }
    }

    /// By the monotonic clock and UTC, ns.
    struct Moment: Hashable, Sendable {
        var monotonic: Int64
        var utc: Int64
    }

    let policy: LifePolicy
    let isLockstep: Bool
    /// Whether an attempt starts the server.
    let isOurs: Bool
    var phase: Phase = .new
    /// In a row, without progress between them; attempts at a server that is away with them.
    var attempts = 0
    /// The same without those at a server that is away: what a run in lockstep gives up by.
    var failures = 0
    /// Of breaks that count, the times and whether they broke the contract; monotonic, rising.
    var breaks: [(time: Int64, isViolation: Bool)] = []
    /// The connection in hand has answered something new.
    var hasProgress = false
    /// Why the stream of the connection in hand was cut.
    var cut: String?

    /// - Parameter quarantine: From an earlier start of the host: it stands until somebody releases it.
    init(
        _ policy: LifePolicy, isLockstep: Bool, isOurs: Bool = true,
        quarantine: ServerQuarantine? = nil
    ) {
        self.policy = policy
        self.isLockstep = isLockstep
        self.isOurs = isOurs
        if let quarantine, !isLockstep { phase = .quarantined(quarantine) }
    }

    /// - Parameter draw: For the jitter; evenly spread over all its values.
    mutating func take(_ event: Event, at now: Moment, draw: UInt64) -> Answer {
        switch (event, phase) {
        case (_, .stopped), (_, .refused): return Answer()
        case (.stop, .connecting), (.stop, .warming), (.stop, .live), (.stop, .slow),
            (.stop, .hung), (.stop, .halfOpen):
            phase = .draining
            return Answer(Word(.draining), .drain)
        case (.broke, .draining), (.stop, .new), (.stop, .waiting), (.stop, .open),
            (.stop, .quarantined):
            phase = .stopped
            return Answer(Word(.stopped), .finish)
        case (.begin, .new): return connect(Word(.connecting))
        case (.begin, .quarantined(let quarantine)):
            return Answer(Word(.quarantined, quarantine.words), .hold)
        case (.release, .quarantined):
            forgive()
            return connect(Word(.connecting))
        case (.time, .waiting(let until)) where now.monotonic >= until:
            return connect(Word(.connecting))
        case (.time, .open(let probe)) where now.monotonic >= probe:
            let answer = connect(Word(.probing))
            phase = .halfOpen
            return answer
        case (.broke(let end), .connecting), (.broke(let end), .warming), (.broke(let end), .live),
            (.broke(let end), .slow), (.broke(let end), .hung), (.broke(let end), .halfOpen):
            return broke(end, at: now, draw)
        default: return atWork(event, at: now)
        }
    }

    private mutating func connect(_ word: Word) -> Answer {
        phase = .connecting
        hasProgress = false
        cut = nil
        return Answer(word, .connect)
    }

    private mutating func forgive() {
        attempts = 0
        failures = 0
        breaks = []
    }

    // MARK: At work

    private mutating func atWork(_ event: Event, at now: Moment) -> Answer {
        switch (event, phase) {
        case (.warming(let words), .connecting):
            phase = .warming
            return Answer(Word(.warming, words))
        case (.ready(let words), .connecting), (.ready(let words), .warming):
            phase = .live
            return Answer(Word(.live, words))
        case (.ready, .halfOpen): return Answer(Word(.probing, "connected, no answer yet"))
        case (.progress, .live), (.progress, .slow), (.progress, .hung):
            hasProgress = true
            (attempts, failures) = (0, 0)
            return Answer()
        case (.progress, .halfOpen) where cut == nil:
            phase = .live
            hasProgress = true
            (attempts, failures) = (0, 0)
            return Answer(Word(.live, "it answers again; the circuit is closed"))
        case (.late(let words), .live),
            (.late(let words), .hung) where cut == nil:
            phase = .slow
            return Answer(Word(.slow, words))
        case (.hung(let words), .live), (.hung(let words), .slow):
            phase = .hung(since: now.monotonic)
            return Answer(Word(.hung, words))
        case (.hung(let words), .halfOpen) where cut == nil:
            cut = words
            return Answer(nil, .cut)
        case (.caughtUp(let words), .slow),
            (.caughtUp(let words), .hung) where cut == nil:
            phase = .live
            return Answer(Word(.live, words))
        case (.time, .hung(let since))
        where !isLockstep && cut == nil && now.monotonic - since >= policy.circuit.hung:
            cut = "it hung for \(Self.seconds(now.monotonic - since)); its stream was cut"
            return Answer(nil, .cut)
        default: return Answer()
        }
    }
}
