package import Platform
package import Ports

/// What changes the outbox, one by one; what stands in its log. Live and in recovery it is applied the same way.
package enum OutboxRecord: Hashable, Sendable {
    /// A message for each of these destinations.
    case queued(Message, utc: Int64, [Route])
    /// Messages up to this id came faster than they could be kept: only their count is.
    case folded(MessageID, [FoldedRoute])
    /// A letter is about to leave with these entries: without a later record its outcome is unknown.
    case sending(String, LetterContent)
    /// The letter under way has arrived.
    case delivered(String)
    /// It certainly has not; its entries are back in their places. `isPlain`: without markup next time.
    case notSent(String, isPlain: Bool)
    /// Nobody knows whether it has: its entries are back in their places, as possible repetitions.
    case unknown(String)
    /// The letter under way is given up; why. Only the count of its entries stays.
    case givenUp(String, reason: String)
    /// So many had no room any more, the oldest of the least weight; only their count stays.
    case dropped(String, count: Int, isUrgent: Bool)
    /// The oldest ones grew too old; only their count stays.
    case expired(String, count: Int, isUrgent: Bool)
    /// What the configuration calls by this digest has moved. `nil`: of a log that does not say; then nobody knows whether
    /// the configuration still means that chat, so it changes nothing: the old one tells its new number again.
    case moved(String, address: String, of: UInt64?)
    /// An entry as it stands: of a compacted log, or handed on from a channel that is dead.
    case kept(String, OutboxEntry)
}

/// A destination and the words for it.
package struct Route: Hashable, Sendable {
    package let destination: String
    package let text: String
    package init(to destination: String, text: String) {
        self.destination = destination
        self.text = text
    }
}

package struct FoldedRoute: Hashable, Sendable {
    let destination: String
    let count: Int
}

/// Which entries a letter holds: so many from the front of a queue.
package struct LetterContent: Hashable, Sendable {
    enum Kind: UInt8, Hashable, Sendable { case urgent, ordinary, digest, counts }
    var kind: Kind
    var count: Int
    /// Of a text that is longer than a letter.
    var part = 0
    var parts = 1
    /// Of those that only their count is left of, so many are told.
    var tally = 0
}

extension OutboxRecord {
    private static let version: UInt8 = 2

    package var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.write(Self.version)
        switch self {
        case .queued(let message, let utc, let routes):
            writer.write(1 as UInt8)
            writer.write(message)
            writer.write(utc)
            writer.write(varint: UInt64(routes.count))
            for route in routes {
                writer.write(route.destination)
                writer.write(route.text)
            }
        case .folded(let id, let routes):
            writer.write(2 as UInt8)
            writer.write(id)
            writer.write(varint: UInt64(routes.count))
            for route in routes {
                writer.write(route.destination)
                writer.write(varint: UInt64(route.count))
            }
        case .sending(let name, let content):
            writer.write(4 as UInt8)
            writer.write(name)
            writer.write(content.kind.rawValue)
            writer.write(varint: UInt64(content.count))
            writer.write(varint: UInt64(content.part))
            writer.write(varint: UInt64(content.parts))
            writer.write(varint: UInt64(content.tally))
        case .delivered(let name):
            writer.write(5 as UInt8)
            writer.write(name)
        case .notSent(let name, let isPlain):
            writer.write(6 as UInt8)
            writer.write(name)
            writer.write(isPlain)
        case .unknown(let name):
            writer.write(7 as UInt8)
            writer.write(name)
        case .givenUp(let name, let reason):
            writer.write(8 as UInt8)
            writer.write(name)
            writer.write(reason)
        case .dropped(let name, let count, let isUrgent):
            writer.write(9 as UInt8)
            writer.write(name)
            writer.write(varint: UInt64(count))
            writer.write(isUrgent)
        case .expired(let name, let count, let isUrgent):
            writer.write(12 as UInt8)
            writer.write(name)
            writer.write(varint: UInt64(count))
            writer.write(isUrgent)
        case .moved(let name, let address, let origin):
            writer.write((origin == nil ? 10 : 13) as UInt8)
            writer.write(name)
            writer.write(address)
            if let origin { writer.write(origin) }
        case .kept(let name, let entry):
            writer.write(11 as UInt8)
            writer.write(name)
            writer.write(entry)
        }
        return writer.bytes
    }

    package init(bytes: [UInt8]) throws(ByteError) {
        var reader = ByteReader(bytes)
        let version = try reader.read(UInt8.self)
        guard version == Self.version else {
            throw .malformed(at: 0, what: "version \(version) of the outbox is not known")
        }
        self = try reader.readOutboxRecord()
        try reader.expectEnd()
    }
}

extension ByteReader {
    fileprivate mutating func readOutboxRecord() throws(ByteError) -> OutboxRecord {
        let at = offset
        switch try read(UInt8.self) {
        case 1: return try readQueued()
        case 2:
            let id = try readMessageID()
            var routes: [FoldedRoute] = []
            for _ in 0..<(try readCount()) {
                routes.append(
                    FoldedRoute(destination: try readString(), count: try readCount()))
            }
            return .folded(id, routes)
        case 4:
            let name = try readString()
            return .sending(
                name,
                LetterContent(
                    kind: try readCase(LetterContent.Kind.self), count: try readCount(),
                    part: try readCount(), parts: try readCount(), tally: try readCount()))
        case 5: return .delivered(try readString())
        case 6: return .notSent(try readString(), isPlain: try readBool())
        case 7: return .unknown(try readString())
        case 8: return .givenUp(try readString(), reason: try readString())
        case 9:
            return .dropped(try readString(), count: try readCount(), isUrgent: try readBool())
        case 10: return .moved(try readString(), address: try readString(), of: nil)
        case 11: return .kept(try readString(), try readEntry())
        case 12:
            return .expired(try readString(), count: try readCount(), isUrgent: try readBool())
        case 13:
            return .moved(
                try readString(), address: try readString(), of: try read(UInt64.self))
        case let other: throw .malformed(at: at, what: "\(other) is no record of an outbox")
        }
    }

    private mutating func readQueued() throws(ByteError) -> OutboxRecord {
        let message = try readMessage()
        let utc = try readUTC()
        var routes: [Route] = []
        for _ in 0..<(try readCount()) {
            routes.append(Route(to: try readString(), text: try readString()))
        }
        return .queued(message, utc: utc, routes)
    }
}
