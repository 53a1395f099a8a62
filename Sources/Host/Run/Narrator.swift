import Kernel
import Platform
import Ports
import TradingModel

/// Tells facts as lines: the words that terminal, pipe and JSON share.
struct Narrator {
    /// Follows attachments that change.
    var plan: KernelPlan
    /// Nobody reads what is no warning and no word of the kill switch: it is not put into words.
    private let warnsAlone: Bool
    /// What was said last of a source and a symbol.
    private var said: [String: String] = [:]
    /// How often a source has reported a failure in these words.
    private var failures: [String: Int] = [:]
    private static let mostFailures = 1_000
    /// Orders that a guard takes back: their end is no trouble either.
    private var withdrawn: Set<OrderNumber> = []
    init(_ plan: KernelPlan, warnsAlone: Bool = false) {
        self.plan = plan
        self.warnsAlone = warnsAlone
    }

    /// A failure that a strategy server reports; told on a screen the 1st, 2nd, 4th, 8th, … time.
    mutating func failure(
        _ message: String, of source: String, at position: EventPosition, recoverable: Bool,
        time: Timestamp
    ) -> RunNotice {
        let message = oneLine(message)
        let key = "\(source) \(message)"
        if failures.count >= Self.mostFailures, failures[key] == nil { failures = [:] }
        let times = failures[key, default: 0] + 1
        failures[key] = times
        let count = times > 1 ? " (\(times) times by now)" : ""
        let end = recoverable ? "" : " (it ends)"
        var notice = RunNotice(
            .warning, time: time, source: source,
            text: "\(source) failed at event \(position): \(message)\(count)\(end)")
        notice.isRepeated = times & (times - 1) != 0 && recoverable
        return notice
    }

    /// - Parameter exit: A fact of exits in words, where more is known of it than the fact says.
    mutating func notice(
        of fact: Fact, time: Timestamp, orders: [OrderNumber: OrderRow], exit: ExitWords? = nil
    ) -> RunNotice? {
        if warnsAlone, !Self.mayWarn(fact) { return nil }
        let kind: RunNotice.Kind = isWithdrawal(fact) ? .order : .warning
        guard var notice = words(of: fact, time: time, orders: orders, of: kind, exit) else {
            return nil
        }
        notice.figure = figure(of: fact, orders)
        switch notice.kind {
        case .signal, .conflict, .risk:
            let key = "\(notice.kind.rawValue) \(notice.source) \(notice.symbol)"
            notice.isRepeated = said[key] == notice.text
            said[key] = notice.text
        case .fill:
            // The same words behind a trade are news: without them the next order comes from nowhere.
            said["\(RunNotice.Kind.signal.rawValue) \(notice.source) \(notice.symbol)"] = nil
        case .vote, .order, .alert, .server, .warning, .day, .kill, .message, .change: break
        }
        return notice
    }

    private static func mayWarn(_ fact: Fact) -> Bool {
        switch fact {
        case .signal, .voteEnded, .roundOpened, .roundClosed, .risk, .ordered, .submitted, .filled,
            .limitPassed, .dayStarted, .opened, .acted, .inDoubt:
            false
        case .orderEnded, .cancelAsked, .contradiction, .exit, .change, .corrected, .killed: true
        }
    }

    /// What a guard takes back is no trouble: its exit comes instead.
    private mutating func isWithdrawal(_ fact: Fact) -> Bool {
        switch fact {
        case .cancelAsked(let number, let reason):
            guard PositionGuard.says(reason) else { return false }
            withdrawn.insert(number)
            return true
        case .orderEnded(let number, let state, _):
            return withdrawn.remove(number) != nil && state == .cancelled
        default: return false
        }
    }

