/// How a file writes its times.
package enum TimeFormat: Hashable, Sendable {
    /// Since 1970, UTC; decimals are allowed.
    case unixSeconds, unixMilliseconds, unixMicroseconds, unixNanoseconds
    /// `2014-01-01`, `20140101`, `2014-01-01 22:00`, `2014-01-01T22:00:00.123456789`, each also
    /// with `Z` or `+09:00`; without them in the feed's zone.
    case iso

    /// Of a number's text in ns; `nil` where it is a date.
    var decimals: Int? {
        switch self {
        case .unixNanoseconds: 0
        case .unixMicroseconds: 3
        case .unixMilliseconds: 6
        case .unixSeconds: 9
        case .iso: nil
        }
    }
}

/// Reads times of one format and one zone; remembers the last date, for rows mostly share it.
struct TimeReader {
    private let format: TimeFormat
    private var zone: ZoneClock
    private var cachedDate: (UInt64, UInt16) = (0, 0)
    private var cachedDay: Int64 = 0
    /// Whether a time so far carried no offset.
    private(set) var hasLocalTimes = false

    init(_ format: TimeFormat, zone: ZoneClock) {
        self.format = format
        self.zone = zone
    }

    /// ns since 1970, UTC; `nil` when the text is no time.
    @inline(__always)
    mutating func read(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard let decimals = format.decimals else { return readISO(text) }
        return fixedDecimal(text, decimals: decimals)
    }

    /// A date, and the ms since its midnight, by the wall clock.
    @inline(__always)
    mutating func read(
        date: UnsafeBufferPointer<UInt8>, milliseconds: UnsafeBufferPointer<UInt8>
    ) -> Int64? {
        guard let (day, count) = readDate(date), count == date.count,
            let nanoseconds = fixedDecimal(milliseconds, decimals: 6),
            nanoseconds >= 0, nanoseconds < 86_400_000_000_000
        else { return nil }
        hasLocalTimes = true
        return zone.utc(day: day, nanoseconds: nanoseconds)
    }

    private mutating func readISO(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard let (day, length) = readDate(text) else { return nil }
        guard length < text.count else {
            hasLocalTimes = true
            return zone.utc(day: day, nanoseconds: 0)
        }
        guard text[length] == UInt8(ascii: " ") || text[length] == UInt8(ascii: "T") else {
            return nil
        }
        var clock = ClockText(UnsafeBufferPointer(rebasing: text[(length + 1)...]))
        guard let nanoseconds = clock.readTimeOfDay() else { return nil }
        if clock.isAtEnd {
            hasLocalTimes = true
            return zone.utc(day: day, nanoseconds: nanoseconds)
        }
        guard let offset = clock.readOffset(), clock.isAtEnd else { return nil }
        return day * 86_400_000_000_000 + nanoseconds - offset * 1_000_000_000
    }

    /// - Returns: The day and how many bytes it took: `2014-01-01` or `20140101`.
    @inline(__always)
    private mutating func readDate(_ text: UnsafeBufferPointer<UInt8>) -> (Int64, Int)? {
        guard text.count >= 8, let base = text.baseAddress else { return nil }
        let raw = UnsafeRawPointer(base)
        let head = raw.loadUnaligned(as: UInt64.self)
        guard text.count >= 10, text[4] == UInt8(ascii: "-") else {
            return parseDate(text, year: 0..<4, month: 4..<6, day: 6..<8).map { ($0, 8) }
        }
        let tail = raw.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
        if (head, tail) == cachedDate { return (cachedDay, 10) }
        guard text[7] == UInt8(ascii: "-"),
            let day = parseDate(text, year: 0..<4, month: 5..<7, day: 8..<10)
        else { return nil }
        cachedDate = (head, tail)
        cachedDay = day
        return (day, 10)
    }

    private func parseDate(
        _ text: UnsafeBufferPointer<UInt8>, year: Range<Int>, month: Range<Int>, day: Range<Int>
    ) -> Int64? {
        guard let year = plainNumber(text, year), let month = plainNumber(text, month),
            let day = plainNumber(text, day)
        else { return nil }
        return daysSince1970(year: year, month: month, day: day)
    }
}

/// The part of a time behind its date: `22:00`, `22:00:01.5`, then `Z` or an offset.
private struct ClockText {
    private let text: UnsafeBufferPointer<UInt8>
    private var at = 0
    init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

    var isAtEnd: Bool { at == text.count }

    /// ns since midnight.
    mutating func readTimeOfDay() -> Int64? {
        guard let hour = two(), hour < 24, take(":"), let minute = two(), minute < 60 else {
            return nil
        }
        var seconds: Int64 = 0
        var fraction: Int64 = 0
        if take(":") {
            guard let second = two(), second < 60 else { return nil }
            seconds = second
            if take(".") {
                let start = at
                while at < text.count, (48...57).contains(text[at]) { at += 1 }
                let digits = UnsafeBufferPointer(rebasing: text[start..<at])
                guard (1...9).contains(digits.count), let value = fixedDecimal(digits, decimals: 0)
                else { return nil }
                fraction = value
                for _ in digits.count..<9 { fraction *= 10 }
            }
        }
        return ((hour * 60 + minute) * 60 + seconds) * 1_000_000_000 + fraction
    }

    /// Seconds east of Greenwich.
    mutating func readOffset() -> Int64? {
        if take("Z") { return 0 }
        let isWest = take("-")
        guard isWest || take("+"), let hour = two(), hour < 24 else { return nil }
        _ = take(":")
        guard let minute = isAtEnd ? 0 : two(), minute < 60 else { return nil }
        let seconds = (hour * 60 + minute) * 60
        return isWest ? -seconds : seconds
    }

    private mutating func two() -> Int64? {
        guard at + 2 <= text.count, let value = plainNumber(text, at..<at + 2) else { return nil }
        at += 2
        return Int64(value)
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < text.count, text[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }
}

/// ASCII digits alone; `nil` for anything else.
@inline(__always)
private func plainNumber(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
    var value = 0
    for index in range {
        let digit = text[index] &- 48
        guard digit < 10 else { return nil }
        value = value * 10 + Int(digit)
    }
    return value
}
