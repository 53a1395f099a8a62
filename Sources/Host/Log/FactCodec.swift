import Kernel
import Platform
import TradingModel

/// Facts as bytes. The order of cases and fields is the format: change it only with ``LogRecord/version``.
struct FactCodec {
    static func write(_ fact: Fact, to out: inout ByteWriter) {
        switch fact {
        case .signal(let signal, let status):
            out.write(1 as UInt8)
            write(signal, to: &out)
            out.write(status.rawValue)
        case .voteEnded(let key, let status, let detail):
            out.write(2 as UInt8)
            write(key, to: &out)
            out.write(status.rawValue)
            out.write(detail.text)
        case .roundOpened(let key, let position, let deadline):
            out.write(3 as UInt8)
            write(key, to: &out)
            out.write(position.value)
            out.write(deadline.nanoseconds)
        case .roundClosed(let key, let outcome):
            out.write(4 as UInt8)
            write(key, to: &out)
            out.write(outcome.position.value)
            out.write(outcome.side?.rawValue ?? 0)
            out.write(outcome.conflict)
            out.write(outcome.detail.text)
        case .risk(let decision):
            out.write(5 as UInt8)
            write(decision.desk, to: &out)
            out.write(decision.position.value)
            out.write(decision.approved)
            out.write(decision.rule)
            out.write(decision.detail.text)
        case .ordered(let decision):
            out.write(6 as UInt8)
            write(decision, to: &out)
        case .submitted(let number, let id):
            out.write(7 as UInt8)
            out.write(number.value)
            out.write(id.text)
        case .orderEnded(let number, let state, let reason):
            out.write(8 as UInt8)
            out.write(number.value)
            out.write(state.rawValue)
            out.write(reason)
        case .filled(let fill, let booking):
            // Without a tax it is written as it was before there was one.
            out.write((fill.tax == nil ? 9 : 23) as UInt8)
            write(fill, booking, to: &out)
            if let tax = fill.tax { out.write(tax.units) }
        case .contradiction(let number, let what):
            out.write(10 as UInt8)
            out.write(number.value)
            out.write(what)
        case .dayStarted(let account, let day, let equity):
            out.write(11 as UInt8)
            out.write(account.index)
            out.write(day)
            out.write(equity.units)
        case .killed(let on, .all, let reason):
            out.write(12 as UInt8)
            out.write(on)
            out.write(reason)
        case .killed(let on, .account(let account), let reason):
            out.write(21 as UInt8)
            out.write(account.index)
            out.write(on)
            out.write(reason)
        case .killed(let on, .source(let source), let reason):
            out.write(22 as UInt8)
            out.write(source.index)
            out.write(on)
            out.write(reason)
        case .inDoubt(let number, let reason):
            out.write(13 as UInt8)
            out.write(number.value)
            out.write(reason)
        case .cancelAsked(let number, let reason):
            out.write(14 as UInt8)
            out.write(number.value)
            out.write(reason)
        case .opened(let signal, let deadline):
            out.write(15 as UInt8)
            write(signal, to: &out)
            out.write(deadline.nanoseconds)
        case .acted(let action):
            out.write(16 as UInt8)
            write(action.decision, to: &out)
            out.write(action.position.value)
            out.write(zigzag: Int64(action.index))
            out.write(action.freeCash.units)
        case .exit(let fact):
            out.write(17 as UInt8)
            write(fact, to: &out)
        case .limitPassed(let passed):
            out.write(18 as UInt8)
            write(passed, to: &out)
        case .corrected(let correction):
            out.write(20 as UInt8)
            write(correction, to: &out)
        case .change(let fact):
            out.write(19 as UInt8)
            write(fact, to: &out)
        }
    }

