/// What the books say and what a broker says, where the two differ.
public enum Difference: Hashable, Sendable {
    /// At that broker, of the instrument.
    case holding(InstrumentID, books: Quantity, stated: Quantity)
    /// Of the account, in its currency.
    case cash(books: Money, stated: Money)

    /// What it is about, whatever the numbers are.
    public enum Subject: Hashable, Sendable {
        case holding(InstrumentID)
        case cash
    }
    public var subject: Subject {
        switch self {
        case .holding(let instrument, _, _): .holding(instrument)
        case .cash: .cash
        }
    }
}
