import Glibc

/// Rows as nearly all are: none of their fields is quoted. Borrowed from a scanner until it goes on.
///
/// What is odd about a row is found out by who reads it otherwise: here it only ends the rows.
struct PlainRows {
    private let bytes: UnsafeMutablePointer<UInt8>
    private let end: Int
    private let ends: UnsafeMutablePointer<Int>
    private let separator: UInt8
    private let separators: WordOfText
    private let lineEnds = WordOfText(repeating: UInt8(ascii: "\n"))
    /// Where the row before the first lies.
    let last: Range<Int>
    /// The row in hand begins here.
    private(set) var start: Int
    /// Behind the row in hand: the row after it.
    private(set) var next: Int

    /// - Parameters:
    ///   - end: Behind the last byte that belongs to a row; eight more may be read.
    ///   - ends: Room for the fields of a row.
    init(
        _ bytes: UnsafeMutablePointer<UInt8>, behind last: Range<Int>, from start: Int,
        to end: Int, ends: UnsafeMutablePointer<Int>, separator: UInt8
    ) {
        self.bytes = bytes
        self.last = last
        self.start = start
        self.end = end
        self.ends = ends
        self.separator = separator
        separators = WordOfText(repeating: separator)
        next = start
    }

    /// Goes to the next row.
    ///
    /// - Parameter count: Its fields, 1 to ``CSVScanner/mostFields``.
    /// - Returns: False where it is none of so many unquoted fields, or does not end here.
    @inline(__always)
    mutating func advance(fields count: Int) -> Bool {
        var (first, at) = (next, next)
        var found = 0
        while at < end {
            let word = WordOfText(bytes + at)
            var marks = word.marks(of: separators) | word.marks(of: lineEnds)
            while marks != 0 {
                let place = at &+ marks.trailingZeroBitCount &>> 3
                guard place < end, found < count, bytes[first] != UInt8(ascii: "\"") else {
                    return false
                }
                ends[found] = place
                found &+= 1
                first = place &+ 1
                if bytes[place] != separator {
                    guard found == count, place > next else { return false }
                    if bytes[place &- 1] == UInt8(ascii: "\r") { ends[found &- 1] &-= 1 }
                    (start, next) = (next, first)
                    return true
                }
                marks &= marks &- 1
            }
            at &+= WordOfText.bytes
        }
        return false
    }

    /// Where the row in hand lies, without its line end; `count` are its fields.
    func row(fields count: Int) -> Range<Int> { start..<ends[count - 1] }

    /// Whether the row in hand has the same bytes as another.
    func isSame(as other: Range<Int>, fields count: Int) -> Bool {
        let row = row(fields: count)
        return row.count == other.count
            && memcmp(bytes + row.lowerBound, bytes + other.lowerBound, row.count) == 0
    }

    /// Field `index` of the row in hand, below its count.
    @inline(__always)
    func field(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        let first = index == 0 ? start : ends[index &- 1] &+ 1
        return UnsafeBufferPointer(start: bytes + first, count: ends[index] &- first)
    }
}