    static func read(_ from: inout ByteReader) throws(ByteError) -> Fact {
        let at = from.offset
        switch try from.read(UInt8.self) {
        case 1: return .signal(try signal(&from), try status(&from))
        case 2:
            return .voteEnded(
                try voteKey(&from), try status(&from), detail: .words(try from.readString()))
        case 3:
            return .roundOpened(
                try desk(&from), at: EventPosition(try from.read()),
                deadline: Timestamp(nanoseconds: try from.read()))
        case 4:
            let key = try desk(&from)
            let position = EventPosition(try from.read())
            let raw = try from.read(UInt8.self)
            let side = Side(rawValue: raw)
            guard side != nil || raw == 0 else { throw .malformed(at: at, what: "side \(raw)") }
            return .roundClosed(
                key,
                RoundOutcome(
                    position: position, side: side, conflict: try from.readBool(),
                    detail: .words(try from.readString())))
        case 5:
            return .risk(
                RiskDecision(
                    desk: try desk(&from), position: EventPosition(try from.read()),
                    approved: try from.readBool(), rule: try from.readString(),
                    detail: .words(try from.readString())))
        case 6: return .ordered(try decision(&from))
        case 7:
            return .submitted(OrderNumber(try from.read()), BrokerOrderID(try from.readString()))
        case 8:
            let number = OrderNumber(try from.read())
            let raw = try from.read(UInt8.self)
            guard let state = OrderMachine.State(rawValue: raw) else {
                throw .malformed(at: at, what: "order state \(raw)")
            }
            return .orderEnded(number, state, reason: try from.readString())
        case 9: return .filled(try fill(&from), try booking(&from))
        case 23:
            let (untaxed, booking) = (try fill(&from), try booking(&from))
            return .filled(untaxed.taxed(Money(units: try from.read())), booking)
        case 10: return .contradiction(OrderNumber(try from.read()), try from.readString())
        case 11:
            return .dayStarted(
                AccountID(Int(try from.read(Int32.self))), day: try from.read(),
                equity: Money(units: try from.read()))
        case 12: return .killed(try from.readBool(), .all, reason: try from.readString())
        case 21:
            let scope = KillScope.account(AccountID(Int(try from.read(Int32.self))))
            return .killed(try from.readBool(), scope, reason: try from.readString())
        case 22:
            let scope = KillScope.source(SourceID(Int(try from.read(Int32.self))))
            return .killed(try from.readBool(), scope, reason: try from.readString())
        case 13: return .inDoubt(OrderNumber(try from.read()), reason: try from.readString())
        case 14: return .cancelAsked(OrderNumber(try from.read()), reason: try from.readString())
        case 15:
            return .opened(try signal(&from), deadline: Timestamp(nanoseconds: try from.read()))
        case 16:
            return .acted(
                RoundAction(
                    try decision(&from), position: EventPosition(try from.read()),
                    index: Int(try from.readZigzag()), freeCash: Money(units: try from.read())))
        case 17: return .exit(try exit(&from))
        case 18: return .limitPassed(try limitPassed(&from))
        case 20: return .corrected(try correction(&from))
        case 19: return .change(try change(&from))
        case let kind: throw .malformed(at: at, what: "fact of kind \(kind)")
        }
    }

    // MARK: Parts

    static func write(_ key: DeskKey, to out: inout ByteWriter) {
        out.write(key.account.index)
        out.write(key.instrument.index)
    }
    static func desk(_ from: inout ByteReader) throws(ByteError) -> DeskKey {
        DeskKey(
            account: AccountID(Int(try from.read(Int32.self))),
            instrument: InstrumentID(Int(try from.read(Int32.self))))
    }
    private static func write(_ passed: LimitPassed, to out: inout ByteWriter) {
        out.write(passed.account.index)
        out.write(passed.instrument?.index ?? -1)
        out.write(passed.limit.rawValue)
        out.write(passed.detail.text)
    }
    private static func limitPassed(_ from: inout ByteReader) throws(ByteError) -> LimitPassed {
        let account = AccountID(Int(try from.read(Int32.self)))
        var at = from.offset
        let instrument = try from.read(Int32.self)
        guard instrument >= -1 else { throw .malformed(at: at, what: "instrument \(instrument)") }
        at = from.offset
        let raw = try from.read(UInt8.self)
        guard let limit = WatchedLimit(rawValue: raw) else {
            throw .malformed(at: at, what: "watched limit \(raw)")
        }
        return LimitPassed(
            account: account, instrument: instrument < 0 ? nil : InstrumentID(Int(instrument)),
            limit: limit, detail: .words(try from.readString()))
    }
    private static func write(_ key: VoteKey, to out: inout ByteWriter) {
        write(key.desk, to: &out)
        out.write(key.source.index)
        out.write(key.position.value)
        out.write(zigzag: Int64(key.index))
    }
    private static func voteKey(_ from: inout ByteReader) throws(ByteError) -> VoteKey {
        VoteKey(
            desk: try desk(&from), source: SourceID(Int(try from.read(Int32.self))),
            position: EventPosition(try from.read()), index: Int(try from.readZigzag()))
    }
    private static func status(_ from: inout ByteReader) throws(ByteError) -> SignalStatus {
        let at = from.offset
        let raw = try from.read(UInt8.self)
        guard let status = SignalStatus(rawValue: raw) else {
            throw .malformed(at: at, what: "status \(raw)")
        }
        return status
    }

    private static func write(_ signal: Signal, to out: inout ByteWriter) {
        write(signal.key, to: &out)
        out.write(signal.entryTime.nanoseconds)
        out.write(signal.arrivalTime.nanoseconds)
        ResultCodec.write(signal.result, to: &out)
    }
    private static func signal(_ from: inout ByteReader) throws(ByteError) -> Signal {
        let key = try voteKey(&from)
        let entry = Timestamp(nanoseconds: try from.read())
        let arrival = Timestamp(nanoseconds: try from.read())
        return Signal(
            source: key.source, account: key.desk.account, instrument: key.desk.instrument,
            position: key.position, index: key.index, result: try ResultCodec.read(&from),
            entryTime: entry, arrivalTime: arrival)
    }