    private func figure(
        of fact: Fact, _ orders: [OrderNumber: OrderRow]
    ) -> RunNotice.Figure? {
        switch fact {
        case .signal(let signal, let status):
            let result = signal.result
            return .result(result.action, result.confidence, isLate: status == .late)
        case .ordered(let decision):
            let order = decision.order
            return .trade(
                .init(
                    order: order.number, account: plan.accounts[Int(order.account.index)].name,
                    side: order.side, quantity: order.quantity, price: order.limit))
        case .filled(let fill, let booking):
            guard let row = orders[fill.order] else { return nil }
            return .trade(
                .init(
                    order: fill.order, account: row.account, side: row.side,
                    quantity: fill.quantity, price: fill.price,
                    booked: .init(
                        fee: fill.fee, tax: fill.tax, realised: booking.realised,
                        positionAfter: booking.positionAfter)))
        default: return nil
        }
    }

    /// - Parameter kind: What the end of an order is told as.
    private func words(
        of fact: Fact, time: Timestamp, orders: [OrderNumber: OrderRow], of kind: RunNotice.Kind,
        _ exit: ExitWords?
    ) -> RunNotice? {
        switch fact {
        case .signal(let signal, let status): return told(signal, status, time)
        case .roundClosed(let desk, let outcome):
            guard outcome.conflict else { return nil }
            let symbol = symbol(desk.instrument)
            let end = outcome.side == nil ? ", nothing" : ""
            return RunNotice(
                .conflict, time: time, symbol: symbol,
                text: "GR030 conflict on \(symbol): \(outcome.detail)\(end)")
        case .risk(let decision):
            guard !decision.approved else { return nil }
            // Sizing drops what is held already with each repeated signal: the tables have it.
            if decision.rule == "sizing" { return nil }
            let symbol = symbol(decision.desk.instrument)
            return RunNotice(
                .risk, time: time, symbol: symbol,
                text:
                    "\(decision.code.rawValue) \(symbol) not approved: \(decision.rule), \(decision.detail)"
            )
        case .ordered(let decision):
            let order = decision.order
            let symbol = symbol(order.instrument)
            let price = order.limit.map { " limit \(grouped("\($0)"))" } ?? ""
            return RunNotice(
                .order, time: time, source: plan.sources[Int(decision.source.index)].name,
                symbol: symbol,
                text:
                    "\(side(order.side)) \(order.quantity) \(symbol)\(price)  order \(order.number)  "
                    + (orders[order.number]?.reason ?? decision.detail.text)
            )
        case .filled(let fill, let booking):
            guard let row = orders[fill.order] else { return nil }
            let realised = booking.realised == .zero ? "" : "  P&L \(signed(booking.realised))"
            // Of candles the print is older than the row that brings it.
            return RunNotice(
                .fill, time: fill.time, source: row.source, symbol: row.symbol,
                text:
                    "filled \(side(row.side)) \(fill.quantity) \(row.symbol) @ \(grouped("\(fill.price)"))"
                    + "  order \(fill.order)  position \(booking.positionAfter)\(realised)")
        case .orderEnded(let number, let state, let reason):
            return RunNotice(kind, time: time, text: "order \(number) \(state): \(reason)")
        case .contradiction(let number, let what):
            return RunNotice(.warning, time: time, text: "order \(number): \(what)")
        case .cancelAsked(let number, let reason):
            return RunNotice(
                kind, time: time, text: "order \(number) is being cancelled: \(reason)")
        case .limitPassed(let passed):
            let symbol = passed.instrument.map { self.symbol($0) } ?? ""
            return RunNotice(
                .risk, time: time, symbol: symbol,
                text: "\(FailSafeCode.riskLimit.rawValue) "
                    + (symbol.isEmpty
                        ? plan.accounts[Int(passed.account.index)].name : symbol)
                    + " is past \(passed.limit.words): \(passed.detail); "
                    + (passed.limit.lastsTheDay
                        ? "no more buys of it today"
                        : "its buys are ended, and no more until it is not"))
        case .killed(let on, let scope, let reason):
            return RunNotice(
                .kill, time: time,
                text: KillWords.text(on, KillWords.part(scope, plan), reason))
        case .voteEnded, .roundOpened, .submitted, .dayStarted: return nil
        case .inDoubt: return nil  // the desk's own note tells it
        case .exit(let fact): return (exit ?? ExitWords(fact, plan)).map { told($0, time) }
        case .corrected(let correction):
            return RunNotice(
                .warning, time: time,
                symbol: correction.order.instrument.map { symbol($0) } ?? "",
                text: "\(FailSafeCode.drift.rawValue) corrected: "
                    + CorrectionWords.text(correction, plan))
        case .change(let fact):
            let words = ChangeWords(fact)
            return RunNotice(
                words.isRefusal ? .warning : .order, time: time,
                source: orders[fact.number]?.source ?? "",
                symbol: orders[fact.number]?.symbol ?? "",
                text: "order \(fact.number) \(words.text)")
        case .opened, .acted: return nil  // their parts are told
        }
    }

