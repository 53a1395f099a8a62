import Platform
import Ports
import TradingModel

/// What a watchdog tells. It stands in the log, for what people are told and find in the tables comes from
/// there alone; it decides nothing, and a replay passes it by.
struct WatchNote: Hashable {
    enum Kind: UInt8, CaseIterable {
        case data = 0
        case results, fills, broker, clock
        /// As the tables have it.
        var name: String {
            switch self {
            case .data: "no data"
            case .results: "no results"
            case .fills: "no fills"
            case .broker: "slow broker"
            case .clock: "clock jump"
            }
        }
    }
    var kind: Kind
    var code: FailSafeCode
    var severity: FailSafeCode.Severity
    /// Of the data.
    var time: Timestamp
    /// `nil`: of several, or of none.
    var instrument: InstrumentID?
    var account: AccountID?
    var order: OrderNumber?
    /// The strategy or the broker.
    var source = ""
    var text: String

    init(
        _ kind: Kind, _ code: FailSafeCode, _ severity: FailSafeCode.Severity = .warning,
        at time: Timestamp, _ text: String
    ) {
        self.kind = kind
        self.code = code
        self.severity = severity
        self.time = time
        self.text = text
    }

    /// A line says WARNING by itself.
    var words: String {
        code.rawValue + (severity == .warning ? "" : " \(severity.rawValue)") + ": " + text
    }
}

extension WatchNote {
    func write(to out: inout ByteWriter) {
        out.write(kind.rawValue)
        out.write(code.rawValue)
        out.write(severity.rawValue)
        out.write(time.nanoseconds)
        out.write(varint: instrument.map { UInt64($0.index) + 1 } ?? 0)
        out.write(varint: account.map { UInt64($0.index) + 1 } ?? 0)
        out.write(varint: order?.value ?? 0)
        out.write(source)
        out.write(text)
    }

    init(_ from: inout ByteReader) throws(ByteError) {
        let at = from.offset
        guard let kind = Kind(rawValue: try from.read(UInt8.self)),
            let code = FailSafeCode(rawValue: try from.readString()),
            let severity = FailSafeCode.Severity(rawValue: try from.readString())
        else { throw .malformed(at: at, what: "kind, code or severity of what was watched") }
        let time = Timestamp(nanoseconds: try from.read())
        let (instrument, account) = (try Self.index(&from), try Self.index(&from))
        let order = try from.readVarint()
        let source = try from.readString()
        self.init(kind, code, severity, at: time, try from.readString())
        self.instrument = instrument.map { InstrumentID($0) }
        self.account = account.map { AccountID($0) }
        self.order = order == 0 ? nil : OrderNumber(order)
        self.source = source
    }

    private static func index(_ from: inout ByteReader) throws(ByteError) -> Int? {
        let at = from.offset
        let index = try from.readVarint()
        guard index < UInt64(Int32.max) else { throw .malformed(at: at, what: "index \(index)") }
        return index == 0 ? nil : Int(index) - 1
    }

    /// Whether it speaks of instruments and accounts of the run alone.
    func fits(instruments: Int, accounts: Int) -> Bool {
        instrument.map { Int($0.index) < instruments } != false
            && account.map { Int($0.index) < accounts } != false
    }
}
