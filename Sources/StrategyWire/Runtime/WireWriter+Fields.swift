// What generated code calls for one field of a message: last field first, value before tag.
extension WireWriter {
    /// A field without presence: nothing is written for its default.
    package mutating func write<C: WireCodec>(_: C.Type, _ value: C.Value, tag: UInt32) {
        guard !C.isInitial(value) else { return }
        put(C.self, value, tag: tag)
    }

    /// A field that is present, whatever its value.
    package mutating func put<C: WireCodec>(_: C.Type, _ value: C.Value, tag: UInt32) {
        C.write(value, to: &self)
        varint(UInt64(tag))
    }

    package mutating func put<M: WireMessage>(_ message: M, tag: UInt32) {
        put(WireNested<M>.self, message, tag: tag)
    }

    /// A repeated field with a tag for each value.
    package mutating func repeated<C: WireCodec>(_: C.Type, _ values: [C.Value], tag: UInt32) {
        for value in values.reversed() { put(C.self, value, tag: tag) }
    }

    /// A packed column of numbers of varying width.
    package mutating func packed<C: WireCodec>(_: C.Type, _ values: [C.Value], tag: UInt32) {
        guard !values.isEmpty else { return }
        let end = count
        for value in values.reversed() { C.write(value, to: &self) }
        varint(UInt64(count - end))
        varint(UInt64(tag))
    }

    /// A packed column of fixed width, as one run of memory.
    package mutating func packed<C: WireFixedCodec>(_: C.Type, _ values: [C.Value], tag: UInt32) {
        guard !values.isEmpty else { return }
        let size = values.withUnsafeBytes { bytes in
            raw(bytes)
            return bytes.count
        }
        varint(UInt64(size))
        varint(UInt64(tag))
    }

    /// A map, in rising order of its keys, so that equal messages have equal bytes.
    package mutating func map<K: WireCodec, V: WireCodec>(
        _: K.Type, _: V.Type, _ map: WireMap<K.Value, V.Value>, tag: UInt32
    ) where K.Value: WireMapKey {
        guard !map.isEmpty else { return }
        for (key, value) in map.entries.reversed() {
            let end = count
            put(V.self, value, tag: 2 << 3 | V.wireType)
            put(K.self, key, tag: 1 << 3 | K.wireType)
            varint(UInt64(count - end))
            varint(UInt64(tag))
        }
    }

    package mutating func write(_ unknown: WireUnknownFields) {
        guard !unknown.bytes.isEmpty else { return }
        unknown.bytes.withUnsafeBytes { raw($0) }
    }
}
