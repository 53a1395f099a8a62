/// An instrument's index in the host's table: dense, from 0, fixed for a run.
public struct InstrumentID: Hashable, Comparable, Sendable {
    public let index: Int32
    @inlinable public init(_ index: Int) { self.index = Int32(truncatingIfNeeded: index) }
    @inlinable public static func < (a: InstrumentID, b: InstrumentID) -> Bool { a.index < b.index }
}

/// An account's index in the host's table.
public struct AccountID: Hashable, Comparable, Sendable {
    public let index: Int32
    @inlinable public init(_ index: Int) { self.index = Int32(truncatingIfNeeded: index) }
    @inlinable public static func < (a: AccountID, b: AccountID) -> Bool { a.index < b.index }
}

/// Who votes: a strategy in the host, a strategy server, or a rule, by its order in the configuration.
public struct SourceID: Hashable, Comparable, Sendable {
    public let index: Int32
    @inlinable public init(_ index: Int) { self.index = Int32(truncatingIfNeeded: index) }
    @inlinable public static func < (a: SourceID, b: SourceID) -> Bool { a.index < b.index }
}

/// An event's number in the one order of the host.
///
/// The upper 44 bits count the steps of the market stage, from 1; the lower 20 the events of that step:
/// its lower half the market's, its upper half account updates. 0 is before everything.
public struct EventPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let value: UInt64
    @inlinable public init(_ value: UInt64) { self.value = value }
    @inlinable public init(step: UInt64, index: Int) {
        value = step << 20 | UInt64(truncatingIfNeeded: index)
    }
    public static let start = EventPosition(0)
    /// The first index of a step that belongs to account updates.
    public static let firstAccountIndex = 1 << 19
    /// Steps end here: 2⁴⁴ - 1.
    public static let lastStep: UInt64 = 1 << 44 - 1
    @inlinable public var step: UInt64 { value >> 20 }
    @inlinable public var index: Int { Int(value & 0xF_FFFF) }
    /// The last position that step can hold.
    @inlinable public static func endOfStep(_ step: UInt64) -> EventPosition {
        EventPosition(step << 20 | 0xF_FFFF)
    }
    @inlinable public static func < (a: EventPosition, b: EventPosition) -> Bool {
        a.value < b.value
    }
    public var description: String { "\(step).\(index)" }
}

/// The host's name for an order, stored before it is sent: a UUID, the same in a replay.
public struct ClientOrderID: Hashable, Sendable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
    /// The 8-4-4-4-12 form, lower case.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for nibble in 0..<32 {
            if [8, 12, 16, 20].contains(nibble) { text.append(UInt8(ascii: "-")) }
            let word = nibble < 16 ? high : low
            text.append(digits[Int(word >> UInt64(60 - nibble % 16 * 4) & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// The broker's name for an order.
public struct BrokerOrderID: Hashable, Sendable, CustomStringConvertible {
    // The paper exchange's are numbers until somebody reads them: it names an order in a backtest's every fill.
    private enum Form: Hashable, Sendable {
        case words(String)
        case paper(UInt64)
    }
    private let form: Form

    public init(_ text: String) {
        // One form for one name: else what a log says would differ from what was said.
        if text.hasPrefix(Self.paperPrefix),
            let number = UInt64(text.dropFirst(Self.paperPrefix.count)),
            Self.paperPrefix + String(number) == text
        {
            form = .paper(number)
        } else {
            form = .words(text)
        }
    }
    /// `paper-12`.
    public init(paper number: OrderNumber) { form = .paper(number.value) }

    private static let paperPrefix = "paper-"
    public var text: String {
        switch form {
        case .words(let text): text
        case .paper(let number): Self.paperPrefix + String(number)
        }
    }
    public var description: String { text }
}