    private static func write(_ decision: OrderDecision, to out: inout ByteWriter) {
        let order = decision.order
        out.write(order.number.value)
        out.write(order.account.index)
        out.write(order.instrument.index)
        out.write(order.side.rawValue)
        out.write(order.quantity.units)
        ResultCodec.write(optional: order.limit?.units, to: &out)
        out.write(decision.source.index)
        out.write(decision.position.value)
        out.write(decision.confidence.millionths)
        out.write(decision.reference.units)
        out.write(decision.reserved.units)
        out.write(decision.detail.text)
    }
    private static func decision(_ from: inout ByteReader) throws(ByteError) -> OrderDecision {
        let number = OrderNumber(try from.read())
        let key = try desk(&from)
        let at = from.offset
        guard let side = Side(rawValue: try from.read()) else {
            throw .malformed(at: at, what: "side")
        }
        let order = Order(
            number: number, account: key.account, instrument: key.instrument, side: side,
            quantity: Quantity(units: try from.read()),
            limit: try ResultCodec.optional(&from).map { Price(units: $0) })
        let source = SourceID(Int(try from.read(Int32.self)))
        let position = EventPosition(try from.read())
        let confidence = try ResultCodec.confidence(&from)
        return OrderDecision(
            order: order, source: source, position: position, confidence: confidence,
            reference: Price(units: try from.read()), reserved: Money(units: try from.read()),
            detail: .words(try from.readString()))
    }

    private static func write(_ fill: Fill, _ booking: Booking, to out: inout ByteWriter) {
        out.write(fill.order.value)
        out.write(fill.id)
        out.write(fill.price.units)
        out.write(fill.quantity.units)
        out.write(fill.fee.units)
        out.write(fill.time.nanoseconds)
        out.write(booking.realised.units)
        out.write(booking.positionAfter.units)
        out.write(booking.costAfter.units)
        out.write(booking.cashAfter.units)
    }
    private static func fill(_ from: inout ByteReader) throws(ByteError) -> Fill {
        Fill(
            order: OrderNumber(try from.read()), id: try from.read(),
            price: Price(units: try from.read()),
            quantity: Quantity(units: try from.read()), fee: Money(units: try from.read()),
            time: Timestamp(nanoseconds: try from.read()))
    }
    private static func booking(_ from: inout ByteReader) throws(ByteError) -> Booking {
        Booking(
            realised: Money(units: try from.read()),
            positionAfter: Quantity(units: try from.read()),
            costAfter: Money(units: try from.read()), cashAfter: Money(units: try from.read()))
    }
}

/// Results as bytes.
enum ResultCodec {
    static func write(_ result: StrategyResult, to out: inout ByteWriter) {
        out.write(result.action.rawValue)
        switch result.size {
        case .attachment: out.write(0 as UInt8)
        case .quantity(let quantity):
            out.write(1 as UInt8)
            out.write(quantity.units)
        case .targetWeight(let weight):
            out.write(2 as UInt8)
            out.write(weight)
        case .fraction(let fraction):
            out.write(3 as UInt8)
            out.write(fraction)
        }
        write(optional: result.limit?.units, to: &out)
        out.write(result.confidence.millionths)
        switch result.validity {
        case .untilNextCandle: write(optional: nil, to: &out)
        case .duration(let span): write(optional: span.count, to: &out)
        }
        out.write(result.message)
        write(result.reasons, to: &out)
        write(result.tags, to: &out)
    }

    static func read(_ from: inout ByteReader) throws(ByteError) -> StrategyResult {
        let at = from.offset
        guard let action = Action(rawValue: try from.read()) else {
            throw .malformed(at: at, what: "action")
        }
        let size: Size =
            switch try from.read(UInt8.self) {
            case 0: .attachment
            case 1: .quantity(Quantity(units: try from.read()))
            case 2: .targetWeight(millionths: try from.read())
            case 3: .fraction(millionths: try from.read())
            default: throw .malformed(at: at, what: "size")
            }
        let limit = try optional(&from).map { Price(units: $0) }
        let confidence = try confidence(&from)
        let validity: Validity =
            try optional(&from).map { .duration(Nanoseconds($0)) } ?? .untilNextCandle
        return StrategyResult(
            action, size: size, limit: limit, confidence: confidence, validity: validity,
            message: try from.readString(), reasons: try texts(&from), tags: try texts(&from))
    }

    static func confidence(_ from: inout ByteReader) throws(ByteError) -> Confidence {
        let at = from.offset
        guard let confidence = Confidence(millionths: Int64(try from.read(Int32.self))) else {
            throw .malformed(at: at, what: "confidence")
        }
        return confidence
    }
    static func write(optional value: Int64?, to out: inout ByteWriter) {
        out.write(value != nil)
        if let value { out.write(value) }
    }
    static func optional(_ from: inout ByteReader) throws(ByteError) -> Int64? {
        try from.readBool() ? try from.read(Int64.self) : nil
    }
    private static func write(_ texts: [String], to out: inout ByteWriter) {
        out.write(varint: UInt64(texts.count))
        for text in texts { out.write(text) }
    }
    private static func texts(_ from: inout ByteReader) throws(ByteError) -> [String] {
        var texts: [String] = []
        for _ in 0..<(try from.readVarint()) { texts.append(try from.readString()) }
        return texts
    }
}
