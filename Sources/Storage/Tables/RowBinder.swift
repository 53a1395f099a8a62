import Ports
import TradingModel

/// Fills a statement's parameters from the first on, whatever the store.
protocol RowBinder {
    mutating func put(_ value: Int64)
    mutating func put(_ value: String)
    mutating func putNull()
}

extension RowBinder {
    /// As the same 64 bits: numbers past `Int64` read back exactly, though they sort as negative.
    mutating func put(_ value: UInt64) { put(Int64(bitPattern: value)) }
    mutating func put(_ value: Int64?) {
        if let value { put(value) } else { putNull() }
    }
    mutating func put(_ value: String?) {
        if let value { put(value) } else { putNull() }
    }
    mutating func put(_ value: some FixedPoint) { put(value.units) }
    /// Decimal text, exact: 128 bits fit no column.
    mutating func put(_ value: Money) { put(value.description) }
    mutating func put(_ value: Timestamp) { put(value.nanoseconds) }
}

/// Takes a row's columns from the first on. What is not of its kind is noted, and the read fails.
protocol RowReader {
    mutating func integer() -> Int64
    mutating func optionalInteger() -> Int64?
    mutating func optionalText() -> String?
    /// `value`, or `fallback` with a note that the column just read is bad.
    mutating func known<Value>(_ value: Value?, else fallback: Value) -> Value
}

extension RowReader {
    mutating func unsigned() -> UInt64 { UInt64(bitPattern: integer()) }
    mutating func integer32() -> Int32 { known(Int32(exactly: integer()), else: 0) }
    mutating func text() -> String { optionalText() ?? "" }
    mutating func price() -> Price { Price(units: integer()) }
    mutating func optionalPrice() -> Price? { optionalInteger().map { Price(units: $0) } }
    mutating func quantity() -> Quantity { Quantity(units: integer()) }
    mutating func money() -> Money { known(Money(text()), else: .zero) }
    mutating func optionalMoney() -> Money? {
        guard let text = optionalText() else { return nil }
        return known(Money(text), else: .zero)
    }
    mutating func time() -> Timestamp { Timestamp(nanoseconds: integer()) }
    /// In the order of ``RowColumns/signalColumns``.
    mutating func signal() -> SignalRow {
        SignalRow(
            record: unsigned(), position: EventPosition(unsigned()), index: Int(integer()),
            source: text(), version: text(), model: text(), parameterHash: text(),
            account: text(), symbol: text(), action: action(), confidence: integer32(),
            message: text(), reasons: words(), status: text(), detail: text(), time: time(),
            size: text(), limit: optionalInteger().map { Price(units: $0) }, delay: integer())
    }
    mutating func side() -> Side {
        let word = text()
        return known(Side(word: word), else: .buy)
    }
    mutating func optionalSide() -> Side? {
        guard let word = optionalText() else { return nil }
        return known(Side(word: word), else: .buy)
    }
    mutating func action() -> Action {
        let word = text()
        return known(Action(word: word), else: .alert)
    }
    mutating func words() -> [String] {
        let array = text()
        return known(JSONWords.decode(array), else: [])
    }
}

/// Where statements are asked; `?` stands for a parameter.
protocol TableSource {
    associatedtype Binder: RowBinder
    associatedtype Row: RowReader
    /// For errors.
    var place: String { get }
    /// Binds, runs, and lends each row.
    func forEach(
        _ sql: String, doing what: String, _ bind: (inout Binder) -> Void,
        _ body: (inout Row) throws(StoreError) -> Void
    ) throws(StoreError)
}

extension Side {
    /// As stored.
    var word: String { self == .buy ? "buy" : "sell" }
    init?(word: String) {
        switch word {
        case "buy": self = .buy
        case "sell": self = .sell
        default: return nil
        }
    }
}

extension Action {
    /// As stored.
    var word: String {
        switch self {
        case .buy: "buy"
        case .sell: "sell"
        case .alert: "alert"
        }
    }
    init?(word: String) {
        guard let action = Action.allCases.first(where: { $0.word == word }) else { return nil }
        self = action
    }
}
