import Glibc
import Ports

/// Cuts bytes into rows and fields, by RFC 4180: quotes, doubled quotes, line ends inside quotes.
///
/// The bytes lie in one block of 256 KiB that grows to 1 MiB for a long line; a row's fields are
/// borrowed until the next row, and eight bytes may be read wherever a field begins. Blank lines are passed over. One owner.
final class CSVScanner {
    struct Field {
        var start: Int32
        var count: Int32
        /// Holds doubled quotes.
        var isEscaped: Bool
    }
    static let longestLine = 1 << 20
    static let mostFields = 4096

    private let source: any ByteSource
    private let path: String
    private let separator: UInt8
    @exclusivity(unchecked) private var bytes: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// Data lies in `next..<end`; the row last handed out in `row..<rowEnd`.
    @exclusivity(unchecked) private var next = 0
    @exclusivity(unchecked) private var end = 0
    @exclusivity(unchecked) private var isAtEnd = false
    @exclusivity(unchecked) private var row = 0
    @exclusivity(unchecked) private var rowEnd = 0
    @exclusivity(unchecked) private var linesInRow = 1
    /// The row before, for ``isSameAsBefore``: in the block, or saved when the block moved.
    @exclusivity(unchecked) private var before = 0..<0
    private var saved: [UInt8] = []
    @exclusivity(unchecked) private var isSaved = false
    /// Where the first NUL lies, or -1.
    @exclusivity(unchecked) private var nul = -1
    private let fields: UnsafeMutablePointer<Field>
    /// Of the fields of a plain row.
    private let ends: UnsafeMutablePointer<Int>
    @exclusivity(unchecked) private(set) var fieldCount = 0
    /// The line, from 1, on which the row begins.
    @exclusivity(unchecked) private(set) var line = 0

    init(_ source: any ByteSource, path: String, separator: UInt8 = UInt8(ascii: ",")) {
        self.source = source
        self.path = path
        self.separator = separator
        capacity = 256 * 1024
        bytes = Self.block(capacity)
        fields = .allocate(capacity: Self.mostFields)
        fields.initialize(
            repeating: Field(start: 0, count: 0, isEscaped: false), count: Self.mostFields)
        ends = .allocate(capacity: Self.mostFields)
        ends.initialize(repeating: 0, count: Self.mostFields)
    }

