/// A way to a person: a chat, a webhook, a terminal.
///
/// Safe from any task. It sends what it is given once and never repeats by itself: the outbox decides what each
/// answer means. Idempotency: no channel has a key for it, so `unknownOutcome` may have arrived.
package protocol MessageChannel: Sendable {
    var limits: ChannelLimits { get }
    /// Tries once, within a time of its own. Cancelling the task is answered too.
    func deliver(_ letter: Letter) async -> Delivery
}

/// How much a message matters, and so what may happen to it on the way.
package enum Severity: UInt8, Hashable, Sendable, CaseIterable {
    case critical, security, warning, info
    /// Goes first, is never folded, and is sent again where its outcome is unknown.
    package var isUrgent: Bool { self == .critical || self == .security }

    /// Whether it is as grave as `level`, or graver. What is urgent always is.
    package func reaches(_ level: Severity) -> Bool { isUrgent || rawValue <= level.rawValue }
}

/// What a message is about, for choosing and folding.
package enum Topic: UInt8, Hashable, Sendable, CaseIterable {
    case fill, order, alert, kill, server, run, channel
}

/// A message's name: within one source numbers only grow, so that a mark for each source tells what was seen.
package struct MessageID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// A run, or another origin with numbers of its own.
    package let source: String
    /// Of the run's log.
    package let record: UInt64
    /// Of the fact in the record.
    package let index: UInt32
    package init(source: String, record: UInt64, index: UInt32) {
        self.source = source
        self.record = record
        self.index = index
    }
    package static func < (a: MessageID, b: MessageID) -> Bool {
        (a.source, a.record, a.index) < (b.source, b.record, b.index)
    }
    package var description: String { "\(source)/\(record)/\(index)" }

    /// A few characters that stand in a text, so that a reader sees a repetition: FNV-1a.
    package var short: String {
        var hash: UInt32 = 2_166_136_261
        for byte in description.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let digits = String(hash >> 8 ^ hash & 0xFF, radix: 16)
        return "#" + String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
    }
}

/// Something to be told, already in words; its first line says it all.
package struct Message: Hashable, Sendable {
    package let id: MessageID
    package let severity: Severity
    package let topic: Topic
    /// When it happened, as its account reads the clock: `10:31:06`.
    package let clock: String
    package init(id: MessageID, severity: Severity, topic: Topic, clock: String) {
        self.id = id
        self.severity = severity
        self.topic = topic
        self.clock = clock
    }
}

/// One sending: a message, a part of a long one, or a digest of many.
package struct Letter: Hashable, Sendable {
    package let severity: Severity
    package let text: String
    /// Where to, when that has moved since the configuration was written.
    package let address: String?
    /// Without any markup: the marked-up form was refused.
    package let isPlain: Bool
    package init(severity: Severity, text: String, address: String? = nil, isPlain: Bool = false) {
        self.severity = severity
        self.text = text
        self.address = address
        self.isPlain = isPlain
    }
}

/// What became of a letter, in the host's terms whatever the channel.
package enum Delivery: Hashable, Sendable {
    /// It is there. Send no further one within `pause` ns: 0, or what the other side announced.
    case delivered(pause: Int64)
    /// Not taken: send it again, after `wait` ns, before anything else. `holdsLane`: everything of
    /// the same bot waits too.
    case throttled(wait: Int64, holdsLane: Bool)
    /// Certainly not taken, but the next time may be better: back off and send it again.
    case transient(String)
    /// Not taken as it is written: change it and try once more, then leave it.
    case contentFault(String)
    /// This destination takes nothing any more: stop, tell a person by another channel.
    case destinationDead(String)
    /// The credentials are refused: stop the channel, tell a person by another one.
    case credentialsDead(String)
    /// Not taken; the destination lives at another address: keep it and send again, once, at once.
    case moved(to: String)
    /// It may have arrived. Whether it may be sent again is for the caller to weigh.
    case unknownOutcome(String)
}

/// What a channel takes.
package struct ChannelLimits: Hashable, Sendable {
    /// At most `count` letters in any `window` of ns.
    package struct Pace: Hashable, Sendable {
        package let count: Int
        package let window: Int64
        package init(_ count: Int, in window: Int64) {
            self.count = count
            self.window = window
        }
    }
    /// UTF-16 units of a letter.
    package var length: Int
    /// For the destination.
    package var paces: [Pace]
    /// For everything that goes through the same bot; see ``Delivery/throttled(wait:holdsLane:)``.
    package var lanePaces: [Pace]
    package init(length: Int, paces: [Pace] = [], lanePaces: [Pace] = []) {
        self.length = length
        self.paces = paces
        self.lanePaces = lanePaces
    }
}
