import Platform
import Ports

/// A message as it waits for one destination.
package struct OutboxEntry: Hashable, Sendable {
    let message: Message
    /// When it was queued: ns since 1970.
    let utc: Int64
    let text: String
    /// Whether no other destination has it.
    var isAlone: Bool
    /// Of a text longer than a letter, so many parts have arrived.
    var partsDone = 0
    /// Its marked-up form was refused.
    var isPlain = false
    /// It may have arrived already.
    var isRepeat = false

    var line: String { String(text.prefix { !$0.isNewline }) }
    /// Whether it may become a line of a digest.
    var isFoldable: Bool {
        !message.severity.isUrgent && message.topic != .run && partsDone == 0
    }
}

extension ByteWriter {
    mutating func write(_ id: MessageID) {
        write(id.source)
        write(varint: id.record)
        write(varint: UInt64(id.index))
    }

    mutating func write(_ message: Message) {
        write(message.id)
        write(message.severity.rawValue)
        write(message.topic.rawValue)
        write(message.clock)
    }

    mutating func write(_ entry: OutboxEntry) {
        write(entry.message)
        write(entry.utc)
        write(entry.text)
        write(entry.isAlone)
        write(varint: UInt64(entry.partsDone))
        write(entry.isPlain)
        write(entry.isRepeat)
    }
}

extension ByteReader {
    mutating func readCount() throws(ByteError) -> Int {
        let at = offset
        guard let count = Int(exactly: try readVarint()), count <= 1 << 32 else {
            throw .malformed(at: at, what: "a count is too large")
        }
        return count
    }

    mutating func readMessageID() throws(ByteError) -> MessageID {
        let source = try readString()
        let at = offset
        let record = try readVarint()
        // There must always be a next one.
        guard record <= UInt64(Int64.max) else {
            throw .malformed(at: at, what: "a message's number is too large")
        }
        let index = UInt32(truncatingIfNeeded: try readCount())
        return MessageID(source: source, record: record, index: index)
    }

    mutating func readCase<Value: RawRepresentable>(
        _ type: Value.Type
    ) throws(ByteError) -> Value where Value.RawValue == UInt8 {
        let at = offset
        let raw = try read(UInt8.self)
        guard let value = Value(rawValue: raw) else {
            throw .malformed(at: at, what: "\(raw) is no \(type)")
        }
        return value
    }

    /// ns since 1970, not before: an age that is made of it has to be a number.
    mutating func readUTC() throws(ByteError) -> Int64 {
        let at = offset
        let utc = try read(Int64.self)
        guard utc >= 0 else { throw .malformed(at: at, what: "a time before 1970") }
        return utc
    }

    mutating func readMessage() throws(ByteError) -> Message {
        Message(
            id: try readMessageID(), severity: try readCase(Severity.self),
            topic: try readCase(Topic.self), clock: try readString())
    }

    mutating func readEntry() throws(ByteError) -> OutboxEntry {
        OutboxEntry(
            message: try readMessage(), utc: try readUTC(), text: try readString(),
            isAlone: try readBool(), partsDone: try readCount(), isPlain: try readBool(),
            isRepeat: try readBool())
    }
}