    /// With what may be read behind its last byte.
    private static func block(_ capacity: Int) -> UnsafeMutablePointer<UInt8> {
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + WordOfText.bytes)
        bytes.initialize(repeating: 0, count: capacity + WordOfText.bytes)
        return bytes
    }

    deinit {
        bytes.deallocate()
        fields.deallocate()
        ends.deallocate()
    }

    /// How much of the source lies before the row that comes next, 0 to 1, by its bytes.
    var fraction: Double {
        progress.fraction(next - refilled, of: end - refilled, after: source.fraction)
    }
    private var progress = BlockProgress()
    /// Where the bytes of the last read begin.
    private var refilled = 0

    /// Goes to the next row.
    ///
    /// - Returns: False at the end.
    func nextRow() throws(FeedError) -> Bool {
        rememberRow()
        while true {
            line += linesInRow
            linesInRow = 1
            while try !scanRow() { try refill() }
            if rowEnd == row, next >= end, isAtEnd { return false }
            guard nul < 0 || nul >= rowEnd else {
                throw failure("the line holds a NUL byte", "is this a text file?")
            }
            if rowEnd > row { return true }
        }
    }

    /// Field `index`, without its quotes. `index` must be below ``fieldCount``; empty if it is not.
    @inline(__always) func field(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        guard index < fieldCount else { return UnsafeBufferPointer(start: bytes, count: 0) }
        let field = fields[index]
        return UnsafeBufferPointer(start: bytes + Int(field.start), count: Int(field.count))
    }

    /// The field as text; bytes that are no UTF-8 are replaced.
    func text(_ index: Int) -> String {
        let text = String(decoding: field(index), as: UTF8.self)
        guard index < fieldCount, fields[index].isEscaped else { return text }
        var result = ""
        var isSecond = false
        for character in text.unicodeScalars {
            isSecond = character == "\"" && !isSecond
            if !isSecond || character != "\"" { result.unicodeScalars.append(character) }
        }
        return result
    }

    // MARK: Rows one after the other

    /// The rows that come, as far as they lie in the block and before a NUL.
    var plainRows: PlainRows {
        PlainRows(
            bytes, behind: row..<rowEnd, from: next, to: nul < 0 ? end : min(end, max(nul, next)),
            ends: ends, separator: separator)
    }

    /// Goes behind rows that were read elsewhere, each of a line.
    ///
    /// - Parameter last: Where the last of them begins and ends.
    func pass(_ count: Int, last: Range<Int>, next: Int) {
        guard count > 0 else { return }
        line += linesInRow + count - 1
        linesInRow = 1
        (row, rowEnd, self.next) = (last.lowerBound, last.upperBound, next)
    }

    /// Whether nothing follows the row.
    var isAtLastRow: Bool { isAtEnd && next >= end }

    /// Whether the row has the same bytes as the one before it.
    var isSameAsBefore: Bool {
        let count = rowEnd - row
        if isSaved {
            return isSameText(saved, UnsafeBufferPointer(start: bytes + row, count: count))
        }
        return count == before.count && memcmp(bytes + before.lowerBound, bytes + row, count) == 0
    }

    // MARK: Rows

    private func rememberRow() {
        before = row..<rowEnd
        isSaved = false
    }

    /// Cuts the row at `next`.
    ///
    /// - Returns: False when the block ends inside it and the source does not.
    private func scanRow() throws(FeedError) -> Bool {
        let bytes = bytes
        let end = end
        let separator = separator
        var at = next
        var count = 0
        row = at
        while true {
            guard count < Self.mostFields else {
                throw failure(
                    "the line has more than \(Self.mostFields) fields", "check the separator")
            }
            if at < end, bytes[at] == UInt8(ascii: "\"") {
                guard let close = try scanQuoted(at, field: count) else { return false }
                at = close
            } else {
                let start = at
                while at < end, bytes[at] != separator, bytes[at] != UInt8(ascii: "\n") { at += 1 }
                if at == end, !isAtEnd { return false }
                fields[count] = Field(
                    start: Int32(truncatingIfNeeded: start),
                    count: Int32(truncatingIfNeeded: at - start), isEscaped: false)
            }
            count += 1
            guard at < end, bytes[at] == separator else { break }
            at += 1
        }
        finishRow(at, count)
        return true
    }

    /// - Parameter at: On the line end, or at the end of the data.
    private func finishRow(_ at: Int, _ count: Int) {
        rowEnd = at
        next = at < end ? at + 1 : at
        fieldCount = count
        guard at > row, bytes[at - 1] == UInt8(ascii: "\r") else { return }
        rowEnd -= 1
        let last = fields[count - 1]
        if Int(last.start + last.count) == at { fields[count - 1].count -= 1 }
    }

    /// Cuts a quoted field that begins at `at`.
    ///
    /// - Returns: The place behind it, or `nil` when the block ends too early.
    private func scanQuoted(_ at: Int, field: Int) throws(FeedError) -> Int? {
        var close = at + 1
        var isEscaped = false
        while true {
            guard let found = memchr(bytes + close, 0x22, end - close) else {
                guard isAtEnd else { return nil }
                throw failure(
                    "a quote is never closed", "close it, or double quotes inside a field")
            }
            close = found.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(bytes)
            if close + 1 == end, !isAtEnd { return nil }
            guard close + 1 < end, bytes[close + 1] == 0x22 else { break }
            isEscaped = true
            close += 2
        }
        let behind = close + 1
        var isGood = behind == end || bytes[behind] == separator || bytes[behind] == 10
        if !isGood, bytes[behind] == 13 {
            if behind + 1 == end, !isAtEnd { return nil }
            isGood = behind + 1 == end || bytes[behind + 1] == 10
        }
        guard isGood else {
            throw failure("text follows a closing quote", "double quotes inside a field")
        }
        fields[field] = Field(
            start: Int32(at + 1), count: Int32(close - at - 1), isEscaped: isEscaped)
        for index in at..<close where bytes[index] == 10 { linesInRow += 1 }
        return behind < end && bytes[behind] == 13 ? behind + 1 : behind
    }

    // MARK: The block

    /// Moves what is left to the front and reads more behind it.
    private func refill() throws(FeedError) {
        linesInRow = 1
        if !isSaved {
            saved.removeAll(keepingCapacity: true)
            saved.append(
                contentsOf: UnsafeBufferPointer(
                    start: bytes + before.lowerBound, count: before.count))
            isSaved = true
        }
        let left = end - next
        if left == capacity { try grow() }
        memmove(bytes, bytes + next, left)
        nul = nul < next ? -1 : nul - next
        row = 0
        rowEnd = 0
        next = 0
        end = left
        let room = UnsafeMutableRawBufferPointer(start: bytes + end, count: capacity - end)
        progress.begin(at: source.fraction)
        refilled = end
        let count = try source.read(into: room)
        if count == 0 { isAtEnd = true }
        if nul < 0, let found = memchr(bytes + end, 0, count) {
            nul = found.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(bytes)
        }
        end += count
    }

    private func grow() throws(FeedError) {
        guard capacity < Self.longestLine else {
            throw failure("the line is longer than 1 MiB", "is this a CSV file?")
        }
        let larger = Self.block(capacity * 2)
        larger.update(from: bytes, count: end)
        bytes.deallocate()
        bytes = larger
        capacity *= 2
    }

    private func failure(_ what: String, _ advice: String) -> FeedError {
        FeedError(what, at: "\(path):\(line)", advice: advice)
    }
}
