/// A message of the .proto files as a Swift value.
///
/// Equality is that of the fields: texts compare as Swift strings do, and a message that holds a
/// NaN is unequal to itself. Compare encoded bytes where each bit counts: equal values in the same
/// scalars always encode to the same bytes.
package protocol WireMessage: Hashable, Sendable {
    init()
    /// The full name in the .proto files.
    static var protoName: String { get }
    /// Fields this build does not know, kept so that they survive a round trip.
    var unknownFields: WireUnknownFields { get set }
    /// Reads fields up to the reader's end, on top of what is there.
    mutating func merge(from reader: inout WireReader) throws(WireError)
    /// Writes every field in front of what the writer holds.
    func write(to writer: inout WireWriter)
}

extension WireMessage {
    /// Decodes a whole message.
    ///
    /// - Parameter bytes: Borrowed for the call; nothing of it is kept.
    /// - Throws: ``WireError`` for damaged bytes, whatever they are.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(WireError) {
        self.init()
        guard var reader = WireReader(bytes) else { return }
        do throws(WireError) {
            try merge(from: &reader)
        } catch {
            throw WireError(error.reason, offset: error.offset, message: Self.protoName)
        }
    }

    /// Decodes a whole message. Throws ``WireError`` for damaged bytes, whatever they are.
    package init(decoding bytes: [UInt8]) throws(WireError) {
        self = try bytes.withUnsafeBufferPointer { (buffer) throws(WireError) in
            try Self(decoding: UnsafeRawBufferPointer(buffer))
        }
    }

    /// The encoded message. On a hot path write into a ``WireWriter`` that is kept instead.
    package func encoded() -> [UInt8] {
        var writer = WireWriter()
        write(to: &writer)
        return writer.bytes
    }
}

/// An enum of the .proto files. Numbers without a name are kept, for v1 only grows.
///
/// Decoding never makes an `unrecognized` of a number that has a name, and neither should anyone:
/// it would be unequal to the named case.
package protocol WireEnum: Hashable, Sendable {
    init(rawValue: Int32)
    var rawValue: Int32 { get }
}

/// The bytes of fields that the reading build did not know: tag and value, in the order they came.
package struct WireUnknownFields: Hashable, Sendable {
    package private(set) var bytes: [UInt8] = []
    package init() {}
    mutating func append(_ field: UnsafeRawBufferPointer) { bytes.append(contentsOf: field) }
}

/// Holds a message that, through its fields, may hold another of its own kind.
package indirect enum WireBox<Value: Hashable & Sendable>: Hashable, Sendable {
    case holding(Value)

    package init(_ value: Value) { self = .holding(value) }

    package var value: Value {
        switch self {
        case .holding(let value): value
        }
    }
}