    private func told(_ words: ExitWords, _ time: Timestamp) -> RunNotice {
        RunNotice(
            words.isWarning ? .warning : .order, time: time, symbol: words.symbol,
            text: words.symbol.isEmpty ? words.text : "\(words.symbol) \(words.text)")
    }

    private func told(_ signal: Signal, _ status: SignalStatus, _ time: Timestamp) -> RunNotice? {
        let source = plan.sources[Int(signal.source.index)].name
        let symbol = symbol(signal.instrument)
        let action = word(signal.result.action)
        let reasons = signal.result.reasons.joined(separator: ", ")
        let why = oneLine(signal.result.message.isEmpty ? reasons : signal.result.message)
        switch status {
        case .alert:
            return RunNotice(
                .alert, time: time, source: source, symbol: symbol,
                text: "\(source): \(symbol) \(why)")
        case .late:
            let age = signal.arrivalTime.since(signal.entryTime)
            let words =
                age < EntryTimes.longAgo
                ? "came after \(age.count / 1_000_000) ms" : "answers what was asked long before"
            return RunNotice(
                .signal, time: time, source: source, symbol: symbol,
                text: "\(source) \(action) \(symbol) \(words): late, not used")
        case .pending:
            return RunNotice(
                .signal, time: time, source: source, symbol: symbol,
                text: "\(source) \(action) \(symbol) \(confidence(signal.result.confidence))"
                    + (why.isEmpty ? "" : "  \(why)"))
        default: return nil
        }
    }

    private func symbol(_ id: InstrumentID) -> String { plan.instruments[Int(id.index)].symbol }
    /// Its name, without asking the runtime for it.
    private func word(_ action: Action) -> String {
        switch action {
        case .buy: "BUY"
        case .sell: "SELL"
        case .alert: "ALERT"
        }
    }
    private func side(_ side: Side) -> String { side == .buy ? "BUY" : "SELL" }
    private func confidence(_ confidence: Confidence) -> String {
        let hundredths = (Int(confidence.millionths) + 5_000) / 10_000
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
    private func signed(_ money: Money) -> String {
        (money.units > 0 ? "+" : "")
            + grouped("\(Money(units: money.units / 1_000_000_000_000 * 1_000_000_000_000))")
    }
}

/// The number without commas, where they stand as ``grouped(_:)`` sets them; else the text as it is.
package func ungrouped(_ text: String) -> String {
    let plain = text.filter { $0 != "," }
    return plain != text && plain.first?.isNumber == true && grouped(plain) == text ? plain : text
}

/// Thousands separators in the whole part of a decimal text.
package func grouped(_ text: String) -> String {
    let digits = text.utf8
    let sign = digits.first == UInt8(ascii: "-") ? 1 : 0
    let whole = digits.dropFirst(sign).prefix { $0 != UInt8(ascii: ".") }.count
    guard whole > 3 else { return text }
    var out: [UInt8] = []
    out.reserveCapacity(digits.count + whole / 3)
    for (index, digit) in digits.enumerated() {
        // Digits of the whole part that are still to come.
        let left = sign + whole - index
        if index > sign, left > 0, left % 3 == 0 { out.append(UInt8(ascii: ",")) }
        out.append(digit)
    }
    return String(decoding: out, as: UTF8.self)
}
