import CPQ
import Ports

/// Parameters in text form, each ended by a zero byte.
///
/// PostgreSQL keeps no zero byte in a text: U+0000 is written as U+001A `0`, and U+001A as U+001A `1`.
/// All other texts stand as they are.
struct PostgresBinder: RowBinder {
    private(set) var bytes: [UInt8] = []
    /// Where each begins; -1: NULL.
    private(set) var starts: [Int] = []

    mutating func put(_ value: Int64) {
        starts.append(bytes.count)
        bytes.append(contentsOf: String(value).utf8)
        bytes.append(0)
    }

    mutating func put(_ value: String) {
        starts.append(bytes.count)
        Self.append(value, to: &bytes)
        bytes.append(0)
    }

    mutating func putNull() { starts.append(-1) }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
    }

    /// Lends the parameters as libpq takes them: for the length of the call.
    func withValues<Answer>(
        _ body: (CInt, UnsafePointer<UnsafePointer<CChar>?>?) -> Answer
    ) -> Answer {
        bytes.withUnsafeBytes { raw in
            let base = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = starts.map { start in start < 0 ? nil : base.map { $0 + start } }
            return values.withUnsafeBufferPointer { body(CInt($0.count), $0.baseAddress) }
        }
    }

    static func append(_ text: String, to bytes: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case 0: bytes += [0x1A, UInt8(ascii: "0")]
            case 0x1A: bytes += [0x1A, UInt8(ascii: "1")]
            default: bytes.append(byte)
            }
        }
    }
}

/// Takes the columns of one row from the first on.
struct PostgresRow: RowReader {
    private let result: OpaquePointer
    private let row: CInt
    private var column: CInt = -1
    /// The name of the first column that could not be read.
    private(set) var bad: String?

    init(_ result: OpaquePointer, row: CInt) {
        self.result = result
        self.row = row
    }

    mutating func integer() -> Int64 { known(optionalInteger(), else: 0) }

    mutating func optionalInteger() -> Int64? {
        guard let bytes = next() else { return nil }
        return known(Int64(String(decoding: bytes, as: UTF8.self)), else: 0)
    }

    mutating func optionalText() -> String? {
        guard let bytes = next() else { return nil }
        guard bytes.contains(0x1A) else { return String(decoding: bytes, as: UTF8.self) }
        var text: [UInt8] = []
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                text.append(byte == UInt8(ascii: "0") ? 0 : 0x1A)
                isEscaped = false
            } else if byte == 0x1A {
                isEscaped = true
            } else {
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    mutating func known<Value>(_ value: Value?, else fallback: Value) -> Value {
        if value == nil, bad == nil {
            bad = PQfname(result, column).map { String(cString: $0) } ?? "\(column)"
        }
        return value ?? fallback
    }

    private mutating func next() -> UnsafeRawBufferPointer? {
        column += 1
        guard PQgetisnull(result, row, column) == 0 else { return nil }
        return UnsafeRawBufferPointer(
            start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
    }
}
