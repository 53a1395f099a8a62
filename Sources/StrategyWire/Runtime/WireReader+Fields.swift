// What generated code calls for one field of a message.
extension WireReader {
    package mutating func read<C: WireCodec>(_: C.Type) throws(WireError) -> C.Value {
        var value = C.initial
        try C.merge(&value, from: &self)
        return value
    }

    /// A message met again is merged into the first, as protobuf demands.
    package mutating func merge<M: WireMessage>(_ message: inout M?) throws(WireError) {
        var merged = message ?? M()
        message = nil
        try merge(into: &merged)
        message = merged
    }

    package mutating func merge<M: WireMessage>(into message: inout M) throws(WireError) {
        let frame = try enter()
        try message.merge(from: &self)
        leave(frame)
    }

    /// A packed column of numbers of varying width.
    package mutating func packed<C: WireCodec>(
        _: C.Type, into values: inout [C.Value]
    ) throws(WireError) {
        let bytes = try delimited()
        guard var column = WireReader(bytes) else { return }
        values.reserveCapacity(values.count + bytes.reduce(0) { $0 + ($1 < 0x80 ? 1 : 0) })
        while !column.isAtEnd {
            do throws(WireError) {
                values.append(try column.read(C.self))
            } catch {
                throw self.error(error.reason)
            }
        }
    }

    /// A packed column of fixed width: one bounds check and one copy for all rows.
    package mutating func packed<C: WireFixedCodec>(
        _: C.Type, into values: inout [C.Value]
    ) throws(WireError) {
        let bytes = try delimited()
        let (rows, rest) = bytes.count.quotientAndRemainder(dividingBy: MemoryLayout<C.Value>.size)
        guard rest == 0 else { throw error(.unevenColumn) }
        guard rows > 0 else { return }
        if values.isEmpty && values.capacity < rows {
            values = Array(unsafeUninitializedCapacity: rows) { buffer, count in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
                count = rows
            }
        } else {
            let old = values.count
            values.append(contentsOf: repeatElement(C.initial, count: rows))
            values.withUnsafeMutableBytes {
                UnsafeMutableRawBufferPointer(rebasing: $0[(old * MemoryLayout<C.Value>.size)...])
                    .copyMemory(from: bytes)
            }
        }
    }

    /// One entry of a map. A key met again replaces; a missing key or value is its type's default.
    package mutating func entry<K: WireCodec, V: WireCodec>(
        _: K.Type, _: V.Type, into map: inout WireMap<K.Value, V.Value>
    ) throws(WireError) where K.Value: WireMapKey {
        var key = K.initial
        var value = V.initial
        let frame = try enter()
        while let tag = try nextTag() {
            switch tag {
            case 1 << 3 | K.wireType: try K.merge(&key, from: &self)
            case 2 << 3 | V.wireType: try V.merge(&value, from: &self)
            default: try skip(tag)
            }
        }
        leave(frame)
        map[key] = value
    }
}
