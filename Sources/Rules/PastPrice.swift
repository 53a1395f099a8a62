import TradingModel

/// How far back a change looks.
enum PastSpan: Hashable, Sendable {
    case events(Int)
    /// Days on which there were events: 1 is the last price of the day before.
    case days(Int)
    /// By feed time, in ns: the last price that is at least so old.
    case time(Int64)

    /// Events that must have been seen before the first that can have a value.
    var warmUp: Int {
        switch self {
        case .events(let length): length
        case .days, .time: 1
        }
    }
}

/// A price of the past, in units; 0 while there is none. A push costs O(1), amortised.
enum PastPrice {
    case events(PastEvents)
    case days(PastDays)
    case time(PastTime)

    init(_ span: PastSpan) {
        switch span {
        case .events(let length): self = .events(PastEvents(length: length))
        case .days(let count): self = .days(PastDays(count: count))
        case .time(let length): self = .time(PastTime(length: length))
        }
    }

    var value: Int64 {
        switch self {
        case .events(let past): past.value
        case .days(let past): past.value
        case .time(let past): past.value
        }
    }

    func hash(into hasher: inout StateHasher) {
        switch self {
        case .events(let past): past.hash(into: &hasher)
        case .days(let past): past.hash(into: &hasher)
        case .time(let past): past.hash(into: &hasher)
        }
    }
}

/// The price `length` events ago. Warm-up: first value at index `length`; 0 before.
struct PastEvents {
    private var window: [Int64]
    private var at = 0
    /// In units.
    private(set) var value: Int64 = 0

    /// Holds a place, and no window.
    static let none = PastEvents(length: 0)

    init(length: Int) { window = Array(repeating: 0, count: length) }

    mutating func push(_ price: Int64) {
        value = window[at]
        window[at] = price
        at += 1
        if at == window.count { at = 0 }
    }

    func hash(into hasher: inout StateHasher) {
        hasher.combine(at)
        hasher.combine(value)
        for price in window { hasher.combine(price) }
    }
}

/// The last price of the day `count` days before this one, of days that had events.
///
/// What lies outside of the exchange's hours is the price of no day: it is compared with the same days as an
/// event of its own day in the hours would be. A day that is earlier than the one before counts as that one:
/// clocks step back.
struct PastDays {
    private var closes: [Int64]
    private var at = 0
    /// That of the last event in the hours.
    private var day: Int64?
    private var last: Int64 = 0
    /// In units.
    private(set) var value: Int64 = 0

    init(count: Int) { closes = Array(repeating: 0, count: count) }

    /// - Parameter isInside: Whether the event lies in the exchange's hours.
    mutating func push(_ price: Int64, day now: Int64, isInside: Bool) {
        let isNew = day.map { now > $0 } ?? false
        guard isInside else {
            // A day that has had nothing in its hours yet has the last close behind it.
            value = isNew ? (closes.count == 1 ? last : closes[next]) : closes[at]
            return
        }
        if isNew {
            closes[at] = last
            at = next
        }
        value = closes[at]  // the oldest; 0 while there is none
        day = max(day ?? now, now)
        last = price
    }

    private var next: Int { at + 1 == closes.count ? 0 : at + 1 }

    func hash(into hasher: inout StateHasher) {
        hasher.combine(at)
        hasher.combine(day != nil)
        hasher.combine(day ?? 0)
        hasher.combine(last)
        hasher.combine(value)
        for close in closes { hasher.combine(close) }
    }
}

/// The last price that is at least `length` ns old, to a sixtieth of the length.
///
/// Time is cut into slices of a sixtieth, counted from 1970; of each the last price is kept. The
/// value is that of the newest slice which ended `length` ago or earlier. So a change over 30m looks
/// 30 to 30½ minutes back. Time that steps back counts as the latest so far.
struct PastTime {
    static let slices: Int64 = 60
    private struct Slice {
        var number: Int64 = 0
        var price: Int64 = 0
    }
    private let slice: Int64
    /// A ring: `count` slices from `head` on, in rising order.
    private var ring = [Slice](repeating: Slice(), count: Int(slices) + 3)
    private var head = 0
    private var count = 0
    /// In units.
    private(set) var value: Int64 = 0

    init(length: Int64) { slice = max(1, length / PastTime.slices) }

    mutating func push(_ price: Int64, at time: Timestamp) {
        var number = floorDivide(time.nanoseconds, slice)
        if count > 0 {
            let last = place(count - 1)
            number = max(number, ring[last].number)
            if ring[last].number == number {
                ring[last].price = price
                return
            }
        }
        ring[place(count)] = Slice(number: number, price: price)
        count += 1
        // Slices that ended before the bound; all but the newest of them are of no more use.
        let bound = number &- PastTime.slices
        while count > 1, ring[place(1)].number < bound {
            head = place(1)
            count -= 1
        }
        if ring[head].number < bound { value = ring[head].price }
    }

    private func place(_ offset: Int) -> Int {
        let place = head + offset
        return place < ring.count ? place : place - ring.count
    }

    func hash(into hasher: inout StateHasher) {
        hasher.combine(slice)
        hasher.combine(value)
        for offset in 0..<count {
            hasher.combine(ring[place(offset)].number)
            hasher.combine(ring[place(offset)].price)
        }
    }
}
