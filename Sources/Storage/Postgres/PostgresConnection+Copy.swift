import CPQ
import Ports

/// Rows as COPY takes them: a line each, a tab between columns.
///
/// Zero bytes are written as in parameters: see ``PostgresBinder``.
struct PostgresCopyText: RowBinder {
    private(set) var bytes: [UInt8] = []
    private var isBegun = false

    mutating func put(_ value: Int64) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
    }

    mutating func put(_ value: String) {
        separate()
        var text: [UInt8] = []
        PostgresBinder.append(value, to: &text)
        for byte in text {
            switch byte {
            case UInt8(ascii: "\\"): bytes += [byte, byte]
            case UInt8(ascii: "\t"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case UInt8(ascii: "\r"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            default: bytes.append(byte)
            }
        }
    }

    mutating func putNull() {
        separate()
        bytes += [UInt8(ascii: "\\"), UInt8(ascii: "N")]
    }

    mutating func endRow() {
        bytes.append(UInt8(ascii: "\n"))
        isBegun = false
    }

    private mutating func separate() {
        if isBegun { bytes.append(UInt8(ascii: "\t")) }
        isBegun = true
    }
}

extension PostgresConnection {
    /// Bytes between two looks at the socket.
    private static let stride = 65_536

    /// Streams rows into a table by COPY: they are there when this returns, or none is.
    ///
    /// - Parameter target: The table, with its columns in the order of the text's.
    func copy(
        into target: String, _ text: PostgresCopyText, doing what: String
    ) throws(StoreError) {
        guard PQsendQuery(raw, "COPY \(target) FROM STDIN") == 1 else { throw broken(what) }
        let deadline = deadline
        try flush(until: deadline, what)
        var isTaking = false
        var failure: StoreError?
        // An error has an empty result behind it, a copy that begins has none.
        while !isTaking, let result = try nextResult(until: deadline, what) {
            if result.isError { failure = failure ?? StoreError(result, doing: what, at: place) }
            isTaking = result.status == PGRES_COPY_IN
        }
        if let failure { throw failure }
        guard isTaking else { throw broken(what) }
        var at = 0
        while at < text.bytes.count {
            let end = min(at + Self.stride, text.bytes.count)
            try send(text.bytes[at..<end], until: deadline, what)
            at = end
        }
        var ended = PQputCopyEnd(raw, nil)
        while ended == 0 {
            try flush(until: deadline, what)
            ended = PQputCopyEnd(raw, nil)
        }
        guard ended == 1 else { throw broken(what) }
        try flush(until: deadline, what)
        while let result = try nextResult(until: deadline, what) {
            if result.isError { failure = failure ?? StoreError(result, doing: what, at: place) }
        }
        if let failure { throw failure }
    }

    private func send(
        _ bytes: ArraySlice<UInt8>, until deadline: Int64, _ what: String
    ) throws(StoreError) {
        while true {
            let taken = bytes.withUnsafeBytes { raw in
                PQputCopyData(
                    self.raw, raw.baseAddress?.assumingMemoryBound(to: CChar.self),
                    CInt(raw.count))
            }
            guard taken >= 0 else { throw broken(what) }
            try flush(until: deadline, what)
            if taken == 1 { return }  // 0: its buffer was full, and is empty now
        }
    }
}
